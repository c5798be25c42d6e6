// Wrong arrows between folders that stand in an order, and circles of files that import each other.

/** File to the files it imports; all relative to the root, with "/". */
export type Imports = Map<string, string[]>

/** A sentence for each import from a folder (or file) under `top` to one that stands behind it in `order`. */
export function wrongArrows(imports: Imports, top: string, order: readonly string[]): string[] {
  const wrong: string[] = []
  const roomOf = (file: string): string => file.split('/')[1] ?? file
  for (const [file, targets] of imports) {
    const room = roomOf(file)
    const place = order.indexOf(room)
    if (place < 0) {
      wrong.push(`${file}: "${room}" has no place in the order of ${top}/: give it one in test/layering.test.ts`)
      continue
    }
    for (const target of targets.filter((one) => one.startsWith(`${top}/`))) {
      const other = roomOf(target)
      if (order.indexOf(other) <= place) continue
      wrong.push(
        `${file} imports ${target}, but ${room} stands before ${other}: move what it needs to ${room} or to a folder before it`,
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
