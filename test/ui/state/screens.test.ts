// State classes of single screens: uploads, dry runs, a device, events, theme, addresses.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openPage, type FakePage } from '../../support/page.ts'

let page: FakePage
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  page = openPage()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('an upload', () => {
  class FakeRequest {
    static last: FakeRequest
    readonly headers: Record<string, string> = {}
    readonly upload: { onprogress?: (event: { loaded: number }) => void } = {}
    onload = (): void => undefined
    onerror = (): void => undefined
    onabort = (): void => undefined
    opened: unknown[] = []
    body: unknown = null
    status = 0
    responseText = ''
    constructor() {
      FakeRequest.last = this
    }
    open(...given: unknown[]): void {
      this.opened = given
    }
    setRequestHeader(name: string, value: string): void {
      this.headers[name] = value
    }
    send(body: unknown): void {
      this.body = body
    }
    abort(): void {
      this.onabort()
    }
    answer(status: number, text: string): void {
      Object.assign(this, { status, responseText: text })
      this.onload()
    }
  }
  const begin = async (name = 'home.pcap') => {
    vi.stubGlobal('XMLHttpRequest', FakeRequest)
    const { setCsrf } = await import('../../../ui/state/api.ts')
    setCsrf('token')
    const { Upload } = await import('../../../ui/state/upload.svelte.ts')
    const upload = new Upload()
    expect(upload.state).toBe('idle')
    const file = { name, size: 5_000 } as File
    const done = upload.send(file)
    return { upload, done, file, request: FakeRequest.last }
  }

  it('sends the file as it is, with its name and the token, and says how far it is', async () => {
    const { upload, done, file, request } = await begin('ü'.repeat(300))
    expect(request.opened).toEqual(['POST', '/api/replays'])
    expect(request.headers).toEqual({
      'content-type': 'application/octet-stream',
      'x-file-name': encodeURIComponent('ü'.repeat(200)),
      'x-csrf-token': 'token',
    })
    expect(request.body).toBe(file)
    request.upload.onprogress?.({ loaded: 1_234 })
    expect([upload.state, upload.sent, upload.size]).toEqual(['sending', 1_234, 5_000])
    request.answer(200, '{"id":"r1"}')
    expect(await done).toEqual({ id: 'r1' })
    expect([upload.state, upload.problem]).toEqual(['idle', null])
  })

  it.each([
    [413, '{"error":{"code":"large","message":"Too large."}}', 'Too large.'],
    [500, 'nonsense', null],
    [199, '{"id":"r1"}', null],
    [300, '{"id":"r1"}', null],
    [200, '{"name":"no id"}', null],
    [200, 'null', null],
  ])('fails with status %i and %s', async (status, text, problem) => {
    const { upload, done, request } = await begin()
    request.answer(status, text)
    expect(await done).toBeNull()
    expect([upload.state, upload.problem]).toEqual(['failed', problem])
  })

  it('fails where contact is lost, and may be cancelled', async () => {
    const lost = await begin()
    lost.request.onerror()
    expect([await lost.done, lost.upload.state]).toEqual([null, 'failed'])
    const { upload, done } = await begin()
    upload.cancel()
    expect([await done, upload.state]).toEqual([null, 'cancelled'])
    const again = upload.send({ name: 'b', size: 1 } as File)
    expect([upload.state, upload.sent, upload.name]).toEqual(['sending', 0, 'b'])
    FakeRequest.last.answer(201, '{"id":"r2"}')
    expect(await again).toEqual({ id: 'r2' })
    upload.cancel()
    expect(upload.state).toBe('idle')
  })
})

