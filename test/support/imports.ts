// The relative imports of a source file, and everything that is reached through them.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a file imports, as it is written there. `file` is relative to the repository. */
export function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1])
}

/** The files of ours that a file imports, relative to the repository. */
export function ownImportsOf(file: string): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, resolve(root, dirname(file), name)))
}

/** The files themselves, and all of ours that they import, directly or not. */
export function reachedFrom(files: readonly string[]): Set<string> {
  const reached = new Set(files)
  for (const file of reached)
    for (const target of ownImportsOf(file)) if (existsSync(join(root, target))) reached.add(target)
  return reached
}
