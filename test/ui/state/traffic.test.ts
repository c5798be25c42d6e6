// The traffic traffic of the open screen: what is asked for, when it is asked again, and how ticks move it on.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TrafficStatus, Device, Overview, Series, TickMessage } from '../../../server/api.ts'
import type { TrafficState } from '../../../ui/state/traffic.svelte.ts'
import type { Live } from '../../../ui/state/live.svelte.ts'
import { openPage, type Asked as Request, type FakePage } from '../../support/page.ts'

/** 2026-06-01 12:00:00 UTC. */
const NOW = 1_780_315_200
const status = (facts: Partial<TrafficStatus> = {}): TrafficStatus =>
  ({ scope: 'live', now: NOW, first: NOW - 7_000, last: NOW, timeZone: 'UTC', sources: [], ...facts }) as TrafficStatus
const device = (id: string, more: object = {}): Device => ({ id, name: id, ...more }) as Device
const overview = (to: number): Overview => ({ from: 0, to, devices: [device('aa'), device('bb')] }) as never
const series = (from: number, step: number, length: number): Series => ({
  from,
  step,
  sent: new Array<number | null>(length).fill(0),
  received: new Array<number | null>(length).fill(0),
})
const tick = (second: number, sent: number, received: number, covered = 1): TickMessage => [
  second,
  covered,
  sent,
  received,
  4,
  sent,
  received,
]

let page: FakePage
let traffic: TrafficState
let live: Live
let stop: () => void

async function open(hash: string, facts: Partial<TrafficStatus> = {}): Promise<void> {
  page = openPage(hash)
  for (const scope of ['live', 'r1']) {
    page.answer(`GET /api/traffic/${scope}/status`, status({ scope, ...facts }))
    page.answer(`GET /api/traffic/${scope}/series`, () => series(NOW - 10, 1, 10))
    page.answer(`GET /api/traffic/${scope}/overview`, (asked: Request) =>
      overview(Number(new URLSearchParams(asked.path.split('?')[1]).get('to'))),
    )
  }
  ;({ traffic } = await import('../../../ui/state/traffic.svelte.ts'))
  ;({ live } = await import('../../../ui/state/live.svelte.ts'))
  live.open('token')
  page.socket.update('connect')
  stop = traffic.listen()
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  vi.advanceTimersByTime(60_000)
})
afterEach(() => {
  stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})
const news = (...given: [string, ...unknown[]]): void => page.socket.update(...given)
const queries = (path: string): string[] => page.paths(path).map((one) => one.split('?')[1] ?? '')
const asked = (scope = 'live'): number => page.paths(`GET /api/traffic/${scope}/series`).length

