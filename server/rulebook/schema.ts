// Does a rule file have the shape its JSON Schema asks for, and if not, what should its author change?

/** The part of JSON Schema (draft 7) that rules/schema uses. */
export interface Schema {
  type?: string
  description?: string
  required?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  minProperties?: number
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  pattern?: string
  oneOf?: Schema[]
}

export interface ShapeProblem {
  /** Path such as `domains[2].suffix`; empty for the file as a whole. */
  field: string
  message: string
}

/** Problems in the order of the file; an empty list means the shape is right. */
export function shapeProblems(value: unknown, schema: Schema, field = ''): ShapeProblem[] {
  if (schema.oneOf !== undefined) {
    const attempts = schema.oneOf.map((option) => shapeProblems(value, option, field))
    return attempts.some((problems) => problems.length === 0) ? [] : (attempts[0] ?? [])
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) {
    return [
      { field, message: `should be ${ARTICLES[schema.type] ?? schema.type}${hint(schema)}, not ${nameOf(value)}` },
    ]
  }
  if (typeof value === 'string') return textProblems(value, schema, field)
  if (typeof value === 'number') return numberProblems(value, schema, field)
  if (Array.isArray(value)) return listProblems(value, schema, field)
  if (isObject(value)) return objectProblems(value, schema, field)
  return []
}

const ARTICLES: Record<string, string> = {
  string: 'text',
  object: 'a group of fields',
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
}

function textProblems(value: string, schema: Schema, field: string): ShapeProblem[] {
  if (schema.minLength !== undefined && value.trim().length < schema.minLength) {
    return [
      {
        field,
        message:
          value.trim() === ''
            ? `is empty: write it${hint(schema)}`
            : `is too short: write at least ${schema.minLength} characters${hint(schema)}`,
      },
    ]
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    return [{ field, message: `has ${value.length} characters: shorten it to ${schema.maxLength} at most` }]
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    return [{ field, message: `"${clip(value)}" does not look right${hint(schema)}` }]
  }
  return []
}

function numberProblems(value: number, schema: Schema, field: string): ShapeProblem[] {
  const low = schema.minimum ?? -Infinity
  const high = schema.maximum ?? Infinity
  return value >= low && value <= high ? [] : [{ field, message: `${value} should be between ${low} and ${high}` }]
}

function listProblems(value: unknown[], schema: Schema, field: string): ShapeProblem[] {
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    return [{ field, message: `is an empty list: add an entry or leave the field out${hint(schema)}` }]
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    return [{ field, message: `has ${value.length} entries: split it, ${schema.maxItems} are allowed` }]
  }
  const { items } = schema
  return items === undefined ? [] : value.flatMap((item, index) => shapeProblems(item, items, `${field}[${index}]`))
}

function objectProblems(value: Record<string, unknown>, schema: Schema, field: string): ShapeProblem[] {
  const known = schema.properties ?? {}
  const problems: ShapeProblem[] = []
  const path = (key: string): string => (field === '' ? key : `${field}.${key}`)
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key) || value[key] === null)
      problems.push({ field: path(key), message: `is missing: add it${hint(known[key] ?? {})}` })
  }
  if (schema.minProperties !== undefined && Object.keys(value).length < schema.minProperties) {
    problems.push({ field, message: `is empty: add one of ${Object.keys(known).join(', ')}` })
  }
  for (const [key, item] of Object.entries(value)) {
    if (item === null && (schema.required ?? []).includes(key)) continue
    const own = Object.hasOwn(known, key) ? known[key] : undefined
    if (own !== undefined) problems.push(...shapeProblems(item, own, path(key)))
    else if (schema.additionalProperties === false) {
      problems.push({
        field: path(key),
        message: `is not a field of this kind of file: remove it, or use one of ${Object.keys(known).join(', ')}`,
      })
    } else if (typeof schema.additionalProperties === 'object')
      problems.push(...shapeProblems(item, schema.additionalProperties, path(key)))
  }
  return problems
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hint(schema: Schema): string {
  return schema.description === undefined ? '' : ` (${schema.description.replace(/\.$/, '')})`
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a group of fields'
  return `${typeof value === 'string' ? 'the text' : typeof value === 'number' ? 'the number' : 'the value'} "${clip(String(value))}"`
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** A closed list and the file that explains it. */
export interface WordList {
  file: string
  words: readonly string[]
  /** What the words mean, as far as the file says so. */
  meanings: unknown
}

/** Beyond this many, words that fit say nothing. */
const MAX_NEAR = 3

/** `"statistics" is not in rules/purposes.yaml: did you mean telemetry? rules/purposes.yaml lists all` */
export function unknownWord(given: string, { file, words, meanings }: WordList): string {
  const near = nearMeanings(given, words, meanings)
  const start = `"${clip(given)}" is not in ${file}: `
  if (near.length > 0) return `${start}did you mean ${either(near)}? ${file} lists all`
  return `${start}choose one of: ${words.join(', ')} (${file} says what each means)`
}

/** Names a slip of the pen away: the same letters and digits, or at most two changes. The nearest only. */
export function nearNames(given: string, names: readonly string[]): string[] {
  const plain = plainLetters(given)
  const allowed = plain.length > 4 ? 2 : 1
  const changes = names.map((name) => ({ name, count: editDistance(plain, plainLetters(name), allowed) }))
  const least = Math.min(allowed, ...changes.map(({ count }) => count))
  return changes
    .filter(({ count }) => count <= least)
    .map(({ name }) => name)
    .slice(0, MAX_NEAR)
}

/** "a, b or c" */
export function either(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

/** A word that is meant: by its own letters, by what the list says of it, or by a slip of the pen. */
function nearMeanings(given: string, words: readonly string[], meanings: unknown): string[] {
  const asked = new Set(tokens(given))
  const saidBy = (field: 'title' | 'words'): string[] =>
    words.filter(
      (word) => word !== 'unknown' && tokens(textOf(meanings, word, field)).some((token) => asked.has(token)),
    )
  const same = words.filter((word) => asked.has(stem(word)))
  const found = [same, saidBy('title'), saidBy('words'), nearNames(given, words)]
  return found.find(({ length }) => length > 0 && length <= MAX_NEAR) ?? []
}

function textOf(meanings: unknown, word: string, field: string): string {
  const entry = isObject(meanings) && Object.hasOwn(meanings, word) ? meanings[word] : undefined
  return isObject(entry) ? String(entry[field]) : ''
}

function tokens(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((token) => token.length > 1)
    .map(stem)
}

/** One and many alike: lamp, lamps. */
function stem(word: string): string {
  return word.length > 3 ? word.toLowerCase().replace(/s$/, '') : word.toLowerCase()
}

function plainLetters(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/**
 * Letters to add, take away, replace or swap with a neighbour (optimal string alignment), or Infinity beyond `limit`.
 */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return Infinity
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const next = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = last[column - 1] + (from[row - 1] === to[column - 1] ? 0 : 1)
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
          ? before[column - 2] + 1
          : Infinity
      next.push(Math.min(replaced, last[column] + 1, next[column - 1] + 1, swapped))
    }
    before = last
    last = next
  }
  return last[to.length] <= limit ? last[to.length] : Infinity
}
