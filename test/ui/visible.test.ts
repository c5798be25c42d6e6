// Characters that would hide or reorder a hostile name are made visible.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { visible, visibleSentence } from '../../ui/text/visible.ts'

describe('hostile text made visible', () => {
  test.each([
    ['plain', 'Wohnzimmer TV', 'Wohnzimmer TV'],
    ['markup stays text', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['NUL and newline', 'a\u0000b\n', 'a\u2400b\u240a'],
    ['delete', '\u007f', '\u2421'],
    ['right-to-left override', 'photo\u202egpj.exe', 'photo‹U+202E›gpj.exe'],
    ['isolates', '\u2066x\u2069', '‹U+2066›x‹U+2069›'],
    ['zero width', 'ring\u200b.com', 'ring‹U+200B›.com'],
    ['byte order mark', '\ufeffx', '‹U+FEFF›x'],
    ['Hangul filler', '\u3164', '‹U+3164›'],
    ['tag characters', 'a\u{e0041}', 'a‹U+E0041›'],
    ['a lone surrogate', 'a\ud800', 'a‹U+D800›'],
    ['scripts of the world', 'कमरा 客厅 غرفة Küche', 'कमरा 客厅 غرفة Küche'],
  ])('%s', (_case, text, shown) => expect(visible(text)).toBe(shown))

  test('no direction mark, control or zero-width character ever gets through, and nothing grows without bound', () => {
    const hostile = fc.string({
      unit: fc
        .oneof(fc.integer({ min: 0, max: 0x9f }), fc.integer({ min: 0x2000, max: 0x206f }))
        .map((code) => String.fromCodePoint(code)),
      maxLength: 500,
    })
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = visible(text)
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/)
        expect(shown.length).toBeLessThanOrEqual(200 * 10 + 1)
      }),
    )
  })
})

test('a sentence is shown whole, with a hostile name in it made visible', () => {
  const sentence = `${'word '.repeat(60)}\u202ename`
  expect(visibleSentence(sentence)).toBe(`${'word '.repeat(60)}‹U+202E›name`)
  expect([...visibleSentence('a'.repeat(2_000))]).toHaveLength(1_001)
})
