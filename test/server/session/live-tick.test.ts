// The tick of all devices and of one: what each sent and received, in the thread that reads and in the one that serves.
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { DeviceRegistry } from '../../../server/session/device-registry.ts'
import type { SessionPlan } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import { Session } from '../../../server/session/session.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { arpFrom, CAMERA, ipLength, PHONE, SERVER, udpIn, udpOut, udpWithin } from '../engine/lab.ts'

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
const up = (bytes: number): Uint8Array => udpOut(CAMERA, SERVER, { payload: new Uint8Array(bytes) })
const down = (bytes: number): Uint8Array => udpIn(CAMERA, SERVER, { payload: new Uint8Array(bytes) })

describe('the tick of a second', () => {
  test('holds what was sent and received with the internet, in all and by device', () => {
    const ticks: number[][] = []
    const active: number[][] = []
    const pipeline = new Pipeline(openRules(compiledRulesFolder()), plan, null, (message) => {
      if (message.type !== 'batch') return
      ticks.push(message.tick)
      active.push(message.active)
    })
    const reader = new CaptureReader(pipeline.packet)
    reader.push(pcapHeader({}))
    const take = (seconds: number, bytes: Uint8Array): void => {
      reader.push(pcapRecord({ seconds, nanos: 0, bytes, originalLength: bytes.length }))
    }
    take(1_000, arpFrom(PHONE))
    take(1_000, up(100))
    take(1_000, down(500))
    take(1_000, down(500))
    take(1_000, udpWithin(CAMERA, PHONE, { payload: new Uint8Array(999) }))
    pipeline.mark(1_001)
    pipeline.flush(1_001, [])
    const [sent, received] = [ipLength(up(100)), ipLength(down(500), down(500))]
    expect(ticks).toEqual([[1_000, 1, sent, received, expect.any(Number), sent, received]])
    expect(active[0]?.filter((_, place) => place % 2 === 1)).toEqual([1_000, 1_000])
    // Three quiet seconds are one tick that says for how long.
    pipeline.mark(1_004)
    pipeline.flush(1_004, [])
    expect(ticks[1]).toEqual([1_003, 3, 0, 0])
    // A device that only sent has a zero for what it received.
    take(1_004, up(50))
    pipeline.mark(1_005)
    pipeline.flush(1_005, [])
    expect(ticks[2]?.slice(0, 4)).toEqual([1_004, 1, ipLength(up(50)), 0])
    expect(ticks[2]?.slice(5)).toEqual([ipLength(up(50)), 0])
  })
})

describe('a session', () => {
  test('has the tick of one device from that of all, by the numbers of the registry', async () => {
    const device = (index: number, id: string) => ({
      index,
      id,
      mac: id,
      name: null,
      kind: 'unknown',
      vendor: null,
      why: [],
      confidence: 0,
      privateMac: false,
      addresses: [],
      firstSeen: 5,
      lastSeen: 5,
    })
    const counters = { packets: 40, dropped: 0, paused: 0, copied: 0, damaged: {}, limits: {}, remainder: {} }
    const messages = [
      { type: 'devices', devices: [device(7, 'aa'), device(3, 'bb'), device(9, 'cc')], gone: [] },
      {
        type: 'batch',
        batch: null,
        // Number 5 was not described yet: it counts in the sums only.
        tick: [99, 2, 111, 222, 3, 10, 20, 7, 1, 2, 5, 100, 200, 9, 4, 8],
        active: [3, 50],
        heard: [],
        flood: null,
        now: 100,
        counters,
        sources: [],
      },
    ]
    // The thread of this session says only these two things.
    const program = `import { parentPort } from 'node:worker_threads'
for (const message of ${JSON.stringify(messages)}) parentPort.postMessage(message)
parentPort.on('message', () => undefined)`
    const registry = new DeviceRegistry(
      // cc was merged into bb.
      () => ({ devices: {}, merges: { cc: 'bb' } }),
      () => 'everything',
    )
    const session = new Session({
      plan: { ...plan, ownHistory: true },
      workerFile: new URL(`data:text/javascript,${encodeURIComponent(program)}`),
      registry,
    })
    await once(session, 'tick')
    expect(session.homeTick).toEqual([99, 2, 111, 222, 1, 14, 28, 0, 1, 2])
    expect(session.deviceTick('aa')).toEqual([99, 2, 1, 2])
    expect(session.deviceTick('bb')).toEqual([99, 2, 14, 28])
    expect(session.deviceTick('cc')).toEqual([99, 2, 14, 28])
    expect(session.deviceTick('nobody')).toEqual([99, 2, 0, 0])
    expect([session.now, session.packetsPerSecond]).toEqual([100, 40])
    expect(registry.all().find(({ id }) => id === 'bb')?.lastSeen).toBe(50)
    await session.stop()
  })
})
