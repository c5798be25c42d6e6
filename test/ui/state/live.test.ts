// The live connection: rooms, contact, what was missed; and the frame that opens history as the address changes.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Live } from '../../../ui/state/live.svelte.ts'
import { openPage, type FakePage } from '../../support/page.ts'

let page: FakePage
let live: Live
let changed: unknown[]

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_234_567, toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  page = openPage()
  ;({ live } = await import('../../../ui/state/live.svelte.ts'))
  changed = []
  live.listen({ changed: (scope) => changed.push(scope) })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const connect = (): void => {
  live.open('csrf-token')
  page.socket.update('connect')
}

describe('the live connection', () => {
  it('begins with the token, the default pace and no contact', () => {
    expect([live.contact, live.lostAt, live.paused, live.pace]).toEqual(['connecting', null, false, 1])
    live.open('csrf-token')
    expect(page.socket.options).toEqual({
      auth: { csrf: 'csrf-token' },
      transports: ['websocket', 'polling'],
      reconnectionDelayMax: 5000,
    })
    page.socket.update('connect')
    expect([live.contact, changed]).toEqual(['on', []])
  })

  it('joins the room that is wanted, and leaves the one before', () => {
    live.watch('home')
    connect()
    live.watch('home')
    live.watch('device:aa')
    live.watch(null)
    live.watch(null)
    expect(page.socket.emitted).toEqual([
      ['join', 'home'],
      ['leave', 'home'],
      ['join', 'device:aa'],
      ['leave', 'device:aa'],
    ])
  })

  it('says since when contact is lost, joins again and asks once for what was missed', () => {
    connect()
    live.watch('home')
    page.socket.update('disconnect', 'transport close')
    expect([live.contact, live.lostAt]).toEqual(['lost', 1_234])
    vi.advanceTimersByTime(10_000)
    page.socket.update('connect_error')
    expect([live.contact, live.lostAt, changed]).toEqual(['lost', 1_234, []])
    page.socket.update('connect')
    expect([live.contact, live.lostAt, changed]).toEqual(['on', null, [null]])
    expect(page.socket.emitted).toEqual([
      ['join', 'home'],
      ['join', 'home'],
    ])
    live.watch('home')
    expect(changed).toEqual([null])
  })

  it('tries again after a second where the server said goodbye, and only then', () => {
    connect()
    page.socket.update('disconnect', 'transport close')
    vi.advanceTimersByTime(5_000)
    expect(page.socket.emitted).toEqual([])
    page.socket.update('disconnect', 'io server disconnect')
    vi.advanceTimersByTime(999)
    expect(page.socket.emitted).toEqual([])
    vi.advanceTimersByTime(1)
    expect(page.socket.emitted).toEqual([['(connect)']])
  })

  it('does not try again for a socket that was closed meanwhile', () => {
    connect()
    const first = page.socket
    first.update('disconnect', 'io server disconnect')
    live.close()
    expect([live.contact, live.lostAt]).toEqual(['connecting', null])
    vi.advanceTimersByTime(5_000)
    expect(first.emitted).toEqual([['(disconnect)']])
  })

  it('leaves the room while the page is hidden, and asks once for what was missed', () => {
    connect()
    live.watch('home')
    page.show(true)
    live.watch('device:aa')
    expect(page.socket.emitted.slice(1)).toEqual([['leave', 'home']])
    expect(changed).toEqual([])
    page.show(false)
    expect(page.socket.emitted.at(-1)).toEqual(['join', 'device:aa'])
    expect(changed).toEqual([null])
  })

  it('hands all kinds of news on, until the listener stops', () => {
    connect()
    const heard: unknown[][] = []
    const names = ['tick', 'devices', 'status', 'replay', 'alerts', 'events', 'changed', 'bye'] as const
    const stop = live.listen(
      Object.fromEntries(names.map((name) => [name, (...given: unknown[]) => heard.push([name, ...given])])),
    )
    const news: [string, ...unknown[]][] = [
      ['tick', 'home', [1, 2]],
      ['devices', 'live', ['d']],
      ['status', 'live', { now: 1 }],
      ['replay', { id: 'r' }],
      ['alerts', 'live', ['a']],
      ['events', 'live', ['e'], ['w']],
      ['changed', null],
      ['bye'],
    ]
    for (const one of news) page.socket.update(...one)
    expect(heard).toEqual(news)
    stop()
    page.socket.update('bye')
    expect(heard).toHaveLength(8)
  })
})

