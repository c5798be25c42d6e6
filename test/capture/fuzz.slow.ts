// The readers survive a million changed messages.
import { expect, test } from 'vitest'
import { fuzz } from '../support/fuzz.ts'
import { fuzzTargets } from '../support/fuzz-targets.ts'

const SEEDS = [101, 102, 103, 104, 105, 106, 107, 108, 109, 110]

test.each(SEEDS)('every reader survives 100,000 messages of seed %i', (seed) => {
  expect(fuzz(fuzzTargets(), 100_000, seed).inputs).toBe(100_000)
})
