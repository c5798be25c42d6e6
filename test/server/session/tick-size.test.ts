// Test of the size of a tick: at most 2 KB for forty devices, as it goes over the socket.
import { describe, expect, test } from 'vitest'
import type { SessionPlan } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import { RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { type Host, SERVER, tcpIn, tcpOut } from '../engine/lab.ts'

const DEVICES = 40
const START = 1_795_500_000
const hosts: Host[] = Array.from({ length: DEVICES }, (_, index) => ({
  mac: `02:00:00:00:02:${index.toString(16).padStart(2, '0')}`,
  address: `192.168.1.${50 + index}`,
}))

/** Each device sends and receives a few full packets in one second: a busy home. */
function busySecond(): Uint8Array {
  const payload = new Uint8Array(1400)
  const frames = hosts.flatMap((host) => [
    ...Array.from({ length: 8 }, () => tcpOut(host, SERVER, { payload })),
    ...Array.from({ length: 90 }, () => tcpIn(host, SERVER, { payload })),
  ])
  return pcapFile(
    {},
    frames.map((bytes, index) => ({ seconds: START, nanos: index * 1000, bytes })),
  )
}

describe('a tick', () => {
  test('of forty busy devices is at most 2 KB long', () => {
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
    const ticks: number[][] = []
    const pipeline = new Pipeline(openRules(compiledRulesFolder()), plan, null, (message) => {
      if (message.type === 'batch') ticks.push(message.tick)
    })
    const reader = new CaptureReader(pipeline.packet)
    reader.push(busySecond())
    pipeline.mark(START + 2)
    pipeline.flush(START + 2, [])
    const [tick = []] = ticks
    expect((tick.length - 4) / 3).toBe(DEVICES)
    expect(tick[3]).toBe(DEVICES * 90 * 1440)
    expect(Buffer.byteLength(`42${JSON.stringify(['tick', 'home', tick])}`)).toBeLessThanOrEqual(2_000)
  })
})
