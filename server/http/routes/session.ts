// Routes of access: the session, claim, log-in, log-out, passwords, access log.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Login, Session } from '../../access/login-sessions.ts'
import type { SessionFacts as Facts } from '../../api.ts'
import { admin, anyone, viewer, type HttpServer, type Parts } from '../route.ts'
import { COOKIE } from '../session-cookie.ts'
import { Done } from '../schemas/fields.ts'
import { Password, AccessLog, SessionFacts } from '../schemas/access.ts'

const done = { done: true } as const

export function sessionRoutes(app: HttpServer, parts: Parts): void {
  loginRoutes(app, parts)
  passwordRoutes(app, parts)
}

function loginRoutes(app: HttpServer, { accounts, service, version, lan, secure }: Parts): void {
  const facts = (session: Session | null): Facts => ({
    claimed: accounts.claimed(),
    role: session?.role ?? null,
    csrf: session?.csrf ?? null,
    version,
    lan,
    hasViewer: accounts.hasViewer(),
  })
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  const days = (): number => Number(service.settings().values['access']?.['sessionDays'] ?? 30)
  const keep = (reply: FastifyReply, id: string): void =>
    void reply.setCookie(COOKIE, id, { ...cookie, maxAge: days() * 86_400 })
  /** A new session takes the place of the one that the browser had. */
  const enter = async (request: FastifyRequest, reply: FastifyReply, login: Login): Promise<Facts> => {
    if (request.session !== null) await accounts.logout(request.session)
    keep(reply, login.id)
    return facts(login)
  }

  app.get('/api/session', { ...anyone, schema: { response: { 200: SessionFacts } } }, async (request, reply) => {
    const id = request.cookies[COOKIE]
    if (request.session !== null && id !== undefined) keep(reply, id)
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
    async (request, reply) => enter(request, reply, await accounts.claim(request.body.token, request.body.password)),
  )

  app.post(
    '/api/login',
    { ...anyone, schema: { body: Type.Object({ password: Password }), response: { 200: SessionFacts } } },
    async (request, reply) => enter(request, reply, await accounts.login(request.body.password, request.ip)),
  )

  app.post('/api/logout', { ...viewer, schema: { response: { 200: Done } } }, async (request, reply) => {
    await accounts.logout(request.session!)
    reply.clearCookie(COOKIE, cookie)
    return done
  })
}

function passwordRoutes(app: HttpServer, { accounts }: Parts): void {
  app.post(
    '/api/password',
    { ...admin, schema: { body: Type.Object({ current: Password, password: Password }), response: { 200: Done } } },
    async (request) => {
      await accounts.changePassword(request.session!, request.body.current, request.body.password, request.ip)
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