describe('a dry run of alert settings', () => {
  const opened = async () => {
    const { AlertDryRun } = await import('../../../ui/state/dry-run.svelte.ts')
    const dryRun = new AlertDryRun()
    page.answer('POST /api/dry-runs', { id: 't/1', state: 'running' })
    page.answer('GET /api/dry-runs/t%2F1', { id: 't/1', state: 'running' })
    page.answer('DELETE /api/dry-runs/t%2F1', null)
    await dryRun.begin('live', { days: 3 })
    return dryRun
  }
  const looks = (): number => page.paths('GET /api/dry-runs/t%2F1').length

  it('is looked at each 300 ms until it is over', async () => {
    const dryRun = await opened()
    expect([dryRun.settings, page.asked[0]?.body]).toEqual(['{"days":3}', { scope: 'live', alerts: { days: 3 } }])
    await vi.advanceTimersByTimeAsync(299)
    expect(looks()).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(looks()).toBe(1)
    page.answer('GET /api/dry-runs/t%2F1', { id: 't/1', state: 'done' })
    await vi.advanceTimersByTimeAsync(300)
    expect(dryRun.current).toMatchObject({ state: 'done' })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(looks()).toBe(2)
  })

  it('is given up at the server as well, or left alone', async () => {
    const dryRun = await opened()
    await dryRun.cancel()
    expect([dryRun.current, page.paths('DELETE /api/dry-runs/t%2F1').length]).toEqual([null, 1])
    await dryRun.cancel()
    await vi.advanceTimersByTimeAsync(5_000)
    expect([page.paths('DELETE /api/dry-runs/t%2F1').length, looks()]).toEqual([1, 0])
    const other = await opened()
    other.leave()
    await vi.advanceTimersByTimeAsync(5_000)
    expect([other.current, looks()]).toEqual([null, 0])
  })

  it('that the server does not know any more is over; a refusal to begin is thrown', async () => {
    const dryRun = await opened()
    page.refuse('GET /api/dry-runs/t%2F1', 404, 'gone', 'Gone.')
    await vi.advanceTimersByTimeAsync(5_000)
    expect([dryRun.current, looks()]).toEqual([null, 1])
    page.refuse('POST /api/dry-runs', 409, 'busy', 'One at a time.')
    await expect(dryRun.begin('live', {})).rejects.toThrow('One at a time.')
  })
})

describe('the screen of a device', () => {
  const status = { now: 1_000_000, first: 5, timeZone: 'UTC', sources: [] }
  const opened = async (hash = '#/device/aa', role = 'admin') => {
    page = openPage(hash)
    for (const scope of ['live', 'r1']) {
      page.answer(`GET /api/traffic/${scope}/status`, status)
      page.answer(`GET /api/traffic/${scope}/devices/a%2Fa`, {
        endpoints: [{ company: { slug: 'ring' } }, { company: { slug: null } }],
      })
      page.answer(`GET /api/traffic/${scope}/devices/a%2Fa/grid`, { hours: [] })
    }
    page.answer('GET /api/session', { role, csrf: 't' })
    page.answer('GET /api/words', {})
    const { session } = await import('../../../ui/state/session.svelte.ts')
    await session.load()
    const { traffic } = await import('../../../ui/state/traffic.svelte.ts')
    const { DeviceScreen } = await import('../../../ui/state/device-screen.svelte.ts')
    const { toast } = await import('../../../ui/state/toast.svelte.ts')
    return { screen: new DeviceScreen('a/a'), traffic, toast }
  }

  it('asks for the page each time and for the hours once, when the traffic history is known', async () => {
    const { screen, traffic } = await opened()
    screen.load()
    expect(page.paths('GET /api/traffic/live/devices/a%2Fa')).toEqual([])
    await traffic.open()
    screen.load()
    screen.load()
    await vi.advanceTimersByTimeAsync(1)
    expect(page.paths('GET /api/traffic/live/devices/a%2Fa')).toHaveLength(2)
    expect(page.paths('GET /api/traffic/live/devices/a%2Fa/grid')).toHaveLength(1)
    expect(page.paths('GET /api/traffic/live/devices/a%2Fa')[0]).toMatch(/\?from=0&to=1$/)
  })

  it('narrows its endpoints to the company of the address', async () => {
    const { screen, traffic } = await opened()
    await traffic.open()
    screen.load()
    await vi.advanceTimersByTimeAsync(1)
    const shown = (): unknown[] => screen.endpoints.map(({ company }) => company.slug)
    expect([screen.company, shown()]).toEqual([null, ['ring', null]])
    screen.only('ring')
    expect([screen.company, shown()]).toEqual(['ring', ['ring']])
    screen.only('-')
    expect(shown()).toEqual([null])
    screen.only(null)
    expect(shown()).toEqual(['ring', null])
  })

  it('lets administrators change what is live', async () => {
    expect((await opened()).screen.mayChange).toBe(true)
    expect((await opened('#/device/aa', 'viewer')).screen.mayChange).toBe(false)
    expect((await opened('#/replay/r1/device/aa')).screen.mayChange).toBe(false)
  })

  it('closes its dialog once a change is done, not where it failed', async () => {
    const { screen, toast } = await opened()
    screen.dialog = 'rename'
    page.refuse('PATCH /api/devices/a%2Fa', 400, 'bad', 'No.')
    await screen.change('Renamed.', { name: 'x' })
    expect([screen.dialog, toast.message?.words]).toEqual(['rename', 'No.'])
    page.answer('PATCH /api/devices/a%2Fa', { undo: 'u1' })
    await screen.change('Renamed.', { name: 'x' })
    expect([screen.dialog, toast.message?.words, toast.message?.undo]).toEqual([null, 'Renamed.', 'u1'])
    page.answer('POST /api/devices/a%2Fa/split', { undo: 'u2' })
    await screen.split('Split.')
    expect(toast.message?.undo).toBe('u2')
  })

  it('goes on to the other device after a merge', async () => {
    const { screen } = await opened()
    page.refuse('POST /api/devices/a%2Fa/merge', 400, 'bad', 'No.')
    await screen.merge('Merged.', 'bb')
    expect(location.hash).toBe('#/device/aa')
    page.answer('POST /api/devices/a%2Fa/merge', { undo: 'u1' })
    await screen.merge('Merged.', 'bb')
    expect([location.hash, page.asked.at(-1)?.body]).toEqual(['#/device/bb', { into: 'bb' }])
  })

  it('shows the receipt of a device that is forgotten, and asks for it no more', async () => {
    const { screen, traffic } = await opened()
    await traffic.open()
    screen.dialog = 'forget'
    page.refuse('POST /api/devices/a%2Fa/forget', 400, 'bad', 'No.')
    await screen.forget(true)
    expect([screen.dialog, screen.receipt]).toEqual(['forget', null])
    page.answer('POST /api/devices/a%2Fa/forget', { rows: 5 })
    await screen.forget(true)
    expect([screen.dialog, screen.receipt]).toEqual([null, { rows: 5 }])
    expect(page.asked.find(({ path }) => path.endsWith('/forget'))?.body).toEqual({ ignore: true })
    screen.load()
    expect(page.paths('GET /api/traffic/live/devices/a%2Fa')).toEqual([])
  })
})

