// Tests of the traffic history in its own thread: its answers, its problems, and its bounds while it is busy.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { historyInThread } from '../../../server/history/answer.ts'
import { MAX_WAITING_CELLS, WaitingBatch } from '../../../server/history/merge-batches.ts'
import { openHistory } from '../../../server/history/open.ts'
import { batch, deviceName, introduce, type TestCell } from './histories.ts'
import { temporaryFolder } from './folder.ts'

const NOW = 1_780_000_000

test('every question is answered by the thread as by the traffic history itself', async () => {
  const folder = temporaryFolder()
  const inThread = await openHistory({ path: join(folder, 'history.sqlite'), timeZone: 'Europe/Berlin' })
  const here = historyInThread(new HistoryDatabase({ path: ':memory:', timeZone: 'Europe/Berlin' }))
  for (const history of [inThread, here]) {
    history.add(introduce(3, 5))
    history.capturing(NOW - 400, true)
    for (let second = 0; second < 400; second += 1) {
      history.add(batch([[NOW - 400 + second, second % 3, second % 6, 100 + second, second]]))
      history.tick(NOW - 400 + second)
    }
    history.add(batch([], { names: [{ device: deviceName(1), address: '203.0.113.9', host: 'nine.example.com' }] }))
  }
  const day = { from: NOW - 86_400, to: NOW + 1 }
  expect(await inThread.sums(day)).toEqual(await here.sums(day))
  expect(await inThread.series({ from: NOW - 300, to: NOW, devices: [deviceName(1)] })).toEqual(
    await here.series({ from: NOW - 300, to: NOW, devices: [deviceName(1)] }),
  )
  expect(await inThread.sparklines({ ...day, parts: 24 })).toEqual(await here.sparklines({ ...day, parts: 24 }))
  expect(await inThread.grid([deviceName(0)], 7, NOW)).toEqual(await here.grid([deviceName(0)], 7, NOW))
  expect(await inThread.seen()).toEqual(await here.seen())
  expect(await inThread.seen()).toEqual(
    new Map(
      [0, 1, 2].map((device) => [deviceName(device), { first: NOW - 400 + device, last: NOW - 3 + [2, 0, 1][device] }]),
    ),
  )
  expect(await inThread.search('HOST-3', 10)).toEqual(await here.search('HOST-3', 10))
  expect(await inThread.names()).toEqual([{ device: deviceName(1), address: '203.0.113.9', host: 'nine.example.com' }])
  await inThread.close()
  await expect(inThread.sums(day)).rejects.toThrow('The history is closed.')
  expect(readdirSync(folder).map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8))).toEqual(
    readdirSync(folder).map(() => '600'),
  )
})

test('a traffic history that cannot be opened is reported in one sentence', async () => {
  await expect(openHistory({ path: '/nowhere/at/all/history.sqlite', timeZone: 'UTC' })).rejects.toThrow(/nowhere/)
})

test('a cell of an undeclared device is reported as a problem, and the rest goes on', async () => {
  const problems: string[] = []
  const history = await openHistory({ path: ':memory:', timeZone: 'UTC' }, (sentence) => problems.push(sentence))
  history.add(introduce(1, 1))
  history.add(batch([[NOW, 77, 1, 5, 5]]))
  history.add(batch([[NOW, 0, 1, 5, 5]]))
  expect((await history.sums({ from: 0, to: NOW + 1 })).map(({ sent }) => sent)).toEqual([5])
  expect(problems).toEqual(['Device 77 was never declared to the history'])
  await history.close()
})

test('batches that wait become one, without a byte lost and without growing with time', () => {
  const waiting = new WaitingBatch()
  let sent = 0
  for (let second = 0; second < 20_000; second += 1) {
    const cells: TestCell[] = Array.from({ length: 10 }, (_, device) => [NOW + second, device, 1, second, 1])
    sent += second * 10
    waiting.add(batch(cells))
  }
  const { cells } = waiting.drain()
  expect(cells.length / 5).toBeLessThan(MAX_WAITING_CELLS + (20_000 / 60) * 10 + 20)
  let total = 0
  for (let at = 3; at < cells.length; at += 5) total += cells[at]
  expect(total).toBe(sent)
  expect(waiting.empty).toBe(true)
})
