// The analysis as JSON in pieces: of a large capture the whole text would be many megabytes at once.
import type { Analysis } from './analysis.ts'

/** So many characters are written at once, at least. */
const PIECE = 65_536

/** Together the same text as `JSON.stringify` makes of it. */
export function* jsonPieces(analysis: Analysis): Generator<string> {
  let text = ''
  for (const part of partsOf(analysis)) {
    text += part
    if (text.length < PIECE) continue
    yield text
    text = ''
  }
  yield text
}

function* partsOf(analysis: Analysis): Generator<string> {
  let before = '{'
  for (const [key, value] of Object.entries(analysis)) {
    if (value === undefined) continue
    yield `${before}${JSON.stringify(key)}:`
    if (Array.isArray(value)) yield* elementsOf(value)
    else yield JSON.stringify(value)
    before = ','
  }
  yield '}'
}

function* elementsOf(values: readonly unknown[]): Generator<string> {
  let before = '['
  for (const value of values) {
    yield before
    yield JSON.stringify(value)
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}
