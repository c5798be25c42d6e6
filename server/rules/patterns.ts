// Regular expressions of rules: which are safe to match against text that a stranger chose.

/** Text longer than this is cut before a pattern sees it. */
export const LONGEST_MATCHED_TEXT = 256

/**
 * More repeats without a bound in one pattern could multiply; three over 256 characters stay far below a millisecond.
 */
const MAX_OPEN_REPEATS = 3
const LARGEST_BOUND = 64

/**
 * Why a pattern is refused, with the fix; null when it is safe. Safe means: every repeat is over one character, class
 * or fixed group, never over something that repeats or chooses itself, and nothing looks around or back.
 */
export function patternProblem(source: string): string | null {
  try {
    new RegExp(source, 'i')
  } catch (error) {
    return `is not a regular expression: ${error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error)}`
  }
  if (/\(\?(?!:)/.test(withoutEscapes(source)))
    return 'looks ahead, behind or names a group: use plain text, classes and (?: )'
  if (/\\[1-9k]/.test(source)) return 'refers back to a group: write the text out instead'
  return repeatProblem(source)
}

/** A rule's pattern. Case does not matter in any evidence. */
export interface Pattern {
  /** Plain text, in lower case, that every match holds; empty where there is none, null before the first match. */
  needs: string | null
  readonly source: string
  /** Compiled when it is first matched against a text that holds its needed part: most never are. */
  expression: RegExp | null
}

export function compilePattern(source: string): Pattern {
  return { needs: null, source, expression: null }
}

/** `lower` is `text` in lower case. */
export function matchesPattern(pattern: Pattern, text: string, lower: string): boolean {
  return (
    lower.includes((pattern.needs ??= neededText(pattern.source))) &&
    (pattern.expression ??= new RegExp(pattern.source, 'i')).test(text)
  )
}

/** The longest run of plain characters outside groups and classes that no repeat makes optional. */
export function neededText(source: string): string {
  let longest = ''
  let run = ''
  let depth = 0
  const endRun = (): void => {
    if (run.length > longest.length) longest = run
    run = ''
  }
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at)
    if (character === '|' && depth === 0) return ''
    const isRepeat = '?*{+'.includes(character)
    // What may be absent is not needed; of what repeats once or more, once is.
    if (isRepeat && character !== '+') run = run.slice(0, -1)
    const isEscapedSymbol = character === '\\' && !/[A-Za-z0-9]/.test(source.charAt(at + 1))
    const isPlain = isEscapedSymbol || !'\\()[].^$?*{}+|'.includes(character)
    if (depth > 0 || !isPlain) endRun()
    else run += isEscapedSymbol ? source.charAt(at + 1) : character
    if (character === '\\') at++
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === '[') at = endOfClass(source, at)
    else if (character === '{') at = Math.max(at, source.indexOf('}', at))
  }
  endRun()
  return longest.toLowerCase()
}

interface Group {
  repeats: boolean
  chooses: boolean
}

function repeatProblem(source: string): string | null {
  const groups: Group[] = [{ repeats: false, chooses: false }]
  let last: Group | null = null
  let openRepeats = 0
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at)
    const group = groups.at(-1) ?? { repeats: false, chooses: false }
    if (character === '\\') {
      at++
      last = null
    } else if (character === '[') {
      at = endOfClass(source, at)
      last = null
    } else if (character === '(') {
      groups.push({ repeats: false, chooses: false })
      if (source.startsWith('(?:', at)) at += 2
      last = null
    } else if (character === ')') {
      last = groups.pop() ?? null
      const outer = groups.at(-1)
      if (outer !== undefined && last !== null) {
        outer.repeats ||= last.repeats
        outer.chooses ||= last.chooses
      }
    } else if (character === '|') {
      group.chooses = true
      last = null
    } else {
      const repeat = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at))
      if (repeat === null) {
        last = null
        continue
      }
      const open = character === '*' || character === '+' || (repeat[2] === ',' && repeat[3] === '')
      const bound = Math.max(Number(repeat[1] ?? 0), Number(repeat[3] ?? 0))
      if (bound > LARGEST_BOUND) return `repeats up to ${bound} times: use ${LARGEST_BOUND} at most`
      if (character !== '?' && last !== null && (last.repeats || last.chooses)) {
        return 'repeats a group that repeats or chooses inside: name the characters in one class instead, as in [0-9a-f]+'
      }
      if (open && ++openRepeats > MAX_OPEN_REPEATS)
        return `has more than ${MAX_OPEN_REPEATS} repeats without a bound (* or +): give bounds, as in {1,20}`
      group.repeats ||= character !== '?'
      at += repeat[0].length - 1
    }
  }
  return null
}

function endOfClass(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === ']' && at > start + 1) return at
  }
  return source.length
}

function withoutEscapes(source: string): string {
  return source.replace(/\\./g, '')
}
