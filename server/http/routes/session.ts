// Routes of access: the session, claim, log-in, log-out, passwords, access log.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { KNOWN_FOR_SECONDS } from '../../access/known-browsers.ts'
import type { Login, Session } from '../../access/login-sessions.ts'
import type { Role, SessionFacts as Facts } from '../../api.ts'
import { admin, anyone, viewer, type HttpServer, type Parts } from '../route.ts'
import { COOKIE, KNOWN_COOKIE } from '../session-cookie.ts'
import { Done } from '../schemas/fields.ts'
import { Password, AccessLog, SessionFacts } from '../schemas/access.ts'

const done = { done: true } as const

export function sessionRoutes(app: HttpServer, parts: Parts): void {
  loginRoutes(app, parts)
  passwordRoutes(app, parts)
}

/** What the routes of log-in share: the facts that they answer, and the cookies that they set. */
function logins({ accounts, service, version, lan, secure }: Parts) {
  const facts = (session: Session | null): Facts => ({
    claimed: accounts.claimed(),
    role: session?.role ?? null,
    csrf: session?.csrf ?? null,
    version,
    lan,
    hasViewer: accounts.hasViewer(),
  })
  const cookieOf = ({ visitor }: FastifyRequest) => cookieOptions(secure || visitor.isTls)
  const days = (): number => Number(service.settings().values['access']?.['sessionDays'] ?? 30)
  const keep = (request: FastifyRequest, reply: FastifyReply, id: string): void =>
    void reply.setCookie(COOKIE, id, { ...cookieOf(request), maxAge: days() * 86_400 })
  const remember = async (request: FastifyRequest, reply: FastifyReply, role: Role): Promise<void> => {
    const known = await accounts.browserCookie(role, request.browser)
    reply.setCookie(KNOWN_COOKIE, known, { ...cookieOf(request), maxAge: KNOWN_FOR_SECONDS })
  }
  /** A new session takes the place of the one that the browser had. */
  const enter = async (request: FastifyRequest, reply: FastifyReply, login: Login): Promise<Facts> => {
    if (request.session !== null) await accounts.logout(request.session)
    keep(request, reply, login.id)
    await remember(request, reply, login.role)
    return facts(login)
  }
  return { facts, cookieOf, keep, remember, enter }
}

function loginRoutes(app: HttpServer, parts: Parts): void {
  const { accounts } = parts
  const { facts, cookieOf, keep, remember, enter } = logins(parts)

  app.get('/api/session', { ...anyone, schema: { response: { 200: SessionFacts } } }, async (request, reply) => {
    const id = request.cookies[COOKIE]
    if (request.session !== null && id !== undefined) {
      keep(request, reply, id)
      // One that was logged in before there was this cookie, or whose password changed elsewhere.
      if (request.browser === null) await remember(request, reply, request.session.role)
    }
    return facts(request.session)
  })

  app.post(
    '/api/claim',
    {
      ...anyone,
      schema: {
        body: Type.Object({ token: Type.String({ maxLength: 100 }), password: Password }),
        response: { 200: SessionFacts },
      },
    },
    async (request, reply) => {
      const { token, password } = request.body
      return enter(request, reply, await accounts.claim(token, password, request.visitor.address))
    },
  )

  app.post(
    '/api/login',
    { ...anyone, schema: { body: Type.Object({ password: Password }), response: { 200: SessionFacts } } },
    async (request, reply) => {
      const { visitor, browser } = request
      const context = { browser, isLocal: visitor.isLocal }
      return enter(request, reply, await accounts.login(request.body.password, visitor.address, context))
    },
  )

  app.post('/api/logout', { ...viewer, schema: { response: { 200: Done } } }, async (request, reply) => {
    await accounts.logout(request.session!)
    reply.clearCookie(COOKIE, cookieOf(request))
    return done
  })
}

function cookieOptions(secure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
}

function passwordRoutes(app: HttpServer, { accounts, secure }: Parts): void {
  app.post(
    '/api/password',
    { ...admin, schema: { body: Type.Object({ current: Password, password: Password }), response: { 200: Done } } },
    async (request, reply) => {
      await accounts.changePassword(request.session!, request.body.current, request.body.password)
      // With the old password this browser became unknown, as every other.
      const known = await accounts.browserCookie('admin', request.browser)
      const options = { ...cookieOptions(secure || request.visitor.isTls), maxAge: KNOWN_FOR_SECONDS }
      reply.setCookie(KNOWN_COOKIE, known, options)
      return done
    },
  )

  app.post(
    '/api/viewer-password',
    {
      ...admin,
      schema: { body: Type.Object({ password: Type.Union([Password, Type.Null()]) }), response: { 200: Done } },
    },
    async (request) => {
      await accounts.setViewerPassword(request.body.password)
      return done
    },
  )

  app.get('/api/access-log', { ...viewer, schema: { response: { 200: AccessLog } } }, async () => accounts.log())
}
