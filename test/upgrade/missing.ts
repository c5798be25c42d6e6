// State files with one field taken away, every field in turn.

export interface Lack {
  /** `devices.*.name`: places in lists and ids are one field each. */
  field: string
  /** The file without it: once, where a field is in many entries. */
  without: unknown
}

/** Keys that are ids or other data, not fields: what looks like one in these files. */
const IS_DATA = /[^A-Za-z]/

/** Every field of a stored value, each with a copy of the value that lacks it. */
export function lacksOf(stored: unknown): Lack[] {
  const seen = new Set<string>()
  const lacks: Lack[] = []
  visit(stored, [], (path) => {
    const field = path.map((key) => (IS_DATA.test(key) ? '*' : key)).join('.')
    if (seen.has(field)) return
    seen.add(field)
    lacks.push({ field, without: lacking(stored, path) })
  })
  return lacks
}

function visit(value: unknown, path: string[], found: (path: string[]) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, key]
    // An element of a list is no field: a list may have any number of them.
    if (!Array.isArray(value)) found(at)
    visit(inner, at, found)
  }
}

function lacking(stored: unknown, path: readonly string[]): unknown {
  const copy = structuredClone(stored)
  let owner = copy as Record<string, unknown>
  for (const key of path.slice(0, -1)) owner = owner[key] as Record<string, unknown>
  delete owner[path.at(-1) as string]
  return copy
}
