// Sessions, the log and passwords at their limits, and that each change is on the disk.
import { beforeEach, describe, expect, test } from 'vitest'
import { emptyAccess } from '../../../server/access/access-state.ts'
import { Accounts } from '../../../server/access/accounts.ts'
import { hashPassword, isPassword, sameText } from '../../../server/access/password.ts'
import { memoryFile } from '../../support/memory-file.ts'

const DAY = 86_400
const clock = { now: 1_000_000, monotonic: 0 }
let days = 30
let file = memoryFile(emptyAccess())
let accounts: Accounts
const start = (): Accounts =>
  new Accounts({ state: file, now: () => clock.now, monotonic: () => clock.monotonic, sessionDays: () => days })

beforeEach(() => {
  Object.assign(clock, { now: 1_000_000, monotonic: 0 })
  days = 30
  file = memoryFile(emptyAccess())
  accounts = start()
})
const claim = () => accounts.claim(accounts.claimToken() as string, 'correct horse')
const code = async (promise: Promise<unknown>): Promise<string | null> =>
  promise.then(
    () => null,
    (error: { code: string }) => error.code,
  )
/** How often the file is saved meanwhile. */
const saves = async (work: () => unknown): Promise<number> => {
  const before = file.saves
  await work()
  return file.saves - before
}

describe('what happens is saved at once', () => {
  test('once each: claiming, logging in and out, a wrong password, new passwords, a note', async () => {
    expect(await saves(claim)).toBe(1)
    const login = await accounts.login('correct horse', '10.0.0.1')
    expect(await saves(() => accounts.login('correct horse', '10.0.0.1'))).toBe(1)
    expect(await saves(() => code(accounts.login('wrong horse', '10.0.0.1')))).toBe(1)
    expect(await saves(() => accounts.setViewerPassword('viewer horse'))).toBe(1)
    expect(await saves(() => accounts.changePassword(login, 'correct horse', 'another horse'))).toBe(1)
    expect(await saves(() => accounts.logout(login))).toBe(1)
    expect(await saves(() => accounts.note('forgot' as never, 'admin'))).toBe(1)
    expect(accounts.log().map(({ what, role }) => [what, role])).toEqual([
      ['claimed', 'admin'],
      ['login', 'admin'],
      ['login', 'admin'],
      ['login-failed', null],
      ['password-changed', 'viewer'],
      ['password-changed', 'admin'],
      ['logout', 'admin'],
      ['forgot', 'admin'],
    ])
    expect(accounts.log().every(({ at }) => at === 1_000_000)).toBe(true)
  })

  test('a visit is saved once its session would last more than a day longer', async () => {
    const { id } = await claim()
    clock.now += DAY
    expect(await saves(() => accounts.find(id))).toBe(0)
    clock.now += 1
    expect(await saves(() => accounts.find(id))).toBe(1)
    expect(file.data.sessions[0]?.expires).toBe(1_000_000 + 31 * DAY + 1)
    expect(await saves(() => accounts.find(id))).toBe(0)
  })

  test('a session that is found by its key is not prolonged', async () => {
    const { key } = await claim()
    clock.now += 3 * DAY
    expect(await saves(() => accounts.findKey(key))).toBe(0)
    expect(accounts.findKey(key)).toMatchObject({ key, role: 'admin' })
    expect(accounts.findKey('another')).toBeNull()
  })

  test('all of it is there after a restart from the text of the file', async () => {
    const { id, csrf } = await claim()
    await accounts.setViewerPassword('viewer horse')
    file = memoryFile(JSON.parse(JSON.stringify(file.data)) as ReturnType<typeof emptyAccess>)
    accounts = start()
    expect([accounts.claimed(), accounts.hasViewer(), accounts.claimToken()]).toEqual([true, true, null])
    expect(accounts.find(id)).toMatchObject({ role: 'admin', csrf })
    expect((await accounts.login('viewer horse', '10.0.0.1')).role).toBe('viewer')
    expect(accounts.log().map(({ what }) => what)).toEqual(['claimed', 'password-changed', 'login'])
  })
})

