// Look-up of the longest domain suffix that a host name ends in.
import type { Section } from './sections.ts'

/** Longest name a DNS message can carry (RFC 1035, section 2.3.4), in characters without the closing dot. */
const LONGEST_HOST = 253

const DOT = 46

/**
 * FNV-1a, 32 bits, over the characters from the last to the first: each suffix's hash is a step on the way to the whole
 * name's.
 */
const HASH_START = 0x811c9dc5
const HASH_FACTOR = 0x01000193

const NONE = 0

/** Wildcard suffixes below one literal tail are tried one by one; a rule folder has a few dozen at most. */
interface WildcardSuffix {
  index: number
  /** Each label's text between its `*`; a label without one is a single piece. */
  labels: string[][]
  literalCharacters: number
}

/**
 * What is wrong with a suffix as a rule, or null. `*` stands for one or more characters inside one of the leftmost
 * labels.
 */
export function suffixProblem(suffix: string): string | null {
  if (suffix !== suffix.toLowerCase()) return `write it in lower case: ${suffix.toLowerCase()}`
  if (suffix.startsWith('.') || suffix.endsWith('.')) return 'leave out the dot at its start or end'
  if (suffix.length > LONGEST_HOST)
    return `it is ${suffix.length} characters long, a host name has at most ${LONGEST_HOST}`
  const labels = suffix.split('.')
  if (labels.length < 2) return 'give at least two labels, as in example.com'
  for (const label of labels) {
    if (!/^[a-z0-9_*-]{1,63}$/.test(label)) return `"${label}" is not a label of a host name (letters, digits, hyphens)`
    if (/\*.*\*.*\*/.test(label) || label.includes('**'))
      return `"${label}" has too many *: use one, or two with letters between`
  }
  const afterStars = labels.length - 1 - labels.findLastIndex((label) => label.includes('*'))
  if (afterStars < 2) return 'leave at least two labels without a * at its end'
  return null
}

/**
 * Packs suffixes into arrays that a `SuffixTable` reads in place: a hash table of literal suffixes and of the literal
 * tails of wildcard ones. The first of two equal suffixes counts.
 */
export function buildSuffixes(suffixes: readonly string[]): Record<string, Section> {
  const entries = new Map<string, { index: number; wildcards: number[] }>()
  suffixes.forEach((suffix, index) => {
    const labels = suffix.split('.')
    const wild = suffix.includes('*')
    const key = wild ? labels.slice(labels.findLastIndex((label) => label.includes('*')) + 1).join('.') : suffix
    const entry = entries.get(key) ?? { index: -1, wildcards: [] }
    entries.set(key, entry)
    if (wild) entry.wildcards.push(index)
    else if (entry.index < 0) entry.index = index
  })
  return packEntries(entries, suffixes)
}

/**
 * Finds suffixes of host names: a host is matched by itself and by everything above it; more labels win, then more
 * literal characters.
 */
export class SuffixTable {
  private readonly slots: Section
  private readonly starts: Section
  private readonly text: Section
  private readonly values: Section
  private readonly wildcardStarts: Section
  private readonly wildcardIndexes: Section
  private readonly wildcardOffsets: Section
  private readonly wildcardText: Section
  private readonly longestInLabels: number
  private readonly wildcards: (WildcardSuffix | undefined)[] = []

  constructor(arrays: Record<string, Section>) {
    this.slots = arrays['slots']
    this.starts = arrays['starts']
    this.text = arrays['text']
    this.values = arrays['values']
    this.wildcardStarts = arrays['wildcardStarts']
    this.wildcardIndexes = arrays['wildcardIndexes']
    this.wildcardOffsets = arrays['wildcardOffsets']
    this.wildcardText = arrays['wildcardText']
    this.longestInLabels = arrays['longestInLabels'][0]
  }

  /** Index of the most specific suffix of this host, or -1. The host is lower case, without a closing dot. */
  find(host: string): number {
    let best = -1
    let bestLabels = 0
    let wild: WildcardSuffix | null = null
    this.walk(host, (entry, labels) => {
      if (this.values[entry] !== NONE) {
        best = this.values[entry] - 1
        bestLabels = labels
      }
      for (let at = this.wildcardStarts[entry]; at < this.wildcardStarts[entry + 1]; at++) {
        const candidate = this.wildcard(at)
        if (saysMore(candidate, wild) && matchesLabels(host, candidate)) wild = candidate
      }
    })
    const found = wild as WildcardSuffix | null
    return found !== null && found.labels.length > bestLabels ? found.index : best
  }

  /** Every suffix that matches, the shortest first. */
  findAll(host: string): number[] {
    const found: number[] = []
    this.walk(host, (entry) => {
      if (this.values[entry] !== NONE) found.push(this.values[entry] - 1)
      for (let at = this.wildcardStarts[entry]; at < this.wildcardStarts[entry + 1]; at++) {
        const candidate = this.wildcard(at)
        if (matchesLabels(host, candidate)) found.push(candidate.index)
      }
    })
    return found
  }