describe('a screen that opens', () => {
  it('asks for an hour up to now, and Home of the live traffic for today as well', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    expect(queries('GET /api/traffic/live/series')).toEqual([`from=${NOW - 3_600}&to=${NOW}`])
    expect(queries('GET /api/traffic/live/overview')).toEqual([
      `from=${NOW - 3_600}&to=${NOW}`,
      `from=${NOW - 43_200}&to=${NOW}`,
    ])
    expect(traffic.today.value?.to).toBe(NOW)
    expect(traffic.span).toEqual({ from: NOW - 3_600, to: NOW })
    expect(page.socket.emitted).toEqual([['join', 'home']])
  })

  it.each([
    ['another screen of the live traffic', '#/devices', 'live', 3_600],
    ['Home of a replay', '#/replay/r1', 'r1', 7_000],
  ])('as %s asks for no "today"', async (_what, hash, scope, seconds) => {
    await open(hash)
    await traffic.show({}, 'home')
    expect(queries(`GET /api/traffic/${scope}/overview`)).toEqual([`from=${NOW - seconds}&to=${NOW}`])
    expect([traffic.today.value, traffic.isLive]).toEqual([null, scope === 'live'])
  })

  it('asks for its subject, and for what is selected', async () => {
    await open('#/device/aa?range=24h&from=1000&to=2000')
    await traffic.show({ device: 'aa' }, 'device:aa')
    expect(queries('GET /api/traffic/live/series')).toEqual([`from=${NOW - 86_400}&to=${NOW}&device=aa`])
    expect(queries('GET /api/traffic/live/overview')).toEqual(['from=1000&to=2000&device=aa'])
    expect(traffic.span).toEqual({ from: 1_000, to: 2_000 })
  })

  it('asks for the state once, and tells lists to ask anew each time', async () => {
    await open('#/')
    await traffic.open()
    await traffic.show({}, 'home')
    expect([page.paths('GET /api/traffic/live/status').length, traffic.fresh, traffic.beat]).toEqual([1, 1, 2])
    await traffic.show({}, 'home')
    expect([page.paths('GET /api/traffic/live/status').length, traffic.fresh, traffic.beat]).toEqual([1, 2, 4])
    await traffic.reload()
    expect([page.paths('GET /api/traffic/live/status').length, traffic.fresh]).toEqual([2, 3])
  })

  it('asks for nothing where the state cannot be had, and says why', async () => {
    await open('#/')
    page.refuse('GET /api/traffic/live/status', 500, 'broken', 'Out of order.')
    await traffic.show({}, 'home')
    expect(page.asked).toHaveLength(1)
    expect([traffic.status.problem?.message, traffic.status.busy]).toEqual(['Out of order.', false])
  })

  it('of another traffic forgets what the ones before said', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    news('tick', 'home', tick(NOW, 5, 6))
    page.answer('GET /api/traffic/live/status', () => new Promise(() => undefined))
    void traffic.open()
    expect([traffic.status.value, traffic.overview.value, traffic.today.value, traffic.series]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect([traffic.increments.sent, traffic.todayIncrements.sent, traffic.now]).toEqual([0, 0, 0])
    expect(traffic.lookupsOnly).toBe(false)
  })

  it('says by the state that look-ups are all there is', async () => {
    await open('#/', { lookupsOnly: true })
    await traffic.open()
    expect(traffic.lookupsOnly).toBe(true)
  })
})

describe('one question', () => {
  it('is answered by the newest answer only', async () => {
    await open('#/')
    const { Asked } = await import('../../../ui/state/traffic.svelte.ts')
    const one = new Asked<string>()
    const release = page.hold('GET /slow')
    page.answer('GET /fast', 'fast')
    const slow = one.ask('/slow')
    expect(one.busy).toBe(true)
    expect(await one.ask('/fast')).toBe('fast')
    release('slow')
    expect(await slow).toBeNull()
    expect([one.value, one.busy, one.error]).toEqual(['fast', false, null])
  })

  it('keeps old data while contact is lost, and says what else went wrong', async () => {
    await open('#/')
    const { Asked } = await import('../../../ui/state/traffic.svelte.ts')
    const one = new Asked<string>()
    page.answer('GET /x', () => Promise.reject(new Error('no network')))
    expect(await one.ask('/x')).toBeNull()
    expect(one.problem?.code).toBe('unreachable')
    page.answer('GET /x', 'data')
    await one.ask('/x')
    expect([one.value, one.problem]).toEqual(['data', null])
    page.answer('GET /x', () => Promise.reject(new Error('no network')))
    await one.ask('/x')
    expect([one.value, one.problem, one.error?.code]).toEqual(['data', null, 'unreachable'])
    page.refuse('GET /x', 403, 'forbidden', 'No.')
    await one.ask('/x')
    expect([one.value, one.problem?.code, one.busy]).toEqual(['data', 'forbidden', false])
    one.forget()
    expect([one.value, one.error, one.busy]).toEqual([null, null, false])
  })
})

