// Text from the network is kept unchanged; bytes that are no text are made visible.
import { describe, expect, test } from 'vitest'
import { copyOf, TEXT_MAX_BYTES, textOf, textOfLabels } from '../../../capture/wire/text.ts'
import { damagedCopies, embed } from '../../support/damage.ts'
import { hex, text } from '../../../server/sample/packets/bytes.ts'

function read(bytes: Uint8Array): string {
  return textOf(bytes, 0, bytes.length)
}

describe('textOf', () => {
  test('keeps a byte-order mark, between escapes too', () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff, 0xef, 0xbb, 0xbf, 0x62)
    expect(textOf(bytes, 0, 4)).toBe('\ufeffa')
    expect(textOf(bytes, 0, 9)).toBe('\ufeffa\\xff\ufeffb')
  })

  test.each([
    ['keeps ASCII', '6c 61 6d 70', 'lamp'],
    ['keeps UTF-8 of two, three and four bytes', 'c3 bc e6 9d b1 f0 9f 92 a1', 'ü東💡'],
    ['escapes a byte that starts no character', 'ff 41', '\\xffA'],
    ['escapes a lone continuation byte', '41 80', 'A\\x80'],
    ['escapes a character that is cut', '41 e6 9d', 'A\\xe6\\x9d'],
    ['escapes an overlong form', 'c0 af', '\\xc0\\xaf'],
    ['escapes an overlong form of three bytes', 'e0 80 af', '\\xe0\\x80\\xaf'],
    ['escapes an overlong form of four bytes', 'f0 8f bf bf', '\\xf0\\x8f\\xbf\\xbf'],
    ['escapes a surrogate', 'ed a0 80', '\\xed\\xa0\\x80'],
    ['escapes a code point above U+10FFFF', 'f4 90 80 80', '\\xf4\\x90\\x80\\x80'],
    ['keeps the last code point', 'f4 8f bf bf', '\u{10ffff}'],
    ['leaves control characters in the string', '41 1b 5b 33 31 6d 0a', 'A\x1b[31m\n'],
    ['cuts NULs at the end', '41 42 00 00', 'AB'],
    ['keeps a NUL in the middle', '41 00 42', 'A\0B'],
    ['gives nothing for NULs only', '00 00', ''],
    ['keeps a byte order mark', 'ef bb bf 41', '\ufeffA'],
  ])('%s', (_, bytes, expected) => {
    expect(read(hex(bytes))).toBe(expected)
  })

  test('stops at the cap', () => {
    expect(read(new Uint8Array(1000).fill(0x61))).toBe('a'.repeat(TEXT_MAX_BYTES))
  })

  test('never splits a character at the cap', () => {
    expect(textOf(text('ab💡'), 0, 6, 4)).toBe('ab')
    expect(textOf(text('ab💡c'), 0, 7, 6)).toBe('ab💡')
  })

  test('keeps wrong bytes at the cap as escapes', () => {
    expect(textOf(hex('61 80 80 80 80'), 0, 5, 3)).toBe('a\\x80\\x80')
  })

  test('cuts the NULs that the cap leaves at the end', () => {
    expect(textOf(hex('61 00 00 62'), 0, 4, 3)).toBe('a')
  })

  test('gives the same text as a strict decoder for every valid string, and reads only what it was given', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    let valid = 0
    for (const bytes of damagedCopies([text('küche 東京 💡'), text('Zoë-Ð-₿')], 2000, 1)) {
      const results = [0x80, 0xbf].map((guard) => {
        const { bytes: buffer, at, end } = embed(bytes, guard)
        return textOf(buffer, at, end)
      })
      expect(results[0]).toBe(results[1])
      let expected: string
      try {
        expected = strict.decode(bytes).replace(/\0+$/, '')
      } catch {
        expect(results[0]).toMatch(/\\x[0-9a-f]{2}/)
        continue
      }
      expect(results[0]).toBe(expected)
      valid++
    }
    expect(valid).toBeGreaterThan(100)
  })
})

describe('textOfLabels', () => {
  test.each([
    ['joins labels by dots', '04 6c 61 6d 70 04 68 6f 6d 65 00', 'lamp.home'],
    ['reads a partial name, which has no closing zero', '04 6c 61 6d 70', 'lamp'],
    ['ignores what follows the closing zero', '01 61 00 01 62 00', 'a'],
    ['keeps the labels before one that runs past the end', '01 61 05 62', 'a'],
    ['keeps the labels before a compression pointer, which may not stand here', '01 61 c0 00', 'a'],
    ['gives nothing for an empty name', '00', ''],
    ['gives nothing for no bytes', '', ''],
  ])('%s', (_, bytes, expected) => {
    expect(textOfLabels(hex(bytes), 0, hex(bytes).length)).toBe(expected)
  })

  test('stops at the longest name that DNS allows', () => {
    const bytes = hex('01 61'.repeat(1000))
    expect(textOfLabels(bytes, 0, bytes.length)).toBe(Array(127).fill('a').join('.'))
  })
})

describe('copyOf', () => {
  test('gives bytes that a change of the packet buffer does not reach, even where the buffer is a Buffer', () => {
    const buffer = Buffer.from([1, 2, 3, 4])
    const copy = copyOf(buffer, 1, 3)
    buffer.fill(9)
    expect([...copy]).toEqual([2, 3])
  })
})
