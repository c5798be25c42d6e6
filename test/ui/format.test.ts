// How amounts, shares and times are written.
import { beforeEach, describe, expect, test } from 'vitest'
import {
  ago,
  between,
  bytes,
  clock,
  country,
  exactBytes,
  rate,
  setLocale,
  setTimeZone,
  share,
} from '../../ui/text/format.ts'

beforeEach(() => {
  setLocale('en-GB')
  setTimeZone('Asia/Kolkata')
})

describe('amounts', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [999.6, '1 kB'],
    [1500, '1.5 kB'],
    [15_400, '15 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [412_034_122, '412 MB'],
    [3_200_000_000, '3.2 GB'],
  ])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text))

  test('a rate is per second', () => expect(rate(3200)).toMatch(/^3\.2 kB\/s$/))
  test('exact bytes are all there', () => expect(exactBytes(412_034_122)).toBe('412,034,122 bytes'))
  test('other languages write their own way', () => {
    setLocale('de')
    expect(bytes(1_500_000)).toBe('1,5 MB')
  })
})

describe('shares', () => {
  test.each([
    [0, 10, '0%'],
    [1, 1000, '<1%'],
    [5, 10, '50%'],
    [999, 1000, '>99%'],
    [10, 10, '100%'],
    [0, 0, '0%'],
  ])('%d of %d is %s', (part, whole, text) => expect(share(part, whole)).toBe(text))
})

describe('times', () => {
  const second = Date.parse('2026-11-24T15:34:09Z') / 1000
  test('are in the zone of the home', () => {
    expect(clock(second)).toBe('21:04')
    setTimeZone('Europe/Berlin')
    expect(clock(second)).toBe('16:34')
  })
  test('a span on one day is two clocks, over midnight it names the days', () => {
    expect(between(second - 9, second - 9 + 300)).toBe('21:04–21:09')
    expect(between(second, second + 30)).toBe('21:04:09–21:04:39')
    expect(between(second, second + 86_400)).toBe('24 Nov, 21:04 – 25 Nov, 21:04')
  })
  test.each([
    [5, 'now'],
    [61, '1 minute ago'],
    [7300, '2 hours ago'],
    [90_000, 'yesterday'],
  ])('%d seconds ago is %s', (past, text) => {
    expect(ago(second - past, second)).toBe(text)
  })
})

test('a country has its name, and what is no country stays as it came', () => {
  expect(country('CN')).toBe('China')
  expect(country('<b>')).toBe('<b>')
})
