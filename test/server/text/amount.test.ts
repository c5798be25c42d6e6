// Amounts and durations in English: one unit each, and never more digits than anybody reads.
import { expect, test } from 'vitest'
import { amount } from '../../../server/text/en/amount.ts'
import { duration } from '../../../server/text/en/duration.ts'

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

test.each([
  [1, '1 second'],
  [119, '119 seconds'],
  [120, '2 minutes'],
  [7_199, '120 minutes'],
  [7_200, '2 hours'],
  [172_800, '2 days'],
])('%i seconds are said as %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words)
})
