// What is found of devices of which only the MAC's maker is known, on connections without a name.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EventEngine } from '../../../server/events/engine.ts'
import type { EventEndpoint, EventFact } from '../../../server/events/event.ts'
import { compileEventRules } from '../../../server/events/rules.ts'
import { readRules } from '../../../server/rulebook/read.ts'

const files = readRules(fileURLToPath(new URL('../../../rules', import.meta.url)))
const RULES = compileEventRules(files.events, new Map([...files.companies].map(([slug, { partOf }]) => [slug, partOf])))
/** From here on the page leaves out "possible". */
const SURE = 0.85

type Second = [sent: number, received: number]

const FAR: EventEndpoint = {
  number: 1,
  host: null,
  address: '192.0.2.1',
  company: 'aws',
  purpose: 'cloud',
  network: null,
  labels: [],
  namedBy: 'network',
}

/** Events of a device of that maker with one far end; each burst comes two minutes after the one before. */
function eventsOf(
  vendor: string,
  bursts: readonly (readonly Second[])[],
  far: Partial<EventEndpoint> = {},
): EventFact[] {
  const events = new Map<string, EventFact>()
  const engine = new EventEngine(RULES, {
    event: (event) => events.set(event.id, event),
    withdrawn: (id) => events.delete(id),
  })
  engine.addEndpoints([{ ...FAR, ...far }])
  engine.setKind(0, null, vendor)
  for (const [index, seconds] of bursts.entries())
    engine.add(Float64Array.from(seconds.flatMap((one, at) => [1_000 + index * 120 + at, 0, 1, ...one])))
  engine.finish()
  return [...events.values()]
}
const kindsOf = (...args: Parameters<typeof eventsOf>): string[] => eventsOf(...args).map(({ kind }) => kind)

/** A request of two seconds, and of three quarters of one; a report of the device's state. */
const REQUEST: Second[] = [
  [17_500, 900],
  [12_400, 1_300],
  [7_900, 1_000],
  [5_400, 2_000],
  [4_800, 21_000],
]
const SHORT: Second[] = [
  [17_000, 900],
  [7_200, 1_700],
  [600, 5_000],
]
const REPORT: Second[] = [
  [9_700, 700],
  [4_900, 450],
]

describe("a device of which only the maker of the MAC is known, Amazon, to Amazon's network", () => {
  it('possibly sends a spoken request where speech goes out first and an answer comes back', () => {
    const [event] = eventsOf('Amazon', [REQUEST])
    expect(event).toMatchObject({ kind: 'voice-request', sent: 48_000, host: null })
    expect(event.confidence).toBeLessThan(SURE)
    expect(event.reasons.slice(1)).toEqual([
      '48 kB sent and 26 kB received in 5 seconds',
      "only the device's maker is known: Amazon",
      'no name was seen, only the owner of the network is known',
    ])
  })

  it('sends a short one as well where a clear one goes, before or after it, and no report is one', () => {
    expect(kindsOf('Amazon', [SHORT])).toEqual([])
    const requests = eventsOf('Amazon', [SHORT, REPORT, REQUEST, REPORT, SHORT])
    expect(requests.map(({ kind, sent }) => [kind, sent]).sort()).toEqual([
      ['voice-request', 24_800],
      ['voice-request', 24_800],
      ['voice-request', 48_000],
    ])
  })

  it('sends one more surely over a connection that it keeps open', () => {
    const pings = Array.from({ length: 7 }, (): Second[] => [[86, 86]])
    const sure = (bursts: Second[][]): number =>
      eventsOf('Amazon', bursts).find(({ kind }) => kind === 'voice-request')?.confidence ?? 0
    expect(sure([...pings, REQUEST])).toBeGreaterThan(sure([REQUEST]))
    expect(sure([REQUEST, ...pings])).toBe(sure([...pings, REQUEST]))
  })

  it.each<[string, Second[]]>([
    ['statistics, at once', [[142_000, 7_500]]],
    ['a clip of a camera', Array.from({ length: 6 }, (): Second => [90_000, 1_800])],
    ['a thin live view of a camera', Array.from({ length: 15 }, (): Second => [20_000, 300])],
    ['a photo over a thin line', Array.from({ length: 8 }, (): Second => [30_000, 900])],
    ['a film that is fetched', Array.from({ length: 12 }, (): Second => [9_000, 400_000])],
    ['requests and answers in turn', Array.from({ length: 7 }, (): Second => [9_000, 4_500])],
    ['a call', Array.from({ length: 60 }, (): Second => [8_000, 8_000])],
    [
      'a report of a display',
      [
        [20_000, 900],
        [9_000, 500],
        [5_000, 300],
      ],
    ],
  ])('sends no spoken request with %s', (_, seconds) => {
    expect(kindsOf('Amazon', [seconds])).not.toContain('voice-request')
  })

  it('sends none of another maker, and none where the device is known to be something else', () => {
    expect(kindsOf('Roku', [REQUEST])).not.toContain('voice-request')
    expect(kindsOf('Amazon', [REQUEST], { company: 'google' })).not.toContain('voice-request')
  })
})

