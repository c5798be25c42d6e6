// A traffic history after a flood of made-up devices: the cap, who keeps a place, and forgetting tens of thousands.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HistoryDatabase } from '../../../server/history/database.ts'
import type { HistoryOptions } from '../../../server/history/options.ts'
import { MAX_DEVICES, OTHERS_ID } from '../../../server/model/others.ts'
import { batch, endpoint, type TestCell } from './histories.ts'
import { filesContaining, temporaryFolder } from './folder.ts'

const DAY = 86_400
const START = Date.parse('2026-06-10T12:00:00Z') / 1_000
const JUNK = 50_000
const NOBODY_CAPS = { limits: { devices: 1e6 } }

const junkName = (index: number): string => `02:66:00:00:${hex(index >> 8)}:${hex(index & 255)}`
const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

function open(path: string, options: Partial<HistoryOptions> = {}): HistoryDatabase {
  return new HistoryDatabase({ path, timeZone: 'Europe/Berlin', ...options })
}

/**
 * What a version without a cap has kept: a home of four, of whom `guest` was there once, and `silent` never answered;
 * then a flood.
 */
function flooded(path: string, junk = JUNK): void {
  const history = open(path, NOBODY_CAPS)
  const ids = ['camera', 'phone', 'guest', 'silent'].map((id, index) => ({ index, id }))
  const endpoints = Array.from({ length: 300 }, (_, index) => endpoint(index + 1))
  history.add(batch([], { devices: ids, endpoints }))
  for (let day = 0; day < 5; day++) {
    const second = START - (5 - day) * DAY
    history.add(batch([0, 1].map((device): TestCell => [second, device, 1 + device, 1_000 + day, 500])))
    history.tick(second + 3_600)
  }
  history.add(batch([[START - 3 * DAY, 2, 5, 70, 80]]))
  history.add(batch([[START - 2 * DAY, 3, 0, 90, 0]]))
  const devices = Array.from({ length: junk }, (_, index) => ({ index: 10 + index, id: junkName(index) }))
  const cells = devices.flatMap(({ index }, place): TestCell[] => [
    [START + Math.floor(place / 2_000), index, 1 + (index % 300), 88, 0],
    ...(place % 10 === 0 ? ([[START + Math.floor(place / 2_000), index, 0, 7, 0]] as TestCell[]) : []),
  ])
  history.add(batch(cells, { devices }))
  history.tick(START + 3_700)
  history.close()
}

const RANGE = { from: START - 10 * DAY, to: START + 10 * DAY }

function sumsOf(history: HistoryDatabase): { sent: number; received: number } {
  const all = history.sums(RANGE)
  return {
    sent: all.reduce((sum, one) => sum + one.sent, 0),
    received: all.reduce((sum, one) => sum + one.received, 0),
  }
}

const sentBy = (history: HistoryDatabase, device: string): number =>
  history.sums({ ...RANGE, devices: [device] }).reduce((sum, { sent }) => sum + sent, 0)

describe('a history that a version without a cap let grow to 50,000 devices', () => {
  test('is brought down to the cap: who was answered on several days and who was decided about stays; no byte is lost', () => {
    const path = join(temporaryFolder(), 'history.db')
    flooded(path)
    const history = open(path)
    const before = sumsOf(history)
    expect(history.seen().size).toBe(JUNK + 4)
    history.keep([junkName(7), 'silent'])
    const seen = history.seen()
    expect(seen.size).toBeLessThanOrEqual(MAX_DEVICES)
    for (const name of ['camera', 'phone', 'guest', 'silent', junkName(7), OTHERS_ID]) expect(seen.has(name)).toBe(true)
    expect(sumsOf(history)).toEqual(before)
    expect([sentBy(history, 'camera'), sentBy(history, junkName(7))]).toEqual([5_010, 88])
    expect(history.sums({ ...RANGE, devices: [OTHERS_ID] })).toHaveLength(2)
    history.close()
    const again = open(path)
    expect([sumsOf(again), again.seen().size]).toEqual([before, seen.size])
    expect(sentBy(again, 'camera')).toBe(5_010)
    again.close()
  })

  test('names those that were seen once and never answered, and forgets them all without a trace', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'history.db')
    flooded(path)
    const history = open(path, NOBODY_CAPS)
    const once = history.seenOnce(START + 3_600)
    expect(once).toHaveLength(JUNK + 1)
    expect([once.includes('guest'), once.includes('camera'), once.includes('silent')]).toEqual([false, false, true])
    const bytes = statSync(path).size
    const receipt = history.forget(once)
    expect(receipt.rows).toBeGreaterThan(2 * JUNK)
    expect([...history.seen().keys()]).toEqual(['camera', 'phone', 'guest'])
    expect(history.facts().first).toBe(START - 5 * DAY)
    history.close()
    expect(filesContaining(folder, [Buffer.from('02:66:00:00'), Buffer.from('silent')])).toEqual([])
    expect(statSync(path).size).toBeLessThan(bytes / 4)
    const again = open(path)
    expect(sentBy(again, 'camera')).toBe(5_010)
    again.close()
  })

  test('forgets some of them and leaves the rest', () => {
    const path = join(temporaryFolder(), 'history.db')
    flooded(path, 2_000)
    const history = open(path)
    const once = history.seenOnce(START + 3_600)
    history.forget(once.slice(0, 1_000))
    expect(history.seenOnce(START + 3_600)).toHaveLength(once.length - 1_000)
    history.close()
  })
})

describe('more devices than the cap', () => {
  test('count together until there is room again; totals stay exact', () => {
    const history = open(':memory:', { limits: { devices: 100 } })
    const devices = Array.from({ length: 400 }, (_, index) => ({ index, id: junkName(index) }))
    history.add(batch([], { devices, endpoints: [endpoint(1)] }))
    for (let index = 0; index < 400; index++) history.add(batch([[START + index, index, 1, 10, index < 3 ? 5 : 0]]))
    expect(history.seen().size).toBe(126)
    expect(sentBy(history, OTHERS_ID)).toBe(2_750)
    history.tick(START + 500)
    history.keep([])
    expect(history.seen().size).toBe(90)
    expect(sumsOf(history)).toEqual({ sent: 4_000, received: 15 })
    expect([0, 1, 2].map((index) => sentBy(history, junkName(index)))).toEqual([10, 10, 10])
    // Who shows itself again has a place again.
    history.add(batch([[START + 501, 399, 1, 33, 0]]))
    expect(sentBy(history, junkName(399))).toBe(33)
    history.close()
  })

  test('are folded once an hour, in the seconds and minutes as well', () => {
    const history = open(join(temporaryFolder(), 'history.db'), { limits: { devices: 100 }, saveEverySeconds: 60 })
    const devices = Array.from({ length: 120 }, (_, index) => ({ index, id: junkName(index) }))
    history.add(batch([], { devices, endpoints: [endpoint(1)] }))
    history.tick(START)
    history.add(batch(devices.map(({ index }): TestCell => [START + 1, index, 1, 10, 20])))
    const series = (): number =>
      history.series({ from: START, to: START + 60, step: 1 }).sent.reduce((a, b) => a + b, 0)
    expect(series()).toBe(1_200)
    history.tick(START + 300)
    history.tick(START + 3_700)
    history.tick(START + 3_800)
    expect(history.seen().size).toBe(91)
    expect(sumsOf(history)).toEqual({ sent: 1_200, received: 2_400 })
    history.close()
  })
})
