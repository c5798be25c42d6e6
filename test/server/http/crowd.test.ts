// One host, or many, that try to shut others out: connections, passwords, log-ins, sockets, requests.
import type * as Crypto from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { io, type Socket as LiveSocket } from 'socket.io-client'
import type { SessionFacts } from '../../../server/api.ts'
import { PLACES, PLACES_OF_AN_ADDRESS } from '../../../server/http/connections.ts'
import { MOST_SOCKETS_OF_A_VIEWERS_ADDRESS, MOST_SOCKETS_OF_VIEWERS } from '../../../server/http/live-places.ts'
import { COOKIE, KNOWN_COOKIE } from '../../../server/http/session-cookie.ts'
import { type Answer, cookieOf, Crowd, until } from './crowd.ts'
import { ADMIN_PASSWORD, VIEWER_PASSWORD } from './lab.ts'

// Hundreds of passwords are tried: each takes a fraction of its time, and is counted and queued as always.
vi.mock('node:crypto', async (importOriginal) => {
  const crypto = await importOriginal<typeof Crypto>()
  type Done = (error: Error | null, key: Buffer) => void
  const scrypt = (password: string, salt: Buffer, length: number, options: Crypto.ScryptOptions, done: Done): void =>
    crypto.scrypt(password, salt, length, { ...options, N: 2 }, done)
  return { ...crypto, default: { ...crypto, scrypt }, scrypt }
})

const OWNER = '127.0.1.1'
const open: Crowd[] = []
const liveSockets: LiveSocket[] = []
async function crowd(options: Parameters<typeof Crowd.open>[0] = {}): Promise<Crowd> {
  const one = await Crowd.open(options)
  open.push(one)
  return one
}
afterEach(async () => {
  for (const socket of liveSockets.splice(0)) socket.disconnect()
  for (const one of open.splice(0)) await one.close()
})
const hosts = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `127.0.${2 + (at >> 7)}.${1 + (at & 127)}`)
const codeOf = ({ status, text }: Answer): string | number =>
  status < 400 ? status : (JSON.parse(text) as { error: { code: string } }).error.code
const roleAt = async (one: Crowd, cookie: string, from: string): Promise<string | null> =>
  (JSON.parse((await one.ask('/api/session', { from, headers: { cookie } })).text) as SessionFacts).role

