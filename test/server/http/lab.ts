// The HTTP server of the tests: the real one over the made-up home, claimed, with a clock that only the test moves.
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { emptyAccess } from '../../../server/access/access-state.ts'
import { Accounts } from '../../../server/access/accounts.ts'
import { type Login, type Session } from '../../../server/access/login-sessions.ts'
import { hashPassword } from '../../../server/access/password.ts'
import { buildHttpServer, hostCheckOf, type HttpServerOptions } from '../../../server/http/http-server.ts'
import { COOKIE } from '../../../server/http/session-cookie.ts'
import type { HttpServer, RouteRole } from '../../../server/http/route.ts'
import { attachLiveFeed, type LiveFeed } from '../../../server/http/live-feed.ts'
import { createFakeService, type FakeService, type FakeServiceOptions } from '../../support/fake-service.ts'
import { memoryFile } from '../../support/memory-file.ts'

export const ADMIN_PASSWORD = 'the admin password'
export const VIEWER_PASSWORD = 'the viewer password'
export const NOW = 1_795_000_000

/** Hashed once a file: a hash is slow on purpose. */
let passwords: Promise<[string, string]> | null = null

export interface Lab {
  app: HttpServer
  accounts: Accounts
  service: FakeService
  live: LiveFeed
  routes: { method: string; url: string; role: RouteRole | undefined }[]
  errors: Error[]
  clock: { now: number }
  admin: Login
  viewer: Login
  /** A request as our own page would make it, with this login. */
  ask(login: Login | null, options: InjectOptions): Promise<LightMyRequestResponse>
  /** Listens on loopback; the base address. */
  listen(): Promise<string>
  close(): Promise<void>
}

export async function openLab(
  options: Partial<HttpServerOptions> & { service?: FakeService } = {},
  home: FakeServiceOptions = {},
): Promise<Lab> {
  const clock = { now: NOW }
  const service = options.service ?? createFakeService({ now: () => clock.now, ...home })
  passwords ??= Promise.all([hashPassword(ADMIN_PASSWORD), hashPassword(VIEWER_PASSWORD)])
  const [admin, viewer] = await passwords
  const sessions = (['admin', 'viewer'] as const).map((role) => ({
    key: createHash('sha256').update(`id of ${role}`).digest('hex'),
    role,
    expires: NOW + 30 * 86_400,
  }))
  const accounts =
    options.accounts ??
    new Accounts({
      state: memoryFile({ ...emptyAccess(), admin, viewer, sessions }),
      now: () => clock.now,
      monotonic: () => clock.now,
      sessionDays: () => 30,
    })
  const errors: Error[] = []
  const isOurHost = options.isOurHost ?? hostCheckOf(service, options.lan ?? false)
  const app = buildHttpServer({
    service,
    accounts,
    version: '1.2.3',
    isOurHost,
    onError: (error) => errors.push(error),
    ...options,
  })
  const routes: Lab['routes'] = []
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, role: route.config?.role })
  })
  const live = attachLiveFeed(app.server, { service, accounts, isOurHost })
  const loginOf = (role: string): Login => ({ id: `id of ${role}`, ...(accounts.find(`id of ${role}`) as Session) })
  await app.ready()
  return {
    app,
    accounts,
    service,
    live,
    routes,
    errors,
    clock,
    admin: loginOf('admin'),
    viewer: loginOf('viewer'),
    ask: async (login, request) => app.inject({ ...request, headers: { ...pageHeaders(login), ...request.headers } }),
    async listen() {
      await app.listen({ host: '127.0.0.1', port: 0 })
      return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    },
    async close() {
      await live.close()
      await app.close()
    },
  }
}

export function pageHeaders(login: Login | null, base = 'http://localhost'): Record<string, string> {
  const host = base.replace('http://', '')
  return {
    host,
    origin: base,
    ...(login === null ? {} : { cookie: `${COOKIE}=${login.id}`, 'x-csrf-token': login.csrf }),
  }
}

/** The code of an answer that is an error; null otherwise. */
export function codeOf(answer: LightMyRequestResponse): string | null {
  return answer.statusCode < 400 ? null : answer.json<{ error: { code: string } }>().error.code
}
