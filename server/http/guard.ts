// The guard of every request: Host, Origin, session, role and token are checked in this order, before a byte of the
// body is read.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Accounts } from '../access/accounts.ts'
import { foreignOrigin, type HostCheck } from '../access/origin.ts'
import { sameText } from '../access/password.ts'
import { arrivalOf, type VisitorOf } from '../access/visitor.ts'
import { showConnection } from './connections.ts'
import { knownCookieOf, sessionIdOf } from './session-cookie.ts'
import { ServiceError } from '../model/service-error.ts'

export interface GuardOptions {
  accounts: Accounts
  isOurHost: HostCheck
  visitorOf: VisitorOf
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD'

export function createGuard({ accounts, isOurHost, visitorOf }: GuardOptions) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const { role, report } = request.routeOptions.config
    request.visitor = visitorOf(arrivalOf(request.raw))
    if (!isOurHost(request.headers.host))
      throw new ServiceError(
        421,
        'foreign-host',
        'This name is not one of this machine. Add it under Settings, Access, if it is yours.',
      )
    if (!accounts.claimed() && !request.visitor.isOnThisMachine)
      throw new ServiceError(403, 'unclaimed', 'Set the password on the machine itself first.')
    const id = sessionIdOf(request.headers.cookie)
    request.session = id === null ? null : accounts.find(id)
    request.browser = accounts.knownBrowser(knownCookieOf(request.headers.cookie))
    const shown = request.session?.role ?? (request.browser === null ? null : 'known')
    if (shown !== null) showConnection(request.raw.socket, shown)
    if (report === true) return
    const foreign = isRead(request.method) ? null : foreignOrigin(request.method, request.headers)
    if (foreign !== null) throw new ServiceError(403, 'foreign-origin', foreign)
    if (role === undefined || role === 'public') return
    const { session } = request
    if (session === null)
      throw new ServiceError(
        401,
        accounts.claimed() ? 'login' : 'unclaimed',
        accounts.claimed() ? 'Log in first.' : 'This box has no password yet.',
      )
    if (role === 'admin' && session.role !== 'admin')
      throw new ServiceError(403, 'admin-only', 'Only the admin may do this.')
    if (isRead(request.method)) return
    if (!sameText(String(request.headers['x-csrf-token'] ?? ''), session.csrf))
      throw new ServiceError(403, 'csrf', 'The page is out of date: reload it.')
  }
}
