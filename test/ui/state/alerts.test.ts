// The alerts of the open history, the toast that says what was done, and notifications of the browser.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alertRowOf } from '../../support/alert-row.ts'
import { openPage, type FakePage } from '../../support/page.ts'

const HOUR = 3_600
const alert = alertRowOf

let page: FakePage
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const opened = async (hash = '#/') => {
  page = openPage(hash)
  page.answer('GET /api/traffic/live/alerts', [alert('one'), alert('two', { to: 900, state: 'it-was-me' })])
  page.answer('GET /api/traffic/r1/alerts', [alert('one')])
  const { alerts } = await import('../../../ui/state/alerts.svelte.ts')
  const { toast } = await import('../../../ui/state/toast.svelte.ts')
  const { live } = await import('../../../ui/state/live.svelte.ts')
  live.open('token')
  return { alerts, toast, stop: alerts.listen() }
}

describe('alerts', () => {
  it('are loaded, and the open ones that nobody muted are to be decided', async () => {
    const { alerts } = await opened()
    expect(alerts.loaded).toBe(false)
    await alerts.begin()
    expect([alerts.loaded, alerts.all.length]).toEqual([true, 2])
    alerts.add([alert('three', { device: null }), alert('four', { device: 'bb', muted: true })])
    expect(alerts.open.map(({ id }) => id).sort()).toEqual(['one', 'three'])
    expect([...alerts.alarming]).toEqual(['aa'])
    expect(alerts.of('bb').map(({ id }) => id)).toEqual(['four'])
  })

  it('of another history are forgotten before they are asked for', async () => {
    const { alerts } = await opened()
    await alerts.begin()
    page.answer('GET /api/traffic/live/alerts', () => new Promise(() => undefined))
    void alerts.begin()
    expect([alerts.all, alerts.loaded]).toEqual([[], false])
  })

  it('stay what they are when they cannot be loaded, or when another history was opened meanwhile', async () => {
    const { alerts } = await opened()
    await alerts.begin()
    page.refuse('GET /api/traffic/live/alerts', 500, 'broken', 'Out of order.')
    await alerts.load()
    expect(alerts.all).toHaveLength(2)
    const release = page.hold('GET /api/traffic/live/alerts')
    const loading = alerts.load()
    location.hash = '#/replay/r1'
    release([])
    await loading
    expect(alerts.all).toHaveLength(2)
  })

  it('are sorted by their ends, known ones replaced, and the most serious new one is said with a link', async () => {
    const { alerts, toast } = await opened()
    await alerts.begin()
    alerts.add([alert('one', { to: 1_020, seen: 99 })])
    expect(toast.message).toBeNull()
    alerts.add([alert('new', { to: 2_000 }), alert('old', { to: 950, rank: 3 })])
    expect(alerts.all.map(({ id }) => id)).toEqual(['new', 'one', 'old', 'two'])
    expect(alerts.all[1]).toMatchObject({ seen: 99 })
    expect(toast.message).toMatchObject({ tone: 'done', undo: null, href: '#/alert/old' })
    expect(toast.message?.words).toBe('New alert: message of old')
    expect(alerts.open.map(({ id }) => id)).toEqual(['old', 'new', 'one'])
  })

  it('are said at their start and, in its place, at their end with the total, and not in between', async () => {
    const { alerts, toast } = await opened()
    await alerts.begin()
    const upload = { from: 2_000, bytes: 5e6, isOver: false }
    alerts.add([alert('new', upload)])
    expect(toast.message?.words).toBe('New alert: message of new')
    toast.close()
    for (const second of [1, 2, 3]) alerts.add([alert('new', { ...upload, to: 2_000 + second, bytes: second * 1e8 })])
    expect([toast.message, alerts.all.find(({ id }) => id === 'new')?.bytes]).toEqual([null, 3e8])
    alerts.add([alert('new', { ...upload, to: 2_046, bytes: 3e8, isOver: true, message: 'message of new, 300 MB' })])
    expect(toast.message).toMatchObject({
      words: 'It has stopped: message of new, 300 MB',
      href: '#/alert/new',
    })
    toast.close()
    alerts.add([alert('new', { ...upload, to: 2_046, bytes: 3e8, isOver: true })])
    expect(toast.message).toBeNull()
  })

  it('do not take the place of what can be undone, or failed', async () => {
    const { alerts, toast } = await opened()
    await alerts.begin()
    toast.say('Renamed.', 'done', 'u1')
    alerts.add([alert('new')])
    expect(toast.message?.words).toBe('Renamed.')
    toast.say('Refused.', 'failed')
    alerts.add([alert('newer')])
    expect(toast.message?.words).toBe('Refused.')
  })

  it.each([
    ['muted ones', { muted: true }],
    ['decided ones', { state: 'expected' }],
  ] as const)('are not said for %s', async (_what, facts) => {
    const { alerts, toast } = await opened()
    await alerts.begin()
    alerts.add([alert('new', facts)])
    expect(toast.message).toBeNull()
  })

  it('are not said before the known ones are loaded, nor of a replay', async () => {
    const { alerts, toast } = await opened()
    alerts.add([alert('new')])
    expect(toast.message).toBeNull()
    const replay = await opened('#/replay/r1')
    await replay.alerts.begin()
    replay.alerts.add([alert('new')])
    expect([replay.alerts.all.length, replay.toast.message]).toEqual([2, null])
  })

  it('are news of two days in a live home, and of ever in a replay', async () => {
    const { alerts } = await opened()
    await alerts.begin()
    const recent = (now: number): number => alerts.recent(now).length
    expect([recent(1_010 + 48 * HOUR - 1), recent(1_010 + 48 * HOUR)]).toEqual([1, 0])
    const replay = await opened('#/replay/r1')
    await replay.alerts.begin()
    expect(replay.alerts.recent(1e9)).toHaveLength(1)
  })

  it('hear of their own history only, until they stop', async () => {
    const { alerts, stop } = await opened()
    await alerts.begin()
    page.socket.update('alerts', 'r1', [alert('three')])
    page.socket.update('changed', 'r1')
    expect([alerts.all.length, page.asked.length]).toEqual([2, 1])
    page.socket.update('alerts', 'live', [alert('three')])
    page.socket.update('changed', 'live')
    page.socket.update('changed', null)
    expect([alerts.all.length, page.asked.length]).toEqual([3, 3])
    stop()
    page.socket.update('changed', null)
    expect(page.asked).toHaveLength(3)
  })

  it('are decided in their scope, which is said', async () => {
    const { alerts, toast } = await opened()
    await alerts.begin()
    page.answer('POST /api/alerts/a%2Fb/decision', alert('one', { state: 'expected' }))
    await alerts.decide('a/b', 'expected')
    expect(page.asked.at(-1)).toMatchObject({
      path: '/api/alerts/a%2Fb/decision?scope=live',
      body: { decision: 'expected' },
    })
    expect(alerts.open).toEqual([])
    expect(toast.message?.tone).toBe('done')
    page.refuse('POST /api/alerts/one/decision', 403, 'forbidden', 'Only an administrator may do that.')
    await alerts.decide('one', 'open')
    expect(alerts.open).toEqual([])
    expect(toast.message).toMatchObject({ words: 'Only an administrator may do that.', tone: 'failed' })
  })

  it('are muted by kind, device and company, and no others', async () => {
    const { alerts, toast } = await opened()
    page.answer('GET /api/traffic/live/alerts', [
      alert('one'),
      alert('again'),
      alert('other kind', { kind: 'silent' }),
      alert('other device', { device: 'bb' }),
      alert('other company', { company: null }),
    ])
    await alerts.begin()
    page.answer('POST /api/alerts/one/mute', alert('one', { muted: true }))
    await alerts.mute('one', true)
    expect(page.asked.at(-1)?.body).toEqual({ on: true })
    expect(alerts.all.filter(({ muted }) => muted).map(({ id }) => id)).toEqual(['one', 'again'])
    const words = toast.message?.words
    await alerts.mute('one', false)
    expect(alerts.all.some(({ muted }) => muted)).toBe(false)
    expect(toast.message?.words).not.toBe(words)
    page.refuse('POST /api/alerts/one/mute', 403, 'forbidden', 'No.')
    await alerts.mute('one', true)
    expect(alerts.all.some(({ muted }) => muted)).toBe(false)
  })
})

