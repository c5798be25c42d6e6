// What the thread that reads packets hands on: batches, counters, devices in turn, names over a renewal, and policies.
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import type { History } from '../../../server/history/history.ts'
import type { Batch } from '../../../server/model/batch.ts'
import type { Policy } from '../../../server/model/policy.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import type { FromEngine, SessionPlan } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import { arpFrom, CAMERA, dnsAnswerA, type Host, ipLength, PHONE, SERVER, tcpIn, tcpOut } from '../engine/lab.ts'

const rules = openRules(compiledRulesFolder())
const POLICY: Policy = { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }
const plan: SessionPlan = {
  source: { kind: 'live', sources: [] },
  home: [],
  timeZone: 'UTC',
  names: [],
  accountedUntil: null,
  ownHistory: false,
  alerts: { settings: RECORDING_SETTINGS, memory: null },
  policy: POLICY,
}
const recording = { source: { kind: 'recording' } as SessionPlan['source'] }
type Message<Type extends FromEngine['type']> = Extract<FromEngine, { type: Type }>

class Lab {
  readonly messages: FromEngine[] = []
  readonly added: Batch[] = []
  readonly ticks: number[] = []
  readonly pipeline: Pipeline
  private readonly reader: CaptureReader

  constructor(changes: Partial<SessionPlan> = {}, hasHistory = false) {
    const history = {
      add: (batch: Batch) => this.added.push(batch),
      tick: (now: number) => this.ticks.push(now),
    } as unknown as History
    const send = (message: FromEngine): void => void this.messages.push(message)
    this.pipeline = new Pipeline(rules, { ...plan, ...changes }, hasHistory ? history : null, send)
    this.reader = new CaptureReader(this.pipeline.packet)
    this.reader.push(pcapHeader({}))
  }

  packets(seconds: number, ...frames: Uint8Array[]): void {
    for (const bytes of frames) this.reader.push(pcapRecord({ seconds, nanos: 0, bytes }))
  }

  flush(now: number, isComing = true, dropped = 0): void {
    this.pipeline.mark(now)
    this.pipeline.flush(now, [], dropped, isComing)
  }

  of<Type extends FromEngine['type']>(type: Type): Message<Type>[] {
    return this.messages.splice(0).filter((message): message is Message<Type> => message.type === type)
  }

  learnedSince(): Record<string, number> {
    this.messages.length = 0
    this.pipeline.sendMemory()
    const [{ memory }] = this.of('memory') as [Message<'memory'>]
    return Object.fromEntries(Object.entries(memory.devices).map(([id, { first }]) => [id, first]))
  }
}
const host = (index: number): Host => ({
  mac: `02:00:00:00:01:${index.toString(16).padStart(2, '0')}`,
  address: `192.168.1.${index + 50}`,
})

describe('a change of policy', () => {
  test('begins to learn the devices anew whose level it changes, and no other', () => {
    const lab = new Lab()
    lab.packets(1_000, arpFrom(CAMERA), arpFrom(PHONE), tcpOut(CAMERA, SERVER), tcpOut(PHONE, SERVER))
    lab.flush(1_001)
    lab.flush(5_000)
    const before = lab.learnedSince()
    expect(Object.keys(before).sort()).toEqual([CAMERA.mac, PHONE.mac])
    expect(Object.values(before).every((first) => first <= 1_001)).toBe(true)
    const levels = { [CAMERA.mac]: 'companies' } as const
    lab.pipeline.setPolicy({ ...POLICY, levels })
    expect(lab.learnedSince()).toEqual({ ...before, [CAMERA.mac]: 5_000 })
    lab.flush(6_000)
    lab.pipeline.setPolicy({ ...POLICY, levels, kinds: { [PHONE.mac]: 'phone' } })
    expect(lab.learnedSince()).toEqual({ ...before, [CAMERA.mac]: 5_000 })
    lab.pipeline.setPolicy({ ...POLICY, newDeviceLevel: 'totals', levels })
    expect(lab.learnedSince()).toEqual({ [CAMERA.mac]: 5_000, [PHONE.mac]: 6_000 })
  })

  test('holds from then on for packets, and over a renewal of the tables', () => {
    const lab = new Lab()
    lab.packets(1_000, arpFrom(CAMERA), tcpOut(CAMERA, SERVER))
    lab.flush(1_001)
    lab.pipeline.setPolicy({ ...POLICY, levels: { [CAMERA.mac]: 'paused' } })
    lab.packets(1_001, tcpOut(CAMERA, SERVER), tcpIn(CAMERA, SERVER))
    lab.of('batch')
    lab.flush(1_002)
    const [{ tick, counters }] = lab.of('batch') as [Message<'batch'>]
    expect([tick.slice(2), counters.packets, counters.paused]).toEqual([[0, 0], 4, 2])
    lab.pipeline.renew(1_003, [])
    lab.packets(1_003, tcpOut(CAMERA, SERVER))
    lab.of('batch')
    lab.flush(1_004)
    const [after] = lab.of('batch') as [Message<'batch'>]
    // What was passed over before the renewal still counts.
    expect([after.counters.packets, after.counters.paused, after.tick.slice(2)]).toEqual([5, 3, [0, 0]])
  })
})