describe("a device of Google's to Google's network", () => {
  const GOOGLE = { company: 'google', purpose: 'unknown' }
  const SPOKEN: Second[] = [
    [62_000, 2_100],
    [58_000, 2_000],
    [9_000, 42_000],
  ]

  it('possibly sends a spoken request, less surely than a device of Amazon', () => {
    const [event] = eventsOf('Google', [SPOKEN], GOOGLE)
    expect(event.kind).toBe('voice-request')
    expect(event.confidence).toBeLessThan(eventsOf('Amazon', [REQUEST])[0].confidence)
  })

  it.each<[string, Second[]]>([
    ['a photo', Array.from({ length: 4 }, (): Second => [70_000, 2_000])],
    ['requests and answers in turn', Array.from({ length: 8 }, (): Second => [9_000, 4_500])],
  ])('sends none with %s', (_, seconds) => {
    expect(kindsOf('Google', [seconds], GOOGLE)).not.toContain('voice-request')
  })
})

describe('a device of a maker of cameras', () => {
  const VIEW = Array.from({ length: 30 }, (): Second => [90_000, 2_400])
  const CLIP = Array.from({ length: 8 }, (): Second => [70_000, 1_500])

  it.each(['Ring', 'Nest', 'Arlo', 'Wyze', 'Blink', 'Reolink', 'Hikvision', 'Dahua', 'Yi'])(
    'possibly sends a live view and a recording (%s)',
    (vendor) => {
      const [view, clip] = eventsOf(vendor, [VIEW, CLIP])
      expect([view.kind, clip.kind]).toEqual(['live-view', 'motion-upload'])
      for (const { confidence, reasons } of [view, clip]) {
        expect(confidence).toBeLessThan(SURE)
        expect(reasons).toContain('no name was seen, only the owner of the network is known')
      }
    },
  )

  it('sends neither with what a thermostat reports, nor where the maker makes much else', () => {
    expect(kindsOf('Nest', [[[14_000, 4_100]]])).toEqual([])
    expect(kindsOf('TP-Link', [VIEW, CLIP])).toEqual(['unknown-upload', 'unknown-upload'])
  })

  it('sends a live view where the maker makes much else and nobody acknowledges a lasting stream', () => {
    const rtp = Array.from({ length: 30 }, (): Second => [90_000, 200])
    expect([kindsOf('Amazon', [rtp]), kindsOf('TP-Link', [rtp])]).toEqual([['live-view'], ['live-view']])
    expect(kindsOf('Roku', [rtp])).toEqual(['unknown-upload'])
  })

  it('sends a live view where much goes out and a voice comes back over a direct connection, and no call', () => {
    const talk = Array.from({ length: 38 }, (): Second => [100_000, 10_000])
    expect(kindsOf('Ring', [talk], { company: null, labels: ['direct-media'] })).toEqual(['live-view'])
    expect(kindsOf('Google', [VIEW], { company: null, labels: ['direct-media'] })).toEqual(['live-view'])
  })
})
