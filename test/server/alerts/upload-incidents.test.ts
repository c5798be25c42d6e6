// One incident for each device and destination: how it opens, grows, ends, repeats, and what decisions do to it.
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { limitsOf } from '../../../server/alerts/kind-limits.ts'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { endpoint, Home, LEARNED, learned, nameless } from '../../support/alert-home.ts'
import { DAY, HOUR } from '../../support/detector-samples.ts'

const MINUTE = 60
/** Told of a camera that sends next to nothing. */
const LIMIT = limitsOf('camera').strange[0]
const STRANGER = 2
const LONGEST = 6 * HOUR

/** A camera that sends next to nothing, and an address without a name. */
function home(bytes?: number): Home {
  const one = learned('camera', bytes)
  one.engine.addEndpoints([nameless(STRANGER), nameless(3)])
  return one
}

const parts = (seconds: number, bytes: number): number[] => new Array<number>(seconds).fill(bytes)
const brief = (alerts: readonly Alert[]): unknown[] =>
  alerts.map(({ bytes, times, isOver, state }) => [bytes, times, isOver, state])

describe('an incident', () => {
  it('opens with what was sent before it stood out, and since then', () => {
    const one = home()
    const from = LEARNED + 7
    for (let at = 0; at < 10; at++) one.send(from + at * 90, LIMIT / 10, 0, 0, STRANGER)
    one.engine.mark(from + 15 * MINUTE)
    expect(one.reported).toEqual([])
    one.send(from + 900, LIMIT / 10, 0, 0, STRANGER)
    one.engine.mark(from + 20 * MINUTE)
    expect(one.latest).toMatchObject([{ kind: 'new-destination', bytes: 1.1 * LIMIT, from, to: from + 900, times: 1 }])
  })

  it('is told in the second in which it stands out, each second while it goes on, and when it has ended', () => {
    const one = home()
    one.upload(LEARNED, parts(10, LIMIT / 4), STRANGER)
    expect(one.reported.map(({ bytes, to, isOver }) => [bytes / LIMIT, to - LEARNED, isOver])).toEqual([
      ...[5, 6, 7, 8, 9, 10].map((times) => [times / 4, times - 1, false]),
      [10 / 4, 9, true],
    ])
    expect(one.latest).toMatchObject([{ from: LEARNED, peak: (10 * LIMIT) / 4, times: 1 }])
  })

  it('has its most within ten seconds as its peak', () => {
    const one = home()
    one.upload(LEARNED, parts(40, LIMIT / 10), STRANGER)
    expect(one.latest).toMatchObject([{ peak: LIMIT, bytes: 4 * LIMIT }])
  })

  it('is one with a pause of minutes in it: 300 MB after 5 MB are 305 MB', () => {
    const one = home()
    one.upload(LEARNED, parts(5, 1e6), STRANGER)
    one.upload(LEARNED + 3 * MINUTE, parts(30, 1e7), STRANGER)
    expect(brief(one.latest)).toEqual([[305e6, 2, true, 'open']])
    const over = one.reported.map(({ isOver }) => isOver)
    // It was over, and went on.
    expect(over.filter((is, at) => is && over[at + 1] === false)).toHaveLength(1)
  })

  it('to a known destination begins with the upload, without what was usual before', () => {
    const one = home(20_000)
    one.send(LEARNED + MINUTE, 15_000)
    one.upload(LEARNED + 9 * MINUTE, parts(10, 60_000))
    one.send(LEARNED + 12 * MINUTE, 300)
    one.engine.mark(LEARNED + 30 * MINUTE)
    expect(one.latest).toMatchObject([
      { kind: 'upload-spike', reason: 'known', from: LEARNED + 9 * MINUTE, to: LEARNED + 9 * MINUTE + 9 },
    ])
    expect(brief(one.latest)).toEqual([[600_300, 1, true, 'open']])
  })

  it('counts what was received once', () => {
    const one = home()
    for (let at = 0; at < 10; at++) one.send(LEARNED + at, LIMIT, 7, 0, STRANGER)
    one.engine.finish()
    expect(one.latest).toMatchObject([{ received: 9 * 7, sent: 10 * LIMIT, direction: 'out' }])
  })

  it('of slow parts goes on until none has come for twelve minutes', () => {
    const one = home()
    for (let minute = 0; minute < 60; minute++) one.send(LEARNED + minute * MINUTE, 50_000 - 1, 0, 0, STRANGER)
    const last = LEARNED + 59 * MINUTE
    for (let second = last; second < last + 12 * MINUTE; second += MINUTE) one.engine.mark(second)
    expect(brief(one.latest)).toEqual([[60 * 49_999, 1, false, 'open']])
    one.engine.mark(last + 12 * MINUTE)
    expect(brief(one.latest)).toEqual([[60 * 49_999, 1, true, 'open']])
  })

  it('ends however many keep-alives follow', () => {
    const one = home()
    one.upload(LEARNED, parts(5, LIMIT), STRANGER)
    for (let second = 30; second < HOUR; second += 30) one.send(LEARNED + second, 90, 90, 0, STRANGER)
    one.engine.mark(LEARNED + HOUR)
    expect(one.latest).toMatchObject([{ isOver: true, to: LEARNED + 4, bytes: 5 * LIMIT + 119 * 90 }])
  })

  it('is of one device and one destination', () => {
    const one = home()
    one.device(1, 'bb', 'plug')
    one.upload(LEARNED, parts(5, 2e6), STRANGER)
    one.upload(LEARNED + MINUTE, parts(5, 2e6), 3)
    one.upload(LEARNED + 2 * MINUTE, parts(5, 2e6), STRANGER, 1)
    const uploads = one.latest.filter(({ kind }) => kind !== 'new-device')
    expect(uploads.map(({ device, destination }) => [device, destination])).toEqual([
      ['aa', 'address:203.0.113.2'],
      ['aa', 'address:203.0.113.3'],
      ['bb', 'address:203.0.113.2'],
    ])
  })

  it('lists the eight hosts with the most bytes of those that its destination has', () => {
    const one = home()
    const hosts = Array.from({ length: 12 }, (_, at) =>
      endpoint(50 + at, { company: 'stranger', host: `h${at}.stranger.example`, address: `192.0.2.${50 + at}` }),
    )
    one.engine.addEndpoints(hosts)
    for (const [at, { number }] of hosts.entries()) one.upload(LEARNED + at * MINUTE, parts(2, (12 - at) * 1e5), number)
    const [{ destinations, bytes }] = one.latest
    expect(destinations.map(({ host, bytes: sent }) => [host, sent])).toEqual(
      hosts.slice(0, 8).map(({ host }, at) => [host, 2 * (12 - at) * 1e5]),
    )
    expect(bytes).toBe(2 * 78e5)
  })

  it('becomes one above the ceiling when it grows so far, and stays it', () => {
    const one = home()
    one.upload(LEARNED, parts(40, 1e7), STRANGER)
    expect(one.reported[0]).toMatchObject({ kind: 'new-destination', reason: 'nameless', detail: 'hour' })
    expect(one.latest).toMatchObject([{ kind: 'large-upload', reason: 'ceiling', bytes: 4e8, seen: 4e8 }])
  })

  it('is closed after six hours, and what goes on is told as another', () => {
    const one = home()
    for (let second = 0; second < 7 * HOUR; second += 5) one.send(LEARNED + second, 20_000, 0, 0, STRANGER)
    one.engine.finish()
    expect(one.latest).toHaveLength(2)
    const [first, second] = one.latest
    expect([first.isOver, second.isOver]).toEqual([true, true])
    expect(first.from).toBe(LEARNED)
    expect(second.from - first.from).toBeGreaterThanOrEqual(LONGEST)
    expect(second.from).toBeGreaterThan(first.to)
    expect(first.bytes + second.bytes).toBeLessThanOrEqual((7 * HOUR * 20_000) / 5)
    expect(first.bytes + second.bytes).toBeGreaterThan(0.999 * ((7 * HOUR * 20_000) / 5))
  })

  it('that makes room for others is over', () => {
    const one = home()
    const addresses = Array.from({ length: 513 }, (_, at) => nameless(100 + at, `198.51.${at >> 8}.${at & 255}`))
    one.engine.addEndpoints(addresses)
    for (const { number } of addresses) for (let at = 0; at < 2; at++) one.send(LEARNED, LIMIT, 0, 0, number)
    expect(one.latest.filter(({ isOver }) => isOver)).toMatchObject([{ destination: 'address:198.51.0.0' }])
  })
})

