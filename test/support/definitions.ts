// Finds definitions that stand in a folder and in no index, and files of the folder that nobody uses.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Index {
  /** Path in the repository, such as "capture/logs/formats.ts". */
  file: string
  /** What each file exports its definition as. */
  exportName: string
  listed: readonly unknown[]
}

/** Sentences for whoever added a file to `folder` and forgot its index or its export; none where all is in order. */
export async function unlisted(folder: string, indexes: readonly Index[]): Promise<string[]> {
  const used = importedFiles()
  const sentences: string[] = []
  for (const name of readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'))) {
    const file = join(folder, name)
    const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>
    const index = indexes.find(({ exportName }) => exportName in module)
    if (index !== undefined && !index.listed.includes(module[index.exportName]))
      sentences.push(`${file} exports a ${index.exportName} that ${index.file} does not list: add its two lines there.`)
    if (index === undefined && !used.has(file)) {
      const names = indexes.map(({ exportName }) => `\`${exportName}\``).join(' or ')
      sentences.push(`${file} exports no ${names}, and nothing imports it: see ${folder}/README.md.`)
    }
  }
  return sentences
}

/** Every file that another one of capture or server imports. */
function importedFiles(): Set<string> {
  const files = ['capture', 'server'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  )
  return new Set(
    files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)'/g)].map((match) =>
        relative(root, resolve(root, dirname(file), match[1])),
      ),
    ),
  )
}
