// Roles of routes: every route of the code, requested by nobody, a viewer and the admin.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Login } from '../../../server/access/login-sessions.ts'
import { codeOf, openLab, type Lab } from './lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(async () => lab.close())

const DENIALS = ['login', 'unclaimed', 'admin-only', 'csrf', 'foreign-origin', 'foreign-host']
const SAMPLES: Record<string, string> = { scope: 'live', id: 'aa:bb:cc:dd:ee:ff', slug: 'google', undo: 'none' }
const isChange = (method: string): boolean => method !== 'GET' && method !== 'HEAD'

/** Logging out ends the session that asks, so it is asked last. */
const inOrder = (): Lab['routes'] =>
  [...lab.routes].sort((one, other) => Number(one.url.endsWith('logout')) - Number(other.url.endsWith('logout')))

function ask(route: Lab['routes'][number], login: Login | null, headers: Record<string, string> = {}) {
  const url = route.url.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(SAMPLES[name])).replace('*', '')
  const body = isChange(route.method) && route.url !== '/api/replays' ? { payload: {} } : {}
  return lab.ask(login, { method: route.method, url, headers, ...body })
}
async function deniedTo(login: Login | null): Promise<string[]> {
  const denied: string[] = []
  for (const route of inOrder()) {
    const answer = await ask(route, login)
    const code = route.method === 'HEAD' ? (answer.statusCode === 401 ? 'login' : null) : codeOf(answer)
    if (code !== null && DENIALS.includes(code)) denied.push(`${route.method} ${route.url}`)
  }
  return denied.sort()
}
const declared = (...roles: string[]): string[] =>
  lab.routes
    .filter((route) => roles.includes(route.role as string))
    .map((route) => `${route.method} ${route.url}`)
    .sort()

describe('every route', () => {
  test('says who may use it, and there are as many as expected at least', () => {
    expect(lab.routes.filter((route) => route.role === undefined)).toEqual([])
    expect(declared('admin').length).toBeGreaterThan(10)
    expect(declared('viewer').length).toBeGreaterThan(15)
    expect(declared('public').map((name) => name.replace(/^HEAD/, 'GET'))).toEqual(
      expect.arrayContaining([
        'GET /*',
        'GET /api/recorded',
        'GET /api/session',
        'POST /api/claim',
        'POST /api/csp-report',
        'POST /api/login',
      ]),
    )
    expect(new Set(declared('public').map((name) => name.replace(/^HEAD/, 'GET'))).size).toBe(6)
  })

  test('that changes something is for the admin, apart from the door itself', () => {
    const changes = lab.routes
      .filter((route) => isChange(route.method) && route.role !== 'admin')
      .map((route) => route.url)
      .sort()
    expect(changes).toEqual(['/api/claim', '/api/csp-report', '/api/login', '/api/logout'])
  })

  test('of viewer and admin is closed to whoever is not logged in', async () => {
    expect(await deniedTo(null)).toEqual(declared('viewer', 'admin'))
  })

  test('of the admin is closed to a viewer, the others are open', async () => {
    expect(await deniedTo(lab.viewer)).toEqual(declared('admin').filter((name) => !name.startsWith('HEAD')))
  })

  test('is open to the admin', async () => {
    const admin = await lab.accounts.login('the admin password', '127.0.0.1')
    expect(await deniedTo(admin)).toEqual([])
  })

  test('that changes something refuses a foreign and a missing origin', async () => {
    for (const route of lab.routes.filter(({ method, url }) => isChange(method) && url !== '/api/csp-report')) {
      for (const origin of [
        'http://evil.example',
        'null',
        'http://localhost:81',
        'http://localhost.evil.example',
        '',
      ]) {
        const answer = await ask(route, lab.admin, { origin })
        expect([route.url, origin, answer.statusCode, codeOf(answer)]).toEqual([
          route.url,
          origin,
          403,
          'foreign-origin',
        ])
      }
      const { app } = lab
      const bare = await app.inject({ method: route.method as 'POST', url: '/api/login', payload: { password: 'x' } })
      expect(codeOf(bare)).toBe('foreign-origin')
    }
  })

  test('refuses a request that a browser marks as cross-site', async () => {
    const answer = await lab.ask(lab.admin, {
      method: 'POST',
      url: '/api/logout',
      headers: { 'sec-fetch-site': 'cross-site' },
    })
    expect(codeOf(answer)).toBe('foreign-origin')
  })

  test('that changes something refuses a missing and a wrong token', async () => {
    const guarded = lab.routes.filter((route) => isChange(route.method) && route.role !== 'public')
    expect(guarded.length).toBeGreaterThan(10)
    for (const route of guarded) {
      for (const token of ['', 'x', lab.viewer.csrf]) {
        const answer = await ask(route, lab.admin, { 'x-csrf-token': token })
        expect([route.url, codeOf(answer)]).toEqual([route.url, 'csrf'])
      }
    }
  })

  test('refuses a foreign Host, the page included', async () => {
    for (const route of lab.routes.filter(({ method }) => method !== 'HEAD')) {
      for (const host of [
        'evil.example',
        'localhost.evil.example',
        '192.168.1.9',
        '127.0.0.1.evil.example',
        '169.254.169.254',
        'localhost@evil.example',
        'local host',
      ]) {
        const answer = await ask(route, lab.admin, { host, origin: `http://${host}` })
        expect([route.url, host, answer.statusCode]).toEqual([route.url, host, 421])
      }
    }
  })
})

test('a route that does not say who may use it stops the start', async () => {
  const { buildHttpServer } = await import('../../../server/http/http-server.ts')
  const app = buildHttpServer({ service: lab.service, accounts: lab.accounts, version: '1' })
  expect(() => app.get('/forgotten', async () => 'open to all')).toThrow('GET /forgotten does not say who may use it')
  await app.close()
})
