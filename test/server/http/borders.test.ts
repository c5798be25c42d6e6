// Every route at the borders of what it takes, what it hands to the service, and what it answers when that fails.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LightMyRequestResponse } from 'fastify'
import { codeOf, NOW, openLab, type Lab } from './lab.ts'
import { spiedService, UNDO } from './spied-service.ts'

const YEAR = 366 * 86_400
type Payload = Record<string, unknown> | undefined

const RECEIPT = { id: 'r', at: 1, rows: 2, files: 3, ignored: true }
const OFFER = { devices: ['a:b'], into: 'c:d' }
const spied = spiedService()
const { calls, failing } = spied
let lab: Lab

beforeAll(async () => {
  lab = await openLab({ service: spied.service })
})
afterAll(async () => lab.close())
beforeEach(() => {
  calls.length = 0
  failing.clear()
})

const ask = (method: string, url: string, payload?: Payload): Promise<LightMyRequestResponse> =>
  lab.ask(lab.admin, { method: method, url, ...(payload === undefined ? {} : { payload }) })
const get = (url: string) => ask('GET', url)
/** Without the questions that the guard and the cookie ask. */
const handed = (): unknown[] => calls.filter(([name]) => name !== 'settings')
const deviceId = (index: number): string => lab.service.devices('live')[index]?.id
const statusOf = async (method: string, url: string, payload?: Payload): Promise<number> =>
  (await ask(method, url, payload)).statusCode

describe('a change', () => {
  test.each<[method: string, url: string, payload: Payload, call: unknown[], answer: unknown]>([
    ['PATCH', '/api/devices/a:b', { name: 'Hall' }, ['changeDevice', 'a:b', { name: 'Hall' }], UNDO],
    ['PATCH', '/api/devices/a:b', { name: null }, ['changeDevice', 'a:b', { name: null }], UNDO],
    ['PATCH', '/api/devices/a:b', { kind: 'tv' }, ['changeDevice', 'a:b', { kind: 'tv' }], UNDO],
    ['PATCH', '/api/devices/a:b', { kind: null }, ['changeDevice', 'a:b', { kind: null }], UNDO],
    ['PATCH', '/api/devices/a:b', { level: 'paused' }, ['changeDevice', 'a:b', { level: 'paused' }], UNDO],
    ['PATCH', '/api/devices/a:b', { person: '0000000a' }, ['changeDevice', 'a:b', { person: '0000000a' }], UNDO],
    ['PATCH', '/api/devices/a:b', { person: null }, ['changeDevice', 'a:b', { person: null }], UNDO],
    ['PATCH', '/api/people/0000000a', { name: 'Mia' }, ['changePerson', '0000000a', { name: 'Mia' }], UNDO],
    ['PATCH', '/api/people/0000000a', { role: 'room' }, ['changePerson', '0000000a', { role: 'room' }], UNDO],
    ['DELETE', '/api/people/0000000a', undefined, ['removePerson', '0000000a'], UNDO],
    ['POST', '/api/devices/a:b/merge', { into: 'c:d' }, ['merge', 'a:b', 'c:d'], UNDO],
    ['POST', '/api/devices/a:b/split', undefined, ['split', 'a:b'], UNDO],
    ['POST', '/api/merge-offers/accept', OFFER, ['acceptMerge', OFFER], UNDO],
    ['POST', '/api/merge-offers/decline', OFFER, ['declineMerge', OFFER], UNDO],
    ['POST', '/api/devices/a:b/forget', { ignore: true }, ['forget', 'a:b', true], RECEIPT],
    ['POST', '/api/devices/a:b/forget', { ignore: false }, ['forget', 'a:b', false], RECEIPT],
    ['POST', '/api/seen-once/forget', { until: 5 }, ['forgetSeenOnce', 5], { ...RECEIPT, devices: 9 }],
    ['DELETE', '/api/ignored/a:b', undefined, ['unignore', 'a:b'], { done: true }],
    ['POST', '/api/undo/undo-7', undefined, ['undo', 'undo-7'], { done: true }],
    ['POST', '/api/clock/believe', undefined, ['believeClock'], { done: true }],
    ['DELETE', '/api/replays/replay-7', undefined, ['closeReplay', 'replay-7'], { done: true }],
    ['DELETE', '/api/dry-runs/d', undefined, ['endDryRun', 'd'], { done: true }],
    ['POST', '/api/channels/ntfy/test', undefined, ['testChannel', 'ntfy'], { delivered: false, reason: 'the reason' }],
  ])('%s %s %j is handed on and answered', async (method, url, payload, call, expected) => {
    const answer = await ask(method, url, payload)
    expect([answer.statusCode, answer.json()]).toEqual([200, expected])
    expect(handed()).toEqual([call])
  })

  test.each<[method: string, url: string, payload: Payload, fails: string]>([
    ['PATCH', '/api/devices/a:b', { name: 'Hall' }, 'changeDevice'],
    ['POST', '/api/people', { name: 'Mia', role: 'child' }, 'addPerson'],
    ['PATCH', '/api/people/0000000a', { name: 'Mia' }, 'changePerson'],
    ['DELETE', '/api/people/0000000a', undefined, 'removePerson'],
    ['POST', '/api/devices/a:b/merge', { into: 'c:d' }, 'merge'],
    ['POST', '/api/devices/a:b/split', undefined, 'split'],
    ['POST', '/api/merge-offers/accept', OFFER, 'acceptMerge'],
    ['POST', '/api/devices/a:b/forget', { ignore: true }, 'forget'],
    ['POST', '/api/seen-once/forget', { until: 5 }, 'forgetSeenOnce'],
    ['DELETE', '/api/ignored/a:b', undefined, 'unignore'],
    ['POST', '/api/undo/undo-7', undefined, 'undo'],
    ['POST', '/api/clock/believe', undefined, 'believeClock'],
    ['DELETE', '/api/replays/replay-7', undefined, 'closeReplay'],
    ['POST', '/api/replays/replay-7/control', { action: 'play' }, 'control'],
    ['POST', '/api/dry-runs', { scope: 'live', alerts: {} }, 'startDryRun'],
    ['POST', '/api/channels/ntfy/test', undefined, 'testChannel'],
    ['PATCH', '/api/settings', { access: { sessionDays: 5 } }, 'changeSettings'],
  ])('%s %s %j waits for the service, and tells what went wrong there', async (method, url, payload, fails) => {
    failing.add(fails)
    const before = lab.accounts.log().length
    const answer = await ask(method, url, payload)
    expect([answer.statusCode, answer.json()]).toEqual([409, { error: { code: 'not-now', message: 'Not now.' } }])
    // What did not happen is in no log.
    expect([lab.accounts.log().length, lab.errors]).toEqual([before, []])
  })

  test('of a device that is forgotten, and of settings, is in the log under the role, once', async () => {
    const before = lab.accounts.log().length
    await ask('POST', '/api/devices/a:b/forget', { ignore: false })
    await ask('PATCH', '/api/settings', { access: { sessionDays: 30 } })
    expect(
      lab.accounts
        .log()
        .slice(before)
        .map(({ what, role }) => [what, role]),
    ).toEqual([
      ['forgot-device', 'admin'],
      ['settings', 'admin'],
    ])
  })
})

