// The examples in the guides for contributors, type-checked at the place in the tree that each guide names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { root } from '../support/imports.ts'

const GUIDES = [
  { guide: 'capture/logs/README.md', file: 'capture/logs/acme.ts' },
  { guide: 'capture/sources/README.md', file: 'capture/sources/acme.ts' },
  { guide: 'server/notify/README.md', file: 'server/notify/channels/pager.ts' },
]

/** The guide's first block of code: a whole file. */
function exampleIn(guide: string): string {
  return /```ts\n([^]*?)```/.exec(readFileSync(join(root, guide), 'utf8'))?.[1] ?? ''
}

/** What the compiler reports of files that are in memory only. */
function problemsOf(files: ReadonlyMap<string, string>): string[] {
  const configFile = join(root, 'tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(configFile, ts.sys.readFile).config, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.getSourceFile = (name, languageVersion, ...more) => {
    const text = files.get(name)
    return text === undefined
      ? getSourceFile(name, languageVersion, ...more)
      : ts.createSourceFile(name, text, languageVersion)
  }
  const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host)
  return [...files.keys()].flatMap((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
  )
}

test('each example is a file that compiles where its guide places it', () => {
  const examples = new Map(GUIDES.map(({ guide, file }) => [join(root, file), exampleIn(guide)]))
  for (const [file, text] of examples) expect(text, file).toContain('export const')
  expect(problemsOf(examples)).toEqual([])
})
