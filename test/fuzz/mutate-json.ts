// Mutations of JSON documents: values of other types and sizes, members that are missing, doubled or called badly.
import type { Random } from '../../server/sample/packets/random.ts'
import { mutated } from '../support/mutate.ts'

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  -1e308,
  2 ** 53,
  1.5,
  '',
  'x',
  'a'.repeat(5_000),
  '\u202e\0"',
  '__proto__',
  'constructor',
  [],
  {},
  [null],
  [[]],
  { length: 3 },
]
const KEYS = ['__proto__', 'constructor', 'toString', 'length', '', '0', 'x']

/** Bytes that are no JSON are changed as bytes. */
export function mutatedJson(bytes: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8')
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return mutated(bytes, [bytes], random)
  }
  const holder = { document }
  for (let changes = random.integer(1, 4); changes > 0; changes--) changeOne(holder, random)
  const written = JSON.stringify(holder.document) ?? ''
  return new TextEncoder().encode(random.chance(0.05) ? written.slice(0, random.integer(0, written.length)) : written)
}

type Container = Record<string, unknown>

function changeOne(holder: { document: unknown }, random: Random): void {
  let container = holder as unknown as Container
  let key = 'document'
  // Walks down to somewhere: deep places are many, and the top decides all.
  while (isContainer(container[key]) && random.chance(0.85)) {
    const inner = container[key] as Container
    const keys = Object.keys(inner)
    if (keys.length === 0) break
    container = inner
    key = random.pick(keys)
  }
  switch (random.integer(0, 5)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1)
      else delete container[key]
      break
    case 1:
      if (Array.isArray(container)) container.push(container[Number(key)])
      else define(container, random.pick(KEYS), container[key])
      break
    case 2:
      if (typeof container[key] === 'number') container[key] = -(container[key] as number) * random.pick([1, 1e3, 1e12])
      break
    case 3:
      if (Array.isArray(container[key]))
        (container[key] as unknown[]).push(...(container[key] as unknown[]).slice(0, 3))
      break
    default:
      define(container, key, structuredClone(random.pick(VALUES)))
  }
}

function define(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true })
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