describe('a question', () => {
  const range = `from=${NOW - 60}&to=${NOW}`
  const asked = { from: NOW - 60, to: NOW }

  test('hands on the scope, the range and what it is about', async () => {
    const device = deviceId(1)
    calls.length = 0
    await get(`/api/traffic/live/overview?${range}&device=${device}&company=google`)
    await get(`/api/traffic/live/series?${range}&device=${device}&company=-&purpose=ads&step=60`)
    await get(`/api/traffic/live/series?${range}`)
    await get(`/api/traffic/live/devices/${device}?${range}`)
    await get(`/api/traffic/live/devices/${device}/grid`)
    await get(`/api/traffic/live/companies/google?${range}`)
    await get('/api/traffic/live/totals?period=month')
    await get('/api/traffic/live/search?q=cam')
    await get(`/api/traffic/live/events?${range}&device=${device}`)
    expect(handed()).toEqual([
      ['overview', 'live', { ...asked, device, company: 'google' }],
      ['series', 'live', { ...asked, device, company: '-', purpose: 'ads', step: 60 }],
      ['series', 'live', asked],
      ['device', 'live', device, asked],
      ['grid', 'live', device],
      ['company', 'live', 'google', asked],
      ['totals', 'live', 'month'],
      ['search', 'live', 'cam'],
      ['events', 'live', { ...asked, device }],
    ])
  })

  test.each([
    [4_000, 1, 1],
    [4_001, 1, 2],
    [8_000, 1, 2],
    [8_001, 1, 3],
    [8_001, 60, 60],
  ])('of %i seconds in steps of %i is one in steps of %i', async (seconds, step, used) => {
    await get(`/api/traffic/live/series?from=${NOW - seconds}&to=${NOW}&step=${step}`)
    expect(handed()).toEqual([['series', 'live', { from: NOW - seconds, to: NOW, step: used }]])
  })

  test.each<[query: string, code: string | null]>([
    [`from=0&to=1`, null],
    [`from=-0.001&to=1`, 'bad-range'],
    [`from=8589934591&to=8589934592`, null],
    [`from=8589934591&to=8589934593`, 'bad-range'],
    [`from=1000&to=1000`, 'bad-range'],
    [`from=1000&to=1000.5`, null],
    [`from=1001&to=1000`, 'bad-range'],
    [`from=1000&to=${1_000 + 2 ** 32}`, null],
    [`from=1000&to=${1_001 + 2 ** 32}`, 'bad-range'],
    [`from=1000`, 'bad-request'],
    [`to=1000`, 'bad-request'],
  ])('of the range %s is answered with %s', async (query, code) => {
    const id = deviceId(1)
    for (const path of ['overview', 'series', `devices/${id}`, 'companies/google', 'events'])
      expect([path, codeOf(await get(`/api/traffic/live/${path}?${query}`))]).toEqual([path, code])
  })

  test.each<[sentence: string, code: string]>([
    ['The range is outside of all time that is known here.', `from=-1&to=1`],
    ['The range must begin before it ends.', `from=1&to=1`],
    ['The range may span 136 years at most.', `from=1&to=${2 + 2 ** 32}`],
  ])('is refused with "%s"', async (message, query) => {
    const answer = await get(`/api/traffic/live/overview?${query}`)
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: { code: 'bad-range', message } }])
  })

  const long = (length: number): string => 'a'.repeat(length)
  test.each<[url: string, ok: boolean]>([
    [`series?${range}&step=1`, true],
    [`series?${range}&step=0`, false],
    [`series?${range}&step=${YEAR}`, true],
    [`series?${range}&step=${YEAR + 1}`, false],
    [`series?${range}&purpose=${long(64)}`, true],
    [`series?${range}&purpose=${long(65)}`, false],
    [`series?${range}&purpose=*ads`, true],
    [`series?${range}&purpose=Ads`, false],
    [`series?${range}&purpose=`, false],
    [`overview?${range}&company=${long(64)}`, true],
    [`overview?${range}&company=${long(65)}`, false],
    [`overview?${range}&company=*other`, true],
    [`overview?${range}&company=-`, true],
    [`overview?${range}&company=a_b`, false],
    [`overview?${range}&device=${long(65)}`, false],
    [`overview?${range}&device=a b`, false],
    ['search?q=a', true],
    ['search?q=', false],
    ['search', false],
    [`search?q=${long(100)}`, true],
    [`search?q=${long(101)}`, false],
    ['totals?period=day', true],
    ['totals?period=week', true],
    ['totals?period=month', true],
    ['totals?period=year', false],
    ['totals', false],
  ])('%s is taken: %s', async (path, ok) => {
    const answer = await get(`/api/traffic/live/${encodeURI(path)}`)
    expect([answer.statusCode, codeOf(answer)]).toEqual(ok ? [200, null] : [400, 'bad-request'])
  })

  test('of a scope has 1 to 64 letters, digits, dashes and underscores', async () => {
    const code = async (scope: string): Promise<string | null> => codeOf(await get(`/api/traffic/${scope}/status`))
    expect(await code(long(64))).toBe('no-such-replay')
    expect(await code('A-z_09')).toBe('no-such-replay')
    expect(await code(long(65))).toBe('bad-request')
    expect(await code('a.b')).toBe('bad-request')
    expect(await code('a%20b')).toBe('bad-request')
  })

  test('of a path that is longer than any is not found', async () => {
    expect(codeOf(await get(`/api/undo/${long(300)}`))).toBe('not-found')
    expect(codeOf(await ask('POST', `/api/undo/${long(300)}`))).toBe('bad-request')
  })
})

