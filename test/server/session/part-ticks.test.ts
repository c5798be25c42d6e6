// While somebody looks at the page, a second comes in parts as well; what is counted is the same with them and without.
import { newCore } from '../../support/core.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import { CELL_LENGTH, type Batch } from '../../../server/model/batch.ts'
import { makeSample, SAMPLE_START_SECONDS } from '../../../server/sample/sample.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { Cells } from '../../../server/session/cells.ts'
import { InputGuard } from '../../../server/session/input-guard.ts'
import { LivePlayer } from '../../../server/session/live-player.ts'
import type { FromEngine, SessionPlan } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import { CAMERA, ipLength, SERVER, udpOut } from '../engine/lab.ts'

const plan: SessionPlan = {
  source: { kind: 'live', sources: [] },
  home: [],
  timeZone: 'Etc/UTC',
  names: [],
  accountedUntil: null,
  ownHistory: false,
  alerts: { settings: RECORDING_SETTINGS, memory: null },
  policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
}
const rules = openRules(compiledRulesFolder())

/** By second, device and endpoint: the bytes, whatever numbers they had. */
function told(messages: FromEngine[]): { bytes: Record<string, [number, number]>; events: string[]; alerts: string[] } {
  const bytes = new Map<string, [number, number]>()
  const ids: string[] = []
  const endpoints = new Map<number, string>([[0, 'home']])
  const events = new Map<string, string>()
  const alerts = new Map<string, string>()
  const takeBatch = ({ devices, endpoints: fresh, cells }: Batch): void => {
    for (const { index, id } of devices) ids[index] = id
    for (const { number, ...one } of fresh) endpoints.set(number, JSON.stringify(one))
    for (let at = 0; at < cells.length; at += CELL_LENGTH) {
      const key = `${cells[at]} ${ids[cells[at + 1]]} ${endpoints.get(cells[at + 2])}`
      const sum = bytes.get(key) ?? [0, 0]
      bytes.set(key, [sum[0] + cells[at + 3], sum[1] + cells[at + 4]])
    }
  }
  for (const message of messages) {
    if (message.type === 'batch' && message.batch !== null) takeBatch(message.batch)
    if (message.type !== 'activity') continue
    for (const event of message.update.events) events.set(event.id, JSON.stringify(event))
    for (const alert of message.update.alerts)
      alerts.set(alert.id, JSON.stringify([alert.kind, alert.device, alert.from, alert.seen, alert.company]))
  }
  const moved = [...bytes].filter(([, [sent, received]]) => sent !== 0 || received !== 0)
  return { bytes: Object.fromEntries(moved.sort()), events: [...events.values()].sort(), alerts: [...alerts.values()] }
}

/** Packets as a live home gets them, handed on at the end of each second, with `parts` of each shown. */
function play(pcap: Uint8Array, seconds: number, parts: number): FromEngine[] {
  const messages: FromEngine[] = []
  const pipeline = new Pipeline(rules, plan, null, (message) => messages.push(message))
  let at = SAMPLE_START_SECONDS
  let part = 0
  const upTo = (time: number): void => {
    for (; at < Math.floor(time); at++, part = 0) {
      for (; part + 1 < parts; part++) pipeline.peek(at + (part + 1) / parts)
      pipeline.mark(at + 1)
      pipeline.flush(at + 1, [])
    }
    for (; part + 1 < parts && at + (part + 1) / parts <= time; part++) pipeline.peek(at + (part + 1) / parts)
  }
  const reader = new CaptureReader((frame) => {
    if (frame.seconds - SAMPLE_START_SECONDS > seconds) return
    upTo(frame.seconds + frame.nanos / 1e9)
    pipeline.packet(frame)
  })
  reader.push(pcap)
  reader.end()
  upTo(SAMPLE_START_SECONDS + seconds + 2)
  return messages
}

