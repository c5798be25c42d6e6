// The question about a child's devices, over made-up traffic: companies, bytes, look-ups, use, and what cannot be said.
import { describe, expect, test } from 'vitest'
import type { Device, Level, Person } from '../../../server/api.ts'
import type { History, LookupSum, SeriesRequest, StoredEndpoint, Sum } from '../../../server/history/history.ts'
import { LocalTime } from '../../../server/model/local-time.ts'
import type { TrafficView } from '../../../server/queries/traffic-view.ts'
import { trackedPeople } from '../../../server/queries/trackers.ts'
import { question } from '../../../server/questions/child.ts'
import { type EventCount, Facts, type FactsSource } from '../../../server/questions/facts.ts'
import type { Draft } from '../../../server/questions/question.ts'

const DAY = 86_400
const HOUR = 3_600
/** A Monday, 2026-06-01, 00:00 UTC. */
const START = 1_780_272_000
const RANGE = { from: START, to: START + 7 * DAY }
const MIA: Person = { id: '0000000a', name: 'Mia', role: 'child' }
const DAD: Person = { id: '0000000b', name: 'Dad', role: 'adult' }
const NAMES: Record<string, string> = { adco: 'Ad Co', trackco: 'Track Co', toyco: 'Toy Co' }

interface MadeUp {
  owner?: Person | null
  level?: Level
  lookupsOnly?: boolean
  /** Seconds captured of each day. */
  captured?: number
  sums?: Sum[]
  lookups?: LookupSum[]
  counts?: EventCount[]
  /** Hours with 2 MB received. */
  usedHours?: number[]
}

function device(id: string, name: string, level: Level, person: Person | null): Device {
  return { id, name, level, kind: 'tablet', vendor: null, ...(person === null ? {} : { person }) } as unknown as Device
}

function endpoint(id: number, company: string, purpose: string): StoredEndpoint {
  const host = `${company}.example`
  const rest = { addresses: [], country: null, network: null, labels: [], namedBy: 'tls', ech: false }
  return { id, host, company, purpose, ...rest } as unknown as StoredEndpoint
}
const ENDPOINTS = [endpoint(1, 'adco', 'ads'), endpoint(2, 'trackco', 'tracking'), endpoint(3, 'toyco', 'data')]

function sum(device: string, endpoint: number, sent: number, at = START): Sum {
  return { device, endpoint, sent, received: 2 * sent, first: at, last: at + 60 }
}
function lookup(device: string, endpoint: number, count: number, blocked: number, at = START): LookupSum {
  return { device, endpoint, count, blocked, answered: count - blocked, first: at, last: at + 60 }
}

function factsOf(made: MadeUp): Facts {
  const { owner = MIA, level = 'everything', lookupsOnly = false, captured = DAY, usedHours = [] } = made
  const within = <Row extends { first: number }>(rows: Row[] = [], { from, to }: { from: number; to: number }): Row[] =>
    rows.filter(({ first }) => first >= from && first < to)
  const history = {
    sums: async (range: typeof RANGE) => within(made.sums, range),
    lookups: async (range: typeof RANGE) => within(made.lookups, range),
    endpoints: async (ids: number[]) => ENDPOINTS.filter(({ id }) => ids.includes(id)),
    series: async ({ from, to, step = HOUR }: SeriesRequest) => {
      const received = Array.from({ length: Math.ceil((to - from) / step) }, (_, place) => {
        const at = from + place * step
        if (step === HOUR) return usedHours.includes(at) ? 2_000_000 : 30_000
        // All of a used hour came until its fortieth minute.
        return (at - from) / 60 <= 40 ? 120_000 : 500
      })
      return { from, step, sent: received, received, covered: received.map(() => 1) }
    },
  } as unknown as History
  const view = {
    history,
    rules: {
      companies: {
        describe: (slug: string) => ({ name: NAMES[slug], cloud: false }),
        parentOf: (slug: string) => slug,
      },
    },
    localTime: new LocalTime('UTC'),
    devices: () => [device('tablet', "Mia's tablet", level, owner), device('phone', 'Phone', 'everything', DAD)],
    rootOf: (id: string) => id,
    membersOf: (id: string) => [id],
    endpointCache: new Map(),
  } as unknown as TrafficView
  const days = Array.from({ length: 7 }, (_, day) => ({ from: START + day * DAY, to: START + (day + 1) * DAY }))
  const source: FactsSource = {
    view,
    lookupsOnly,
    isRecording: false,
    quietHours: [],
    sources: [],
    purposeTitle: () => null,
    eventFloors: async () => ({ counted: null, long: null }),
    eventCounts: async () => made.counts ?? [],
    events: async () => [],
    captured: async () => days.map(({ from }) => ({ from, to: from + captured })),
    capturedDays: async () => days.map((day) => ({ ...day, day: day.from, captured })),
  }
  return new Facts(source, { ...RANGE, devices: [], company: null })
}
const answerOf = async (made: MadeUp): Promise<Draft> => question.answer(factsOf(made))
const valueOf = ({ figures = [] }: Draft, name: string): number | undefined =>
  figures.find((one) => one.name === name)?.value