describe('after "it was me"', () => {
  it('the next upload is a new incident, with its own bytes', () => {
    const one = home()
    one.upload(LEARNED, parts(30, 1e7), STRANGER)
    one.engine.itWasMe(one.ids[0])
    one.upload(LEARNED + 10 * MINUTE, parts(10, 1e7), STRANGER)
    expect(brief(one.latest)).toEqual([
      [300e6, 1, true, 'it-was-me'],
      [100e6, 1, true, 'open'],
    ])
    expect(one.latest[1]).toMatchObject({ from: LEARNED + 10 * MINUTE, seen: 100e6 })
  })

  it('what goes on stays decided, and counts, until it is ten times as large', () => {
    const one = home()
    for (let at = 0; at < 5; at++) one.send(LEARNED + at, 1e6, 0, 0, STRANGER)
    one.engine.itWasMe(one.ids[0])
    for (let at = 5; at < 50; at++) one.send(LEARNED + at, 1e6, 0, 0, STRANGER)
    expect(brief(one.latest)).toEqual([[50e6, 1, false, 'it-was-me']])
    for (let at = 50; at < 60; at++) one.send(LEARNED + at, 1e6, 0, 0, STRANGER)
    one.engine.finish()
    expect(one.ids).toHaveLength(2)
    expect(one.latest[1]).toMatchObject({ state: 'open', bytes: 10e6 })
  })

  it('a slow upload that goes on stays decided too', () => {
    const one = home()
    for (let minute = 0; minute < 30; minute++) one.send(LEARNED + minute * MINUTE, 40_000, 0, 0, STRANGER)
    one.engine.itWasMe(one.ids[0])
    for (let minute = 30; minute < 120; minute++) one.send(LEARNED + minute * MINUTE, 40_000, 0, 0, STRANGER)
    one.engine.finish()
    expect(one.ids).toHaveLength(1)
    expect(one.latest[0].bytes).toBe(120 * 40_000)
  })

  it('a keep-alive begins no new incident, by night and while nobody is home neither', () => {
    for (const kind of ['quiet-hours', 'camera-away'] as const) {
      const one = learned('camera', 2_000)
      const always = [{ days: [0, 1, 2, 3, 4, 5, 6], from: 0, to: 1_440 }]
      const { own } = DEFAULT_SETTINGS
      one.engine.changeSettings({
        ...DEFAULT_SETTINGS,
        own: {
          ...own,
          'quiet-hours': { ...own['quiet-hours'], hours: kind === 'quiet-hours' ? always : [] },
          'camera-away': { ...own['camera-away'], away: kind === 'camera-away' ? always : [] },
        },
      })
      one.engine.addEndpoints([endpoint(9, { company: 'ntp', host: 'time.example', purpose: 'time' })])
      one.upload(LEARNED, parts(10, 1e6))
      one.send(LEARNED + 2 * MINUTE, 48, 48, 0, 9)
      one.engine.itWasMe(one.ids[0])
      for (let minute = 3; minute < 50; minute++) {
        one.send(LEARNED + minute * MINUTE, 90)
        one.send(LEARNED + minute * MINUTE, 48, 48, 0, 9)
      }
      one.engine.finish()
      expect(one.ids, kind).toHaveLength(1)
    }
  })

  it('and taking it back, the incident goes on', () => {
    const one = home()
    one.upload(LEARNED, parts(10, 1e6), STRANGER)
    one.engine.itWasMe(one.ids[0])
    expect(one.engine.reopen(one.ids[0])).toMatchObject({ state: 'open', decided: null })
    one.upload(LEARNED + 5 * MINUTE, parts(10, 1e6), STRANGER)
    expect(brief(one.latest)).toEqual([[20e6, 2, true, 'open']])
  })
})

