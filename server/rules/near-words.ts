// Words of closed lists: what a word that is in none was meant to be.

/** A closed list and the file that explains it. */
export interface WordList {
  file: string
  words: readonly string[]
  /** What the words mean, as far as the file says so. */
  meanings: unknown
}

/** Beyond this many, words that fit are no help. */
const MAX_NEAR = 3

/** `"statistics" is not in rules/purposes.yaml: did you mean telemetry? rules/purposes.yaml lists all` */
export function unknownWord(given: string, { file, words, meanings }: WordList): string {
  const near = nearMeanings(given, words, meanings)
  const start = `"${clip(given)}" is not in ${file}: `
  if (near.length > 0) return `${start}did you mean ${either(near)}? ${file} lists all`
  return `${start}choose one of: ${words.join(', ')} (${file} says what each means)`
}

/** Names a typing error away: the same letters and digits, or at most two changes. The nearest only. */
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

/** A word that is meant: by its own letters, by its meaning in the list, or by a typing error. */
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text of a rule file as it stands in a message. */
export function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