describe('the toast', () => {
  it('goes after ten seconds, unless somebody points at it', async () => {
    const { toast } = await opened()
    toast.say('Done.')
    expect(toast.message).toEqual({ words: 'Done.', tone: 'done', undo: null, href: null })
    vi.advanceTimersByTime(9_999)
    toast.say('Again.')
    vi.advanceTimersByTime(9_999)
    expect(toast.message?.words).toBe('Again.')
    vi.advanceTimersByTime(1)
    expect(toast.message).toBeNull()
    toast.say('Held.')
    toast.hold()
    vi.advanceTimersByTime(60_000)
    expect(toast.message?.words).toBe('Held.')
    toast.letGo()
    vi.advanceTimersByTime(9_999)
    expect(toast.message?.words).toBe('Held.')
    vi.advanceTimersByTime(1)
    expect(toast.message).toBeNull()
    toast.say('Closed.')
    toast.close()
    expect(toast.message).toBeNull()
  })

  it('offers to take a change back, and does', async () => {
    const { toast } = await opened()
    expect(await toast.change('Renamed.', () => Promise.resolve({ undo: 'u/1' } as never))).toBe(true)
    expect(toast.message).toMatchObject({ words: 'Renamed.', tone: 'done', undo: 'u/1' })
    page.answer('POST /api/undo/u%2F1', null)
    await toast.takeBack()
    expect(page.paths('POST /api/undo/u%2F1')).toHaveLength(1)
    expect(toast.message).toMatchObject({ tone: 'done', undo: null })
    await toast.takeBack()
    expect(page.paths('POST /api/undo/u%2F1')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(page.paths('GET /api/traffic/live/status')).toHaveLength(1)
  })

  it('says why a change failed, in words of its own where nobody answered', async () => {
    const { toast } = await opened()
    const { ApiFailure } = await import('../../../ui/state/api.ts')
    const fail = (code: string) => (): Promise<never> => Promise.reject(new ApiFailure(0, { code, message: 'Why.' }))
    expect(await toast.change('Renamed.', fail('forbidden'))).toBe(false)
    expect(toast.message).toMatchObject({ words: 'Why.', tone: 'failed', undo: null })
    expect(await toast.attempt(fail('unreachable'))).toBeNull()
    expect(toast.message?.words).not.toBe('Why.')
    await expect(toast.attempt(() => Promise.reject(new TypeError('ours')))).rejects.toThrow('ours')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(page.paths('GET /api/traffic/live/status')).toEqual([])
  })
})

describe('notifications of the browser', () => {
  interface Shown {
    title: string
    body: string
    tag: string
    onclick: () => void
    closed: boolean
  }
  let shown: Shown[]
  const prepare = async (permission: string, facts: { wanted?: boolean; secure?: boolean; sample?: boolean } = {}) => {
    page = openPage()
    shown = []
    class FakeNotification {
      static permission = permission
      static requestPermission(): Promise<void> {
        FakeNotification.permission = permission === 'default' ? 'granted' : permission
        return Promise.resolve()
      }
      constructor(title: string, { body, tag }: { body: string; tag: string }) {
        if (page.store.get('throws') !== undefined) throw new TypeError('Illegal constructor')
        shown.push(Object.assign(this, { title, body, tag, onclick: () => undefined, closed: false }))
      }
      close(): void {
        Object.assign(this, { closed: true })
      }
    }
    vi.stubGlobal('isSecureContext', facts.secure ?? true)
    vi.stubGlobal('window', { Notification: FakeNotification, focus: () => page.store.set('focused', 'yes') })
    vi.stubGlobal('Notification', FakeNotification)
    if (facts.wanted ?? true) page.store.set('telltale-notifications', 'on')
    page.answer('GET /api/traffic/live/status', { now: 1_000_000, sample: facts.sample ?? false })
    page.answer('GET /api/traffic/live/alerts', [alert('known')])
    const { live } = await import('../../../ui/state/live.svelte.ts')
    live.open('token')
    const { notifications } = await import('../../../ui/state/notifications.svelte.ts')
    return notifications
  }
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1)
  const tags = (): string[] => shown.map(({ tag }) => tag)

  it('tell of what is new, three of the most serious at most, and open the alert at a tap', async () => {
    const notifications = await prepare('granted')
    expect([notifications.on, notifications.obstacle, notifications.permitted]).toEqual([true, null, true])
    notifications.start()
    notifications.start()
    await settle()
    expect([page.paths('GET /api/traffic/live/alerts').length, shown]).toEqual([1, []])
    const fresh = [4, 1, 3, 2].map((rank) => alert(`new-${rank}`, { rank }))
    page.socket.update('alerts', 'live', [alert('known'), ...fresh])
    page.socket.update('alerts', 'live', fresh)
    expect(tags()).toEqual(['telltale-new-4-1000', 'telltale-new-3-1000', 'telltale-new-2-1000'])
    expect(shown[0]).toMatchObject({ title: 'Telltale', body: 'message of new-4' })
    shown[0]?.onclick()
    expect([location.hash, page.store.get('focused'), shown[0]?.closed]).toEqual(['#/alert/new-4', 'yes', true])
  })

  it('tell of the end under the tag of the start, so that it takes its place, and of nothing in between', async () => {
    const notifications = await prepare('granted')
    notifications.start()
    await settle()
    const upload = { bytes: 5e6, isOver: false }
    for (const bytes of [5e6, 6e6, 7e6]) page.socket.update('alerts', 'live', [alert('new', { ...upload, bytes })])
    expect(shown.map(({ body }) => body.split('\n').at(-1))).toEqual(['message of new'])
    for (const times of [1, 1])
      page.socket.update('alerts', 'live', [alert('new', { bytes: 3e8, times, message: 'message of new, 300 MB' })])
    expect(tags()).toEqual(['telltale-new-1000', 'telltale-new-1000'])
    expect(shown[1]?.body).toMatch(/^Stopped after .*: 300 MB\nmessage of new, 300 MB$/i)
  })

  it.each([
    ['muted ones', { muted: true }],
    ['decided ones', { state: 'expected' }],
  ] as const)('do not tell of %s', async (_what, facts) => {
    const notifications = await prepare('granted')
    notifications.start()
    await settle()
    page.socket.update('alerts', 'live', [alert('new', facts)])
    page.socket.update('alerts', 'r1', [alert('other')])
    expect(shown).toEqual([])
  })

  it('tell after a pause of what is at most two days old', async () => {
    const notifications = await prepare('granted')
    notifications.start()
    await settle()
    page.answer('GET /api/traffic/live/alerts', [
      alert('old', { to: 1_000_000 - 48 * HOUR }),
      alert('recent', { to: 1_000_001 - 48 * HOUR }),
    ])
    page.socket.update('changed', 'r1')
    await settle()
    expect(shown).toEqual([])
    page.socket.update('changed', null)
    await settle()
    expect(tags()).toEqual(['telltale-recent-1000'])
  })

  it('tell nothing of the sample, and what there is when the home comes is no news', async () => {
    const notifications = await prepare('granted', { sample: true })
    notifications.start()
    await settle()
    expect(notifications.sample).toBe(true)
    page.socket.update('alerts', 'live', [alert('of the sample')])
    expect(shown).toEqual([])
    page.answer('GET /api/traffic/live/status', { now: 1_000_000, sample: false })
    page.answer('GET /api/traffic/live/alerts', [alert('of the home', { to: 999_999 })])
    page.socket.update('status', 'live', { sample: false })
    await settle()
    expect([notifications.sample, shown]).toEqual([false, []])
    page.socket.update('alerts', 'live', [alert('new')])
    expect(tags()).toEqual(['telltale-new-1000'])
  })

  it('are wanted from a tap on, where the browser permits them, until they are turned off', async () => {
    const notifications = await prepare('default', { wanted: false })
    expect([notifications.on, notifications.wanted]).toEqual([false, false])
    await notifications.turnOn()
    expect([notifications.on, page.store.get('telltale-notifications')]).toEqual([true, 'on'])
    await settle()
    notifications.turnOff()
    expect([notifications.on, page.store.get('telltale-notifications')]).toEqual([false, undefined])
    page.socket.update('alerts', 'live', [alert('new')])
    expect(shown).toEqual([])
  })

  it('are refused for a reason', async () => {
    const denied = await prepare('denied', { wanted: false })
    expect(denied.obstacle).toBe('denied')
    await denied.turnOn()
    expect([denied.wanted, denied.on]).toEqual([false, false])
    expect((await prepare('granted', { secure: false })).obstacle).toBe('insecure')
    const app = await prepare('granted')
    page.store.set('throws', 'yes')
    expect([app.show('words', 'tag', '#/'), app.obstacle, app.on]).toEqual([false, 'app-only', false])
    app.look()
    expect(app.obstacle).toBe('app-only')
  })
})
