// The door: cookies, logins, sizes of bodies, limits of connections and requests, and the headers of a page over TLS.
import { afterEach, describe, expect, test } from 'vitest'
import type { LightMyRequestResponse } from 'fastify'
import { emptyAccess } from '../../../server/access/access-state.ts'
import { Accounts } from '../../../server/access/accounts.ts'
import type { AccessEntry, SessionFacts } from '../../../server/api.ts'
import { memoryFile } from '../../support/memory-file.ts'
import { ADMIN_PASSWORD, codeOf, openLab, pageHeaders, VIEWER_PASSWORD, type Lab } from './lab.ts'

const open: Lab[] = []
async function lab(options: Parameters<typeof openLab>[0] = {}): Promise<Lab> {
  const one = await openLab(options)
  open.push(one)
  return one
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const post = (one: Lab, url: string, payload: object, login = one.admin as Lab['admin'] | null) =>
  one.ask(login, { method: 'POST', url, payload })
const cookieOf = (answer: LightMyRequestResponse): Record<string, unknown> | undefined =>
  answer.cookies.find(({ name }) => name === 'telltale')
/** Whoever holds this cookie. */
const roleOf = async (one: Lab, id: string): Promise<string | null> =>
  (
    await one.app.inject({ url: '/api/session', headers: { host: 'localhost', cookie: `telltale=${id}` } })
  ).json<SessionFacts>().role
const unclaimed = (): Accounts =>
  new Accounts({ state: memoryFile(emptyAccess()), now: () => 1_000, monotonic: () => 0, sessionDays: () => 30 })

describe('the cookie of a session', () => {
  test('is sent to this origin only, not to scripts, and for as long as a session lasts', async () => {
    const one = await lab()
    const answer = await post(one, '/api/login', { password: VIEWER_PASSWORD }, null)
    expect(answer.json()).toEqual({
      claimed: true,
      role: 'viewer',
      csrf: expect.stringMatching(/^.{20,}$/),
      version: '1.2.3',
      lan: false,
      hasViewer: true,
    })
    expect(cookieOf(answer)).toEqual({
      name: 'telltale',
      value: expect.stringMatching(/^[\w-]{20,}$/),
      path: '/',
      httpOnly: true,
      sameSite: 'Strict',
      maxAge: 2_592_000,
    })
    expect(await roleOf(one, cookieOf(answer)?.['value'] as string)).toBe('viewer')
  })

  test('lasts as many days as the settings say, and never goes without TLS where the page has it', async () => {
    const one = await lab({ secure: true })
    await one.service.changeSettings({ access: { sessionDays: 7 } })
    const cookie = cookieOf(await post(one, '/api/login', { password: ADMIN_PASSWORD }, null))
    expect(cookie).toMatchObject({ maxAge: 604_800, secure: true, httpOnly: true, sameSite: 'Strict' })
  })

  test('is given anew with each visit of the page by its holder, and to nobody else', async () => {
    const one = await lab()
    const visit = (login: Lab['admin'] | null) => one.ask(login, { method: 'GET', url: '/api/session' })
    expect(cookieOf(await visit(one.admin))).toMatchObject({ value: one.admin.id, maxAge: 2_592_000 })
    expect(cookieOf(await visit(null))).toBeUndefined()
    const wrong = await one.app.inject({
      url: '/api/session',
      headers: { host: 'localhost', cookie: 'telltale=wrong' },
    })
    expect([wrong.json<SessionFacts>(), cookieOf(wrong)]).toEqual([
      { claimed: true, role: null, csrf: null, version: '1.2.3', lan: false, hasViewer: true },
      undefined,
    ])
  })

  test('of before ends with a new login, and with logging out, where it is taken back', async () => {
    const one = await lab()
    const answer = await post(one, '/api/login', { password: VIEWER_PASSWORD })
    expect(await roleOf(one, one.admin.id)).toBeNull()
    const id = cookieOf(answer)?.['value'] as string
    const headers = {
      ...pageHeaders(null),
      cookie: `telltale=${id}`,
      'x-csrf-token': answer.json<SessionFacts>().csrf as string,
    }
    const out = await one.app.inject({ method: 'POST', url: '/api/logout', headers })
    expect(out.json()).toEqual({ done: true })
    expect(cookieOf(out)).toMatchObject({ value: '', path: '/', expires: new Date(0) })
    expect(await roleOf(one, id)).toBeNull()
    // The other one of this role goes on.
    expect(await roleOf(one, one.viewer.id)).toBe('viewer')
  })
})

describe('passwords', () => {
  test('that are wrong are counted by address, answered with 401 and then with 429, and open nothing', async () => {
    const one = await lab()
    const answers: [number, string | null][] = []
    for (let time = 0; time < 6; time++) {
      const answer = await post(one, '/api/login', { password: 'wrong password' }, null)
      answers.push([answer.statusCode, codeOf(answer)])
      expect(cookieOf(answer)).toBeUndefined()
    }
    expect(answers).toEqual([...Array<unknown>(5).fill([401, 'wrong-password']), [429, 'paused']])
    expect(one.accounts.log().filter(({ what }) => what === 'login-failed').length).toBe(5)
  })

  test('are changed by whoever knows the present one, and a viewer has one while the admin wants it', async () => {
    const one = await lab()
    const wrong = await post(one, '/api/password', { current: 'wrong password', password: 'a new password' })
    expect([wrong.statusCode, codeOf(wrong)]).toEqual([403, 'wrong-password'])
    const short = await post(one, '/api/password', { current: ADMIN_PASSWORD, password: 'short' })
    expect([short.statusCode, codeOf(short)]).toEqual([400, 'short-password'])
    const right = await post(one, '/api/password', { current: ADMIN_PASSWORD, password: 'a new password' })
    expect([right.statusCode, right.json()]).toEqual([200, { done: true }])
    expect((await post(one, '/api/login', { password: ADMIN_PASSWORD }, null)).statusCode).toBe(401)
    expect((await post(one, '/api/login', { password: 'a new password' }, null)).json()).toMatchObject({
      role: 'admin',
    })
    expect((await post(one, '/api/viewer-password', { password: null })).json()).toEqual({ done: true })
    expect([await roleOf(one, one.viewer.id), one.accounts.hasViewer()]).toEqual([null, false])
    expect((await post(one, '/api/login', { password: VIEWER_PASSWORD }, null)).statusCode).toBe(401)
    await post(one, '/api/viewer-password', { password: 'for viewers only' })
    expect((await post(one, '/api/login', { password: 'for viewers only' }, null)).json()).toMatchObject({
      role: 'viewer',
    })
    const refused = await post(one, '/api/viewer-password', { password: 'short' })
    expect([refused.statusCode, codeOf(refused), one.accounts.hasViewer()]).toEqual([400, 'short-password', true])
  })

  test('are set once, from the machine itself and with the token of the start', async () => {
    const accounts = unclaimed()
    const one = await lab({ accounts })
    const words = async (remoteAddress: string): Promise<[number, string | null]> => {
      const answer = await one.ask(null, { method: 'GET', url: '/api/words', remoteAddress })
      return [answer.statusCode, codeOf(answer)]
    }
    expect([await words('127.0.0.1'), await words('10.0.0.1')]).toEqual([
      [401, 'unclaimed'],
      [403, 'unclaimed'],
    ])
    const password = 'the first password'
    const token = accounts.claimToken() as string
    const wrong = await post(one, '/api/claim', { token: `${token}x`, password }, null)
    expect([wrong.statusCode, codeOf(wrong), cookieOf(wrong), accounts.claimed()]).toEqual([
      403,
      'wrong-token',
      undefined,
      false,
    ])
    const right = await post(one, '/api/claim', { token, password }, null)
    expect(right.json()).toMatchObject({ claimed: true, role: 'admin', hasViewer: false })
    expect(await roleOf(one, cookieOf(right)?.['value'] as string)).toBe('admin')
    const again = await post(one, '/api/claim', { token, password }, null)
    expect([again.statusCode, codeOf(again)]).toEqual([409, 'claimed'])
    expect(await words('10.0.0.1')).toEqual([401, 'login'])
  })

  test('and who used them are in a log that viewers may read as it is', async () => {
    const one = await lab()
    await post(one, '/api/login', { password: 'wrong password' }, null)
    const log = await one.ask(one.viewer, { method: 'GET', url: '/api/access-log' })
    expect(log.json<AccessEntry[]>()).toEqual(one.accounts.log())
    expect(one.accounts.log().at(-1)).toMatchObject({ what: 'login-failed', role: null })
  })
})

describe('a request that may not in', () => {
  test.each<[url: string, method: 'GET' | 'POST' | 'HEAD', headers: object, status: number, code: string]>([
    ['/api/words', 'GET', { host: 'evil.example' }, 421, 'foreign-host'],
    ['/api/words', 'GET', { cookie: '' }, 401, 'login'],
    ['/api/logout', 'POST', { origin: 'http://evil.example' }, 403, 'foreign-origin'],
    ['/api/logout', 'POST', { 'x-csrf-token': 'wrong' }, 403, 'csrf'],
    ['/api/logout', 'POST', { 'x-csrf-token': '' }, 403, 'csrf'],
    ['/api/logout', 'POST', { cookie: '' }, 401, 'login'],
    ['/api/interfaces', 'GET', {}, 403, 'admin-only'],
    ['/api/nothing', 'GET', {}, 404, 'not-found'],
  ])('%s %s with %j is answered %i %s', async (url, method, headers, status, code) => {
    const one = await lab()
    const answer = await one.ask(one.viewer, { method, url, headers: headers as Record<string, string> })
    expect([answer.statusCode, codeOf(answer)]).toEqual([status, code])
    // It changed nothing: the session is there.
    expect(await roleOf(one, one.viewer.id)).toBe('viewer')
  })
})

describe('a body', () => {
  const login = (bytes: number): string => {
    const empty = JSON.stringify({ password: 'x', more: '' }).length
    return JSON.stringify({ password: 'x', more: 'y'.repeat(bytes - empty) })
  }
  test('has 262,144 bytes at most', async () => {
    const one = await lab()
    const send = async (bytes: number): Promise<[number, string | null]> => {
      const answer = await one.ask(null, {
        method: 'POST',
        url: '/api/login',
        headers: { 'content-type': 'application/json' },
        payload: login(bytes),
      })
      return [answer.statusCode, codeOf(answer)]
    }
    expect(await send(262_144)).toEqual([401, 'wrong-password'])
    expect(await send(262_145)).toEqual([413, 'too-large'])
  })

  test("of a browser's report has 16,384 bytes at most; its texts are shortened to 200 and are texts", async () => {
    const one = await lab()
    const report = async (payload: string, type = 'application/csp-report'): Promise<number> =>
      (
        await one.app.inject({
          method: 'POST',
          url: '/api/csp-report',
          headers: { 'content-type': type, host: 'localhost' },
          payload,
        })
      ).statusCode
    const sized = (bytes: number): string => JSON.stringify({ x: 'y'.repeat(bytes - 8) })
    expect([await report(sized(16_384)), await report(sized(16_385))]).toEqual([200, 413])
    expect(await report('[]', 'application/reports+json')).toBe(200)
    expect(await report('null')).toBe(200)
    const facts = { 'violated-directive': 'd'.repeat(201), 'blocked-uri': 5 }
    expect(await report(JSON.stringify({ 'csp-report': facts }))).toBe(200)
    for (let time = 0; time < 18; time++)
      expect(await report(JSON.stringify({ 'csp-report': { 'blocked-uri': `uri ${time}` } }))).toBe(200)
    const page = await one.ask(one.admin, { method: 'GET', url: '/api/csp-report' })
    const { count, latest } = page.json<{ count: number; latest: { directive: string; blocked: string }[] }>()
    expect([count, latest.length]).toEqual([22, 20])
    expect(latest.slice(0, 3)).toEqual([
      { directive: '', blocked: '' },
      { directive: 'd'.repeat(200), blocked: '' },
      { directive: '', blocked: 'uri 0' },
    ])
    expect(latest.at(-1)?.blocked).toBe('uri 17')
  })
})

describe('limits', () => {
  test('of connections and of times are those that a home needs', async () => {
    const { app } = await lab()
    const { maxConnections, headersTimeout, requestTimeout, timeout } = app.server
    expect([maxConnections, headersTimeout, requestTimeout, timeout]).toEqual([1_084, 15_000, 14_400_000, 120_000])
    expect(app.initialConfig.bodyLimit).toBe(262_144)
  })

  test('of requests are 3,000 a minute and address, and each answer says how many are left', async () => {
    const one = await lab()
    const { headers } = await one.ask(one.viewer, { method: 'GET', url: '/api/ignored' })
    expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining'], headers['x-ratelimit-reset']]).toEqual([
      '3000',
      '2999',
      '60',
    ])
  })

  test('of requests are of one address each, and of a network of IPv6 together', async () => {
    const one = await lab({ requestsPerMinute: 2 })
    const from = async (remoteAddress: string): Promise<number> =>
      (await one.ask(one.viewer, { method: 'GET', url: '/api/ignored', remoteAddress })).statusCode
    const answers = async (addresses: string[]): Promise<number[]> => {
      const found: number[] = []
      for (const address of addresses) found.push(await from(address))
      return found
    }
    expect(await answers(['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2'])).toEqual([
      200, 200, 200, 429, 200,
    ])
    expect(await answers(['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1'])).toEqual([
      200, 200, 429, 200,
    ])
    const answer = await one.ask(one.viewer, { method: 'GET', url: '/api/ignored', remoteAddress: '10.0.0.1' })
    expect(answer.json()).toEqual({
      error: { code: 'too-many', message: 'Too many requests from this address; wait a minute.' },
    })
  })
})

