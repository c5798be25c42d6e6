// A million lines through eight kinds of rotation: none is lost and none is doubled.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { followThrough, ROTATIONS } from './rotations.ts'

const LINES = 1_000_000 / ROTATIONS.length

describe('a million lines', () => {
  test.each(ROTATIONS)('%s', async (rotation) => {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-rotations-'))
    try {
      const { seen, strange, rotations } = await followThrough(folder, rotation, LINES, 5000, 2026)
      expect(strange).toEqual([])
      expect(seen.filter((count) => count === 0)).toHaveLength(0)
      expect(seen.filter((count) => count > 1)).toHaveLength(0)
      expect(rotations).toBeGreaterThan(10)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
