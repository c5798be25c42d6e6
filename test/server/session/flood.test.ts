// A flood of made-up devices through the thread that reads packets: what it hands on, tells and keeps, by a clock of
// the test's own.
import { expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import type { Alert } from '../../../server/alerts/alert.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { type AlertMemory, newHomeMemory } from '../../../server/alerts/memory.ts'
import { newIncidentMemory } from '../../../server/alerts/incidents.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { CELL_LENGTH } from '../../../server/model/batch.ts'
import { OTHERS_ID } from '../../../server/model/others.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { u16, u32 } from '../../../server/sample/packets/bytes.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { DeviceRegistry } from '../../../server/session/device-registry.ts'
import type { FromEngine, SessionPlan } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import { arpFrom, CAMERA, type Host, ipLength, PHONE, ROUTER, SERVER, tcpIn, tcpOut, udpOut } from '../engine/lab.ts'

const rules = openRules(compiledRulesFolder())
const START = 1_790_000_000
const LONG_AGO = START - 90 * 86_400
const PER_SECOND = 2_000
const SECONDS = 30
const payload = new Uint8Array(60)

/** A home that has been learned, so that a new device is told. */
function memory(known: readonly Host[]): AlertMemory {
  const devices = Object.fromEntries(known.map(({ mac }) => [mac, LONG_AGO]))
  const home = { ...newHomeMemory(), first: LONG_AGO, devices }
  return { version: 2, home, devices: {}, pairs: {}, incidents: newIncidentMemory() }
}

class Home {
  readonly history = new HistoryDatabase({ path: ':memory:', timeZone: 'Etc/UTC' })
  readonly registry = new DeviceRegistry(
    () => ({ devices: {}, merges: {} }),
    () => 'everything',
  )
  readonly alerts = new Map<string, Alert>()
  /** The most of each that one message held. */
  readonly most = { cells: 0, tick: 0, devices: 0, active: 0 }
  floodSeen: number | null = null
  floods = new Set<number>()
  private memory: AlertMemory | null = null
  private readonly ids: string[] = []
  private readonly pipeline: Pipeline
  private readonly reader: CaptureReader

  constructor() {
    const plan: SessionPlan = {
      source: { kind: 'live', sources: [] },
      home: [],
      timeZone: 'Etc/UTC',
      names: [],
      known: [PHONE.mac],
      accountedUntil: null,
      ownHistory: false,
      alerts: { settings: DEFAULT_SETTINGS, memory: memory([ROUTER, PHONE]) },
      policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
    }
    this.pipeline = new Pipeline(rules, plan, null, (message) => this.take(message))
    this.reader = new CaptureReader(this.pipeline.packet)
    this.reader.push(pcapHeader({}))
  }

  packet(time: number, bytes: Uint8Array): void {
    const seconds = Math.floor(time)
    this.reader.push(pcapRecord({ seconds, nanos: Math.floor((time - seconds) * 1e9), bytes }))
  }

  /** The alerts that are listed. */
  listed(): readonly Alert[] {
    this.pipeline.sendMemory()
    return this.memory?.incidents.alerts ?? []
  }

  second(now: number): void {
    this.pipeline.mark(now)
    this.pipeline.flush(now, [])
  }

  sent(id: string): number {
    const range = { from: START - 100, to: START + 1_000, devices: [id] }
    return this.history.sums(range).reduce((sum, { sent }) => sum + sent, 0)
  }

  private take(message: FromEngine): void {
    const { most } = this
    if (message.type === 'memory') this.memory = message.memory
    if (message.type === 'activity') for (const alert of message.update.alerts) this.alerts.set(alert.id, alert)
    if (message.type === 'devices') {
      most.devices = Math.max(most.devices, message.devices.length)
      for (const { index, ...device } of message.devices) {
        this.ids[index] = device.id
        this.registry.see(device)
      }
    }
    if (message.type !== 'batch' || message.batch === null) return
    most.cells = Math.max(most.cells, message.batch.cells.length / CELL_LENGTH)
    most.tick = Math.max(most.tick, message.tick.length)
    most.active = Math.max(most.active, message.active.length)
    if (message.flood !== null) {
      this.floodSeen ??= message.now
      this.floods.add(message.flood.since)
    }
    this.history.add(message.batch)
    this.history.tick(message.now)
  }
}

test('60,000 made-up devices in half a minute are one row and one alert; the others are exact, and so is who comes meanwhile', () => {
  const home = new Home()
  const flood = udpOut({ mac: '02:66:00:00:00:00', address: '192.168.0.0' }, SERVER, { payload })
  const up = (host: Host, port: number): Uint8Array => tcpOut(host, SERVER, { sourcePort: port, payload })
  const down = (host: Host, port: number): Uint8Array => tcpIn(host, SERVER, { destinationPort: port, payload })
  const sent = { phone: 0, camera: 0 }
  home.packet(START, arpFrom(ROUTER))
  for (let second = 0; second < SECONDS; second++) {
    for (let number = 0; number < PER_SECOND; number++) {
      const index = second * PER_SECOND + number
      flood.set(u32(index), 8)
      flood.set(u16(index), 28)
      home.packet(START + 1.5 + index / PER_SECOND, flood)
    }
    const time = START + 1.5 + second + 0.999
    for (const [who, host] of [['phone', PHONE] as const, ['camera', CAMERA] as const]) {
      if (host === CAMERA && second < 10) continue
      home.packet(time, up(host, 4_000 + second))
      home.packet(time, down(host, 4_000 + second))
      sent[who] += ipLength(up(host, 4_000 + second))
    }
    home.second(START + 2 + second)
  }
  for (let second = SECONDS; second < SECONDS + 90; second++) home.second(START + 2 + second)

  expect([home.sent(PHONE.mac), home.sent(CAMERA.mac)]).toEqual([sent.phone, sent.camera])
  const names = [...home.history.seen().keys()]
  const made = names.filter((name) => name.startsWith('02:66'))
  expect(made.length).toBeLessThanOrEqual(16)
  const bytes = SECONDS * PER_SECOND * ipLength(flood)
  expect(home.sent(OTHERS_ID) + made.reduce((sum, name) => sum + home.sent(name), 0)).toBe(bytes)
  expect(home.registry.all().find(({ id }) => id === OTHERS_ID)).toMatchObject({ name: 'Others, not told apart' })
  expect(home.registry.all().length).toBeLessThan(25)

  const alerts = [...home.alerts.values()]
  expect(alerts.filter(({ kind }) => kind === 'flood')).toHaveLength(1)
  // Who came meanwhile is told; none of the made-up ones is.
  expect(alerts.filter(({ kind }) => kind === 'new-device').map(({ device }) => device)).toEqual([CAMERA.mac])
  expect(alerts.filter(({ device }) => device === OTHERS_ID)).toEqual([])
  const [told] = alerts.filter(({ kind }) => kind === 'flood')
  expect(told.from).toBeLessThan(START + 10)
  expect(home.floodSeen).toBe(START + 2)
  expect([...home.floods]).toEqual([START + 1])
  expect(home.most).toMatchObject({ devices: expect.toSatisfy((count: number) => count < 25) })
  for (const count of Object.values(home.most)) expect(count).toBeLessThan(100)
})

test('a flood is one alert and at most three others, beside the devices and alerts of the day before', () => {
  const home = new Home()
  const honest: Host[] = [
    PHONE,
    CAMERA,
    ...[0x31, 0x32, 0x33].map((last) => ({ mac: `02:00:00:00:00:${last.toString(16)}`, address: `192.168.1.${last}` })),
  ]
  const yesterday = START - 86_400
  const exchange = (time: number, host: Host): number => {
    const up = tcpOut(host, SERVER, { sourcePort: 5_000, payload })
    home.packet(time, up)
    home.packet(time + 0.01, tcpIn(host, SERVER, { destinationPort: 5_000, payload }))
    return ipLength(up)
  }
  home.packet(yesterday, arpFrom(ROUTER))
  let sent = 0
  for (let second = 0; second < 60; second++) {
    for (const host of honest) sent += exchange(yesterday + 1 + second, host)
    home.second(yesterday + 2 + second)
  }
  // All but the phone were new to the home.
  const before = home.listed().map(({ id }) => id)
  expect(home.listed().map(({ kind, device }) => [kind, device])).toEqual(
    honest.slice(1).map(({ mac }) => ['new-device', mac]),
  )

  home.second(START)
  const flood = udpOut({ mac: '02:66:00:00:00:00', address: '192.168.0.0' }, SERVER, { payload })
  for (let second = 0; second < SECONDS; second++) {
    for (let number = 0; number < PER_SECOND; number++) {
      const index = second * PER_SECOND + number
      flood.set(u32(index), 8)
      flood.set(u16(index), 28)
      home.packet(START + 1.5 + index / PER_SECOND, flood)
    }
    home.second(START + 2 + second)
  }
  for (let second = SECONDS; second < SECONDS + 90; second++) home.second(START + 2 + second)

  const listed = home.listed()
  expect(before.filter((id) => !listed.some((alert) => alert.id === id))).toEqual([])
  const since = listed.filter(({ id }) => !before.includes(id))
  expect(since.filter(({ kind }) => kind === 'flood')).toHaveLength(1)
  expect(since.filter(({ kind }) => kind !== 'flood').length).toBeLessThanOrEqual(3)
  // What the page was told is what is listed.
  expect(new Set([...home.alerts.values()].map(({ id }) => id))).toEqual(new Set(listed.map(({ id }) => id)))
  const devices = home.registry.all().map(({ id }) => id)
  expect(devices).toEqual(expect.arrayContaining(honest.map(({ mac }) => mac)))
  const kept = home.history.sums({ from: yesterday - 10, to: START, devices: honest.map(({ mac }) => mac) })
  expect(kept.reduce((sum, row) => sum + row.sent, 0)).toBe(sent)
})
