// Accounts: who may log in, for how long, and what is left in the file.
import { beforeEach, describe, expect, test } from 'vitest'
import { emptyAccess, isAccessState } from '../../../server/access/access-state.ts'
import { Accounts, MAXIMUM_LOG, resetPassword } from '../../../server/access/accounts.ts'
import { MAXIMUM_SESSIONS } from '../../../server/access/login-sessions.ts'
import { memoryFile } from '../../support/memory-file.ts'

const DAY = 86_400
const clock = { now: 1_000_000, monotonic: 0 }
let file = memoryFile(emptyAccess())
let accounts: Accounts
const start = (): Accounts =>
  new Accounts({ state: file, now: () => clock.now, monotonic: () => clock.monotonic, sessionDays: () => 30 })

beforeEach(() => {
  Object.assign(clock, { now: 1_000_000, monotonic: 0 })
  file = memoryFile(emptyAccess())
  accounts = start()
})
const claim = () => accounts.claim(accounts.claimToken() as string, 'correct horse')
const code = async (promise: Promise<unknown>): Promise<string | null> =>
  promise.then(
    () => null,
    (error: { code: string }) => error.code,
  )

describe('claiming', () => {
  test('the token is long, random, single use and gone once claimed', async () => {
    const token = accounts.claimToken() as string
    expect(Buffer.from(token, 'base64url').length).toBe(16)
    expect(start().claimToken()).not.toBe(token)
    expect(encodeURIComponent(token)).toBe(token)
    expect(await code(accounts.claim('wrong', 'correct horse'))).toBe('wrong-token')
    expect(await code(accounts.claim(token, 'short'))).toBe('short-password')
    expect(accounts.claimed()).toBe(false)
    expect((await accounts.claim(token, 'correct horse')).role).toBe('admin')
    expect(accounts.claimToken()).toBeNull()
    expect(await code(accounts.claim(token, 'another one'))).toBe('claimed')
    expect(start().claimToken()).toBeNull()
  })

  test('two claims at the same time: one wins', async () => {
    const token = accounts.claimToken() as string
    const codes = await Promise.all([
      code(accounts.claim(token, 'the first one')),
      code(accounts.claim(token, 'the second one')),
    ])
    expect(codes).toEqual([null, 'claimed'])
  })

  test('nobody can log in to a box without a password', async () => {
    expect(await code(accounts.login('', '1.1.1.1'))).toBe('unclaimed')
  })
})

describe('sessions', () => {
  test('outlive a restart, and the file holds neither id nor password', async () => {
    const login = await claim()
    const session = start().find(login.id)
    expect(session).toEqual({ key: login.key, role: 'admin', csrf: login.csrf })
    const kept = JSON.stringify(file.data)
    for (const secret of [login.id, login.csrf, 'correct horse']) expect(kept).not.toContain(secret)
    expect(start().find(login.key)).toBeNull()
  })

  test('end when nobody came for as long as the setting says, and a visit makes them last', async () => {
    const login = await claim()
    clock.now += 20 * DAY
    expect(accounts.find(login.id)).not.toBeNull()
    clock.now += 29 * DAY
    expect(accounts.find(login.id)).not.toBeNull()
    clock.now += 30 * DAY + 1
    expect(accounts.find(login.id)).toBeNull()
    expect(file.data.sessions).toEqual([])
  })

  test('logging out ends this one and tells so', async () => {
    const ended: string[] = []
    accounts.onEnd((key) => ended.push(key))
    const [one, other] = [await claim(), await accounts.login('correct horse', '1.1.1.1')]
    await accounts.logout(one)
    expect([accounts.find(one.id), accounts.find(other.id)?.role, ended]).toEqual([null, 'admin', [one.key]])
  })

  test('a new password ends all others; a new password of the viewer ends those of viewers', async () => {
    const admin = await claim()
    const other = await accounts.login('correct horse', '1.1.1.1')
    await accounts.setViewerPassword('just looking')
    const viewer = await accounts.login('just looking', '1.1.1.1')
    expect(viewer.role).toBe('viewer')
    expect(await code(accounts.changePassword(admin, 'wrong one', 'battery staple'))).toBe('wrong-password')
    await accounts.changePassword(admin, 'correct horse', 'battery staple')
    expect([admin, other, viewer].map((login) => accounts.find(login.id)?.role ?? null)).toEqual(['admin', null, null])
    expect(await code(accounts.login('correct horse', '1.1.1.1'))).toBe('wrong-password')
    const again = await accounts.login('just looking', '1.1.1.1')
    await accounts.setViewerPassword(null)
    expect([accounts.find(again.id), accounts.hasViewer(), accounts.find(admin.id)?.role]).toEqual([
      null,
      false,
      'admin',
    ])
  })

  test('there are so many at most, and the log has so many lines at most', async () => {
    await claim()
    file.data.sessions = Array.from({ length: MAXIMUM_SESSIONS }, (_, place) => ({
      key: `k${place}`,
      role: 'admin',
      expires: clock.now + DAY,
    }))
    file.data.log = Array.from({ length: MAXIMUM_LOG }, () => ({ at: 1, what: 'login', role: 'viewer' }))
    await accounts.login('correct horse', '1.1.1.1')
    expect([file.data.sessions.length, file.data.log.length, file.data.sessions[0]?.key]).toEqual([
      MAXIMUM_SESSIONS,
      MAXIMUM_LOG,
      'k1',
    ])
  })
})

describe('wrong passwords', () => {
  test('after five, the address waits fifteen minutes, even with the right one; others do not', async () => {
    await claim()
    for (let time = 0; time < 5; time++)
      expect(await code(accounts.login('wrong one', '1.1.1.1'))).toBe('wrong-password')
    expect(await code(accounts.login('correct horse', '1.1.1.1'))).toBe('paused')
    expect(await code(accounts.login('correct horse', '2.2.2.2'))).toBeNull()
    clock.monotonic += 15 * 60 - 1
    expect(await code(accounts.login('correct horse', '1.1.1.1'))).toBe('paused')
    clock.monotonic += 1
    expect(await code(accounts.login('correct horse', '1.1.1.1'))).toBeNull()
    expect(accounts.log().filter((entry) => entry.what === 'login-failed').length).toBe(5)
  })

  test('tries at the same time count as well', async () => {
    await claim()
    const codes = await Promise.all(Array.from({ length: 8 }, () => code(accounts.login('wrong one', '1.1.1.1'))))
    expect(codes.filter((one) => one === 'wrong-password').length).toBe(5)
    expect(codes.filter((one) => one === 'paused').length).toBe(3)
  })
})

test('a reset makes the box unclaimed and ends every session', async () => {
  const login = await claim()
  await resetPassword(file)
  const restarted = start()
  expect([restarted.claimed(), restarted.find(login.id), typeof restarted.claimToken()]).toEqual([
    false,
    null,
    'string',
  ])
})

test.each([
  null,
  [],
  {},
  { ...emptyAccess(), sessions: [{ key: 5 }] },
  { ...emptyAccess(), admin: 5 },
  { ...emptyAccess(), sessions: [null] },
])('a damaged file such as %j is reported from a good one', (value) => {
  expect([isAccessState(value), isAccessState(emptyAccess())]).toEqual([false, true])
})