describe('ticks', () => {
  it('move the chart, the sums and the clock on, sent and received each', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    const beat = traffic.beat
    vi.advanceTimersByTime(1_000)
    news('tick', 'home', tick(NOW, 700, 90))
    expect(traffic.series?.sent.at(-1)).toBe(700)
    expect(traffic.series?.received.at(-1)).toBe(90)
    expect(traffic.series?.from).toBe(NOW - 9)
    expect([traffic.increments.sent, traffic.increments.received]).toEqual([700, 90])
    expect([traffic.todayIncrements.sent, traffic.todayIncrements.received]).toEqual([700, 90])
    expect(traffic.increments.of(4)).toEqual({ sent: 700, received: 90 })
    expect([traffic.now, traffic.beat - beat]).toEqual([NOW + 1, 1])
  })

  it('of a part of a second move the sums on, and neither chart nor clock', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    const [beat, chart] = [traffic.beat, traffic.series]
    news('tick', 'home', tick(NOW, 300, 40, 0))
    news('tick', 'home', tick(NOW, 600, 80, 0))
    expect([traffic.increments.sent, traffic.todayIncrements.received]).toEqual([600, 80])
    expect([traffic.series, traffic.now, traffic.beat - beat]).toEqual([chart, NOW, 2])
    vi.advanceTimersByTime(1_000)
    news('tick', 'home', tick(NOW, 700, 90))
    expect([traffic.increments.sent, traffic.todayIncrements.received, traffic.now]).toEqual([700, 90, NOW + 1])
    news('tick', 'home', tick(NOW + 1, 50, 5, 0))
    await traffic.show({}, 'device:aa')
    expect(traffic.increments.sent).toBe(0)
  })

  it('of another room are none of this screen', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    news('tick', 'device:aa', tick(NOW, 700, 90))
    expect(traffic.increments.sent).toBe(0)
  })

  it('are shown once a pace, and not while paused or selected', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    vi.advanceTimersByTime(1_000)
    const shown = (ms: number, second: number): boolean => {
      const beat = traffic.beat
      vi.advanceTimersByTime(ms)
      news('tick', 'home', tick(second, 1, 1))
      return traffic.beat > beat
    }
    expect([shown(0, NOW), shown(799, NOW + 1), shown(1, NOW + 2)]).toEqual([true, false, true])
    live.pace = 5
    expect([shown(4_799, NOW + 3), shown(1, NOW + 4)]).toEqual([false, true])
    live.paused = true
    expect(shown(60_000, NOW + 5)).toBe(false)
    live.paused = false
    const { range } = await import('../../../ui/state/range.svelte.ts')
    range.select({ from: 1, to: 2 })
    expect(shown(60_000, NOW + 6)).toBe(false)
    expect(traffic.increments.sent).toBe(7)
  })

  it('do not move a chart in which something is selected', async () => {
    await open('#/?from=1000&to=2000')
    await traffic.show({}, 'home')
    news('tick', 'home', tick(NOW, 700, 90))
    expect(traffic.series?.sent.at(-1)).toBe(0)
  })

  it('that came while a question was under way are added to its answer, from its end on', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    const release = page.hold('GET /api/traffic/live/series')
    const releaseOverview = page.hold('GET /api/traffic/live/overview')
    const loading = traffic.reload()
    news('tick', 'home', tick(NOW - 1, 1, 2))
    news('tick', 'home', tick(NOW, 10, 20))
    news('tick', 'home', tick(NOW + 1, 100, 200))
    await vi.advanceTimersByTimeAsync(0)
    release(series(NOW - 10, 1, 10))
    releaseOverview(overview(NOW))
    await loading
    expect(traffic.series?.sent.slice(-3)).toEqual([0, 10, 100])
    expect(traffic.series?.received.slice(-3)).toEqual([0, 20, 200])
    expect([traffic.increments.sent, traffic.increments.received]).toEqual([110, 220])
    expect([traffic.todayIncrements.sent, traffic.todayIncrements.received]).toEqual([110, 220])
  })
})