describe('a session', () => {
  test('ends with the second in which its days are over, and tells so', async () => {
    const ended: string[] = []
    const { id, key } = await claim()
    accounts.onEnd((one) => ended.push(one))
    clock.now += 30 * DAY - 1
    expect(accounts.findKey(key)).not.toBeNull()
    clock.now += 1
    expect([accounts.findKey(key), accounts.find(id)]).toEqual([null, null])
    expect([ended, file.data.sessions]).toEqual([[key], []])
  })

  test('makes room as the oldest of a hundred of its account, and ended ones go with the next login', async () => {
    const ended: string[] = []
    await claim()
    accounts.onEnd((one) => ended.push(one))
    const session = (key: string, expires: number) => ({ key, role: 'viewer' as const, expires })
    await accounts.setViewerPassword('viewer horse')
    file.data.sessions = Array.from({ length: 99 }, (_, index) => session(`key ${index}`, clock.now + 1))
    const first = await accounts.login('viewer horse', '10.0.0.1')
    expect([file.data.sessions.length, ended]).toEqual([100, []])
    await accounts.login('viewer horse', '10.0.0.2')
    expect([file.data.sessions.length, file.data.sessions[0]?.key, ended]).toEqual([100, 'key 1', ['key 0']])
    // The address with the most makes room for itself.
    await accounts.login('viewer horse', '10.0.0.1')
    expect([file.data.sessions.length, ended]).toEqual([100, ['key 0', first.key]])
    await accounts.login('correct horse', '10.0.0.1')
    expect([file.data.sessions.length, ended.length]).toEqual([101, 2])
    clock.now += 1
    await accounts.login('correct horse', '10.0.0.1')
    expect(file.data.sessions).toHaveLength(4)
  })

  test('of a viewer ends with a new password of viewers; the one that changes its own stays', async () => {
    const admin = await claim()
    const other = await accounts.login('correct horse', '10.0.0.1')
    await accounts.setViewerPassword('viewer horse')
    const viewer = await accounts.login('viewer horse', '10.0.0.1')
    const ended: string[] = []
    accounts.onEnd((one) => ended.push(one))
    await accounts.setViewerPassword(null)
    expect([ended, accounts.hasViewer()]).toEqual([[viewer.key], false])
    await accounts.changePassword(admin, 'correct horse', 'another horse')
    expect(ended).toEqual([viewer.key, other.key])
    expect(accounts.find(admin.id)).not.toBeNull()
  })

  test('is no proof of the old password, and wrong ones count as tries', async () => {
    const admin = await claim()
    const change = (current: string): Promise<string | null> =>
      code(accounts.changePassword(admin, current, 'another horse'))
    for (let time = 0; time < 5; time++) expect(await change('wrong horse')).toBe('wrong-password')
    expect(await change('correct horse')).toBe('paused')
    clock.monotonic = 900
    expect(await change('correct horse')).toBeNull()
  })
})

test('the log keeps its last five hundred lines', async () => {
  for (let index = 0; index < 500; index++) file.data.log.push({ at: index, what: 'login', role: 'admin' })
  await accounts.note('logout', 'admin')
  expect([accounts.log().length, accounts.log()[0]?.at, accounts.log().at(-1)?.what]).toEqual([500, 1, 'logout'])
})

test('the sentence after five wrong passwords names the minutes', async () => {
  await claim()
  for (let time = 0; time < 5; time++) await code(accounts.login('wrong horse', '10.0.0.1'))
  clock.monotonic = 839
  await expect(accounts.login('wrong horse', '10.0.0.1')).rejects.toMatchObject({
    status: 429,
    message: 'Too many wrong passwords; try again in 2 minutes.',
  })
  clock.monotonic = 840
  await expect(accounts.login('wrong horse', '10.0.0.1')).rejects.toThrow('try again in 1 minutes')
})

describe('a password', () => {
  test('has 8 to 256 characters, however many bytes they take', async () => {
    const refused = async (password: string): Promise<string | null> => code(hashPassword(password))
    expect(await Promise.all([refused('1234567'), refused('ü'.repeat(7)), refused('x'.repeat(257))])).toEqual([
      'short-password',
      'short-password',
      'long-password',
    ])
    expect(await refused('😀'.repeat(8))).toBeNull()
    expect(await refused('ü'.repeat(256))).toBeNull()
  })

  test('is kept with a salt of its own, and is the same in both forms of an accent', async () => {
    const [one, other] = await Promise.all([hashPassword('caf\u00e9 horse'), hashPassword('caf\u00e9 horse')])
    expect(one).not.toBe(other)
    expect(one).toMatch(/^scrypt\$[0-9a-f]{32}\$[0-9a-f]{64}$/)
    expect(await isPassword('cafe\u0301 horse', one)).toBe(true)
    expect(await isPassword('cafe horse', one)).toBe(false)
    await expect(isPassword('x', 'plain$00$00')).rejects.toThrow('reset-password')
  })

  test('is checked for eight at one time, and no more', async () => {
    const kept = await hashPassword('correct horse')
    const results = await Promise.all(Array.from({ length: 9 }, () => code(isPassword('wrong horse', kept))))
    expect(results).toEqual([...new Array<null>(8).fill(null), 'busy'])
    expect(await isPassword('correct horse', kept)).toBe(true)
  })

  test('of somebody known is checked before those of strangers that wait, and has places of its own', async () => {
    const kept = await hashPassword('correct horse')
    const order: string[] = []
    const check = (who: string, isKnown: boolean): Promise<unknown> =>
      isPassword('correct horse', kept, isKnown).then(
        (isRight) => order.push(`${who} ${isRight}`),
        () => order.push(`${who} refused`),
      )
    const strangers = Array.from({ length: 9 }, () => check('stranger', false))
    const known = Array.from({ length: 9 }, () => check('known', true))
    await Promise.all([...strangers, ...known])
    expect(order).toEqual([
      'stranger refused',
      'known refused',
      'stranger true',
      ...Array<string>(8).fill('known true'),
      ...Array<string>(7).fill('stranger true'),
    ])
  })

  test('is compared whole', () => {
    expect([sameText('abc', 'abc'), sameText('abc', 'abd'), sameText('abc', 'ab'), sameText('', '')]).toEqual([
      true,
      false,
      false,
      true,
    ])
  })
})