describe('an upload that comes again and again', () => {
  /** A clip of about so many bytes every two hours, to the number. */
  const clips = (one: Home, count: number, bytes: number, number = 1, from = LEARNED, each = 2 * HOUR): void => {
    for (let clip = 0; clip < count; clip++) {
      const at = from + clip * each
      one.upload(at, parts(10, (bytes + (clip % 3) * 0.02 * bytes) / 10), number)
      for (let second = at + MINUTE; second < at + each; second += 10 * MINUTE) one.engine.mark(second)
    }
  }

  it('in the same size is one incident with a count, longer than six hours, and then a habit', () => {
    const one = home()
    clips(one, 5, 415_000)
    expect(one.ids).toHaveLength(1)
    expect(one.latest[0]).toMatchObject({ times: 5, state: 'open' })
    expect(one.latest[0].to - one.latest[0].from).toBeGreaterThan(LONGEST)
    clips(one, 1, 415_000, 1, LEARNED + 10 * HOUR)
    expect(one.latest[0]).toMatchObject({ times: 6, state: 'habit', isOver: true })
    // From then on it is usual, and much more is not.
    clips(one, 40, 415_000, 1, LEARNED + 12 * HOUR)
    expect(one.ids).toHaveLength(1)
    clips(one, 1, 4_150_000, 1, LEARNED + 100 * HOUR)
    expect(one.ids).toHaveLength(2)
  })

  it('on three days is a habit, whatever was decided', () => {
    const one = home()
    for (let day = 0; day < 6; day++) {
      one.upload(LEARNED + day * DAY, parts(10, 41_500))
      const open = one.latest.find(({ state }) => state === 'open')
      if (open !== undefined) one.engine.itWasMe(open.id)
    }
    expect(one.ids).toHaveLength(2)
    one.upload(LEARNED + 7 * DAY, parts(10, 415_000))
    expect(one.ids).toHaveLength(3)
  })

  it('in growing sizes is one incident of six hours each', () => {
    const one = home()
    for (let clip = 0; clip < 12; clip++) one.upload(LEARNED + clip * HOUR, parts(10, 30_000 * 1.7 ** clip))
    expect(one.latest.length).toBeGreaterThan(1)
    expect(one.latest.every(({ state }) => state === 'open')).toBe(true)
    for (const { from, to } of one.latest) expect(to - from).toBeLessThanOrEqual(LONGEST)
  })

  it('is never a habit to an address without a name', () => {
    const one = home()
    clips(one, 12, 415_000, STRANGER)
    for (let day = 1; day < 5; day++) clips(one, 12, 415_000, STRANGER, LEARNED + day * DAY)
    expect(one.latest.every(({ state }) => state === 'open')).toBe(true)
    expect(one.engine.toJSON().pairs['["aa","address:203.0.113.2"]']).toMatchObject({ habit: 0 })
    // Every six hours of the first day it is told anew.
    expect(one.latest.filter(({ from }) => from < LEARNED + DAY).map(({ times }) => times)).toEqual([3, 3, 3, 3])
  })

  it('is never a habit above a ceiling', () => {
    const one = home()
    const { ten } = limitsOf('camera').ceiling
    const over = 1.1 * ten * DEFAULT_SETTINGS.own['large-upload'].bytes
    for (let day = 0; day < 5; day++) clips(one, 12, over, 1, LEARNED + day * DAY)
    expect(one.latest.every(({ state, reason }) => state === 'open' && reason === 'ceiling')).toBe(true)
    expect(one.ids.length).toBeGreaterThan(10)
  })
})

