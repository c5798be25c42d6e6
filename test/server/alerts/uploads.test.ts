// The detectors of uploads tell what they are for, at home: of strange destinations, of more than usual, and ceilings.
import { describe, expect, it } from 'vitest'
import { limitsOf } from '../../../server/alerts/kind-limits.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import type { EventFact } from '../../../server/events/event.ts'
import { endpoint, Home, LEARNED, learned, nameless, ownSettings } from '../../support/alert-home.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'

const parts = (seconds: number, bytes: number): number[] => new Array<number>(seconds).fill(bytes / seconds)
const STRANGER = 2
const NEW_HOST = 3
const NEW_COMPANY = 4

function withStrangers(home: Home): Home {
  home.engine.addEndpoints([
    nameless(STRANGER),
    endpoint(NEW_HOST, { company: null, host: 'strange.example' }),
    endpoint(NEW_COMPANY, { company: 'stranger', host: 'api.stranger.example' }),
  ])
  return home
}

/** Kinds and reasons of what an upload of a learned device is told as. */
function told(home: Home, bytes: number, number: number, from = LEARNED): string[] {
  const before = home.ids.length
  withStrangers(home).upload(from, parts(10, bytes), number)
  return home.latest.slice(before).map(({ kind, reason }) => `${kind} ${reason}`)
}

/** A home in its first week, in which a device of the kind sends little to endpoint 1. */
function firstWeek(kind: string): Home {
  const home = new Home(DEFAULT_SETTINGS)
  home.device(0, 'aa', kind)
  home.routine(3, 2_000)
  return home
}
const IN_FIRST_WEEK = START + 3 * DAY

describe('an upload to a stranger', () => {
  it.each(['plug', 'speaker', 'camera', 'tv', 'unknown'])('of a quiet %s is told from the least limit on', (kind) => {
    const [least] = limitsOf(kind).strange
    for (const number of [STRANGER, NEW_HOST]) {
      expect(told(learned(kind), least, number)).toEqual([])
      expect(told(learned(kind), least + 10, number)).toHaveLength(1)
    }
  })

  it('says whether it is new or has no name', () => {
    expect(told(learned(), 5e6, STRANGER)).toEqual(['new-destination nameless'])
    expect(told(learned(), 5e6, NEW_HOST)).toEqual(['new-destination new'])
  })

  it.each(['plug', 'camera', 'tv'])('of a busy %s is told from its most limit on', (kind) => {
    const [, most] = limitsOf(kind).strange
    const busy = (): Home => learned(kind, 2 * most)
    expect(told(busy(), most, STRANGER)).toEqual([])
    expect(told(busy(), most + 10, STRANGER)).toEqual(['new-destination nameless'])
  })

  it.each(['phone', 'tablet', 'computer', 'console', 'storage'])('of a %s is told from much more on', (kind) => {
    const [least] = limitsOf(kind).strange
    expect(told(learned(kind), least, STRANGER)).toEqual([])
    expect(told(learned(kind), least + 10, STRANGER)).toEqual(['new-destination nameless'])
    expect(told(learned(kind), least + 10, NEW_HOST)).toEqual(['new-destination new'])
  })

  it('is none where the device or others of the company are known', () => {
    expect(told(learned(), 90_000, 1)).toEqual([])
    const home = learned()
    home.engine.addEndpoints([endpoint(9, { host: 'other.aws.example' })])
    expect(told(home, 90_000, 9)).toEqual([])
  })

  it('in the first week is told where nobody knows whose address it is', () => {
    const [least] = limitsOf('plug').strange
    expect(told(firstWeek('plug'), least, STRANGER, IN_FIRST_WEEK)).toEqual([])
    expect(told(firstWeek('plug'), least + 10, STRANGER, IN_FIRST_WEEK)).toEqual(['new-destination nameless'])
    // All is new in the first week.
    expect(told(firstWeek('plug'), least + 10, NEW_HOST, IN_FIRST_WEEK)).toEqual([])
  })

  it('is new from exactly the end of the days of learning on', () => {
    const at = (second: number): string[] => {
      const home = new Home(DEFAULT_SETTINGS)
      home.routine(6, 2_000)
      home.engine.mark(second - 1)
      return told(home, 1e6, NEW_HOST, second)
    }
    const learnedAt = START + 1_800 + 7 * DAY
    expect(at(learnedAt - 40)).toEqual([])
    expect(at(learnedAt)).toEqual(['new-destination new'])
  })

  it('that began after the first week stays one for a week', () => {
    const after = (days: number, bytes: number): string[] => {
      const home = withStrangers(learned())
      for (let day = 0; day < days; day++) home.send(LEARNED + day * DAY, 900, 0, 0, NEW_HOST)
      home.engine.mark(LEARNED + days * DAY - 3_700)
      return told(home, bytes, NEW_HOST, LEARNED + days * DAY)
    }
    expect(after(3, 5e6)).toEqual(['new-destination new'])
    expect(after(6, 5e6)).toEqual(['new-destination new'])
    expect(after(8, 5e6)).toEqual(['upload-spike known'])
  })

  it('over a day is told at three times the limit of an hour', () => {
    const [least] = limitsOf('plug').strange
    const home = withStrangers(learned('plug'))
    const each = least * 0.3
    let hours = 0
    for (; home.reported.length === 0 && hours < 24; hours++) {
      home.send(LEARNED + hours * HOUR, each, 0, 0, STRANGER)
      home.engine.mark(LEARNED + hours * HOUR + 601)
    }
    expect(home.latest).toMatchObject([{ kind: 'new-destination', detail: 'day', bytes: hours * each }])
    expect(hours).toBe(Math.floor((3 * least) / each) + 1)
  })

  it('is told where very many together are sent what none alone would be', () => {
    const [least] = limitsOf('plug').strange
    const home = learned('plug')
    home.engine.addEndpoints(Array.from({ length: 60 }, (_, at) => nameless(100 + at, `198.51.100.${at}`)))
    for (let at = 0; at < 60; at++) home.send(LEARNED + at * 20, least / 10, 0, 0, 100 + at)
    home.engine.mark(LEARNED + 1_300)
    expect(home.latest.map(({ kind, reason }) => `${kind} ${reason}`)).toContain('new-destination nameless')
    const few = learned('plug')
    few.engine.addEndpoints(Array.from({ length: 60 }, (_, at) => nameless(100 + at, `198.51.100.${at}`)))
    for (let at = 0; at < 29; at++) few.send(LEARNED + at * 20, least / 10, 0, 0, 100 + at)
    few.engine.mark(LEARNED + 1_300)
    expect(few.latest).toEqual([])
  })

  it('that a privacy level hides is not judged as one', () => {
    const home = learned()
    home.engine.addEndpoints([endpoint(9, { company: null, host: null, address: null })])
    home.upload(LEARNED, parts(10, 90_000), 9)
    expect(home.reported).toEqual([])
  })
})

