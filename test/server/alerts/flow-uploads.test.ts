// Uploads that flow records alone show: told within one record, as the packets of the same upload are, and once.
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { FLOW_LENGTH } from '../../../server/model/flows.ts'
import { endpoint, type Home, LEARNED, learned, nameless } from '../../support/alert-home.ts'
import { DAY } from '../../support/detector-samples.ts'

const STRANGER = 2
const NEW_COMPANY = 4
/** How often the exporter sends a flow that goes on, and how long it takes to notice that one is over. */
const ACTIVE = 60
const IDLE = 15
const LATE = ACTIVE + IDLE

interface Sent {
  from: number
  seconds: number
  bytes: number
  number: number
  received?: number
}

function withStrangers(home: Home): Home {
  home.engine.addEndpoints([
    nameless(STRANGER),
    endpoint(NEW_COMPANY, { company: 'stranger', host: 'api.stranger.example' }),
  ])
  return home
}

/** Records of the flows as an exporter sends them, by the second in which each comes. */
function exported(flows: readonly Sent[]): Map<number, number[]> {
  const records = new Map<number, number[]>()
  for (const { from, seconds, bytes, number, received = 0 } of flows)
    for (let begin = 0; begin < seconds; begin += ACTIVE) {
      const length = Math.min(ACTIVE, seconds - begin)
      const at = from + begin + length + (length === ACTIVE ? 0 : IDLE)
      const share = length / seconds
      const record = [from + begin, from + begin + length - 1, 0, number, bytes * share, received * share, LATE]
      records.set(at, [...(records.get(at) ?? []), ...record])
    }
  return records
}

/** Lives through the flows by their records; returns the second of each first alert. */
function byRecords(home: Home, flows: readonly Sent[], until: number): Map<string, number> {
  const told = new Map<string, number>()
  const records = exported(flows)
  for (let second = Math.min(...flows.map(({ from }) => from)); second <= until; second++) {
    const come = records.get(second)
    if (come !== undefined) home.engine.addFlows(Float64Array.from(come))
    home.engine.mark(second)
    for (const { id } of home.reported) if (!told.has(id)) told.set(id, second)
  }
  return told
}

/** The same as packets show them. */
function byPackets(home: Home, flows: readonly Sent[], until: number): void {
  for (let second = Math.min(...flows.map(({ from }) => from)); second <= until; second++) {
    const cells = flows
      .filter(({ from, seconds }) => second >= from && second < from + seconds)
      .flatMap(({ seconds, bytes, number, received = 0 }) => [second, 0, number, bytes / seconds, received / seconds])
    if (cells.length > 0) home.engine.add(Float64Array.from(cells))
    home.engine.mark(second)
  }
}

/** The first minute of a slow one may hold as much as makes a new company, or as a new destination: both are new. */
const brief = ({ kind, reason, state, isOver, times }: Alert): unknown => ({
  kind: reason === 'new' ? 'new' : kind,
  reason,
  state,
  isOver,
  times,
})
const SCENES: Record<string, { kind: string; flows: Sent[] }> = {
  'a new company': { kind: 'plug', flows: [{ from: LEARNED + 7, seconds: 300, bytes: 30e6, number: NEW_COMPANY }] },
  'an address without a name': {
    kind: 'camera',
    flows: [{ from: LEARNED + 7, seconds: 300, bytes: 30e6, number: STRANGER }],
  },
  'far more than usual to a company that is known': {
    kind: 'speaker',
    flows: [{ from: LEARNED + 7, seconds: 200, bytes: 20e6, number: 1 }],
  },
  'more than any device of its kind sends': {
    kind: 'plug',
    flows: [{ from: LEARNED + 7, seconds: 600, bytes: 400e6, number: 1 }],
  },
  'by four connections at the same time': {
    kind: 'plug',
    flows: [0, 3, 9, 20].map((at) => ({ from: LEARNED + at, seconds: 240, bytes: 10e6, number: NEW_COMPANY })),
  },
  'slowly, over hours': {
    kind: 'plug',
    flows: [{ from: LEARNED + 7, seconds: 7_200, bytes: 20e6, number: NEW_COMPANY }],
  },
}

