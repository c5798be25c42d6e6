// The live feed over socket.io: who may connect, the rooms, and the events of the service. A tick is made once per
// room; a slow client costs no memory.
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { Server } from 'socket.io'
import type { Accounts } from '../access/accounts.ts'
import type { Session } from '../access/login-sessions.ts'
import { foreignOrigin, type HostCheck } from '../access/origin.ts'
import { sameText } from '../access/password.ts'
import {
  LIVE_SCOPE,
  type ApiError,
  type ClientEvents,
  type Role,
  type Room,
  type ScopeId,
  type TickMessage,
} from '../api.ts'
import {
  disconnect,
  isFarBehind,
  joinRoom,
  kindOf,
  leaveRoom,
  type LiveServer,
  type LiveSocket,
  scopeOf,
  waitingFor,
} from './live-socket.ts'
import { arrivalOf, type VisitorOf } from '../access/visitor.ts'
import { showConnection } from './connections.ts'
import { visitorsOf } from './http-server.ts'
import { LivePlaces } from './live-places.ts'
import { sessionIdOf } from './session-cookie.ts'
import type { Service } from './service.ts'

/** Who may send which event. */
export const EVENT_ROLES: Record<keyof ClientEvents, Role> = { join: 'viewer', leave: 'viewer' }

export const MOST_SOCKETS_OF_A_SESSION = 8
/** Ticks of four rooms may wait for the one poll or write that is under way; more are left out. */
const MOST_WAITING_TICKS = 4
const MOST_EVENTS_PER_SECOND = 20
const MESSAGE_LIMIT = 16 * 1024

export interface LiveFeedOptions {
  service: Service
  accounts: Accounts
  isOurHost: HostCheck
  visitorOf?: VisitorOf
}

export interface LiveFeed {
  /** Sockets that are connected now. */
  sockets(): number
  /** Disconnects every socket; the HTTP server is closed by whoever opened it. */
  close(): Promise<void>
}

/** Opens /socket.io/ on an HTTP server. */
export function attachLiveFeed(http: HttpServer, given: LiveFeedOptions): LiveFeed {
  const options = { ...given, visitorOf: given.visitorOf ?? visitorsOf(given.service) }
  const places: Places = new LivePlaces()
  const io: LiveServer = new Server(http, {
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: MESSAGE_LIMIT,
    connectTimeout: 10_000,
    allowRequest: (request, done) => {
      const refused = refusal(request, options) ?? noPlace(places, request, options)
      done(refused, refused === null)
    },
  })
  countPlaces(io, places, options)
  // allowRequest is only asked at the handshake; polls and the upgrade come in here as well.
  io.engine.use((request: IncomingMessage, _response: unknown, next: (error?: Error) => void) => {
    const refused = hasSid(request) ? refusal(request, options) : null
    next(refused === null ? undefined : new Error(refused))
  })
  io.engine.on('headers', (headers: Record<string, string>) =>
    Object.assign(headers, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }),
  )
  requireSession(io, options.accounts)
  const isWatched = followWatchers(io, options.service)
  io.on('connection', (socket) => handleEvents(socket, options, isWatched))
  options.service.on('second', (scope) => {
    checkSockets(io, options)
    emitTicks(io, scope, options)
  })
  options.service.on('part', (scope) => emitTicks(io, scope, options))
  forwardServiceEvents(io, options.service)
  options.accounts.onEnd((key) => {
    for (const socket of socketsOf(io, key)) disconnect(socket)
  })

  return {
    sockets: () => io.sockets.sockets.size,
    async close() {
      io.disconnectSockets(true)
      io.engine.close()
      await io.of('/').adapter.close()
    },
  }
}

/** Why a request may not reach the feed; null where it may. */
function refusal(
  request: IncomingMessage,
  { accounts, isOurHost, visitorOf }: Required<LiveFeedOptions>,
): string | null {
  if (!isOurHost(request.headers.host)) return 'This name is not one of this machine.'
  if (!accounts.claimed() && !visitorOf(arrivalOf(request)).isOnThisMachine)
    return 'Set the password on the machine itself first.'
  return (
    foreignOrigin(request.method ?? '', request.headers) ??
    (sessionOf(request, accounts) === null ? 'Log in first.' : null)
  )
}

/** The connection of the transport: it counts from the handshake on, before it has logged in as a socket. */
type EngineConnection = { request: IncomingMessage; close(discard?: boolean): void } & NodeJS.EventEmitter
type Places = LivePlaces<EngineConnection>

/** As `refusal`, of a handshake that would be let in. */
function noPlace(places: Places, request: IncomingMessage, options: Required<LiveFeedOptions>): string | null {
  const session = sessionOf(request, options.accounts)
  if (session === null) return 'Log in first.'
  showConnection(request.socket, session.role)
  return places.refusal({ role: session.role, address: options.visitorOf(arrivalOf(request)).address })
}

function countPlaces(io: LiveServer, places: Places, options: Required<LiveFeedOptions>): void {
  io.engine.on('connection', (connection: EngineConnection) => {
    const { request } = connection
    // Between the handshake and now others may have come.
    const refused = noPlace(places, request, options)
    const role = sessionOf(request, options.accounts)?.role
    if (refused !== null || role === undefined) return connection.close(true)
    places.take(connection, { role, address: options.visitorOf(arrivalOf(request)).address })
    connection.once('close', () => places.leave(connection))
  })
}

