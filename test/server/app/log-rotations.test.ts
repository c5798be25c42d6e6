// 50,000 lines of logs, rotated in every way, reach the traffic history of the whole service, none lost and none
// counted twice.
import { expect, test } from 'vitest'
import { ROTATIONS } from '../../capture/sources/rotations.ts'
import { followThroughService } from './log-rotations.ts'

test('50,000 lines through every kind of rotation and two restarts are counted once each', async () => {
  const counted = await followThroughService(50_000, 6, [2, 4], 11)
  expect(counted.map(({ rotation }) => rotation)).toEqual([...ROTATIONS])
  for (const { rotation, written, total, wrong } of counted)
    expect({ rotation, total, wrong }).toEqual({ rotation, total: written, wrong: [] })
}, 300_000)