describe('events', () => {
  it('are asked for in the time shown, and again two seconds after news of them', async () => {
    page.answer('GET /api/traffic/live/status', { now: 1_000_000, first: 5, timeZone: 'UTC', sources: [] })
    page.answer('GET /api/traffic/live/events', [{ kind: 'heartbeat' }, { kind: 'call' }])
    const { traffic } = await import('../../../ui/state/traffic.svelte.ts')
    const { live } = await import('../../../ui/state/live.svelte.ts')
    const { Events } = await import('../../../ui/state/events.svelte.ts')
    live.open('t')
    const all = new Events(undefined)
    const one = new Events('aa')
    all.load()
    expect(page.asked).toEqual([])
    await traffic.open()
    all.load()
    one.load()
    await vi.advanceTimersByTimeAsync(1)
    expect(page.paths('GET /api/traffic/live/events').map((path) => path.split('?')[1])).toEqual([
      'from=0&to=1',
      'from=0&to=1&device=aa',
    ])
    expect(all.shown).toEqual([{ kind: 'call' }])
    const stop = all.listen()
    const asked = (): number => page.paths('GET /api/traffic/live/events').length
    page.socket.update('events', 'r1', [], [])
    live.paused = true
    page.socket.update('events', 'live', [], [])
    await vi.advanceTimersByTimeAsync(3_000)
    expect(asked()).toBe(2)
    live.paused = false
    page.socket.update('events', 'live', [], [])
    await vi.advanceTimersByTimeAsync(1_000)
    page.socket.update('events', 'live', [], [])
    await vi.advanceTimersByTimeAsync(999)
    expect(asked()).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked()).toBe(3)
    page.socket.update('events', 'live', [], [])
    stop()
    page.socket.update('events', 'live', [], [])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked()).toBe(3)
  })
})