function sessionOf(request: IncomingMessage, accounts: Accounts): Session | null {
  const id = sessionIdOf(request.headers.cookie)
  return id === null ? null : accounts.find(id)
}

function hasSid(request: IncomingMessage): boolean {
  return new URL(request.url ?? '/', 'http://localhost').searchParams.has('sid')
}

function socketsOf(io: LiveServer, key: string): LiveSocket[] {
  return [...io.sockets.sockets.values()].filter((socket) => socket.data.session === key)
}

/** A socket belongs to a session, shows its CSRF token, and is one of few. */
function requireSession(io: LiveServer, accounts: Accounts): void {
  io.use((socket, next) => {
    const session = sessionOf(socket.request, accounts)
    const { csrf } = socket.handshake.auth as { csrf?: unknown }
    if (session === null) return next(new Error('login'))
    if (typeof csrf !== 'string' || !sameText(csrf, session.csrf)) return next(new Error('csrf'))
    if (socketsOf(io, session.key).length >= MOST_SOCKETS_OF_A_SESSION) return next(new Error('too-many'))
    Object.assign(socket.data, { session: session.key, rooms: new Map(), events: 0 })
    next()
  })
}

/** Tells the service whether any socket is in a room of the live home, each time that may have changed. */
function followWatchers(io: LiveServer, service: Service): () => void {
  let was = false
  return () => {
    const is = [...io.sockets.sockets.values()].some(({ data }) =>
      [...data.rooms.values()].some((room) => scopeOf(room) === LIVE_SCOPE),
    )
    if (is !== was) service.setWatched(is)
    was = is
  }
}

function handleEvents(socket: LiveSocket, { service, accounts }: LiveFeedOptions, onRooms: () => void): void {
  socket.on('disconnect', onRooms)
  socket.use(([event], next) => {
    const session = accounts.findKey(socket.data.session)
    const role = Object.hasOwn(EVENT_ROLES, event) ? EVENT_ROLES[event as keyof ClientEvents] : null
    const allowed = session !== null && role !== null && (role === 'viewer' || session.role === 'admin')
    if (!allowed || ++socket.data.events > MOST_EVENTS_PER_SECOND) return disconnect(socket)
    next()
  })
  socket.on('join', (room, done) => {
    const answer = (error: ApiError | null): void => {
      if (typeof done === 'function') done(error)
    }
    const kind = kindOf(room)
    if (kind === null) return answer({ code: 'no-such-room', message: 'There is no such room.' })
    if (service.tickOf(room) === null)
      return answer({ code: 'no-such-room', message: 'There is nothing to hear there any more.' })
    joinRoom(socket, kind, room)
    onRooms()
    answer(null)
  })
  socket.on('leave', (room) => {
    const kind = kindOf(room)
    if (kind === null || socket.data.rooms.get(kind) !== room) return
    leaveRoom(socket, kind)
    onRooms()
  })
}

/** Each second: counts of events begin anew, and sockets of sessions that have ended are closed. */
function checkSockets(io: LiveServer, { accounts }: LiveFeedOptions): void {
  for (const socket of io.sockets.sockets.values()) {
    socket.data.events = 0
    if (accounts.findKey(socket.data.session) === null) disconnect(socket)
  }
}

function emitTicks(io: LiveServer, scope: ScopeId, { service }: LiveFeedOptions): void {
  const ticks = new Map<Room, TickMessage | null>()
  for (const socket of io.sockets.sockets.values()) {
    // A client that has not taken what was sent before goes without this one. (Volatile messages would lose the second
    // of two rooms.)
    if (waitingFor(socket).messages > MOST_WAITING_TICKS) continue
    for (const room of socket.data.rooms.values()) {
      if (scopeOf(room) !== scope) continue
      if (!ticks.has(room)) ticks.set(room, service.tickOf(room))
      const tick = ticks.get(room) ?? null
      if (tick !== null) socket.emit('tick', room, tick)
    }
  }
}

function forwardServiceEvents(io: LiveServer, service: Service): void {
  service.on('devices', (scope, devices) => {
    for (const socket of subscribers(io, scope)) socket.emit('devices', scope, devices)
  })
  service.on('status', (scope, status) => {
    for (const socket of subscribers(io, scope)) socket.emit('status', scope, status)
  })
  service.on('alerts', (scope, alerts) => {
    for (const socket of subscribers(io, scope)) socket.emit('alerts', scope, alerts)
  })
  service.on('events', (scope, events, withdrawn) => {
    for (const socket of subscribers(io, scope)) socket.emit('events', scope, events, withdrawn)
  })
  service.on('changed', (scope) => {
    for (const socket of subscribers(io, scope)) socket.emit('changed', scope)
  })
  service.on('replay', (replay) => {
    for (const socket of subscribers(io, LIVE_SCOPE)) socket.emit('replay', replay)
  })
}

/** The sockets that a scope concerns and that keep up. One that is far behind is disconnected here. */
function* subscribers(io: LiveServer, scope: ScopeId): Generator<LiveSocket> {
  for (const socket of io.sockets.sockets.values()) {
    if (scope !== LIVE_SCOPE && ![...socket.data.rooms.values()].some((room) => scopeOf(room) === scope)) continue
    if (isFarBehind(socket)) disconnect(socket)
    else yield socket
  }
}
