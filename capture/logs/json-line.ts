// The fields of one line of a JSON log, read by name and type; nothing else is trusted.
import { MAX_LINE_LENGTH } from './record.ts'

/** The object on the line; null where there is none. */
export function parseJsonLine(line: string): Record<string, unknown> | null {
  if (line.length > MAX_LINE_LENGTH || line[0] !== '{') return null
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** The text of a field of the object's own, '' where there is none. */
export function textField(entry: Record<string, unknown>, name: string): string {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** A finite number, null where there is none. */
export function numberField(entry: Record<string, unknown>, name: string): number | null {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** The texts of a list, other items left out. */
export function listField(entry: Record<string, unknown>, name: string): string[] {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** A field that is an object, null where there is none. */
export function objectField(entry: Record<string, unknown>, name: string): Record<string, unknown> | null {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

/** The objects of a list, at most `most`, other items left out. */
export function objectsField(entry: Record<string, unknown>, name: string, most: number): Record<string, unknown>[] {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined
  if (!Array.isArray(value)) return []
  return value
    .slice(0, most)
    .filter(
      (item): item is Record<string, unknown> => typeof item === 'object' && item !== null && !Array.isArray(item),
    )
}