describe('a sudden upload to a destination that is known', () => {
  it('is told above four times the busiest hour', () => {
    const busiest = 50_000
    const before = 1_800
    // What was sent half an hour before belongs to the same hour.
    const limit = 4 * busiest - busiest
    expect(told(learned('camera', busiest), limit - 100, 1)).toEqual([])
    expect(told(learned('camera', busiest), limit + 1_000, 1)).toEqual(['upload-spike known'])
    expect(told(learned('camera', busiest), limit + 1_000, 1, LEARNED + 2 * before + 600)).toEqual([])
  })

  it('is never told below 100 kB an hour, however little is usual', () => {
    expect(told(learned('plug', 100), 99_000, 1)).toEqual([])
    expect(told(learned('plug', 100), 101_000, 1)).toEqual(['upload-spike known'])
  })

  it('is not told while it is learned, and not before three days are known', () => {
    const after = (days: number): string[] => {
      const home = new Home({ ...DEFAULT_SETTINGS, learningDays: 0 })
      home.routine(days, 2_000)
      return told(home, 9e5, 1, START + days * DAY)
    }
    expect(told(firstWeek('camera'), 9e5, 1, IN_FIRST_WEEK)).toEqual([])
    expect([after(2), after(3)]).toEqual([[], ['upload-spike known']])
  })

  it("is none of people's own devices", () => {
    for (const kind of ['phone', 'computer', 'storage']) expect(told(learned(kind), 90e6, 1)).toEqual([])
  })

  it('follows the factor of the owner', () => {
    const settings = ownSettings('upload-spike', { factor: 20 })
    expect(told(learned('camera', 50_000, settings), 900_000, 1)).toEqual([])
    expect(told(learned('camera', 50_000, settings), 1_100_000, 1)).toEqual(['upload-spike known'])
  })

  it('is none of a camera at which somebody looks', () => {
    const view = (second: number, bytes: number, company: 'aws' | 'ring'): string[] => {
      const home = learned('camera')
      home.device(1, 'phone', 'phone')
      home.engine.addEndpoints([endpoint(9, { company })])
      home.send(LEARNED - 7_200, 10, 10, 1, 9)
      home.send(second, bytes, bytes, 1, 9)
      return told(home, 9e5, 1).filter((one) => !one.startsWith('new-'))
    }
    expect(view(LEARNED - 110, 9_000, 'aws')).toEqual([])
    expect(view(LEARNED - 130, 9_000, 'aws')).toEqual(['upload-spike known'])
    expect(view(LEARNED - 10, 900, 'aws')).toEqual(['upload-spike known'])
    expect(view(LEARNED - 10, 9_000, 'ring')).toEqual(['upload-spike known'])
  })
})

