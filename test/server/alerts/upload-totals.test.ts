// The bytes of incidents: those that the device sent to the destination, to the byte, in homes made up at random.
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { farEndOf } from '../../../server/alerts/destination.ts'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import type { EventEndpoint } from '../../../server/events/event.ts'
import { seededRandom, type Random } from '../../../server/sample/packets/random.ts'
import { endpoint, Home, LEARNED, learned, nameless } from '../../support/alert-home.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'

interface Cell {
  second: number
  device: string
  endpoint: EventEndpoint
  sent: number
}

const KINDS = ['camera', 'plug', 'speaker', 'phone', 'tv']
const ENDPOINTS: readonly EventEndpoint[] = [
  endpoint(11, { company: 'wyze', host: 'a.wyze.example' }),
  endpoint(12, { company: 'wyze', host: 'b.wyze.example' }),
  endpoint(13, { company: 'aws', host: null, namedBy: 'network', address: '192.0.2.3' }),
  endpoint(14, { company: 'aws', host: null, namedBy: 'network', address: '192.0.2.4' }),
  endpoint(15, { company: null, host: 'one.strange.example' }),
  endpoint(16, { company: null, host: 'two.strange.example' }),
  nameless(17, '203.0.113.7'),
  // The same address under another number, as after a change of the name source.
  nameless(18, '203.0.113.7'),
  nameless(19, '203.0.113.9'),
  endpoint(20, { company: null, host: null, address: null }),
]

function homeWith(memory: AlertMemory | null = null): Home {
  const home = new Home(DEFAULT_SETTINGS, memory)
  home.engine.addEndpoints(ENDPOINTS)
  for (const [index, kind] of KINDS.entries()) home.device(index, `device-${index}`, kind)
  return home
}

/** Bytes of one burst: mostly keep-alives, sometimes a clip, and seldom very much. */
function burst({ pick, integer, heavyTailed }: Random): number[] {
  const size = pick([60, 60, 60, 900, 4_000, 60_000, 400_000]) * heavyTailed(1.2, 500)
  const seconds = integer(1, 30)
  return Array.from({ length: seconds }, () => Math.floor(size / seconds))
}

/** Nine days of a home, the seconds in order; now and then the owner decides, and the service starts anew. */
function live(seed: number): { cells: Cell[]; alerts: Alert[] } {
  const random = seededRandom(seed)
  const cells: Cell[] = []
  const latest = new Map<string, Alert>()
  let home = homeWith()
  const waiting: Cell[] = []
  const take = (): void => {
    for (const alert of home.reported.splice(0)) latest.set(alert.id, alert)
  }
  for (let second = START; second < START + 9 * DAY; second += random.chance(0.5) ? 1 : random.integer(1, 400)) {
    if (random.chance(0.3)) {
      const device = `device-${random.integer(0, KINDS.length - 1)}`
      const to = random.pick(ENDPOINTS)
      for (const [at, sent] of burst(random).entries())
        waiting.push({ second: second + at, device, endpoint: to, sent })
    }
    waiting.sort((one, other) => one.second - other.second)
    while (waiting.length > 0 && waiting[0].second <= second) {
      const cell = waiting.shift() as Cell
      cells.push(cell)
      home.send(cell.second, cell.sent, random.integer(0, 500), Number(cell.device.at(-1)), cell.endpoint.number)
    }
    home.engine.mark(second)
    take()
    const [decided] = [...latest.values()].filter(({ state }) => state === 'open').slice(-1)
    if (decided !== undefined && random.chance(0.002))
      if (random.chance(0.5)) home.engine.itWasMe(decided.id)
      else home.engine.expectFromNowOn(decided.id)
    if (random.chance(0.001)) {
      home.engine.finish()
      take()
      home = homeWith(JSON.parse(JSON.stringify(home.engine.toJSON())) as AlertMemory)
    }
  }
  home.engine.finish()
  take()
  return { cells, alerts: [...latest.values()].filter(({ unit }) => unit === 'bytes') }
}

