// The HTTP server: fastify with its plugins, limits, guard and routes. Built without listening, so that tests can
// use `inject`.
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify from 'fastify'
import type { Accounts } from '../access/accounts.ts'
import { addressGroup } from '../access/address-group.ts'
import { createHostCheck, type HostCheck } from '../access/origin.ts'
import { isAmong, visitors, type VisitorOf } from '../access/visitor.ts'
import { Connections, MOST_CONNECTIONS } from './connections.ts'
import { limitOpenRequests } from './open-requests.ts'
import { type Service } from './service.ts'
import { answerError, type ErrorListener } from './errors.ts'
import { createGuard } from './guard.ts'
import type { HttpServer, Parts } from './route.ts'
import { alertRoutes } from './routes/alerts.ts'
import { eventRoutes } from './routes/events.ts'
import { questionRoutes } from './routes/questions.ts'
import { trafficRoutes } from './routes/traffic.ts'
import { deviceRoutes } from './routes/devices.ts'
import { peopleRoutes } from './routes/people.ts'
import { pageRoutes } from './routes/page.ts'
import { replayRoutes, UPLOAD_TYPE } from './routes/replays.ts'
import { reportRoutes } from './routes/reports.ts'
import { sessionRoutes } from './routes/session.ts'
import { settingsRoutes } from './routes/settings.ts'
import { ServiceError } from '../model/service-error.ts'

export interface HttpServerOptions {
  service: Service
  accounts: Accounts
  version: string
  /** Open to the home's network, once claimed. */
  lan?: boolean
  /** Names and addresses of this machine; by default from the machine and the settings. */
  isOurHost?: HostCheck
  /** Folder of the built page; null: the API only. */
  uiFolder?: string | null
  /** The page comes over TLS, whatever a request says. */
  secure?: boolean
  /** The share of the places for connections that this machine has files for. */
  connectionShare?: number
  requestsPerMinute?: number
  /** Told of our own mistakes; no request is ever logged. */
  onError?: ErrorListener
}

const BODY_LIMIT = 256 * 1024
const HEADERS_MS = 15_000
const BODY_MS = 20_000
const UNREAD_MS = 1000
const IDLE_MS = 120_000
/** A recording over a slow wireless network. */
const UPLOAD_MS = 4 * 3_600_000
const REQUESTS_PER_MINUTE = 3000
const MOST_ADDRESSES = 2000

/** Paths of version 0.1.0, which programs of the household may still ask. */
const FORMER_PATHS: readonly (readonly [former: string, present: string])[] = [
  ['/api/books/', '/api/traffic/'],
  ['/api/trials', '/api/dry-runs'],
]

function presentPath(url: string): string {
  for (const [former, present] of FORMER_PATHS) if (url.startsWith(former)) return present + url.slice(former.length)
  return url
}

export function hostCheckOf(service: Service, lan: boolean): HostCheck {
  const extraNames = (): string[] => {
    const names = service.settings().values['access']?.['extraHostNames']
    return Array.isArray(names) ? names.map(String) : []
  }
  return createHostCheck({ lan, extraNames })
}

function proxiesOf(service: Service): string[] {
  const proxies = service.settings().values['access']?.['trustedProxies']
  return Array.isArray(proxies) ? proxies.map(String) : []
}

export function visitorsOf(service: Service): VisitorOf {
  return visitors(() => proxiesOf(service))
}

const ROUTES = [
  sessionRoutes,
  trafficRoutes,
  questionRoutes,
  alertRoutes,
  eventRoutes,
  deviceRoutes,
  peopleRoutes,
  replayRoutes,
  settingsRoutes,
]

/**
 * The whole HTTP side. `await app.ready()` or `listen` makes it answer; a route without a declared role fails there.
 */