describe('an upload that an event explains', () => {
  const event = (at: number, facts: Partial<EventFact> = {}): EventFact => ({
    id: `one-${at}`,
    at,
    device: 0,
    endpoint: 1,
    kind: 'voice-request',
    company: 'aws',
    host: null,
    purpose: 'voice',
    sent: 70_000,
    received: 9_876,
    seconds: 7,
    confidence: 0.8,
    reasons: [],
    ...facts,
  })
  /** Five requests a minute apart, of which as many as given are events. */
  const ask = (home: Home, explained: number, facts: Partial<EventFact> = {}, from = LEARNED): string[] => {
    const before = home.ids.length
    for (let index = 0; index < 5; index++) {
      const at = from + index * 60
      home.upload(at, parts(7, 70_000))
      if (index < explained) home.engine.event(event(at, facts))
    }
    return home.latest.slice(before).map(({ kind }) => kind)
  }

  it('is no alarm: five voice requests', () => {
    expect(ask(learned('speaker'), 0)).toEqual(['upload-spike'])
    expect(ask(learned('speaker'), 5)).toEqual([])
  })

  it('is one where it is only surmised, of another kind, or to another destination', () => {
    expect(ask(learned('speaker'), 5, { confidence: 0.59 })).toEqual(['upload-spike'])
    expect(ask(learned('speaker'), 5, { kind: 'streaming' })).toEqual(['upload-spike'])
    const home = learned('speaker')
    home.engine.addEndpoints([endpoint(9, { company: 'ring' })])
    expect(ask(home, 5, { endpoint: 9 })).toEqual(['upload-spike'])
  })

  it('is one where its size is unusual: more than three times the largest of the days before', () => {
    const home = learned('speaker')
    ask(home, 5)
    home.engine.event(event(LEARNED + DAY, { sent: 210_000 }))
    expect(home.engine.toJSON().devices['aa']?.uploads.events).toMatchObject({
      'voice-request': [{ value: 70_000 }, { value: 210_000 }],
    })
    home.engine.event(event(LEARNED + 2 * DAY, { sent: 630_001 }))
    home.engine.event(event(LEARNED + 2 * DAY + 1, { sent: 2e6 }))
    home.upload(LEARNED + 2 * DAY + 1, parts(7, 2e6))
    expect(home.latest.map(({ kind }) => kind)).toEqual(['upload-spike'])
  })

  it('is one again an hour later', () => {
    const home = learned('speaker')
    ask(home, 5)
    expect(ask(home, 0, {}, LEARNED + 2 * HOUR)).toEqual(['upload-spike'])
  })
})

describe('an upload over hours', () => {
  it('is told where a day has far more than any day before, though no hour of it', () => {
    const home = learned('plug', 20_000)
    let hours = 0
    for (; home.reported.length === 0 && hours < 24; hours++) {
      for (let minute = 0; minute < 60; minute += 10) home.send(LEARNED + hours * HOUR + minute * 60, 16_500, 0)
      home.engine.mark(LEARNED + (hours + 1) * HOUR)
    }
    // Four times the 480 kB of a day are 1.92 MB, which twenty hours with 99 kB make.
    expect(home.latest).toMatchObject([
      { kind: 'long-upload', reason: 'known', detail: 'day', usual: 24 * (20_000 - 5) },
    ])
  })

  it('is never told below 1 MB a day', () => {
    const home = learned('plug', 100)
    for (let hour = 0; hour < 12; hour++) home.send(LEARNED + hour * HOUR, 80_000, 0)
    home.engine.mark(LEARNED + 12 * HOUR)
    expect(home.reported).toEqual([])
    home.send(LEARNED + 12 * HOUR, 41_000, 0)
    home.engine.mark(LEARNED + 13 * HOUR)
    expect(home.latest).toMatchObject([{ kind: 'long-upload' }])
  })
})

