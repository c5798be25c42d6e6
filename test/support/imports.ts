// Imports of source files: what a file imports, what it reaches, imports against the order of folders, and circles.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const IMPORT = /(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g
/** Imports and exports of types alone, which nothing is left of when the code runs. */
const TYPES_ONLY = /\b(?:import|export) type\s+(?:\w+|\{[^}]*\}|\*(?: as \w+)?)\s+from\s*['"][^'"]+['"]/g

/** What a file imports, as it is written there. `file` is relative to the repository. */
export function importsOf(file: string): string[] {
  return importsIn(readFileSync(join(root, file), 'utf8'))
}

/** The files of ours that a file imports, relative to the repository. */
export function ownImportsOf(file: string): string[] {
  return ownOf(file, importsOf(file))
}

/** The files themselves, and all of ours that run with them: what they import, directly or not, but types alone. */
export function reachedFrom(files: readonly string[]): Set<string> {
  const reached = new Set(files)
  for (const file of reached) {
    const code = readFileSync(join(root, file), 'utf8').replace(TYPES_ONLY, '')
    for (const target of ownOf(file, importsIn(code))) if (existsSync(join(root, target))) reached.add(target)
  }
  return reached
}

function importsIn(code: string): string[] {
  return [...code.matchAll(IMPORT)].map((match) => match[1])
}

function ownOf(file: string, imports: readonly string[]): string[] {
  return (
    imports
      .filter((name) => name.startsWith('.'))
      .map((name) => relative(root, resolve(root, dirname(file), name)))
      // The packet core's files name each other without an ending, as its compiler wants it.
      .map((path) => (/\.[a-z]+$/.test(path) || !existsSync(join(root, `${path}.ts`)) ? path : `${path}.ts`))
  )
}

/** File to the files it imports; all relative to the root, with "/". */
export type Imports = Map<string, string[]>

/** A sentence for each import from a folder (or file) under `top` to one that stands behind it in `order`. */
export function importsAgainstOrder(imports: Imports, top: string, order: readonly string[]): string[] {
  const wrong: string[] = []
  const folderOf = (file: string): string => file.split('/')[1] ?? file
  for (const [file, targets] of imports) {
    const folder = folderOf(file)
    const place = order.indexOf(folder)
    if (place < 0) {
      wrong.push(`${file}: "${folder}" has no place in the order of ${top}/: give it one in test/layering.test.ts`)
      continue
    }
    for (const target of targets.filter((one) => one.startsWith(`${top}/`))) {
      const other = folderOf(target)
      if (order.indexOf(other) <= place) continue
      wrong.push(
        `${file} imports ${target}, but ${folder} stands before ${other}: move what it needs to ${folder} or to a folder before it`,
      )
    }
  }
  return wrong
}

/** A sentence for one circle of each group of files that reach each other. */
export function circlesOf(imports: Imports): string[] {
  const found: string[] = []
  const reported = new Set<string>()
  for (const start of [...imports.keys()].sort()) {
    if (reported.has(start)) continue
    const circle = shortestCircle(imports, start)
    if (circle === null) continue
    for (const file of circle) reported.add(file)
    found.push(`${[...circle, start].join(' → ')}: move what two of them share to a file that imports neither`)
  }
  return found
}

/** The files of the shortest way from `start` back to itself; null where there is none. */
function shortestCircle(imports: Imports, start: string): string[] | null {
  const from = new Map<string, string>()
  const queue = [start]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const target of imports.get(file) ?? []) {
      if (target === start) return pathTo(file, start, from)
      if (from.has(target) || !imports.has(target)) continue
      from.set(target, file)
      queue.push(target)
    }
  }
  return null
}

function pathTo(end: string, start: string, from: ReadonlyMap<string, string>): string[] {
  const path = [end]
  for (let file = end; file !== start; path.unshift(file)) file = from.get(file) as string
  return path
}
