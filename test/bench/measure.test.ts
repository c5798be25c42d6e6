// The measurement counts CPU, time and memory, and reports what failed.
import { describe, expect, test } from 'vitest'
import { measure, median } from './measure.ts'
import { table } from './table.ts'

describe('measure', () => {
  test('counts the CPU time of children too', async () => {
    const busy = 'let sum = 0; while (process.cpuUsage().user < 300_000) sum++'
    const run = await measure([
      process.execPath,
      '-e',
      `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(busy)}])`,
    ])
    expect(run).toMatchObject({ cost: { cpuSeconds: expect.any(Number) as number } })
    // The child alone works until it has used 0.3 s.
    expect('cost' in run && run.cost.cpuSeconds).toBeGreaterThan(0.3)
  })

  test.runIf(process.platform === 'linux')('sees the peak of the memory', async () => {
    const run = await measure([process.execPath, '-e', 'Buffer.alloc(200e6, 1); setTimeout(() => {}, 2000)'])
    expect('cost' in run && run.cost.peakMegabytes).toBeGreaterThan(200)
  })

  test('gives the status and the last words of a program that failed', async () => {
    const run = await measure([process.execPath, '-e', 'console.error("no such capture"); process.exit(3)'])
    expect(run).toEqual({ failed: expect.stringMatching(/ended with status 3: no such capture$/) as string })
  })

  test('says so when there is no such program', async () => {
    expect(await measure(['/no/such/program'])).toEqual({ failed: expect.stringContaining('status 127') as string })
  })
})

test('the median is the middle, or between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, NaN])
})

test('a table has columns of equal width, numbers to the right', () => {
  expect(
    table(
      ['name', 'n'],
      [
        ['a', '10'],
        ['longer', '1'],
      ],
    ),
  ).toBe('| name   |  n |\n|--------|----|\n| a      | 10 |\n| longer |  1 |')
})
