// The page behind a TLS proxy: who is believed, whose tries are counted, and which cookies are kept from plain HTTP.
import { request as httpsRequest, type Server } from 'node:https'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { beforeEach, describe, expect, test } from 'vitest'
import { io } from 'socket.io-client'
import { visitors } from '../../../server/access/visitor.ts'
import { OPEN_REQUESTS_OF_AN_ADDRESS } from '../../../server/http/open-requests.ts'
import { COOKIE, KNOWN_COOKIE } from '../../../server/http/session-cookie.ts'
import { defaults, validate } from '../../../server/settings/settings.ts'
import { Crowd, until } from './crowd.ts'
import { ADMIN_PASSWORD } from './lab.ts'
import { certificate, openProxy } from './tls-proxy.ts'

const NAME = 'telltale.example'
const ORIGIN = `https://${NAME}`
const pair = certificate()
if (pair === null) console.log('behind-proxy: skipped, as this machine has no openssl')

describe.skipIf(pair === null)('behind a TLS proxy', () => {
  let one: Crowd
  let proxy: Server & { port: number }
  beforeEach(async () => {
    one = await Crowd.open()
    proxy = await openProxy(pair as NonNullable<typeof pair>, Number(new URL(one.base).port))
    await one.lab.service.changeSettings({ access: { extraHostNames: [NAME] } })
    return async () => {
      proxy.closeAllConnections()
      await new Promise((resolve) => proxy.close(resolve))
      await one.close()
    }
  })
  const trust = () => one.lab.service.changeSettings({ access: { trustedProxies: ['127.0.0.1'] } })

  function begin(path: string, from: string, headers: Record<string, string> = {}, method = 'GET'): ClientRequest {
    return httpsRequest({
      host: '127.0.0.1',
      port: proxy.port,
      path,
      method,
      localAddress: from,
      agent: false,
      rejectUnauthorized: false,
      headers: { host: NAME, origin: ORIGIN, ...headers },
    })
  }
  const answerOf = (request: ClientRequest): Promise<{ status: number; headers: IncomingMessage['headers'] }> =>
    new Promise((resolve, reject) => {
      request.on('error', reject)
      request.on('response', (response) => {
        response.resume()
        resolve({ status: response.statusCode ?? 0, headers: response.headers })
      })
    })
  const logIn = (password: string, from: string, headers: Record<string, string> = {}) => {
    const body = JSON.stringify({ password })
    const request = begin('/api/login', from, { 'content-type': 'application/json', ...headers }, 'POST')
    request.end(body)
    return answerOf(request)
  }

  test('that is trusted, both cookies are Secure, and no header holds for other services of the name', async () => {
    await trust()
    const { status, headers } = await logIn(ADMIN_PASSWORD, '127.0.3.1')
    expect(status).toBe(200)
    const cookies = headers['set-cookie'] ?? []
    expect(cookies.map((line) => line.split('=')[0])).toEqual([COOKIE, KNOWN_COOKIE])
    expect(cookies.every((line) => /; HttpOnly; Secure; SameSite=Strict$/.test(line))).toBe(true)
    expect(headers['strict-transport-security']).toBeUndefined()
  })

  test('that nobody told of, what it says is not believed', async () => {
    const { status, headers } = await logIn(ADMIN_PASSWORD, '127.0.3.1')
    expect(status).toBe(200)
    expect(headers['set-cookie']?.some((line) => line.includes('Secure'))).toBe(false)
  })

  test('wrong passwords are counted for the browser behind it, whatever it writes in front', async () => {
    await trust()
    const statuses: number[] = []
    for (let time = 0; time < 6; time++)
      statuses.push((await logIn('wrong password', '127.0.3.1', { 'x-forwarded-for': `10.0.0.${time}` })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    expect((await logIn(ADMIN_PASSWORD, '127.0.3.2')).status).toBe(200)
  })

  test('a visitor who goes past it is not believed', async () => {
    await trust()
    const headers = { 'x-forwarded-for': '10.0.0.9', 'x-forwarded-proto': 'https' }
    const statuses: number[] = []
    for (let time = 0; time < 6; time++)
      statuses.push(
        (await one.logIn('wrong password', '127.0.4.1', '', { ...headers, 'x-forwarded-for': `10.0.0.${time}` }))
          .status,
      )
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    const right = await one.logIn(ADMIN_PASSWORD, '127.0.4.2', '', headers)
    expect(right.cookies[COOKIE]).not.toContain('Secure')
  })

  test('a page of another name is refused, also where it names ours as the forwarded one', async () => {
    await trust()
    const headers = { host: 'evil.example', origin: 'https://evil.example', 'x-forwarded-host': NAME }
    expect((await logIn(ADMIN_PASSWORD, '127.0.3.1', headers)).status).toBe(421)
    expect((await logIn(ADMIN_PASSWORD, '127.0.3.1', { origin: 'https://evil.example' })).status).toBe(403)
  })

  test('the live feed is open', async () => {
    await trust()
    const client = io(`https://127.0.0.1:${proxy.port}`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      rejectUnauthorized: false,
      auth: { csrf: one.lab.admin.csrf },
      extraHeaders: { host: NAME, origin: ORIGIN, cookie: `${COOKIE}=${one.lab.admin.id}` },
    })
    await new Promise<void>((resolve, reject) => {
      client.on('connect', resolve)
      client.on('connect_error', reject)
    })
    client.disconnect()
  })

  test('one browser with many slow requests is stopped, and another is answered', async () => {
    await trust()
    const headers = { 'content-type': 'application/json', 'content-length': '200' }
    const slow = Array.from({ length: OPEN_REQUESTS_OF_AN_ADDRESS + 8 }, () => {
      const request = begin('/api/login', '127.0.3.1', headers, 'POST')
      request.write('{')
      return request
    })
    const refused = slow.map(async (request) => (await answerOf(request)).status)
    for (const one of refused) one.catch(() => undefined)
    let stopped = 0
    for (const one of refused) void one.then((status) => (stopped += Number(status === 429))).catch(() => undefined)
    await until(() => stopped === 8)
    const other = begin('/api/session', '127.0.3.2')
    other.end()
    expect((await answerOf(other)).status).toBe(200)
    for (const request of slow) request.destroy()
  })

  test('the first password is set on the machine itself, and not through a proxy that nobody told of', async () => {
    await one.lab.service.changeSettings({ access: { trustedProxies: [] } })
    const at = (headers: Record<string, string>) =>
      visitors(() => [])({ headers, remoteAddress: '127.0.0.1', isEncrypted: false }).isLocal
    expect([at({}), at({ 'x-forwarded-for': '127.0.0.1' }), at({ via: '1.1 x' }), at({ forwarded: 'for=x' })]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })
})

describe('who a request comes from', () => {
  const of = (proxies: string[], remoteAddress: string, forwardedFor: string, proto?: string) =>
    visitors(() => proxies)({
      headers: { 'x-forwarded-for': forwardedFor, ...(proto === undefined ? {} : { 'x-forwarded-proto': proto }) },
      remoteAddress,
      isEncrypted: false,
    })

  test.each<[string[], string, string, string]>([
    [[], '10.0.0.1', '9.9.9.9', '10.0.0.1'],
    [['10.0.0.1'], '10.0.0.1', '9.9.9.9', '9.9.9.9'],
    [['10.0.0.1'], '::ffff:10.0.0.1', '9.9.9.9', '9.9.9.9'],
    [['10.0.0.0/24'], '10.0.0.7', '1.1.1.1, 9.9.9.9', '9.9.9.9'],
    [['10.0.0.0/24'], '10.0.0.7', '1.1.1.1, 9.9.9.9, 10.0.0.8', '9.9.9.9'],
    [['10.0.0.0/24'], '10.0.0.7', '', '10.0.0.7'],
    [['10.0.0.0/24'], '10.0.0.7', 'unknown', '10.0.0.7'],
    [['10.0.0.0/24'], '10.0.0.7', '9.9.9.9, nonsense, 10.0.0.8', '10.0.0.8'],
    [['10.0.0.0/24'], '10.0.1.7', '9.9.9.9', '10.0.1.7'],
    [['fd00::/64'], 'fd00::1', '[2001:db8::9]:443', '2001:db8::9'],
    [['fd00::/64'], 'fd00::1', '9.9.9.9:1234', '9.9.9.9'],
    [['::1'], '::1', '2001:db8::9', '2001:db8::9'],
  ])('with the proxies %j, from %s for %j, is %s', (proxies, remote, header, address) => {
    expect(of(proxies, remote, header).address).toBe(address)
  })

  test('has come over TLS where the last proxy says so and is trusted', () => {
    expect(of(['10.0.0.1'], '10.0.0.1', '9.9.9.9', 'https').isTls).toBe(true)
    expect(of(['10.0.0.1'], '10.0.0.1', '9.9.9.9', 'https, http').isTls).toBe(false)
    expect(of(['10.0.0.2'], '10.0.0.1', '9.9.9.9', 'https').isTls).toBe(false)
  })
})

test.each([
  ['127.0.0.1', true],
  ['10.0.0.0/8', true],
  ['fd00::/64', true],
  ['::1', true],
  ['0.0.0.0/0', false],
  ['10.0.0.0/7', false],
  ['::/0', false],
  ['::/64', false],
  ['::ffff:0:0/96', false],
  ['proxy.lan', false],
])('trusting %s is allowed: %s', (range, isAllowed) => {
  const change = () => validate({ access: { trustedProxies: [range] } }, defaults())
  if (isAllowed) expect(change().access.trustedProxies).toEqual([range])
  else expect(change).toThrow('access.trustedProxies ("Trusted proxies") must be addresses or ranges')
})