const SUMS = [
  sum('tablet', 1, 10_000),
  sum('tablet', 2, 11_000, START + DAY),
  sum('tablet', 3, 900_000),
  sum('phone', 1, 5_000_000),
]

describe("the question about a child's devices", () => {
  test('counts advertising and tracking of the child alone, with rows that add up to the figure', async () => {
    const usedHours = [START + 18 * HOUR, START + DAY + 22 * HOUR]
    const draft = await answerOf({ sums: SUMS, usedHours })
    expect(draft.sentence).toBe(
      "Mia's tablet: 2 advertising or tracking companies in 7 captured days, 63 kB; last use Tue 22:40.",
    )
    expect([draft.verdict, draft.devices]).toEqual(['number', ['tablet']])
    expect(valueOf(draft, 'sent and received')).toBe(63_000)
    expect(draft.evidence?.map(({ value }) => value)).toEqual([30_000, 33_000])
    expect(draft.perDay?.map(({ sent }) => sent)).toEqual([30_000, 33_000, 0, 0, 0, 0, 0])
    expect(valueOf(draft, 'hours of use')).toBe(2 * HOUR)
    expect(draft.limits.length).toBeGreaterThan(0)
  })

  test('counts voice requests of the child’s devices, sure and possible', async () => {
    const count = { day: START, company: null, kind: 'voice-request', sent: 0, received: 0, seconds: 0 } as const
    const draft = await answerOf({
      sums: SUMS,
      counts: [
        { ...count, device: 'tablet', sure: 3, possible: 2 },
        { ...count, device: 'phone', sure: 50, possible: 0 },
      ],
    })
    expect(draft.figures).toContainEqual({ name: 'voice requests', value: 5, low: 3, high: 5, unit: 'count' })
  })

  test('speaks of look-ups where only those are known, and of no bytes and no hours', async () => {
    const lookups = [
      lookup('tablet', 1, 20, 5),
      lookup('tablet', 2, 1, 0, START + 3 * DAY + 20 * HOUR),
      lookup('phone', 1, 99, 0),
    ]
    const draft = await answerOf({ lookupsOnly: true, lookups })
    expect(draft.sentence).toBe(
      "Mia's tablet: 2 advertising or tracking companies in 7 captured days, 21 look-ups (5 blocked); last use Thu 20:01.",
    )
    expect(valueOf(draft, 'look-ups of them')).toBe(21)
    expect(draft.evidence?.reduce((total, { value }) => total + value, 0)).toBe(21)
    expect(draft.figures?.some(({ unit }) => unit === 'bytes' || unit === 'seconds')).toBe(false)
    expect(draft.limits.map(({ key }) => key)).toContain('look-ups')
  })

  test('says no only where nearly all of the time was captured and everything is kept', async () => {
    const sums = [sum('tablet', 3, 900_000)]
    expect((await answerOf({ sums })).verdict).toBe('no')
    expect((await answerOf({ sums, captured: DAY / 2 })).verdict).toBe('cannot-know')
    const kept = await answerOf({ sums, level: 'totals' })
    expect([kept.verdict, kept.sentence]).toEqual([
      'cannot-know',
      'Of these devices only totals are kept, or nothing: which companies they talk to cannot be said.',
    ])
  })

  test.each([
    ['no device belongs to anybody', null],
    ['a device belongs to an adult', DAD],
  ])('needs a child where %s', async (_, owner) => {
    const { needs } = await question.subject(factsOf({ owner, sums: SUMS }))
    expect(needs).toBe("No device belongs to a child yet: say on a device's screen whose it is.")
  })
})

test('sums by person leave out nobody’s bytes and what is no advertising', async () => {
  const { view } = factsOf({ sums: [...SUMS, sum('stray', 1, 7)], owner: null })
  const rows = await trackedPeople(view, RANGE)
  expect(rows.map(({ person, devices, sent }) => [person?.name ?? null, devices, sent])).toEqual([
    ['Dad', ['phone'], 5_000_000],
    [null, ['tablet'], 21_000],
  ])
  expect(rows[1].companies).toEqual([
    { slug: 'trackco', name: 'Track Co' },
    { slug: 'adco', name: 'Ad Co' },
  ])
})