describe('what a change may hold', () => {
  const long = (length: number): string => 'x'.repeat(length)
  test.each<[payload: Record<string, unknown>, status: number]>([
    [{}, 400],
    [{ name: '' }, 400],
    [{ name: 'x' }, 200],
    [{ name: long(100) }, 200],
    [{ name: long(101) }, 400],
    [{ name: 5 }, 400],
    [{ kind: '' }, 400],
    [{ kind: long(40) }, 200],
    [{ kind: long(41) }, 400],
    [{ level: 'everything' }, 200],
    [{ level: 'companies' }, 200],
    [{ level: 'totals' }, 200],
    [{ level: 'paused' }, 200],
    [{ level: 'nothing' }, 400],
    [{ level: null }, 400],
    [{ name: 'x', level: 'totals' }, 200],
    [{ name: 'x', owner: 'y' }, 400],
  ])('of a device: %j is answered with %i', async (payload, status) => {
    expect(await statusOf('PATCH', '/api/devices/aa', payload)).toBe(status)
    expect(handed()).toHaveLength(status === 200 ? 1 : 0)
  })

  test.each<[method: string, url: string, payload: Payload]>([
    ['PATCH', '/api/devices/aa', { person: 'mia' }],
    ['POST', '/api/people', { name: 'Mia' }],
    ['POST', '/api/people', { name: 'Mia', role: 'boss' }],
    ['POST', '/api/people', { name: '', role: 'child' }],
    ['POST', '/api/people', { name: long(101), role: 'child' }],
    ['PATCH', '/api/people/0000000a', {}],
    ['PATCH', '/api/people/..%2f', { name: 'Mia' }],
    ['DELETE', '/api/people/mia', undefined],
    ['POST', '/api/devices/aa/merge', {}],
    ['POST', '/api/merge-offers/accept', { devices: [], into: 'aa' }],
    ['POST', '/api/merge-offers/accept', { devices: Array(65).fill('aa'), into: 'bb' }],
    ['POST', '/api/merge-offers/decline', { devices: ['aa'] }],
    ['POST', '/api/devices/aa/merge', { into: '' }],
    ['POST', '/api/devices/aa/merge', { into: long(65) }],
    ['POST', '/api/devices/aa/forget', {}],
    ['POST', '/api/devices/aa/forget', { ignore: 'true' }],
    ['POST', `/api/devices/${long(65)}/split`, undefined],
    ['DELETE', `/api/ignored/${long(65)}`, undefined],
    ['POST', `/api/undo/${long(65)}`, undefined],
    ['POST', '/api/undo/a:b', undefined],
    ['POST', `/api/channels/${long(65)}/test`, undefined],
    ['DELETE', `/api/replays/${long(65)}`, undefined],
    ['DELETE', `/api/dry-runs/${long(65)}`, undefined],
    ['POST', '/api/alerts/a/decision', {}],
    ['POST', '/api/alerts/a/decision', { decision: 'closed' }],
    ['POST', '/api/alerts/a/decision', { decision: 'open', more: 1 }],
    ['POST', '/api/alerts/a/mute', {}],
    ['POST', '/api/alerts/a/mute', { on: 'yes' }],
    ['POST', '/api/alerts/a/mute', { on: true, more: 1 }],
    ['POST', '/api/dry-runs', { scope: 'live' }],
    ['POST', '/api/dry-runs', { scope: long(65), alerts: {} }],
    ['POST', '/api/dry-runs', { scope: 'live', alerts: {}, more: 1 }],
    ['PATCH', '/api/settings', { access: 5 }],
    ['POST', '/api/password', { current: 'x' }],
    ['POST', '/api/password', { current: long(1_025), password: 'y' }],
    ['POST', '/api/viewer-password', {}],
    ['POST', '/api/viewer-password', { password: long(1_025) }],
    ['POST', '/api/login', { password: long(1_025) }],
    ['POST', '/api/claim', { token: long(101), password: 'long enough' }],
    ['POST', '/api/claim', { password: 'long enough' }],
  ])('%s %s %j is refused, and nothing is asked of the service', async (method, url, payload) => {
    const answer = await ask(method, url, payload)
    expect([answer.statusCode, codeOf(answer)]).toEqual([400, 'bad-request'])
    expect(handed()).toEqual([])
  })

  test('of 64 letters is the longest id', async () => {
    for (const [method, url] of [
      ['POST', `/api/devices/${long(64)}/split`],
      ['DELETE', `/api/ignored/${long(64)}`],
      ['POST', `/api/undo/${long(64)}`],
      ['POST', `/api/channels/${long(64)}/test`],
      ['DELETE', `/api/replays/${long(64)}`],
    ] as const)
      expect([url, await statusOf(method, url)]).toEqual([url, 200])
    expect(await statusOf('POST', '/api/devices/aa/merge', { into: long(64) })).toBe(200)
  })

  test.each<[payload: Record<string, unknown>, ok: boolean]>([
    [{ action: 'play' }, true],
    [{ action: 'pause' }, true],
    [{ action: 'cancel' }, true],
    [{ action: 'stop' }, false],
    [{ action: 'speed', speed: 1 }, true],
    [{ action: 'speed', speed: 10 }, true],
    [{ action: 'speed', speed: 100 }, true],
    [{ action: 'speed', speed: 'max' }, true],
    [{ action: 'speed', speed: 2 }, false],
    [{ action: 'speed' }, false],
    [{ action: 'seek', to: 5 }, true],
    [{ action: 'seek', to: '5' }, false],
    [{ action: 'seek' }, false],
    [{ action: 'skip-quiet', on: true }, true],
    [{ action: 'skip-quiet', on: false }, true],
    [{ action: 'skip-quiet' }, false],
    [{ action: 'play', to: 5 }, false],
  ])('of a recording: %j is taken: %s', async (payload, ok) => {
    const answer = await ask('POST', '/api/replays/replay-x/control', payload)
    expect(codeOf(answer)).toBe(ok ? 'no-such-replay' : 'bad-request')
    expect(handed()).toEqual(ok ? [['control', 'replay-x', payload]] : [])
  })
})

