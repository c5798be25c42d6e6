// Session, requests, settings and sources: what is sent, and what a refusal leaves.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Session } from '../../../ui/state/session.svelte.ts'
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

describe('the session', () => {
  const isLoggedIn = ({ facts }: Session): boolean => facts !== null && facts.role !== null
  const admin = { role: 'admin', csrf: 'token-1', claimed: true }

  it('knows who looks, and carries the token with each change', async () => {
    const { session } = await import('../../../ui/state/session.svelte.ts')
    expect([isLoggedIn(session), session.mayChange]).toEqual([false, false])
    page.answer('GET /api/session', admin)
    page.answer('GET /api/words', { purposes: { a: 1 } })
    await session.load()
    expect([isLoggedIn(session), session.mayChange, session.words, session.failure]).toEqual([
      true,
      true,
      { purposes: { a: 1 } },
      null,
    ])
    page.answer('POST /api/logout', null)
    page.answer('GET /api/session', { role: null, csrf: null })
    await session.logOut()
    expect(page.asked.find(({ method }) => method === 'POST')?.headers).toEqual({ 'x-csrf-token': 'token-1' })
    expect([isLoggedIn(session), page.paths('GET /api/words').length]).toEqual([false, 1])
    page.answer('GET /api/session', { ...admin, role: 'viewer' })
    page.answer('POST /api/login', null)
    await session.logIn('secret')
    expect([isLoggedIn(session), session.mayChange]).toEqual([true, false])
    page.answer('POST /api/claim', null)
    await session.claim('t', 'secret')
    expect(page.asked.filter(({ method }) => method === 'POST').map(({ body }) => body)).toEqual([
      null,
      { password: 'secret' },
      { token: 't', password: 'secret' },
    ])
  })

  it('that ended asks once who looks now', async () => {
    const { session } = await import('../../../ui/state/session.svelte.ts')
    session.ended()
    expect(page.asked).toEqual([])
    page.answer('GET /api/session', admin)
    page.answer('GET /api/words', {})
    await session.load()
    page.refuse('GET /api/x', 401, 'logged-out', 'Log in.')
    const { get } = await import('../../../ui/state/api.ts')
    await expect(get('/api/x')).rejects.toMatchObject({ status: 401, code: 'logged-out' })
    expect([isLoggedIn(session), page.paths('GET /api/session').length]).toEqual([false, 2])
    session.ended()
    expect(page.paths('GET /api/session')).toHaveLength(2)
  })

  it('says why the first question got no answer', async () => {
    const { session } = await import('../../../ui/state/session.svelte.ts')
    page.answer('GET /api/session', () => new Response('not JSON', { status: 200 }))
    await session.load()
    expect(session.failure).toMatchObject({ code: 'unreadable', status: 200 })
    page.answer('GET /api/session', () => new Response('', { status: 502 }))
    await session.load()
    expect(session.failure).toMatchObject({ code: 'http-502', message: 'The server answered 502.' })
  })
})
describe('requests', () => {
  it('carry what is given of a query and a body', async () => {
    const { get, send, setCsrf, trafficPath, isAbort, pathWith } = await import('../../../ui/state/api.ts')
    page.answer('GET /x', () => new Response(''))
    expect(await get('/x', { a: 'b c', none: undefined, n: 0 })).toBeNull()
    expect(page.asked.at(-1)?.path).toBe('/x?a=b+c&n=0')
    expect(pathWith('/x', { none: undefined })).toBe('/x')
    page.answer('PUT /x', { ok: true })
    await send('PUT', '/x', { a: 1 })
    expect(page.asked.at(-1)).toMatchObject({ headers: { 'content-type': 'application/json' }, body: { a: 1 } })
    expect(page.asked.at(-1)?.headers['x-csrf-token']).toBeUndefined()
    setCsrf('token')
    await send('PUT', '/x', { a: 1 })
    expect(page.asked.at(-1)?.headers['x-csrf-token']).toBe('token')
    expect(trafficPath('a/b', 'series')).toBe('/api/traffic/a%2Fb/series')
    expect([
      isAbort(new DOMException('', 'AbortError')),
      isAbort(new DOMException('', 'Other')),
      isAbort(new Error()),
    ]).toEqual([true, false, false])
  })
})
describe('the settings form', () => {
  const schema = {
    properties: {
      alerts: {
        title: 'Alerts',
        properties: {
          days: { type: 'integer', minimum: 1, maximum: 30, title: 'Days' },
          loud: { type: 'boolean' },
          hosts: { type: 'array' },
        },
      },
      other: { properties: { name: { type: 'string' } } },
    },
  }
  const values = { alerts: { days: 7, loud: true, hosts: ['a', 'b'] }, other: { name: 'x' } }
  const opened = async () => {
    const { SettingsForm } = await import('../../../ui/state/settings.svelte.ts')
    page.answer('GET /api/settings', { schema, values })
    const form = new SettingsForm()
    await form.load()
    const [alerts, other] = form.sections
    if (alerts === undefined || other === undefined) throw new Error('no sections')
    return { form, alerts, other, fields: alerts.fields as [never, never, never] }
  }

  it('shows what is set until something is typed', async () => {
    const { form, alerts, other, fields } = await opened()
    expect(fields.map((field) => form.shown(field))).toEqual(['7', true, 'a\nb'])
    expect(form.changed(alerts)).toBe(false)
    form.type(fields[0], '7')
    expect(form.changed(alerts)).toBe(false)
    form.type(fields[0], '8')
    expect([form.shown(fields[0]), form.changed(alerts), form.changed(other)]).toEqual(['8', true, false])
    expect(form.edited(alerts)).toEqual({ days: 8 })
  })

  it('sends what was changed in one section, and lets go of what was typed there', async () => {
    const { form, alerts, other, fields } = await opened()
    form.type(fields[1], false)
    form.type(fields[2], ' c \n\n d')
    form.type(other.fields[0], 'y')
    const release = page.hold('PATCH /api/settings')
    const saving = form.save(alerts)
    expect(form.busy).toBe(true)
    release({ schema, values: { ...values, alerts: { days: 7, loud: false, hosts: ['c', 'd'] } } })
    expect(await saving).toBe(true)
    expect(page.asked.at(-1)?.body).toEqual({ alerts: { loud: false, hosts: ['c', 'd'] } })
    expect([form.busy, form.shown(fields[1]), form.changed(other), form.error]).toEqual([false, false, true, null])
    expect(Object.keys(form.typed)).toEqual(['other.name'])
  })

  it.each([
    ['0', 'outside'],
    ['1', null],
    ['30', null],
    ['31', 'outside'],
    ['1.5', 'whole'],
    ['', 'whole'],
  ])('takes %o for a number from 1 to 30: %s', async (given, wrong) => {
    const { form, alerts, fields } = await opened()
    form.type(fields[0], given)
    expect(form.edited(alerts) === null).toBe(wrong !== null)
    const problem = form.problems['alerts.days']
    if (wrong === null) expect(problem).toBeUndefined()
    else expect(problem).toMatch(wrong === 'whole' ? /whole/ : /1.*30/)
    expect(page.paths('PATCH /api/settings')).toEqual([])
    form.type(fields[0], '5')
    expect(form.problems['alerts.days']).toBeUndefined()
  })

  it('puts a refusal at its field, or above all', async () => {
    const { form, alerts, fields } = await opened()
    form.type(fields[0], '8')
    page.refuse('PATCH /api/settings', 400, 'bad', 'alerts.days ("Days") must be odd.')
    expect(await form.save(alerts)).toBe(false)
    expect([form.problems, form.error, form.busy]).toEqual([{ 'alerts.days': 'Must be odd.' }, null, false])
    form.type(fields[0], '9')
    page.refuse('PATCH /api/settings', 400, 'bad', 'Not now.')
    expect(await form.save(alerts)).toBe(false)
    expect([form.error?.message, form.shown(fields[0])]).toEqual(['Not now.', '9'])
    page.refuse('GET /api/settings', 500, 'broken', 'Out of order.')
    await form.load()
    expect(form.error?.message).toBe('Out of order.')
    page.answer('GET /api/settings', { schema, values })
    await form.load()
    expect(form.error).toBeNull()
  })
})
describe('sources', () => {
  const opened = async (role = 'admin') => {
    page.answer('GET /api/session', { role, csrf: 't' })
    page.answer('GET /api/words', {})
    page.answer('GET /api/settings', { values: { sources: { interfaces: ['eth0'], off: ['a', 'b'] } } })
    page.answer('PATCH /api/settings', {})
    const { session } = await import('../../../ui/state/session.svelte.ts')
    await session.load()
    const { SourceChoices, toneOf } = await import('../../../ui/state/sources.svelte.ts')
    return { choices: new SourceChoices(), toneOf }
  }

  it('are four interfaces at most, for who may change settings', async () => {
    const { choices } = await opened()
    page.answer('GET /api/interfaces', [1, 2, 3, 4, 5])
    await choices.load()
    expect([choices.interfaces, choices.isBusy, choices.problem]).toEqual([[1, 2, 3, 4], false, null])
    const viewer = await opened('viewer')
    await viewer.choices.load()
    expect([viewer.choices.interfaces, page.paths('GET /api/interfaces').length]).toEqual([[], 1])
  })

  it('are added once, trimmed, and the traffic history asked anew', async () => {
    const { choices } = await opened()
    expect(await choices.listen(' eth1 ')).toBe(true)
    expect(page.asked.find(({ method }) => method === 'PATCH')?.body).toEqual({
      sources: { interfaces: ['eth0', 'eth1'] },
    })
    expect(page.paths('GET /api/traffic/live/status')).toHaveLength(1)
    await choices.listen('eth0')
    await choices.add('folders', '/srv')
    expect(page.asked.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([
      { sources: { interfaces: ['eth0', 'eth1'] } },
      { sources: { interfaces: ['eth0'] } },
      { sources: { folders: ['/srv'] } },
    ])
  })

  it('are switched off and on by their ids', async () => {
    const { choices } = await opened()
    await choices.turn('a', true)
    await choices.turn('c', false)
    await choices.turn('a', false)
    expect(page.asked.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([
      { sources: { off: ['b'] } },
      { sources: { off: ['a', 'b', 'c'] } },
      { sources: { off: ['b', 'a'] } },
    ])
  })

  it('say why they were not taken', async () => {
    const { choices } = await opened()
    const release = page.hold('PATCH /api/settings')
    const adding = choices.listen('eth9')
    await vi.advanceTimersByTimeAsync(1)
    expect(choices.isBusy).toBe(true)
    release(Response.json({ error: { code: 'bad', message: 'No such interface.' } }, { status: 400 }))
    expect(await adding).toBe(false)
    expect([choices.problem, choices.isBusy]).toEqual(['No such interface.', false])
  })

  it.each([
    [{ state: 'failed', problem: null }, 'bad'],
    [{ state: 'off', problem: 'x' }, 'plain'],
    [{ state: 'running', problem: 'x' }, 'notice'],
    [{ state: 'running', problem: null }, 'calm'],
    [{ state: 'waiting', problem: null }, 'plain'],
  ])('look as they are doing: %o is %s', async (source, tone) => {
    const { toneOf } = await import('../../../ui/state/sources.svelte.ts')
    expect(toneOf(source as never)).toBe(tone)
  })
})