describe('the frame around the screens', () => {
  const route = (screen: string, id: string | null = null, scope = 'live'): never =>
    ({ screen, id, scope, query: {} }) as never
  const follow = async (hash: string): Promise<void> => {
    const { frame } = await import('../../../ui/state/frame.svelte.ts')
    const { router } = await import('../../../ui/state/router.svelte.ts')
    location.hash = hash
    await frame.follow(router.route)
  }

  it.each([
    [route('home'), 'home'],
    [route('welcome'), 'home'],
    [route('alerts'), 'home'],
    [route('device', 'aa'), 'device:aa'],
    [route('devices'), 'home'],
    [route('settings'), null],
    [route('home', null, 'r1'), 'replay:r1'],
    [route('device', 'aa', 'r1'), 'replay:r1:device:aa'],
    [route('company', 'ring', 'r1'), 'replay:r1'],
  ])('needs for %o the room %s', async (of, room) => {
    const { roomOf } = await import('../../../ui/state/frame.svelte.ts')
    expect(roomOf(of)).toBe(room)
  })

  beforeEach(() => {
    const status = { now: 1_000_000, first: 5, timeZone: 'UTC', sources: [] }
    for (const scope of ['live', 'r1']) {
      page.answer(`GET /api/traffic/${scope}/status`, status)
      page.answer(`GET /api/traffic/${scope}/alerts`, [])
    }
    page.answer('GET /api/replays/r1', { id: 'r1', name: 'one' })
  })

  it('opens the traffic history of an address once, and their subject', async () => {
    const { frame } = await import('../../../ui/state/frame.svelte.ts')
    const stop = frame.start()
    page.socket.update('connect')
    await follow('#/device/aa')
    expect(page.paths('GET /api/traffic/live/status')).toHaveLength(1)
    expect(page.paths('GET /api/traffic/live/alerts')).toHaveLength(1)
    expect(page.paths('GET /api/traffic/live/series').at(-1)).toContain('device=aa')
    const asked = page.asked.length
    frame.searching = true
    await follow('#/device/aa')
    expect([page.asked.length, frame.searching]).toEqual([asked, true])
    await follow('#/company/ring')
    expect(frame.searching).toBe(false)
    expect(page.paths('GET /api/traffic/live/series').at(-1)).toContain('owner=ring')
    expect(page.paths('GET /api/traffic/live/status')).toHaveLength(1)
    await follow('#/settings')
    expect(page.socket.emitted.at(-1)).toEqual(['leave', 'home'])
    stop()
    expect(page.socket.emitted.at(-1)).toEqual(['(disconnect)'])
    await follow('#/settings')
    expect(page.paths('GET /api/traffic/live/status')).toHaveLength(2)
  })

  it('asks again when the range or the selection of the address changes', async () => {
    await follow('#/')
    const asked = (): number => page.paths('GET /api/traffic/live/series').length
    const counts = [asked()]
    for (const hash of [
      '#/?range=24h',
      '#/?range=24h&from=1&to=9',
      '#/?range=24h&from=1&to=8',
      '#/?range=24h&from=1&to=8&tab=x',
    ]) {
      await follow(hash)
      counts.push(asked())
    }
    expect(counts).toEqual([1, 2, 3, 4, 4])
  })

  it('learns what a replay is, and follows its news', async () => {
    const { frame } = await import('../../../ui/state/frame.svelte.ts')
    const stop = frame.start()
    await follow('#/replay/r1')
    expect(frame.replay).toEqual({ id: 'r1', name: 'one' })
    page.socket.update('replay', { id: 'r1', name: 'news' })
    page.socket.update('replay', { id: 'r2', name: 'another' })
    expect(frame.replay).toEqual({ id: 'r1', name: 'news' })
    await follow('#/')
    expect(frame.replay).toBeNull()
    stop()
  })

  it('searches at a slash that is not typed into a field, and lets go of a selection at Escape', async () => {
    vi.stubGlobal('HTMLElement', class {})
    const { frame } = await import('../../../ui/state/frame.svelte.ts')
    const { range } = await import('../../../ui/state/range.svelte.ts')
    const key = (facts: object): boolean => {
      let prevented = false
      const none = { ctrlKey: false, metaKey: false, altKey: false, target: null, defaultPrevented: false }
      frame.key({ ...none, ...facts, preventDefault: () => (prevented = true) } as never)
      return prevented
    }
    const field = Object.assign(new HTMLElement(), { tagName: 'INPUT', isContentEditable: false })
    const editable = Object.assign(new HTMLElement(), { tagName: 'DIV', isContentEditable: true })
    for (const facts of [
      { ctrlKey: true },
      { metaKey: true },
      { altKey: true },
      { target: field },
      { target: editable },
    ])
      expect([key({ key: '/', ...facts }), frame.searching]).toEqual([false, false])
    expect(key({ key: 'x' })).toBe(false)
    const plain = Object.assign(new HTMLElement(), { tagName: 'DIV', isContentEditable: false })
    expect([key({ key: '/', target: plain }), frame.searching]).toEqual([true, true])
    range.select({ from: 1, to: 2 })
    key({ key: 'Escape', defaultPrevented: true })
    page.document.dialogs = 1
    key({ key: 'Escape' })
    expect(range.selection).toEqual({ from: 1, to: 2 })
    page.document.dialogs = 0
    key({ key: 'Escape' })
    expect(range.selection).toBeNull()
  })
})
