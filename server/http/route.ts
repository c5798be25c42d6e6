// What every route declares: who may use it, and schemas that become its types.
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Accounts } from '../access/accounts.ts'
import type { KnownBrowser } from '../access/known-browsers.ts'
import type { Session } from '../access/login-sessions.ts'
import type { Visitor } from '../access/visitor.ts'
import type { Role } from '../api.ts'
import { type Range, type Service } from './service.ts'
import { ServiceError } from '../model/service-error.ts'

/** Who may use a route: anyone who reaches the machine, or whoever is logged in as viewer or admin. */
export type RouteRole = 'public' | Role

declare module 'fastify' {
  interface FastifyContextConfig {
    role?: RouteRole
    /** A browser's own report: it carries no token and no origin of ours. */
    report?: true
  }
  interface FastifyRequest {
    session: Session | null
    /** The browser, where it was logged in before. */
    browser: KnownBrowser | null
    visitor: Visitor
  }
}

export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What the routes are made of. */
export interface Parts {
  service: Service
  accounts: Accounts
  version: string
  lan: boolean
  /** True where the page comes over TLS: the cookie is then never sent without. */
  secure: boolean
}

export const viewer = { config: { role: 'viewer' } } as const
export const admin = { config: { role: 'admin' } } as const
export const anyone = { config: { role: 'public' } } as const

export const Scope = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: '"live", or the id of a recording' })
/** A MAC or an address. */
export const DeviceId = Type.String({ pattern: '^[0-9A-Za-z:.%_-]{1,64}$' })
export const Slug = Type.String({ pattern: '^(-|[*]?[0-9a-z-]{1,64})$', description: 'a company; "-" is unknown' })
export const Token = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })

export const RangeQuery = Type.Object({
  from: Type.Number({ description: 'seconds since 1970' }),
  to: Type.Number({ description: 'exclusive' }),
})

const LONGEST_RANGE = 3 * 366 * 86_400
const LATEST = 2 ** 33

/** The range asked for, or a ServiceError where it is none. */
export function rangeOf({ from, to }: Range): Range {
  if (from < 0 || to > LATEST)
    throw new ServiceError(400, 'bad-range', 'The range is outside of all time that is known here.')
  if (from >= to) throw new ServiceError(400, 'bad-range', 'The range must begin before it ends.')
  if (to - from > LONGEST_RANGE) throw new ServiceError(400, 'bad-range', 'The range may span three years at most.')
  return { from, to }
}
