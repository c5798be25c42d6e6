// The thread of the traffic history is lost: the history is opened again as of its last commit, and the session goes on
// from there.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openAppState } from '../../../server/app/app-state.ts'
import { LiveTraffic } from '../../../server/app/live-traffic.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { builtFile } from '../../../server/built-file.ts'
import { createLog } from '../../../server/log.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import type { Session } from '../../../server/session/session.ts'
import { LATE_AFTER_MS } from '../../../server/session/thread-watch.ts'
import { eventually } from '../../support/running.ts'
import { arpFrom, CAMERA, ipLength, SERVER, tcpOut } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-history-faults-'))
const capture = join(folder, 'home-1.pcap')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let port = 40_000
function capturePacket(): number {
  const seconds = Math.floor(Date.now() / 1000)
  const bytes = tcpOut(CAMERA, SERVER, { sourcePort: port++ })
  for (const frame of [arpFrom(CAMERA), bytes]) appendFileSync(capture, pcapRecord({ seconds, bytes: frame }))
  return ipLength(bytes)
}

async function sentIn({ history }: Session): Promise<number> {
  const sums = await history.sums({ from: 0, to: 2 ** 32, devices: [CAMERA.mac] }).catch(() => [])
  return sums.reduce((sum, { sent }) => sum + sent, 0)
}

describe('the traffic history', () => {
  test('is opened again, and what was counted since its last commit is read again', async () => {
    writeFileSync(capture, pcapHeader({}))
    const lines: string[] = []
    const log = createLog('json', (line) => lines.push(line))
    const state = await openAppState(join(folder, 'state'), log)
    const restarted: Session[] = []
    const live = new LiveTraffic({
      lateAfterMs: LATE_AFTER_MS,
      ...state,
      workerFile: builtFile('session/engine-worker.js'),
      alertSettings: () => DEFAULT_SETTINGS,
      words: () => state.decisions.words,
      newDeviceLevel: () => 'everything',
      policy: (registry) => state.decisions.policy('everything', (id) => registry.membersOf(id)),
      clock: {
        now: () => Date.now(),
        after: (wait, call) => {
          const timer = setTimeout(call, wait)
          return () => clearTimeout(timer)
        },
      },
      log,
      onRestarted: (session) => restarted.push(session),
    })
    const source = { kind: 'live' as const, sources: [planOfArgument(`folder:${folder}`)], leases: '' }
    await live.start({ source, home: [], timeZone: 'UTC' })
    let sent = capturePacket()
    await eventually(
      () => sentIn(live.current),
      (bytes) => bytes === sent,
    )
    await live.current.history.flush()
    sent += capturePacket()
    await eventually(
      () => sentIn(live.current),
      (bytes) => bytes === sent,
    )
    // No second can be a bigint: an error that nobody expects.
    live.current.history.capturing(1n as never, true)
    await eventually(
      async () => restarted.length,
      (count) => count === 1,
    )
    expect(live.problem).toMatch(/traffic history: Cannot mix BigInt|traffic history: Cannot convert a BigInt/)
    sent += capturePacket()
    expect(
      await eventually(
        () => sentIn(live.current),
        (bytes) => bytes >= sent,
      ),
    ).toBe(sent)
    expect(live.current.activity.allAlerts().map(({ kind }) => kind)).toContain('engine-stopped')
    await live.close()
    expect(lines.filter((line) => line.includes('traffic history'))).not.toEqual([])
  })
})
