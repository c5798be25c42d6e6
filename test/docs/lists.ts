// The lists of README.md that derive from definitions in the code. `npx tsx test/docs/lists.ts` writes them anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { LOG_FORMATS } from '../../capture/logs/formats.ts'
import { SOURCES } from '../../capture/sources/sources.ts'

export const README = fileURLToPath(new URL('../../README.md', import.meta.url))

const LISTS: Readonly<Record<string, () => string[]>> = {
  sources: () => [
    '| source | `--source` | needs |',
    '|---|---|---|',
    ...SOURCES.flatMap(({ readme }) => (readme === null ? [] : [row(readme.what, readme.argument, readme.needs)])),
    row('a recording', 'drop it on the Replay screen, or `--pcap FILE`', ''),
  ],
  'log formats': () => [
    '| | log on | source |',
    '|---|---|---|',
    ...LOG_FORMATS.map(({ program, title, note, switchOn, words: [word], usualPath }) =>
      row(note?.startsWith('its ') === true ? title : program, switchOn, `\`dns:${word}:${usualPath}\``),
    ),
  ],
}

/** The text with each list between `<!-- list: NAME -->` and `<!-- end of list -->` as the definitions have it. */
export function withLists(text: string): string {
  return text.replace(
    /^( *)<!-- list: (.+) -->\n(?:.*\n)*? *<!-- end of list -->$/gm,
    (_, indent: string, name: string) => {
      const list = LISTS[name]
      if (list === undefined) throw new Error(`README.md asks for a list "${name}"; there are ${Object.keys(LISTS)}`)
      return [`<!-- list: ${name} -->`, ...list(), '<!-- end of list -->'].map((line) => indent + line).join('\n')
    },
  )
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`.replace('|  |', '| |')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(README, withLists(readFileSync(README, 'utf8')))