describe('headers', () => {
  test('never ask for TLS for a year, and for a window of their own only where the page comes over TLS', async () => {
    const headersOf = async (secure: boolean): Promise<unknown[]> => {
      const one = await lab({ secure })
      const { headers } = await one.ask(one.viewer, { method: 'GET', url: '/api/words' })
      return [headers['strict-transport-security'], headers['cross-origin-opener-policy']]
    }
    expect(await headersOf(true)).toEqual([undefined, 'same-origin'])
    expect(await headersOf(false)).toEqual([undefined, undefined])
  })

  test('let no other page show this one, and name where violations are reported', async () => {
    const one = await lab()
    const { headers } = await one.ask(null, { method: 'GET', url: '/api/session' })
    expect(headers['x-frame-options']).toBe('DENY')
    expect(String(headers['content-security-policy']).split(';')).toEqual(
      expect.arrayContaining(['report-uri /api/csp-report', "img-src 'self'"]),
    )
    expect(headers['origin-agent-cluster']).toBeUndefined()
  })

  test('forbid to keep an answer of the API, an error too', async () => {
    const one = await lab()
    for (const url of ['/api/session', '/api/nothing', '/api/words'])
      expect((await one.ask(null, { method: 'GET', url })).headers['cache-control']).toBe('no-store')
  })
})