describe('an upload', () => {
  for (const [name, { kind, flows }] of Object.entries(SCENES)) {
    const begin = Math.min(...flows.map(({ from }) => from))
    const until = Math.max(...flows.map(({ from, seconds }) => from + seconds)) + 900

    test(`(${name}) is told of records as of packets: kind, begin and bytes, and once`, () => {
      const packets = withStrangers(learned(kind))
      byPackets(packets, flows, until)
      const home = withStrangers(learned(kind))
      byRecords(home, flows, until)
      expect(packets.latest.length).toBeGreaterThan(0)
      expect(home.latest.map(brief)).toEqual(packets.latest.map(brief))
      const sent = flows.reduce((sum, { bytes }) => sum + bytes, 0)
      for (const [place, alert] of home.latest.entries()) {
        expect(Math.abs(alert.from - (packets.latest[place]?.from ?? 0))).toBeLessThanOrEqual(ACTIVE)
        expect(alert.bytes).toBeCloseTo(sent, -1)
      }
      expect(home.latest[0]?.from).toBeGreaterThanOrEqual(begin - ACTIVE)
    })
  }

  test('is told within the record that first shows it to be one', () => {
    const [scene] = Object.values(SCENES)
    const told = byRecords(withStrangers(learned(scene.kind)), scene.flows, LEARNED + 900)
    expect([...told.values()]).toEqual([LEARNED + 7 + ACTIVE])
  })

  test('that goes on over many records is one, and over once none can follow', () => {
    const home = withStrangers(learned('plug'))
    const flows = [{ from: LEARNED, seconds: 1_200, bytes: 60e6, number: NEW_COMPANY }]
    byRecords(home, flows, LEARNED + 1_200 + LATE)
    expect(home.latest).toMatchObject([{ times: 1, isOver: false }])
    for (let second = 1; second <= 60; second++) home.engine.mark(LEARNED + 1_200 + LATE + second)
    expect(home.latest).toMatchObject([{ times: 1, isOver: true, bytes: 60e6, from: LEARNED }])
  })

  test('begins with itself, and not with the little that was sent before', () => {
    const home = withStrangers(learned('speaker'))
    const flows = [
      { from: LEARNED - 400, seconds: 30, bytes: 600, number: 1 },
      { from: LEARNED, seconds: 300, bytes: 30e6, number: 1 },
    ]
    byRecords(home, flows, LEARNED + 900)
    expect(home.latest).toMatchObject([{ from: LEARNED, bytes: 30e6 }])
  })
})

describe('habits', () => {
  /** Three weeks of the same clip each hour, as records. */
  function routine(home: Home, days: number, bytes: number): void {
    for (let hour = 0; hour < 24 * days; hour++) {
      const from = LEARNED + hour * 3_600 + 100
      byRecords(home, [{ from, seconds: 90, bytes, number: 1 }], from + 300)
    }
  }

  test('are those of packets: what comes again and again is told by neither', () => {
    const home = withStrangers(learned('camera', 4e6))
    routine(home, 3, 4e6)
    expect(home.latest).toEqual([])
  })

  test('are not spoilt by records: what stands out after days of them is told', () => {
    const home = withStrangers(learned('camera', 400e3))
    routine(home, 3, 400e3)
    expect(home.latest).toEqual([])
    byRecords(home, [{ from: LEARNED + 4 * DAY, seconds: 600, bytes: 80e6, number: 1 }], LEARNED + 4 * DAY + 900)
    expect(home.latest).toMatchObject([{ bytes: 80e6, from: LEARNED + 4 * DAY }])
  })
})

test('records of a device that is not known, or within the home, are no uploads', () => {
  const home = withStrangers(learned('plug'))
  const record = (device: number, number: number): number[] => [LEARNED, LEARNED + 59, device, number, 90e6, 0, LATE]
  home.engine.addFlows(Float64Array.from([...record(7, NEW_COMPANY), ...record(0, 0)]))
  home.engine.mark(LEARNED + 700)
  expect(record(0, 0)).toHaveLength(FLOW_LENGTH)
  expect(home.latest).toEqual([])
})

test('what was reported of a forgotten device is gone', () => {
  const home = withStrangers(learned('plug'))
  home.engine.addFlows(Float64Array.from([LEARNED, LEARNED + 59, 0, NEW_COMPANY, 500, 0, LATE]))
  home.engine.forget(new Set(['aa']))
  home.engine.finish()
  expect(JSON.stringify(home.engine.toJSON())).not.toContain('stranger')
})
