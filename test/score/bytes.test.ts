// Of real captures every IP byte is in a row or in a remainder.
import { describe, expect, test } from 'vitest'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { bytesOf, capturesOf } from './bytes.ts'

const folder = realDataFolder()
if (folder === null) console.log(`skipped: ${NO_REAL_DATA}`)
/** Of the captures in the folder every so many; the script reads all. */
const EVERY = 40

describe.skipIf(folder === null)('real captures', () => {
  test('have no IP byte that is neither in a row nor in a remainder', async () => {
    const unequal: unknown[] = []
    let read = 0
    for (const [index, path] of capturesOf(folder as string).entries()) {
      const line = index % EVERY === 0 ? await bytesOf(path) : null
      if (line === null) continue
      read++
      if (line.difference !== 0 || line.rowDifference !== 0) unequal.push(line)
    }
    expect(unequal).toEqual([])
    expect(read).toBeGreaterThan(0)
  })
})
