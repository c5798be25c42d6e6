// Are amounts said in one unit, the page's, and never with more digits than anybody reads?
import { expect, test } from 'vitest'
import { amount } from '../../../server/events/amount.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [76_400, '76 kB'],
  [99_499, '99 kB'],
  [143_000, '143 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [52_000_000, '52 MB'],
  [840_000_000, '840 MB'],
  [1_200_000_000, '1.20 GB'],
])('%i bytes are said as %s', (bytes, words) => {
  expect(amount(bytes)).toBe(words)
})