function sentTo(cells: readonly Cell[], { device, destination, from }: Alert): number {
  let sum = 0
  for (const cell of cells)
    if (cell.device === device && cell.second >= from && farEndOf(cell.endpoint).key === destination) sum += cell.sent
  return sum
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('in a home made up at random (seed %i)', (seed) => {
  const { cells, alerts } = live(seed)

  it('no incident has more bytes than its device sent to its destination since it began', () => {
    expect(alerts.length).toBeGreaterThan(3)
    for (const alert of alerts) expect(alert.bytes, JSON.stringify(alert)).toBeLessThanOrEqual(sentTo(cells, alert))
  })

  it('all incidents of a device and a destination have no more bytes together than it sent there', () => {
    const sums = new Map<string, { bytes: number; first: Alert }>()
    for (const alert of alerts) {
      const key = `${alert.device} ${alert.destination}`
      const before = sums.get(key)
      if (before === undefined) sums.set(key, { bytes: alert.bytes, first: alert })
      else before.bytes += alert.bytes
    }
    for (const { bytes, first } of sums.values())
      expect(bytes).toBeLessThanOrEqual(sentTo(cells, { ...first, from: 0 }))
  })

  it('destinations of an incident add up to no more than it has, the most bytes first', () => {
    for (const { bytes, destinations } of alerts) {
      const sizes = destinations.map((one) => one.bytes)
      expect(sizes).toEqual([...sizes].sort((one, other) => other - one))
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes)
      expect(destinations.length).toBeGreaterThan(0)
    }
  })

  it('nothing goes on at the end, and what was told has a direction and a size', () => {
    for (const { isOver, direction, bytes, from, to, times, peak } of alerts) {
      expect([isOver, direction]).toEqual([true, 'out'])
      expect(bytes).toBeGreaterThan(0)
      expect(to).toBeGreaterThanOrEqual(from)
      expect(times).toBeGreaterThan(0)
      expect(peak).toBeLessThanOrEqual(bytes)
    }
  })
})

describe.each([21, 22, 23, 24])('an upload over several endpoints of a strange destination (seed %i)', (seed) => {
  const random = seededRandom(seed)
  const hosts = Array.from({ length: 4 }, (_, at) =>
    endpoint(40 + at, { company: null, host: `h${at}.strange.example`, address: `192.0.2.${20 + at}` }),
  )

  it('has the sum of all of them to the byte, also of what was sent before it stood out', () => {
    const home = learned('camera')
    home.engine.addEndpoints(hosts)
    const sent = hosts.map(() => 0)
    let second = LEARNED + random.integer(0, 600)
    const last = second + 5 * HOUR
    const began = second
    while (second < last) {
      const at = random.integer(0, hosts.length - 1)
      const bytes = random.integer(40, random.chance(0.2) ? 300_000 : 900)
      home.send(second, bytes, random.integer(0, 90), 0, hosts[at].number)
      sent[at] += bytes
      second += random.chance(0.1) ? random.integer(1, 900) : random.integer(0, 2)
    }
    home.engine.finish()
    const alerts = home.latest.filter(({ destination }) => destination === 'host:strange.example')
    expect(alerts).toHaveLength(1)
    const [{ bytes, from, destinations }] = alerts
    expect(bytes).toBe(sent.reduce((sum, one) => sum + one, 0))
    expect(from).toBe(began)
    expect(destinations.reduce((sum, one) => sum + one.bytes, 0)).toBe(bytes)
    expect(destinations.map(({ host }) => host).sort()).toEqual(hosts.map(({ host }) => host))
  })

  it('has it to the byte after a restart in the middle', () => {
    const before = learned('camera')
    before.engine.addEndpoints([nameless(30)])
    let sum = 0
    const send = (home: Home, second: number): void => {
      const bytes = random.integer(1_000, 200_000)
      sum += bytes
      home.send(second, bytes, 0, 0, 30)
    }
    for (let second = LEARNED; second < LEARNED + 40; second++) send(before, second)
    before.engine.finish()
    const after = new Home(DEFAULT_SETTINGS, JSON.parse(JSON.stringify(before.engine.toJSON())) as AlertMemory)
    after.engine.addEndpoints([nameless(30)])
    for (let second = LEARNED + 60; second < LEARNED + 90; second++) send(after, second)
    after.engine.finish()
    expect(after.ids).toEqual(before.ids)
    expect(after.latest).toMatchObject([{ bytes: sum, from: LEARNED, to: LEARNED + 89, isOver: true }])
  })
})
