// Simulated homes: the same for a seed, different for others, with incidents that are what they say.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { simulateHome, type SimulatedHome } from '../../../server/simulate/home.ts'
import { isPersonal } from '../../../server/simulate/household.ts'
import { type Incident, INCIDENT_KINDS, SIZES } from '../../../server/simulate/incident.ts'
import { DAY, HOUR, START } from '../../../server/simulate/tape.ts'

const { companies } = openRules(compiledRulesFolder())
const home = (seed: number, days = 30): SimulatedHome =>
  simulateHome(seed, {
    days,
    lookUp: (host) => companies.lookUp(host),
    familyOf: (company) => companies.parentOf(company),
  })
const first = home(1)
const second = home(2)
const lookupsOnly = home(5)

interface Cell {
  at: number
  device: number
  endpoint: number
  sent: number
  received: number
}

function cellsOf(one: SimulatedHome, from = START, until = START + one.days * DAY): Cell[] {
  const cells: Cell[] = []
  for (let hour = Math.floor((from - START) / HOUR); hour < one.hours && START + hour * HOUR < until; hour++) {
    const numbers = one.cells(hour)
    for (let at = 0; at < numbers.length; at += 5) {
      const [second, device, endpoint, sent, received] = numbers.subarray(at, at + 5)
      if (second >= from && second < until) cells.push({ at: second, device, endpoint, sent, received })
    }
  }
  return cells
}

/** Far ends by device. */
function talksOf(one: SimulatedHome): Map<number, Set<number>> {
  const talks = new Map<number, Set<number>>()
  for (let hour = 0; hour < one.hours; hour++) {
    const numbers = one.cells(hour)
    for (let at = 0; at < numbers.length; at += 5) {
      const known = talks.get(numbers[at + 1])
      if (known === undefined) talks.set(numbers[at + 1], new Set([numbers[at + 2]]))
      else known.add(numbers[at + 2])
    }
  }
  return talks
}

function familiesOf(one: SimulatedHome, numbers: readonly number[]): string[] {
  const slugs = numbers.map((number) => one.endpoints[number - 1].company)
  return [...new Set(slugs.flatMap((slug) => (slug === null ? [] : [companies.parentOf(slug)])))]
}

/** What the incident's device sent to the incident's far ends in its time. */
function sentIn(one: SimulatedHome, { device, endpoints, begin, end }: Incident): number {
  return cellsOf(one, begin, end + 1)
    .filter((cell) => cell.device === device && endpoints.includes(cell.endpoint))
    .reduce((sum, { sent }) => sum + sent, 0)
}

function fingerprint(one: SimulatedHome): string {
  const hash = createHash('sha256')
  for (let hour = 0; hour < one.hours; hour++) hash.update(new Uint8Array(one.cells(hour).buffer))
  return hash.update(JSON.stringify([one.devices, one.endpoints, one.incidents, one.decisions])).digest('hex')
}

describe('a simulated home', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(fingerprint(home(1))).toBe(fingerprint(first))
    expect(fingerprint(second)).not.toBe(fingerprint(first))
    expect(second.devices.map(({ name }) => name)).not.toEqual(first.devices.map(({ name }) => name))
  })

  test('has its cells in the order of time, each of a known device and far end, none with negative bytes', () => {
    const cells = cellsOf(first)
    expect(cells.length).toBeGreaterThan(100_000)
    expect(cells.every(({ at }, index) => index === 0 || at >= cells[index - 1].at)).toBe(true)
    const isSound = ({ device, endpoint, sent, received }: Cell): boolean =>
      device < first.devices.length && endpoint >= 1 && endpoint <= first.endpoints.length && sent >= 0 && received >= 0
    expect(cells.every(isSound)).toBe(true)
    expect(first.endpoints.every(({ number }, index) => number === index + 1)).toBe(true)
    expect(new Set(first.endpoints.map(({ address }) => address)).size).toBe(first.endpoints.length)
  })

  test('has people who take their phones along when they are away', () => {
    const phones = new Set(second.devices.flatMap(({ kind }, index) => (kind === 'phone' ? [index] : [])))
    const days = new Set(
      cellsOf(second).flatMap(({ at, device }) => (phones.has(device) ? [Math.floor((at - START) / DAY)] : [])),
    )
    expect(second.story).toMatch(/[1-9]\d* days away/)
    expect(days.size).toBeLessThan(30)
    expect(days.size).toBeGreaterThan(15)
  })

  test('has far ends with a name, of which only the network is known, and of which nothing is', () => {
    const all = [first, second].flatMap(({ endpoints }) => endpoints)
    expect(all.some(({ host, namedBy }) => host !== null && namedBy === 'tls')).toBe(true)
    expect(all.some(({ host, company, namedBy }) => host === null && company === 'aws' && namedBy === 'network')).toBe(
      true,
    )
    expect(all.some(({ host, company, address }) => host === null && company === null && address !== null)).toBe(true)
  })

  test('whose seed is a multiple of five has look-ups by the minute, and no bytes', () => {
    expect(lookupsOnly.isLookupsOnly).toBe(true)
    expect(cellsOf(lookupsOnly)).toEqual([])
    const lookups = Array.from({ length: lookupsOnly.hours }, (_, hour) => [...lookupsOnly.lookups(hour)]).flat()
    expect(lookups.length / 4).toBeGreaterThan(10_000)
    const places = Array.from({ length: lookups.length / 4 }, (_, index) => index * 4)
    expect(places.every((at) => lookups[at] % 60 === 0 && (at === 0 || lookups[at] >= lookups[at - 4]))).toBe(true)
    expect(places.every((at) => lookupsOnly.endpoints[lookups[at + 2] - 1].host !== null)).toBe(true)
  })
})

