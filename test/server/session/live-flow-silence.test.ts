// An exporter of flow records that falls silent: the home is not seen from its last datagram to its return.
import { createSocket, type Socket } from 'node:dgram'
import { afterEach, expect, test, vi } from 'vitest'
import type { LogRecord } from '../../../capture/logs/record.ts'
import { SILENT_SECONDS } from '../../../capture/sources/netflow.ts'
import { planOfArgument } from '../../../capture/sources/sources.ts'
import { Coverage } from '../../../server/history/coverage.ts'
import type { SourceReport } from '../../../server/model/source-report.ts'
import { type LiveSink, LivePlayer } from '../../../server/session/live-player.ts'
import { v5 } from '../../support/flow-exports.ts'
import { freePort } from '../../support/tzsp-stream.ts'

let later = 0
let exporter: Socket
let player: LivePlayer
let running: Promise<void>

afterEach(async () => {
  vi.restoreAllMocks()
  player.stop()
  await running
  exporter.close()
})

test('a silent exporter is a gap, whose ends are its datagrams, and its flows count where nothing else does', async () => {
  const realDate = Date.now.bind(Date)
  vi.spyOn(Date, 'now').mockImplementation(() => realDate() + 1000 * later)
  const port = await freePort()
  exporter = createSocket('udp4')
  const coverage = new Coverage([])
  const counted: boolean[] = []
  let reports: SourceReport[] = []
  const sink = {
    packet: () => {},
    mark: () => {},
    flush: (now: number, sources: SourceReport[]) => {
      reports = sources
      coverage.tick(Math.floor(now))
    },
    peek: () => {},
    capturing: (since: number, on: boolean) => coverage.capturing(since, on),
    log: ({ kind }: LogRecord, _now: number, countsBytes: boolean) => {
      if (kind === 'connection') counted.push(countsBytes)
    },
    reached: () => {},
    guard: { passesPackets: true, line: (_line: string, read: () => void) => read() },
  } as unknown as LiveSink
  const sources = [planOfArgument(`netflow:${port}`)]
  player = new LivePlayer({ sources, accountedUntil: null, positions: [] }, sink, () => Date.now() / 1000)
  running = player.run()
  const until = (state: string): Promise<void> =>
    vi.waitFor(() => expect(reports[0]?.state).toBe(state), { timeout: 10_000, interval: 20 })
  const send = (sequence: number): void =>
    exporter.send(
      v5([{ sourcePort: 900 + sequence }], { exported: Math.floor(Date.now() / 1000), sequence }),
      port,
      '127.0.0.1',
    )

  await until('starting')
  expect(coverage.all()).toEqual([])
  send(0)
  await until('running')
  const last = Math.floor(reports[0].lastPacket ?? 0)
  later = SILENT_SECONDS + 5
  await until('failed')
  send(1)
  await until('running')
  const first = Math.floor(reports[0].lastPacket ?? 0)
  const [before, behind, ...more] = coverage.all()
  expect(more).toEqual([])
  expect(before?.until).toBeLessThanOrEqual(last + 1)
  expect(behind?.since).toBeGreaterThanOrEqual(first)
  expect(behind?.since).toBeLessThanOrEqual(first + 5)
  expect(counted).toEqual([true, true])
  expect(reports[0]).not.toHaveProperty('countsLookups')
})