  /** Visits the entries for each of the host's suffixes that the table holds, from the right. */
  private walk(host: string, visit: (entry: number, labels: number) => void): void {
    if (host.length > LONGEST_HOST) return
    const mask = this.slots.length - 1
    let hash = HASH_START
    let labels = 0
    for (let at = host.length - 1; at >= 0 && labels < this.longestInLabels; at--) {
      hash = Math.imul(hash ^ host.charCodeAt(at), HASH_FACTOR)
      if (at > 0 && host.charCodeAt(at - 1) !== DOT) continue
      labels++
      for (let slot = spread(hash) & mask; this.slots[slot] !== NONE; slot = (slot + 1) & mask) {
        const entry = this.slots[slot] - 1
        if (!this.equals(entry, host, at)) continue
        visit(entry, labels)
        break
      }
    }
  }

  private equals(entry: number, host: string, from: number): boolean {
    const start = this.starts[entry]
    const length = this.starts[entry + 1] - start
    if (host.length - from !== length) return false
    for (let i = 0; i < length; i++) if (this.text[start + i] !== host.charCodeAt(from + i)) return false
    return true
  }

  private wildcard(at: number): WildcardSuffix {
    return (this.wildcards[at] ??= this.readWildcard(at))
  }

  private readWildcard(at: number): WildcardSuffix {
    const suffix = String.fromCharCode(
      ...this.wildcardText.subarray(this.wildcardOffsets[at], this.wildcardOffsets[at + 1]),
    )
    return {
      index: this.wildcardIndexes[at],
      labels: suffix.split('.').map((label) => label.split('*')),
      literalCharacters: suffix.replaceAll('*', '').length,
    }
  }
}

function packEntries(
  entries: Map<string, { index: number; wildcards: number[] }>,
  suffixes: readonly string[],
): Record<string, Section> {
  // At most half full, so that a search ends soon; at least one slot stays empty.
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(entries.size * 2 + 2)))
  const starts = [0]
  const texts: string[] = []
  const values: number[] = []
  const wildcardStarts = [0]
  const wildcardIndexes: number[] = []
  const wildcardOffsets = [0]
  for (const [key, { index, wildcards }] of entries) {
    texts.push(key)
    starts.push(starts[starts.length - 1] + key.length)
    values.push(index + 1)
    wildcardIndexes.push(...wildcards)
    wildcardStarts.push(wildcardIndexes.length)
    let slot = spread(hashOf(key)) & (slots.length - 1)
    while (slots[slot] !== NONE) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = texts.length
  }
  for (const index of wildcardIndexes)
    wildcardOffsets.push(wildcardOffsets[wildcardOffsets.length - 1] + suffixes[index].length)
  return {
    slots,
    starts: Uint32Array.from(starts),
    text: bytesOf(texts),
    values: Uint32Array.from(values),
    wildcardStarts: Uint32Array.from(wildcardStarts),
    wildcardIndexes: Uint32Array.from(wildcardIndexes),
    wildcardOffsets: Uint32Array.from(wildcardOffsets),
    wildcardText: bytesOf(wildcardIndexes.map((index) => suffixes[index])),
    longestInLabels: Uint32Array.of(Math.max(0, ...texts.map((text) => text.split('.').length))),
  }
}

/** Host names in rules are plain letters (`suffixProblem` sees to that): one byte a character. */
function bytesOf(texts: readonly string[]): Uint8Array {
  return new Uint8Array(Buffer.from(texts.join(''), 'latin1'))
}

function hashOf(text: string): number {
  let hash = HASH_START
  for (let at = text.length - 1; at >= 0; at--) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_FACTOR)
  return hash
}

/** FNV's low bits alone are poor. */
function spread(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0
}

function saysMore(candidate: WildcardSuffix, known: WildcardSuffix | null): boolean {
  if (known === null || candidate.labels.length > known.labels.length) return true
  return candidate.labels.length === known.labels.length && candidate.literalCharacters > known.literalCharacters
}

function matchesLabels(host: string, suffix: WildcardSuffix): boolean {
  const labels = host.split('.')
  const first = labels.length - suffix.labels.length
  return first >= 0 && suffix.labels.every((pieces, at) => matchesLabel(labels[first + at], pieces))
}

/**
 * One label against the pieces around its `*` (two at most): no regular expression, since one a pattern would be built
 * and kept.
 */
function matchesLabel(label: string, pieces: readonly string[]): boolean {
  const head = pieces[0]
  if (pieces.length === 1) return label === head
  const tail = pieces[pieces.length - 1]
  if (!label.startsWith(head) || !label.endsWith(tail)) return false
  if (pieces.length === 2) return label.length > head.length + tail.length
  const at = label.indexOf(pieces[1], head.length + 1)
  return at >= 0 && at + pieces[1].length < label.length - tail.length
}