describe('parts of a second', () => {
  test('change nothing of what is counted, and grow into the second', () => {
    const { pcap } = makeSample()
    const [whole, inParts] = [play(pcap, 2 * 3600, 1), play(pcap, 2 * 3600, 4)]
    const shown = inParts.filter((one) => one.type === 'part')
    expect(shown.length).toBeGreaterThan(10_000)
    expect(told(inParts)).toEqual(told(whole))
    const ticks = (messages: FromEngine[]): number[][] =>
      messages.flatMap((one) => (one.type === 'batch' ? [one.tick.slice(0, 4)] : []))
    expect(ticks(inParts)).toEqual(ticks(whole))
    const wholes = new Map(ticks(inParts).map((one) => [one[0], one]))
    for (const { tick } of shown.filter(({ tick: [, , sent, received] }) => sent + received > 0).slice(0, 2000)) {
      expect(tick[1]).toBe(0)
      const [, , sent = 0, received = 0] = wholes.get(tick[0]) ?? []
      expect([tick[2] <= sent, tick[3] <= received]).toEqual([true, true])
    }
  }, 120_000)

  test('hold what was sent since the second began', () => {
    const messages: FromEngine[] = []
    const pipeline = new Pipeline(rules, plan, null, (message) => messages.push(message))
    const reader = new CaptureReader(pipeline.packet)
    reader.push(pcapHeader({}))
    const up = (bytes: number): Uint8Array => udpOut(CAMERA, SERVER, { payload: new Uint8Array(bytes) })
    const take = (seconds: number, bytes: Uint8Array): void =>
      void reader.push(pcapRecord({ seconds, nanos: 0, bytes, originalLength: bytes.length }))
    pipeline.flush(1000.05, [])
    take(1000, up(100))
    pipeline.peek(1000.3)
    take(1000, up(300))
    pipeline.peek(1000.55)
    pipeline.mark(1001.05)
    pipeline.flush(1001.05, [])
    const ticks = messages.flatMap((one) => (one.type === 'part' || one.type === 'batch' ? [one.tick.slice(0, 4)] : []))
    const [first, both] = [ipLength(up(100)), ipLength(up(100), up(300))]
    expect(ticks.slice(1)).toEqual([
      [1000, 0, first, 0],
      [1000, 0, both, 0],
      [1000, 1, both, 0],
    ])
    const [cells] = messages.flatMap((one) =>
      one.type === 'batch' && one.batch!.cells.length > 0 ? [one.batch!.cells] : [],
    )
    expect(cells.length).toBe(CELL_LENGTH)
  })

  test('are one cell in the end, and none where they cancel each other out', () => {
    const cells = new Cells()
    cells.add(1, 2, 3, 10, 1)
    cells.add(1, 2, 4, 5, 5)
    cells.add(1, 2, 3, 7, 2)
    cells.add(1, 2, 4, -5, -5)
    cells.merge()
    expect([...cells.drain()]).toEqual([1, 2, 3, 17, 3])
  })

  test('come four times a second while somebody looks, and not otherwise', async () => {
    const seen = { parts: 0, seconds: 0 }
    const guard = new InputGuard({
      failedInput: [],
      inHand: { note: () => {}, clear: () => {} } as never,
      isCareful: false,
      onFault: () => {},
      clock: () => 0,
    })
    const player = new LivePlayer(
      { sources: [], accountedUntil: null, positions: [] },
      {
        core: newCore(),
        packet: () => {},
        mark: () => {},
        flush: () => void seen.seconds++,
        peek: () => void seen.parts++,
        capturing: () => {},
        log: () => {},
        reached: () => {},
        guard,
        takeFile: () => {},
      },
      () => Date.now() / 1000,
    )
    const running = player.run()
    await sleep(1500)
    expect(seen.parts).toBe(0)
    player.setWatched(true)
    const before = { ...seen }
    await vi.waitUntil(() => seen.seconds - before.seconds >= 4, { timeout: 30_000, interval: 20 })
    player.stop()
    await running
    const seconds = seen.seconds - before.seconds
    // Three parts, and the whole second; a busy machine may be late for some.
    expect(seen.parts).toBeGreaterThanOrEqual(seconds)
    expect(seen.parts).toBeLessThanOrEqual(3 * (seconds + 1))
  })
})