describe('a batch', () => {
  test('goes to the history where there is one, with its clock, and else to the other thread', () => {
    const own = new Lab({}, true)
    own.packets(1_000, arpFrom(CAMERA), tcpOut(CAMERA, SERVER))
    own.flush(1_001.05)
    expect([own.added.length, own.ticks]).toEqual([1, [1_001.05]])
    const [{ batch, now, active }] = own.of('batch') as [Message<'batch'>]
    expect([batch, now, active]).toEqual([null, 1_001.05, [0, 1_000]])
    const other = new Lab()
    other.packets(1_000, arpFrom(CAMERA), tcpOut(CAMERA, SERVER))
    other.flush(1_001)
    const [message] = other.of('batch') as [Message<'batch'>]
    expect([...(message.batch?.cells ?? [])]).toEqual([1_000, 0, 1, ipLength(tcpOut(CAMERA, SERVER)), 0])
    expect(message.batch?.devices).toEqual([{ index: 0, id: CAMERA.mac }])
  })

  test('carries how far logs were read, once, and says what was dropped', () => {
    const lab = new Lab()
    lab.pipeline.reached([{ source: 'log', position: '7' }])
    lab.flush(1_001, true, 12)
    lab.flush(1_002)
    const batches = lab.of('batch')
    expect(batches.map(({ batch }) => batch?.positions)).toEqual([[{ source: 'log', position: '7' }], undefined])
    expect(batches.map(({ counters }) => counters.dropped)).toEqual([12, 0])
  })
})

describe('devices', () => {
  test.each<[name: string, changes: Partial<SessionPlan>, atOnce: number]>([
    ['a home', {}, 64],
    ['a recording', recording, 12],
  ])('of %s are described in turn while more is coming, and all of them where nothing is', (_name, changes, atOnce) => {
    const counts = (isComing: boolean): number[] => {
      const lab = new Lab(changes)
      for (let index = 0; index < 70; index++) lab.packets(1_000, arpFrom(host(index)), tcpOut(host(index), SERVER))
      // So many at once are admitted when no flood came of them.
      lab.pipeline.mark(1_002)
      lab.flush(1_002, isComing)
      lab.flush(1_003, isComing)
      return lab.of('devices').map(({ devices }) => devices.length)
    }
    expect(counts(true)).toEqual([atOnce, Math.min(atOnce, 70 - atOnce)])
    expect(counts(false)).toEqual([70])
  })
})

describe('a renewal', () => {
  const name = 'api.amazonalexa.com'
  const namesAfter = (forgotten: string[]): unknown[] => {
    const lab = new Lab()
    lab.packets(1_000, arpFrom(CAMERA), dnsAnswerA(CAMERA, name, SERVER), tcpOut(CAMERA, SERVER))
    lab.flush(1_001)
    lab.pipeline.renew(1_002, forgotten)
    const types = lab.messages.map(({ type }) => type)
    expect(types).toContain('reset')
    // What was learned goes to the disk at once where something was forgotten.
    expect(types.includes('memory')).toBe(forgotten.length > 0)
    lab.messages.length = 0
    lab.packets(1_010, arpFrom(CAMERA), tcpOut(CAMERA, SERVER))
    lab.flush(1_011)
    return lab.of('batch').flatMap(({ batch }) => batch?.endpoints.map(({ host }) => host) ?? [])
  }

  test('keeps what devices called addresses, but for those that are forgotten', () => {
    expect(namesAfter([])).toEqual([name])
    expect(namesAfter([PHONE.mac])).toEqual([name])
    expect(namesAfter([CAMERA.mac])).toEqual([null])
  })

  test('keeps who holds an address by the table of the router, and the name in it', () => {
    const lab = new Lab()
    const lease = { kind: 'lease', time: null, mac: CAMERA.mac, address: CAMERA.address } as const
    lab.pipeline.log({ ...lease, name: 'cam' }, 1_000, false)
    lab.pipeline.log({ ...lease, name: null }, 1_000, false)
    lab.pipeline.renew(1_001, [])
    lab.messages.length = 0
    lab.pipeline.log({ kind: 'query', client: CAMERA.address, name, type: 1, time: 1_002 }, 1_002, false)
    lab.flush(1_003)
    const messages = lab.messages.slice()
    expect(lab.of('batch')[0]?.batch?.devices).toEqual([{ index: 0, id: CAMERA.mac }])
    expect(JSON.stringify(messages)).toContain('cam')
  })

  test('names of before a restart are known from the plan', () => {
    const lab = new Lab({ names: [{ device: CAMERA.mac, address: SERVER, host: name }] })
    lab.packets(1_000, arpFrom(CAMERA), tcpOut(CAMERA, SERVER))
    lab.flush(1_001)
    expect(lab.of('batch')[0]?.batch?.endpoints.map(({ host, namedBy }) => [host, namedBy])).toEqual([
      [name, 'remembered'],
    ])
  })
})