describe('the theme', () => {
  it('is what the machine says unless somebody chose, which is remembered', async () => {
    page.store.set('telltale-theme', 'blue')
    const { theme } = await import('../../../ui/state/theme.svelte.ts')
    const shown = (): unknown[] => [theme.choice, theme.shown, page.document.documentElement.dataset['theme']]
    theme.apply()
    expect(shown()).toEqual(['auto', 'light', 'light'])
    page.media.matches = true
    page.media.dispatchEvent(new Event('change'))
    expect(shown()).toEqual(['auto', 'dark', 'dark'])
    theme.choose('light')
    expect([shown(), page.store.get('telltale-theme')]).toEqual([['light', 'light', 'light'], 'light'])
    theme.choose('auto')
    expect([shown(), page.store.get('telltale-theme')]).toEqual([['auto', 'dark', 'dark'], undefined])
  })

  it.each(['light', 'dark'])('remembers %s', async (choice) => {
    page.store.set('telltale-theme', choice)
    const { theme } = await import('../../../ui/state/theme.svelte.ts')
    theme.apply()
    expect([theme.choice, theme.shown]).toEqual([choice, choice])
  })
})

describe('addresses', () => {
  it('keep range and selection within the same history, and nothing else', async () => {
    location.hash = '#/device/aa?range=24h&from=1&to=2&tab=x'
    const { router } = await import('../../../ui/state/router.svelte.ts')
    expect(router.href('devices')).toBe('#/devices?range=24h&from=1&to=2')
    expect(router.href('company', 'ring', 'live', { tab: 'y' })).toBe('#/company/ring?range=24h&from=1&to=2&tab=y')
    expect(router.href('home', null, 'r1')).toBe('#/replay/r1')
    router.setQuery({ tab: null, from: '5' })
    expect(location.hash).toBe('#/device/aa?range=24h&from=5&to=2')
    expect(router.route.query).toEqual({ range: '24h', from: '5', to: '2' })
    router.open('alerts')
    expect([router.route.screen, router.scope]).toEqual(['alerts', 'live'])
  })

  it('name the range, an hour of the live history and all of a replay else', async () => {
    const { range } = await import('../../../ui/state/range.svelte.ts')
    expect([range.name, range.selection, range.cursor]).toEqual(['1h', null, null])
    range.choose('7d')
    range.select({ from: 3, to: 9 })
    range.point(5)
    expect([range.name, range.selection, range.cursor]).toEqual(['7d', { from: 3, to: 9 }, 5])
    range.choose('5m')
    expect([range.name, range.selection]).toEqual(['5m', null])
    range.select({ from: 3, to: 9 })
    range.select(null)
    range.point(null)
    expect([range.selection, range.cursor]).toEqual([null, null])
    location.hash = '#/replay/r1'
    expect(range.name).toBe('all')
  })

  it('of the console carry a token in any of five places', async () => {
    const { tokenIn } = await import('../../../ui/state/token.ts')
    const at = (pathname: string, search = '', hash = ''): string => tokenIn({ pathname, search, hash })
    expect([
      at('/', '?token=abc'),
      at('/claim', '?token=abc'),
      at('/claim/abc'),
      at('/', '', '#token=a%62c'),
      at('/', '', '#/claim/abc'),
      at('/', '', '#/'),
      at('/x/claim/abc'),
    ]).toEqual(['abc', 'abc', 'abc', 'abc', 'abc', '', ''])
  })
})

it('a long list is drawn by fifty rows', async () => {
  const { ShownRows } = await import('../../../ui/state/lists.svelte.ts')
  const rows = Array.from({ length: 120 }, (_, index) => index)
  const shown = new ShownRows()
  expect([shown.of(rows).length, shown.of(rows.slice(0, 50)).length]).toEqual([50, 50])
  shown.more()
  expect(shown.of(rows)).toEqual(rows.slice(0, 100))
  expect(new ShownRows(7).of(rows)).toHaveLength(7)
})

it('the wish for notifications is remembered until it is taken back', async () => {
  const { wantsNotifications, setWantsNotifications } = await import('../../../ui/state/notification-choice.ts')
  const reported = [wantsNotifications()]
  for (const on of [true, false]) {
    setWantsNotifications(on)
    reported.push(wantsNotifications())
  }
  expect([reported, page.store.size]).toEqual([[false, true, false], 0])
})
