// A live source that falls silent: the home is not seen from its last packet to its return, and nothing counts twice.
import { afterEach, expect, test, vi } from 'vitest'
import type { Socket } from 'node:dgram'
import type { LiveSourcePlan } from '../../../capture/sources/sources.ts'
import { planOfArgument } from '../../../capture/sources/sources.ts'
import { SILENT_MS } from '../../../capture/sources/tzsp.ts'
import { Coverage } from '../../../server/history/coverage.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { LivePlayer, type LiveSink } from '../../../server/session/live-player.ts'
import type { SourceReport } from '../../../server/model/source-report.ts'
import { bytesOf, onEthernet, talk } from '../../support/link-home.ts'
import { freePort, openSocket } from '../../support/tzsp-stream.ts'
import { tzsp } from '../../support/wire/tunnels.ts'

let later = 0
let router: Socket
let player: LivePlayer
let running: Promise<void>

afterEach(async () => {
  vi.restoreAllMocks()
  player.stop()
  await running
  router.close()
})

test('a router that sends nothing for a while is a gap, whose ends are its packets', async () => {
  const realTime = performance.now.bind(performance)
  const realDate = Date.now.bind(Date)
  vi.spyOn(performance, 'now').mockImplementation(() => realTime() + later)
  vi.spyOn(Date, 'now').mockImplementation(() => realDate() + later)
  const port = await freePort()
  router = await openSocket()
  const engine = new Engine()
  const coverage = new Coverage([])
  let reports: SourceReport[] = []
  const sink = {
    core: engine.core,
    packet: () => {},
    mark: () => {},
    flush: (now: number, sources: SourceReport[]) => {
      reports = sources
      coverage.tick(Math.floor(now))
    },
    peek: () => {},
    capturing: (since: number, on: boolean) => coverage.capturing(since, on),
    reached: () => {},
    guard: { passesPackets: true },
  } as unknown as LiveSink
  const sources: LiveSourcePlan[] = [planOfArgument(`tzsp:${port},from=127.0.0.1`)]
  player = new LivePlayer({ sources, accountedUntil: null, positions: [] }, sink, () => Date.now() / 1000)
  running = player.run()
  const spoken = talk()
  const send = (index: number): void => router.send(tzsp(onEthernet(spoken[index])), port, '127.0.0.1')
  const until = (state: string): Promise<void> =>
    vi.waitFor(() => expect(reports[0]?.state).toBe(state), { timeout: 30_000, interval: 20 })

  await vi.waitFor(() => expect(reports[0]?.state).toBe('starting'), { timeout: 30_000 })
  expect(coverage.all()).toEqual([])
  send(0)
  await until('running')
  const last = Math.floor(reports[0].lastPacket ?? 0)
  later += SILENT_MS + 5000
  await until('failed')
  send(1)
  await until('running')
  const first = Math.floor(reports[0].lastPacket ?? 0)
  expect(first - last).toBeGreaterThanOrEqual(20)
  const [before, behind, ...more] = coverage.all()
  expect(more).toEqual([])
  expect(before.until).toBe(Math.max(last, before.since))
  expect(behind.since - first).toBeGreaterThanOrEqual(0)
  expect(behind.since - first).toBeLessThanOrEqual(2)
  engine.finish()
  const { sent, received } = bytesOf(spoken.slice(0, 2))
  expect(engine.ipBytes).toBe(sent + received)
})