describe('lists', () => {
  const askedAfter = async (seconds: number): Promise<boolean> => {
    const before = asked()
    await vi.advanceTimersByTimeAsync(seconds * 1_000)
    news('tick', 'home', tick(NOW + 1, 1, 1))
    await vi.advanceTimersByTimeAsync(0)
    return asked() > before
  }

  it('are asked for again after half a minute of ticks', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    expect([await askedAfter(30), await askedAfter(0.801)]).toEqual([false, true])
  })

  it('are asked for again after five seconds where look-ups are all there is', async () => {
    await open('#/', { lookupsOnly: true })
    await traffic.show({}, 'home')
    expect([await askedAfter(5), await askedAfter(0.801)]).toEqual([false, true])
  })

  it('are asked for again after two seconds where ticks run ahead of the chart', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    vi.advanceTimersByTime(1_000)
    // A tick of as many seconds as a step is within it; one more runs ahead, and does not move the chart.
    news('tick', 'home', tick(NOW, 5, 5, 1))
    expect(traffic.series?.sent.at(-1)).toBe(5)
    news('tick', 'home', tick(NOW + 1, 7, 7, 2))
    expect(traffic.series?.sent.at(-1)).toBe(5)
    expect([await askedAfter(1), await askedAfter(0.801)]).toEqual([false, true])
    expect([await askedAfter(30), await askedAfter(0.801)]).toEqual([false, true])
  })

  it('of all that there is are asked for again as soon as a tick lies behind the chart', async () => {
    await open('#/?range=all')
    await traffic.show({}, 'home')
    news('tick', 'home', tick(NOW - 1, 5, 5))
    expect(traffic.series?.sent.at(-1)).toBe(5)
    news('tick', 'home', tick(NOW, 7, 7))
    expect(traffic.series?.sent.at(-1)).toBe(5)
  })

  it('are asked for once for news that come together, and at most once a second', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    await vi.advanceTimersByTimeAsync(5_000)
    for (let index = 0; index < 5; index++) news('changed', 'live')
    await vi.advanceTimersByTimeAsync(149)
    expect(asked()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked()).toBe(2)
    news('changed', null)
    await vi.advanceTimersByTimeAsync(999)
    expect(asked()).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked()).toBe(3)
    news('changed', 'r1')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked()).toBe(3)
  })
})

describe('news', () => {
  it('of known devices change their rows, of new ones ask anew', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    news('devices', 'live', [device('bb', { name: 'Lamp' })])
    expect(traffic.overview.value?.devices.map(({ name }) => name)).toEqual(['aa', 'Lamp'])
    expect(traffic.today.value?.devices.map(({ name }) => name)).toEqual(['aa', 'Lamp'])
    news('devices', 'r1', [device('aa', { name: 'Other' })])
    expect(traffic.overview.value?.devices.map(({ name }) => name)).toEqual(['aa', 'Lamp'])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(asked()).toBe(1)
    news('devices', 'live', [device('aa'), device('cc')])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked()).toBe(2)
  })

  it('of the state move the clock on; back only by more than a minute, or in a replay', async () => {
    await open('#/')
    await traffic.show({}, 'home')
    const after = (now: number, scope = 'live'): number => {
      news('status', scope, status({ now }))
      return traffic.now
    }
    expect([after(NOW + 5), after(NOW - 55), after(NOW - 56), after(NOW + 9, 'r1')]).toEqual([
      NOW + 5,
      NOW + 5,
      NOW - 56,
      NOW - 56,
    ])
    stop()
    await open('#/replay/r1')
    await traffic.show({}, 'replay:r1')
    news('status', 'r1', status({ now: NOW - 1 }))
    expect(traffic.now).toBe(NOW - 1)
  })

  it('of a recording say where it is, where ticks were dropped', async () => {
    await open('#/replay/r1')
    await traffic.show({}, 'replay:r1')
    vi.advanceTimersByTime(1_000)
    news('replay', { id: 'r2', position: NOW + 50 })
    news('replay', { id: 'r1', position: null })
    news('replay', { id: 'r1', position: NOW })
    expect(traffic.now).toBe(NOW)
    news('replay', { id: 'r1', position: NOW + 50 })
    expect(traffic.now).toBe(NOW + 50)
    // The range of a replay is all of it: its chart is asked for again.
    await vi.advanceTimersByTimeAsync(1_100)
    news('replay', { id: 'r1', position: NOW + 60 })
    await vi.advanceTimersByTimeAsync(0)
    expect(asked('r1')).toBe(2)
  })
})
