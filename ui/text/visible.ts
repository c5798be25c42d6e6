// Hostile names shown as text, with every hidden character made visible.

/**
 * Control characters, direction marks, invisible and filling characters, private use, lone surrogates, stacked accents
 * beyond three.
 */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ue000-\uf8ff]|[\u{e0000}-\u{e0fff}]|[\u{f0000}-\u{10ffff}]|\p{Cs}|\p{Mn}{4,}/gu

const LONGEST = 200
/** Of Telltale's own sentences, which may hold a name. */
const LONGEST_SENTENCE = 1_000

function mark(hidden: string): string {
  let marks = ''
  for (const character of hidden) {
    const code = character.codePointAt(0) as number
    // The Unicode pictures of control characters: U+2400 for NUL up to U+241F, U+2421 for DEL.
    if (code < 0x20) marks += String.fromCodePoint(0x2400 + code)
    else if (code === 0x7f) marks += '\u2421'
    else marks += `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`
  }
  return marks
}

/** The text with control, bidi and zero-width characters as marks such as ␀ or ‹U+202E›, cut at 200 characters. */
export function visible(text: string): string {
  return shown(text, LONGEST)
}

/** As `visible`, for a whole sentence. */
export function visibleSentence(text: string): string {
  return shown(text, LONGEST_SENTENCE)
}

function shown(text: string, longest: number): string {
  const characters = [...text]
  const cut = characters.length > longest ? `${characters.slice(0, longest).join('')}…` : text
  return cut.replace(HIDDEN, mark)
}
