// The difference between two JSON values, and what it makes of the first.

/** Of a list: elements of the list before, from where and how many; or a new element. */
type Segment = [from: number, count: number] | { value: unknown }

/** Of an object: keys with a new value, keys with a changed one, keys that are gone, and the order where it changed. */
interface ObjectChange {
  set?: [key: string, value: unknown][]
  change?: [key: string, change: Change][]
  gone?: string[]
  order?: string[]
}

export type Change = { to: unknown } | { list: Segment[] } | { object: ObjectChange }

type Json = Record<string, unknown>

/** Null where both are the same, the order of keys included. */
export function changeBetween(before: unknown, after: unknown): Change | null {
  if (JSON.stringify(before) === JSON.stringify(after)) return null
  if (Array.isArray(before) && Array.isArray(after)) return { list: segmentsOf(before, after) }
  if (isObject(before) && isObject(after)) return { object: objectChange(before, after) }
  return { to: after }
}

export function withChange(before: unknown, change: Change): unknown {
  if ('to' in change) return change.to
  if ('list' in change) return withSegments(before as unknown[], change.list)
  return withObjectChange(before as Json, change.object)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectChange(before: Json, after: Json): ObjectChange {
  const change: Required<Omit<ObjectChange, 'order'>> = { set: [], change: [], gone: [] }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) change.gone.push(key)
  for (const [key, value] of Object.entries(after)) {
    if (!Object.hasOwn(before, key)) {
      change.set.push([key, value])
      continue
    }
    const inner = changeBetween(before[key], value)
    if (inner === null) continue
    if ('to' in inner) change.set.push([key, inner.to])
    else change.change.push([key, inner])
  }
  const left = Object.keys(before).filter((key) => Object.hasOwn(after, key))
  const added = Object.keys(after).filter((key) => !Object.hasOwn(before, key))
  const order = Object.keys(after)
  const isInOrder = [...left, ...added].every((key, place) => key === order[place])
  return {
    ...(change.set.length > 0 ? { set: change.set } : {}),
    ...(change.change.length > 0 ? { change: change.change } : {}),
    ...(change.gone.length > 0 ? { gone: change.gone } : {}),
    ...(isInOrder ? {} : { order }),
  }
}

function withObjectChange(before: Json, { set = [], change = [], gone = [], order }: ObjectChange): Json {
  const values = new Map(Object.entries(before))
  for (const key of gone) values.delete(key)
  for (const [key, inner] of change) values.set(key, withChange(values.get(key), inner))
  for (const [key, value] of set) values.set(key, value)
  const keys = order ?? [...values.keys()]
  // A key may be "__proto__".
  return Object.fromEntries(keys.map((key) => [key, values.get(key)]))
}

/** Lists grow at the end, lose what is oldest, and change here and there. */
function segmentsOf(before: unknown[], after: unknown[]): Segment[] {
  const places = new Map<string, number[]>()
  for (const [place, value] of before.entries()) {
    const text = JSON.stringify(value)
    const known = places.get(text)
    if (known === undefined) places.set(text, [place])
    else known.push(place)
  }
  const segments: Segment[] = []
  let next = 0
  for (const value of after) {
    const place = firstFrom(places.get(JSON.stringify(value)) ?? [], next)
    const last = segments.at(-1)
    if (place === undefined) segments.push({ value })
    else {
      if (Array.isArray(last) && last[0] + last[1] === place) last[1] += 1
      else segments.push([place, 1])
      next = place + 1
    }
  }
  return segments
}

/** The first of the ascending numbers that is `least` at least. */
function firstFrom(numbers: number[], least: number): number | undefined {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle] < least) low = middle + 1
    else high = middle
  }
  return numbers[low]
}

function withSegments(before: unknown[], segments: Segment[]): unknown[] {
  return segments.flatMap((segment) =>
    Array.isArray(segment) ? before.slice(segment[0], segment[0] + segment[1]) : [segment.value],
  )
}