describe('an alert', () => {
  test('is decided live unless another scope is named, and muted live', async () => {
    const [alert] = lab.service.alerts('live')
    const id = alert?.id
    calls.length = 0
    await ask('POST', `/api/alerts/${id}/decision`, { decision: 'expected' })
    await ask('POST', `/api/alerts/${id}/decision?scope=replay-3`, { decision: 'it-was-me' })
    await ask('POST', `/api/alerts/${id}/mute`, { on: true })
    await ask('POST', `/api/alerts/${id}/mute`, { on: false })
    expect(handed()).toEqual([
      ['decide', 'live', id, 'expected'],
      ['decide', 'replay-3', id, 'it-was-me'],
      ['mute', id, true],
      ['mute', id, false],
    ])
    expect(await statusOf('POST', `/api/alerts/${id}/decision?scope=a.b`, { decision: 'open' })).toBe(400)
  })

  test('and its list and page are the same through the schema as in the service', async () => {
    const rows = lab.service.alerts('live')
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
    expect((await get('/api/traffic/live/alerts')).json()).toEqual(plain(rows))
    const id = rows[0]?.id
    const page = await lab.service.alert('live', id)
    expect((await get(`/api/traffic/live/alerts/${id}`)).json()).toEqual(plain(page))
    const range = { from: NOW - 86_400, to: NOW }
    const events = lab.service.events('live', range)
    expect(events.length).toBeGreaterThan(0)
    expect((await get(`/api/traffic/live/events?from=${range.from}&to=${range.to}`)).json()).toEqual(plain(events))
  })

  test('settings of them are tried, and what was found is answered whole', async () => {
    const answer = await ask('POST', '/api/dry-runs', { scope: 'live', alerts: { a: 1 } })
    expect(answer.json()).toEqual({
      id: 'd',
      scope: 'live',
      state: 'running',
      progress: 0.5,
      result: null,
      error: null,
    })
    expect(handed()).toEqual([['startDryRun', { scope: 'live', alerts: { a: 1 } }]])
    expect((await get('/api/dry-runs/d')).json()).toMatchObject({ state: 'failed', error: { code: 'c', message: 'm' } })
  })
})

test('settings that are changed are handed on as they are, and the page of settings is answered', async () => {
  const values = { access: { sessionDays: 12 } }
  const answer = await ask('PATCH', '/api/settings', values)
  expect(handed()).toEqual([['changeSettings', values]])
  expect(answer.json<{ values: { access: { sessionDays: number } } }>().values.access.sessionDays).toBe(12)
  expect(answer.json()).toHaveProperty('schema')
})

test('the interfaces and what is recorded are answered whole', async () => {
  expect((await get('/api/interfaces')).json()).toEqual([
    { name: 'br-lan', addresses: ['192.168.1.1'], sees: expect.any(String) },
  ])
  expect((await get('/api/recorded')).json()).toEqual({
    payload: false,
    leavesTheHouse: false,
    levels: ['everything', 'companies', 'totals', 'paused'],
    newDevices: 'everything',
    minuteHours: 48,
    hourDays: 35,
    dayDays: 730,
    saveEverySeconds: 300,
  })
})
