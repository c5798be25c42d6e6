// A million lines of logs, rotated in every way, reach the traffic history of the whole service, none lost and none
// counted twice.
import { expect, test } from 'vitest'
import { followThroughService } from './log-rotations.ts'

test(
  'a million lines through every kind of rotation and three restarts are counted once each',
  async () => {
    const started = performance.now()
    const counted = await followThroughService(1_000_000, 12, [3, 6, 9], 2026)
    console.log(
      `${counted.reduce((sum, { total }) => sum + total, 0)} look-ups in ${Math.round((performance.now() - started) / 1000)} s`,
    )
    for (const { rotation, written, total, wrong } of counted)
      expect({ rotation, total, wrong }).toEqual({ rotation, total: written, wrong: [] })
  },
  30 * 60_000,
)
