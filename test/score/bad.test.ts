// Nothing in a hostile, damaged or cut capture makes analyze crash.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { analyzeFile, UnreadableCaptureError } from '../../server/analyze/analyze-file.ts'
import { damagedCopies } from '../support/damage.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { analyzeBytes, analyzePrefixes, badCaptures, shortCaptures } from './bad-captures.ts'

const folder = realDataFolder()
if (folder === null) console.log(`skipped: ${NO_REAL_DATA}`)

/** A device's bytes are whole, and no more than the capture's. */
function expectSaneTotals({ capture, devices }: Awaited<ReturnType<typeof analyzeFile>>): void {
  for (const { sent, received, sentLocal, receivedLocal } of devices) {
    for (const bytes of [sent, received, sentLocal, receivedLocal]) {
      expect(Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= capture.ipBytes).toBe(true)
    }
  }
}

// Thousands of captures, each with an engine of its own.
describe.skipIf(folder === null)('hostile and damaged captures', { timeout: 300_000 }, () => {
  test('all are read or refused with a sentence', async () => {
    const paths = badCaptures(folder!)
    expect(paths.length).toBeGreaterThan(200)
    let refused = 0
    for (const path of paths) {
      try {
        expectSaneTotals(await analyzeFile(path))
      } catch (error) {
        if (!(error instanceof UnreadableCaptureError)) throw new Error(`${path}: ${String(error)}`, { cause: error })
        expect(error.message).toMatch(/^[^\n]+: [^\n]+$/)
        refused++
      }
    }
    console.log(`${paths.length} hostile captures, ${refused} refused`)
  })

  test('the beginnings of a hundred short captures, every third byte, are read', () => {
    const paths = shortCaptures(folder!, 4000)
      .filter((_, index) => index % 10 === 0)
      .slice(0, 100)
    expect(paths.length).toBeGreaterThan(50)
    let count = 0
    for (const path of paths) count += analyzePrefixes(path, 3)
    console.log(`${count} beginnings of ${paths.length} captures`)
  })

  test('two thousand damaged copies of short captures are read', () => {
    const originals = shortCaptures(folder!, 6000)
      .filter((_, index) => index % 9 === 0)
      .map((path) => readFileSync(path))
    for (const copy of damagedCopies(originals, 2000, 284)) expectSaneTotals(analyzeBytes(copy))
  })
})