const SLOW: [what: string, text: string][] = [
  ['that say nothing', ''],
  ['with headers without end', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '],
  [
    'with a body without end',
    'POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{',
  ],
]

describe.each(SLOW)('600 connections %s', (_, text) => {
  test('of one host take its own places, and everybody else is answered', async () => {
    const one = await crowd()
    const held = await Promise.all(Array.from({ length: 600 }, () => one.dial('127.0.2.1', text)))
    expect((await one.ask('/api/session', { from: OWNER })).status).toBe(200)
    const admin = `${COOKIE}=${one.lab.admin.id}`
    expect((await one.ask('/api/words', { from: OWNER, headers: { cookie: admin } })).status).toBe(200)
    // Also at the same address, and on the machine itself.
    expect((await one.ask('/api/words', { from: '127.0.2.1', headers: { cookie: admin } })).status).toBe(200)
    expect((await one.ask('/api/session')).status).toBe(200)
    await until(() => held.filter((socket) => !socket.destroyed).length <= PLACES_OF_AN_ADDRESS)
    expect(await one.connections()).toBeLessThanOrEqual(PLACES_OF_AN_ADDRESS + 4)
  })

  test('of 200 hosts take the places of those who have not said who they are, and no others', async () => {
    const one = await crowd()
    const before = await one.dial(
      OWNER,
      `GET /api/words HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${COOKIE}=${one.lab.admin.id}\r\n\r\n`,
    )
    await new Promise((resolve) => before.once('data', resolve))
    const held = (await Promise.all([1, 2, 3].flatMap(() => hosts(200).map((host) => one.dial(host, text))))).filter(
      (socket) => !socket.destroyed,
    )
    expect((await one.ask('/api/session', { from: OWNER })).status).toBe(200)
    expect((await one.ask('/api/session')).status).toBe(200)
    await until(() => held.filter((socket) => !socket.destroyed).length <= PLACES.anonymous)
    // A connection that showed the admin's session is none of theirs.
    before.write(`GET /api/words HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${COOKIE}=${one.lab.admin.id}\r\n\r\n`)
    expect(String(await new Promise((resolve) => before.once('data', resolve)))).toContain('200 OK')
  })
})

test('a viewer who opens 600 connections ends none of the admin', async () => {
  const one = await crowd()
  const asking = (id: string): string => `GET /api/words HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${COOKIE}=${id}\r\n\r\n`
  const admin = await one.dial(OWNER, asking(one.lab.admin.id))
  await new Promise((resolve) => admin.once('data', resolve))
  const held = await Promise.all(
    [1, 2, 3].flatMap(() => hosts(200).map((host) => one.dial(host, asking(one.lab.viewer.id)))),
  )
  await until(() => held.filter((socket) => !socket.destroyed).length <= PLACES.viewer)
  admin.write(asking(one.lab.admin.id))
  expect(String(await new Promise((resolve) => admin.once('data', resolve)))).toContain('200 OK')
  expect((await one.ask('/api/session', { from: OWNER })).status).toBe(200)
})

describe('100 wrong passwords from 20 addresses', () => {
  test(
    'pause strangers, and neither a browser that was logged in before nor the machine itself',
    { timeout: 300_000 },
    async () => {
      const one = await crowd()
      // Without it each try takes one hash instead of two.
      await one.lab.accounts.setViewerPassword(null)
      const admin = await one.logIn(ADMIN_PASSWORD, OWNER)
      const known = cookieOf(admin, KNOWN_COOKIE)
      for (const host of hosts(20))
        for (let time = 0; time < 5; time++)
          expect(codeOf(await one.logIn('wrong password', host))).toBe('wrong-password')
      expect(codeOf(await one.logIn(ADMIN_PASSWORD, '127.0.9.9'))).toBe('paused')
      // Also from one of their addresses.
      expect(codeOf(await one.logIn(ADMIN_PASSWORD, '127.0.2.1', known))).toBe(200)
      expect(codeOf(await one.logIn(ADMIN_PASSWORD, '127.0.0.1'))).toBe(200)
      // Behind a proxy that nobody told of, the machine itself is everybody.
      const forwarded = await one.logIn(ADMIN_PASSWORD, '127.0.0.1', '', { 'x-forwarded-for': '10.0.0.1' })
      expect(codeOf(forwarded)).toBe('paused')
      // A known browser has five tries of its own, and no more.
      const tries: (string | number)[] = []
      for (let time = 0; time < 6; time++) tries.push(codeOf(await one.logIn('wrong password', OWNER, known)))
      expect(tries).toEqual([...Array<string>(5).fill('wrong-password'), 'paused'])
      expect(codeOf(await one.logIn(ADMIN_PASSWORD, OWNER, known))).toBe('paused')
    },
  )
})

describe('the cookie of a browser that was logged in before', () => {
  test('lasts long, is kept from scripts and from other sites, and opens nothing', async () => {
    const one = await crowd()
    const login = await one.logIn(ADMIN_PASSWORD, OWNER)
    expect(login.cookies[KNOWN_COOKIE]).toMatch(
      /^admin\.[\w-]{22}\.[\w-]{43}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    const cookie = cookieOf(login, KNOWN_COOKIE)
    expect(await roleAt(one, cookie, OWNER)).toBeNull()
    expect(codeOf(await one.ask('/api/words', { from: OWNER, headers: { cookie } }))).toBe('login')
    expect(codeOf(await one.ask('/api/words', { headers: { cookie: cookie.replace(KNOWN_COOKIE, COOKIE) } }))).toBe(
      'login',
    )
  })

  test('is given with the next visit to a browser that is logged in without it', async () => {
    const one = await crowd()
    const visit = async (cookie: string): Promise<Answer> =>
      one.ask('/api/session', { from: OWNER, headers: { cookie: `${COOKIE}=${one.lab.viewer.id}; ${cookie}` } })
    const known = cookieOf(await visit(''), KNOWN_COOKIE)
    expect(one.lab.accounts.knownBrowser(known.split('=')[1])).toMatchObject({ role: 'viewer' })
    expect((await visit(known)).cookies[KNOWN_COOKIE]).toBeUndefined()
    expect((await one.ask('/api/session', { from: OWNER })).cookies).toEqual({})
  })

  test('counts for the account that it is of, while its password is the same, and is not made by others', async () => {
    const { accounts } = (await crowd()).lab
    const cookie = await accounts.browserCookie('viewer', null)
    const browser = accounts.knownBrowser(cookie)
    expect(browser).toEqual({ id: cookie.split('.')[1], role: 'viewer' })
    expect(await accounts.browserCookie('viewer', browser)).toBe(cookie)
    for (const forged of [
      undefined,
      '',
      cookie.replace('viewer', 'admin'),
      cookie.slice(0, -1),
      `${cookie}x`,
      cookie.replace(/\.[\w-]{22}\./, `.${'A'.repeat(22)}.`),
    ])
      expect([forged, accounts.knownBrowser(forged)]).toEqual([forged, null])
    await accounts.setViewerPassword('another for viewers')
    expect(accounts.knownBrowser(cookie)).toBeNull()
  })

  test('is given anew to the browser that changes the password, and to no other', async () => {
    const one = await crowd()
    const [mine, other] = [await one.logIn(ADMIN_PASSWORD, OWNER), await one.logIn(ADMIN_PASSWORD, '127.0.1.2')]
    const { csrf } = JSON.parse(mine.text) as { csrf: string }
    const change = await one.ask('/api/password', {
      method: 'POST',
      from: OWNER,
      body: { current: ADMIN_PASSWORD, password: 'another for the admin' },
      headers: { cookie: `${cookieOf(mine, COOKIE)}; ${cookieOf(mine, KNOWN_COOKIE)}`, 'x-csrf-token': csrf },
    })
    const [, value = ''] = cookieOf(change, KNOWN_COOKIE).split('=')
    const known = (answer: Answer) => one.lab.accounts.knownBrowser(cookieOf(answer, KNOWN_COOKIE).split('=')[1])
    expect(one.lab.accounts.knownBrowser(value)).toMatchObject({ role: 'admin' })
    expect([known(mine), known(other)]).toEqual([null, null])
  })
})

test(
  '100 log-ins of a viewer end sessions of that address only, those first that nobody uses',
  { timeout: 120_000 },
  async () => {
    const one = await crowd()
    const other = cookieOf(await one.logIn(VIEWER_PASSWORD, '127.0.1.2'), COOKIE)
    // Somebody else at that address who uses the page.
    const neighbour = cookieOf(await one.logIn(VIEWER_PASSWORD, '127.0.2.1'), COOKIE)
    expect(await roleAt(one, neighbour, '127.0.2.1')).toBe('viewer')
    const admin = cookieOf(await one.logIn(ADMIN_PASSWORD, OWNER), COOKIE)
    const first = cookieOf(await one.logIn(VIEWER_PASSWORD, '127.0.2.1'), COOKIE)
    for (let time = 0; time < 101; time++) expect((await one.logIn(VIEWER_PASSWORD, '127.0.2.1')).status).toBe(200)
    expect(await Promise.all([other, neighbour, admin, first].map((cookie) => roleAt(one, cookie, OWNER)))).toEqual([
      'viewer',
      'viewer',
      'admin',
      null,
    ])
  },
)

describe('sockets', () => {
  const connected = (client: LiveSocket): Promise<boolean> =>
    new Promise((resolve) => {
      client.on('connect', () => resolve(true))
      client.on('connect_error', () => resolve(false))
    })
  const dial = (one: Crowd, id: string, csrf: string, from: string): LiveSocket => {
    const client = io(one.base, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { csrf },
      extraHeaders: { origin: one.base, cookie: `${COOKIE}=${id}` },
      localAddress: from,
    } as object)
    liveSockets.push(client)
    return client
  }

  test('64 of a viewer leave places for the admin, and for viewers elsewhere', { timeout: 60_000 }, async () => {
    const one = await crowd()
    const logins = [one.lab.viewer]
    for (let time = 0; time < 7; time++) logins.push(await one.lab.accounts.login(VIEWER_PASSWORD, '127.0.2.1'))
    const dialled = async (from: string): Promise<number> => {
      const results = await Promise.all(
        Array.from({ length: 64 }, (_, at) => {
          const { id, csrf } = logins[at % 8]
          return connected(dial(one, id, csrf, from))
        }),
      )
      return results.filter(Boolean).length
    }
    expect(await dialled('127.0.2.1')).toBe(MOST_SOCKETS_OF_A_VIEWERS_ADDRESS)
    expect(await connected(dial(one, one.lab.viewer.id, one.lab.viewer.csrf, OWNER))).toBe(true)
    for (const from of ['127.0.2.2', '127.0.2.3']) await dialled(from)
    expect(one.lab.live.sockets()).toBe(MOST_SOCKETS_OF_VIEWERS)
    expect(await connected(dial(one, one.lab.admin.id, one.lab.admin.csrf, OWNER))).toBe(true)
  })

  test('that never log in as one take no more', async () => {
    const one = await crowd()
    const upgrade = (id: string): string =>
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: ${COOKIE}=${id}\r\n\r\n`
    const answers = await Promise.all(
      hosts(80).map(async (host) => {
        const socket = await one.dial(host, upgrade(one.lab.viewer.id))
        return new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(String(bytes).slice(9, 12))))
      }),
    )
    expect(answers.filter((status) => status === '101').length).toBeGreaterThan(0)
    expect(await connected(dial(one, one.lab.admin.id, one.lab.admin.csrf, OWNER))).toBe(true)
  })
})

test('requests of strangers use up none of whoever shows who he is at the same address', async () => {
  const one = await crowd({ requestsPerMinute: 5 })
  const known = cookieOf(await one.logIn(ADMIN_PASSWORD, OWNER), KNOWN_COOKIE)
  const statuses = async (cookie: string): Promise<number[]> => {
    const found: number[] = []
    for (let time = 0; time < 6; time++)
      found.push((await one.ask('/api/session', { from: '127.0.2.1', headers: { cookie } })).status)
    return found
  }
  const five = [200, 200, 200, 200, 200, 429]
  expect(await statuses('')).toEqual(five)
  expect(await statuses(`${COOKIE}=forged; ${KNOWN_COOKIE}=forged`)).toEqual(Array<number>(6).fill(429))
  expect(await statuses(`${COOKIE}=${one.lab.admin.id}`)).toEqual(five)
  expect(await statuses(known)).toEqual(five)
})