export function buildHttpServer(options: HttpServerOptions): HttpServer {
  const answer = answerError(options.onError ?? (() => undefined))
  const app = newServer(answer)
  // Beyond all places together: one that is closed at once instead of making room.
  app.server.maxConnections = 2 * MOST_CONNECTIONS
  new Connections(app.server, {
    isTrustedProxy: (address) => isAmong(proxiesOf(options.service), address),
    share: options.connectionShare,
  })
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.setErrorHandler(answer)

  const parts: Parts = {
    service: options.service,
    accounts: options.accounts,
    version: options.version,
    lan: options.lan ?? false,
    secure: options.secure ?? false,
  }
  app.decorateRequest('session', null)
  app.decorateRequest('browser', null)
  app.decorateRequest('visitor')
  app.addHook('onRoute', (route) => {
    if (route.config?.role === undefined)
      throw new Error(`Route ${String(route.method)} ${route.url} does not say who may use it`)
  })
  protect(app, options)
  app.addHook(
    'onRequest',
    createGuard({
      accounts: options.accounts,
      isOurHost: options.isOurHost ?? hostCheckOf(options.service, parts.lan),
      visitorOf: visitorsOf(options.service),
    }),
  )
  app.addHook('onRequest', limitOpenRequests())
  limitBodies(app)
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api')) reply.header('cache-control', 'no-store')
  })

  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Telltale', description: 'What the things at home send, to whom.', version: options.version },
    },
  })
  void app.register(async (inner: HttpServer) => {
    for (const routes of ROUTES) routes(inner, parts)
    reportRoutes(inner)
    pageRoutes(inner, options.uiFolder ?? null)
  })
  app.setNotFoundHandler(async () => {
    throw new ServiceError(404, 'not-found', 'There is nothing at this address.')
  })
  return app
}

function newServer(answer: ReturnType<typeof answerError>): HttpServer {
  return fastify({
    logger: false,
    trustProxy: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: UPLOAD_MS,
    connectionTimeout: IDLE_MS,
    forceCloseConnections: true,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: 5000, maxHeaderSize: 16 * 1024 },
    routerOptions: { maxParamLength: 300 },
    rewriteUrl: ({ url }) => presentPath(url ?? '/'),
    // Typed as a callback; what it returns is not waited for.
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>()
}

function protect(app: HttpServer, options: HttpServerOptions): void {
  void app.register(helmet, {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
        upgradeInsecureRequests: null,
        reportUri: ['/api/csp-report'],
      },
    },
    // It would hold for every other service of this host name too, for a year.
    hsts: false,
    originAgentCluster: false,
    crossOriginOpenerPolicy: options.secure === true,
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
  })
  void app.register(cookie)
  void app.register(rateLimit, {
    global: true,
    max: options.requestsPerMinute ?? REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    cache: MOST_ADDRESSES,
    // Whoever has shown who he is has requests of his own: others of his address do not use them up.
    keyGenerator: ({ session, browser, visitor }) =>
      `${session?.key ?? browser?.id ?? ''} ${addressGroup(visitor.address)}`,
    errorResponseBuilder: () =>
      new ServiceError(429, 'too-many', 'Too many requests from this address; wait a minute.'),
  })
}

/** A body that dribbles in ends with its connection, and so does one that nobody reads any more. */
function limitBodies(app: HttpServer): void {
  const dribbling = new WeakMap<object, NodeJS.Timeout>()
  app.addHook('preParsing', async (request) => {
    if (request.headers['content-type'] === UPLOAD_TYPE) return
    dribbling.set(request, setTimeout(() => request.raw.destroy(), BODY_MS).unref())
  })
  app.addHook('preValidation', async (request) => clearTimeout(dribbling.get(request)))
  app.addHook('onResponse', async (request) => {
    clearTimeout(dribbling.get(request))
    if (request.raw.complete) return
    // Time for the answer to be read; destroying at once would take it away.
    setTimeout(() => {
      if (!request.raw.complete) request.raw.destroy()
    }, UNREAD_MS).unref()
  })
}