describe('incidents', () => {
  const homes = [first, second, home(3), home(4)]
  const each = homes.flatMap((one) => one.incidents.map((incident) => ({ one, incident })))
  const uploads = each.filter(({ incident }) => incident.bytes > 0)

  test('send exactly the bytes that they say', () => {
    for (const { one, incident } of uploads) {
      if (incident.size !== null) expect(incident.bytes).toBe(SIZES[incident.size])
      if (incident.target === 'known') expect(sentIn(one, incident)).toBeGreaterThanOrEqual(incident.bytes)
      else expect([incident.kind, sentIn(one, incident)]).toEqual([incident.kind, incident.bytes])
    }
    expect(uploads.length).toBeGreaterThan(30)
  })

  test('go to a far end that has nothing to do with whom the device talks to otherwise, unless it is a known one', () => {
    for (const one of homes) {
      const talks = talksOf(one)
      const strange = one.incidents.filter(({ bytes, target }) => bytes > 0 && target !== 'known')
      for (const { device, endpoints, target } of strange) {
        const own = one.incidents.filter((other) => other.device === device).flatMap((other) => other.endpoints)
        const families = familiesOf(
          one,
          [...(talks.get(device) ?? [])].filter((number) => !own.includes(number)),
        )
        for (const number of endpoints) {
          const { company, host } = one.endpoints[number - 1]
          if (company !== null) expect(families).not.toContain(companies.parentOf(company))
          expect(company === null && host === null).toBe(target === 'nameless')
        }
      }
    }
  })

  test('to a known far end send five times what the device sends in any other hour', () => {
    const known = each.filter(({ incident }) => incident.kind === 'known destination')
    expect(known.length).toBeGreaterThan(0)
    for (const { one, incident } of known) {
      const hours = new Map<number, number>()
      for (const { at, device, endpoint, sent } of cellsOf(one)) {
        // What it sends to its maker meanwhile does not matter.
        const isIncident = incident.endpoints.includes(endpoint) && at >= incident.begin && at <= incident.end
        const hour = Math.floor((at - START) / HOUR)
        if (device === incident.device && !isIncident) hours.set(hour, (hours.get(hour) ?? 0) + sent)
      }
      expect(incident.bytes).toBeGreaterThanOrEqual(5 * Math.max(...hours.values()))
      expect(incident.end - incident.begin).toBeLessThan(HOUR)
    }
  })

  test('do not overlap, unless one is the sequel of the other', () => {
    for (const one of homes) {
      const apart = one.incidents.filter(({ follows }) => follows === null)
      for (const [index, incident] of apart.entries())
        if (index > 0) expect(incident.begin).toBeGreaterThan(apart[index - 1].end)
    }
  })

  test('are told in time: due after their end, and able to be told from a moment within them on', () => {
    for (const { incident } of each) {
      const { begin, floorAt, end, due } = incident
      expect(floorAt).toBeGreaterThanOrEqual(begin)
      expect(floorAt).toBeLessThanOrEqual(end)
      expect(due).toBeGreaterThan(floorAt)
    }
  })

  test('of the homes that the command runs are 200 and more, of every kind and size', () => {
    const all = Array.from({ length: 25 }, (_, index) => home(index + 1).incidents).flat()
    expect(all.length).toBeGreaterThanOrEqual(200)
    expect([...new Set(all.map(({ kind }) => kind))].sort()).toEqual([...INCIDENT_KINDS].sort())
    const byAppliances = all.filter(({ kind, isPersonal: isOwn }) => kind === 'upload' && !isOwn)
    const combinations = new Set(byAppliances.map(({ size, target }) => `${size} to ${target}`))
    expect(combinations.size).toBe(12)
    expect(all.every(({ deviceKind, isPersonal: isOwn }) => isPersonal(deviceKind) === isOwn)).toBe(true)
  }, 240_000)

  test('fit into shorter homes', () => {
    const short = home(1, 12)
    expect(short.incidents.length).toBeGreaterThan(1)
    for (const { begin, end } of short.incidents) {
      expect(begin).toBeGreaterThanOrEqual(START)
      expect(end).toBeLessThan(START + 12 * DAY)
    }
  })
})