describe('a ceiling', () => {
  const { bytes } = DEFAULT_SETTINGS.own['large-upload']
  const KINDS = ['plug', 'speaker', 'tv', 'camera', 'unknown', 'phone']

  /** The most of the sums of ten minutes, an hour and a day just at the ceiling of the span, or above it. */
  const sending = (kind: string, span: 'ten' | 'hour' | 'day', excess: number, home: Home, from: number): string[] => {
    const most = limitsOf(kind).ceiling[span] * bytes + excess
    const count = { ten: 1, hour: 6, day: 144 }[span]
    const each = Math.floor(most / count)
    for (let at = 0; at < count; at++) home.send(from + at * 600, at === 0 ? most - (count - 1) * each : each, 0)
    home.engine.finish()
    return home.latest.map(({ kind: told, reason, detail }) => `${told} ${reason} ${detail}`)
  }

  it.each(KINDS)('of a %s holds in each span, in the first week too, and to whom it knows', (kind) => {
    for (const span of ['ten', 'hour', 'day'] as const) {
      const usual = Math.min(limitsOf(kind).ceiling[span] * bytes, 1e12)
      const home = (): Home => {
        const one = new Home({ ...DEFAULT_SETTINGS, ...ownSettings('upload-spike', { floorBytes: 1e15 }) })
        one.device(0, 'aa', kind)
        one.send(START, usual / 144, 0)
        return one
      }
      const from = START + 2 * DAY
      expect(sending(kind, span, 0, home(), from), `${kind} ${span}`).toEqual([])
      expect(sending(kind, span, 1_000, home(), from), `${kind} ${span}`).toEqual([`large-upload ceiling ${span}`])
    }
  })

  it('holds for every destination', () => {
    for (const number of [1, STRANGER, NEW_HOST, NEW_COMPANY]) {
      const home = withStrangers(firstWeek('plug'))
      home.upload(IN_FIRST_WEEK, parts(20, limitsOf('plug').ceiling.ten * bytes + 1_000), number)
      expect(home.latest.at(-1)?.reason).toBe('ceiling')
    }
  })

  it('holds however usual it is', () => {
    const usual = 2 * limitsOf('plug').ceiling.hour * bytes
    const home = learned('plug', usual)
    expect(home.latest.length).toBeGreaterThan(9)
    expect(home.latest.every(({ reason, state }) => reason === 'ceiling' && state === 'open')).toBe(true)
  })

  it('follows the setting, for all kinds', () => {
    for (const kind of KINDS) {
      const home = firstWeek(kind)
      home.engine.changeSettings({ ...DEFAULT_SETTINGS, ...ownSettings('large-upload', { bytes: bytes / 50 }) })
      const { ten } = limitsOf(kind).ceiling
      home.upload(IN_FIRST_WEEK, parts(10, (ten * bytes) / 50 - 10))
      expect(home.reported, kind).toEqual([])
      home.upload(IN_FIRST_WEEK + 60, parts(10, 5_000))
      home.engine.finish()
      expect(home.latest, kind).toMatchObject([{ kind: 'large-upload' }])
    }
  })
})

describe('new companies, quiet hours and cameras while nobody is home', () => {
  it('are incidents of their destination, with all bytes sent there', () => {
    const home = withStrangers(learned('plug'))
    home.send(LEARNED, 900, 0, 0, NEW_COMPANY)
    home.engine.mark(LEARNED + 60)
    home.send(LEARNED + 61, 200, 0, 0, NEW_COMPANY)
    home.engine.mark(LEARNED + 600)
    expect(home.latest).toMatchObject([
      {
        kind: 'new-company',
        reason: 'new',
        company: 'stranger',
        destination: 'company:stranger',
        bytes: 1_100,
        times: 1,
      },
    ])
  })

  it('are one incident with what else stands out of the upload', () => {
    const home = withStrangers(learned('camera'))
    home.upload(LEARNED, parts(10, 9e6), NEW_COMPANY)
    expect(home.latest.filter(({ destination }) => destination === 'company:stranger')).toHaveLength(1)
  })

  const always = [{ days: [0, 1, 2, 3, 4, 5, 6], from: 0, to: 1_440 }]
  it.each([
    ['quiet-hours', ownSettings('quiet-hours', { hours: always })],
    ['camera-away', ownSettings('camera-away', { away: always })],
  ] as const)('%s is told of the destinations that were sent much, and of no other', (kind, settings) => {
    const home = learned('camera', 2e6)
    home.engine.addEndpoints([endpoint(9, { company: 'ntp', purpose: 'time' })])
    home.engine.changeSettings({ ...DEFAULT_SETTINGS, ...settings })
    const at = LEARNED + 2 * HOUR
    home.upload(at, parts(20, 5e6))
    for (let minute = 1; minute < 30; minute++) home.send(at + minute * 60, 48, 48, 0, 9)
    home.engine.finish()
    expect(home.latest).toMatchObject([{ kind, reason: 'known', destination: 'company:aws', bytes: 5e6, isOver: true }])
  })
})