describe('a restart', () => {
  const again = (one: Home): Home => {
    const next = new Home(DEFAULT_SETTINGS, JSON.parse(JSON.stringify(one.engine.toJSON())) as AlertMemory)
    next.engine.addEndpoints([nameless(STRANGER), nameless(3)])
    return next
  }

  it('in the middle of an upload leaves it one incident, over until more comes', () => {
    const before = home()
    for (let at = 0; at < 20; at++) before.send(LEARNED + at, 1e6, 0, 0, STRANGER)
    const after = again(before)
    expect(after.engine.alerts).toMatchObject([{ bytes: 20e6, isOver: true }])
    for (let at = 40; at < 60; at++) after.send(LEARNED + at, 1e6, 0, 0, STRANGER)
    expect(brief(after.latest)).toEqual([[40e6, 2, false, 'open']])
    expect(after.ids).toEqual(before.ids)
  })

  it('keeps a decision, and a habit', () => {
    const before = home()
    before.upload(LEARNED, parts(10, 1e6), STRANGER)
    before.engine.itWasMe(before.ids[0])
    const after = again(before)
    after.upload(LEARNED + 2 * MINUTE, parts(10, 1e6), STRANGER)
    expect(after.ids).toEqual(['alert-2'])
    expect(after.engine.alerts.map(({ state }) => state)).toEqual(['it-was-me', 'open'])
  })
})

it('nothing of a forgotten device goes on', () => {
  const one = home()
  one.upload(LEARNED, parts(10, 1e6), STRANGER)
  one.engine.forget(new Set(['aa']))
  expect(JSON.stringify(one.engine.toJSON())).not.toContain('203.0.113')
  one.device(0, 'aa', 'camera', LEARNED)
  one.upload(LEARNED + MINUTE, parts(10, 1e6), STRANGER)
  expect(one.latest.map(({ kind, bytes }) => [kind, bytes])).toEqual([
    ['new-destination', 10e6],
    ['new-device', 0],
    ['new-destination', 10e6],
  ])
})
