// Who hears what, once a second? Rooms over socket.io: a tick is made once a room, and nobody who listens slowly costs
// memory.
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { Accounts } from '../access/accounts.ts'
import type { Session } from '../access/login-sessions.ts'
import { isLoopback } from '../../capture/ip-address.ts'
import { foreignOrigin, type HostCheck } from '../access/origin.ts'
import { sameText } from '../access/password.ts'
import {
  LIVE_SCOPE,
  type ApiError,
  type ClientEvents,
  type Role,
  type Room,
  type ScopeId,
  type ServerEvents,
  type TickMessage,
} from '../api.ts'
import { sessionIdOf } from './session-cookie.ts'
import type { Service } from './service.ts'

/** Who may send which event. */
export const EVENT_ROLES: Record<keyof ClientEvents, Role> = { join: 'viewer', leave: 'viewer' }

export const MOST_SOCKETS = 64
export const MOST_SOCKETS_OF_A_SESSION = 8
/** Messages that may wait for a slow client before it is let go; it asks for everything when it comes back. */
const MOST_WAITING = 16
/** Ticks of four rooms may wait for the one poll or write that is under way; more are left out. */
const MOST_WAITING_TICKS = 4
const MOST_WAITING_BYTES = 2_000_000
const MOST_EVENTS_PER_SECOND = 20
const MESSAGE_LIMIT = 16 * 1024

export interface LiveOptions {
  service: Service
  accounts: Accounts
  isOurHost: HostCheck
}

export interface Live {
  /** Sockets that are connected now. */
  sockets(): number
  /** Says goodbye to everyone; the HTTP server is closed by whoever opened it. */
  close(): Promise<void>
}

interface SocketData {
  session: string
  rooms: Map<RoomKind, Room>
  events: number
}
type LiveServer = Server<ClientEvents, ServerEvents, Record<string, never>, SocketData>
type LiveSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>
type RoomKind = 'home' | 'device' | 'replay' | 'replay-device'

/** Opens /socket.io/ on an HTTP server. */
export function attachLive(http: HttpServer, { service, accounts, isOurHost }: LiveOptions): Live {
  const io: LiveServer = new Server(http, {
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: MESSAGE_LIMIT,
    connectTimeout: 10_000,
    allowRequest: (request, done) => {
      const refused = refusal(request) ?? (io.engine.clientsCount >= MOST_SOCKETS ? 'Too many pages are open.' : null)
      done(refused, refused === null)
    },
  })
  // allowRequest is only asked at the handshake; polls and the upgrade come in here as well.
  io.engine.use((request: IncomingMessage, _response: unknown, next: (error?: Error) => void) => {
    const refused = hasSid(request) ? refusal(request) : null
    next(refused === null ? undefined : new Error(refused))
  })
  io.engine.on('headers', (headers: Record<string, string>) =>
    Object.assign(headers, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }),
  )

  function refusal(request: IncomingMessage): string | null {
    if (!isOurHost(request.headers.host)) return 'This name is not one of this machine.'
    if (!accounts.claimed() && !isLoopback(request.socket.remoteAddress ?? ''))
      return 'Set the password on the machine itself first.'
    return (
      foreignOrigin(request.method ?? '', request.headers) ?? (sessionOf(request) === null ? 'Log in first.' : null)
    )
  }
  function sessionOf(request: IncomingMessage): Session | null {
    const id = sessionIdOf(request.headers.cookie)
    return id === null ? null : accounts.find(id)
  }

  const socketsOf = (key: string): LiveSocket[] =>
    [...io.sockets.sockets.values()].filter((socket) => socket.data.session === key)

  io.use((socket, next) => {
    const session = sessionOf(socket.request)
    const { csrf } = socket.handshake.auth as { csrf?: unknown }
    if (session === null) return next(new Error('login'))
    if (typeof csrf !== 'string' || !sameText(csrf, session.csrf)) return next(new Error('csrf'))
    if (socketsOf(session.key).length >= MOST_SOCKETS_OF_A_SESSION) return next(new Error('too-many'))
    Object.assign(socket.data, { session: session.key, rooms: new Map(), events: 0 })
    next()
  })

  io.on('connection', (socket) => {
    socket.use(([event], next) => {
      const session = accounts.findKey(socket.data.session)
      const role = Object.hasOwn(EVENT_ROLES, event) ? EVENT_ROLES[event as keyof ClientEvents] : null
      const allowed = session !== null && role !== null && (role === 'viewer' || session.role === 'admin')
      if (!allowed || ++socket.data.events > MOST_EVENTS_PER_SECOND) return goodbye(socket)
      next()
    })
    socket.on('join', (room, done) => {
      const answer = (error: ApiError | null): void => {
        if (typeof done === 'function') done(error)
      }
      const kind = typeof room === 'string' ? kindOf(room) : null
      if (kind === null) return answer({ code: 'no-such-room', message: 'There is no such room.' })
      if (service.tickOf(room) === null)
        return answer({ code: 'no-such-room', message: 'There is nothing to hear there any more.' })
      leave(socket, kind)
      socket.data.rooms.set(kind, room)
      void socket.join(room)
      answer(null)
    })
    socket.on('leave', (room) => {
      const kind = typeof room === 'string' ? kindOf(room) : null
      if (kind !== null && socket.data.rooms.get(kind) === room) leave(socket, kind)
    })
  })

  function leave(socket: LiveSocket, kind: RoomKind): void {
    const room = socket.data.rooms.get(kind)
    if (room === undefined) return
    void socket.leave(room)
    socket.data.rooms.delete(kind)
  }

  /** Those whom a scope concerns and who keep up. Whoever is far behind is let go here. */
  function* listeners(scope: ScopeId): Generator<LiveSocket> {
    for (const socket of io.sockets.sockets.values()) {
      if (scope !== LIVE_SCOPE && ![...socket.data.rooms.values()].some((room) => scopeOf(room) === scope)) continue
      if (isFarBehind(socket)) goodbye(socket)
      else yield socket
    }
  }

  service.on('second', (scope) => {
    const ticks = new Map<Room, TickMessage | null>()
    for (const socket of io.sockets.sockets.values()) {
      socket.data.events = 0
      if (accounts.findKey(socket.data.session) === null) goodbye(socket)
      // Whoever has not taken what was sent before goes without this one. (Volatile messages would lose the second of
      // two rooms.)
      if (waitingFor(socket).messages > MOST_WAITING_TICKS) continue
      for (const room of socket.data.rooms.values()) {
        if (scopeOf(room) !== scope) continue
        if (!ticks.has(room)) ticks.set(room, service.tickOf(room))
        const tick = ticks.get(room) ?? null
        if (tick !== null) socket.emit('tick', room, tick)
      }
    }
  })
  service.on('devices', (scope, devices) => {
    for (const socket of listeners(scope)) socket.emit('devices', scope, devices)
  })
  service.on('status', (scope, status) => {
    for (const socket of listeners(scope)) socket.emit('status', scope, status)
  })
  service.on('alerts', (scope, alerts) => {
    for (const socket of listeners(scope)) socket.emit('alerts', scope, alerts)
  })
  service.on('events', (scope, events, withdrawn) => {
    for (const socket of listeners(scope)) socket.emit('events', scope, events, withdrawn)
  })
  service.on('changed', (scope) => {
    for (const socket of listeners(scope)) socket.emit('changed', scope)
  })
  service.on('replay', (replay) => {
    for (const socket of listeners(LIVE_SCOPE)) socket.emit('replay', replay)
  })
  accounts.onEnd((key) => {
    for (const socket of socketsOf(key)) goodbye(socket)
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

/** Says why, where the client listens at all, and ends the connection. */
function goodbye(socket: LiveSocket): void {
  if (isFarBehind(socket)) {
    // An orderly close would wait half a minute for what is buffered to be taken.
    const { transport } = socket.conn as unknown as { transport: { socket?: { terminate?: () => void } } }
    transport.socket?.terminate?.()
    socket.conn.close(true)
    return
  }
  socket.emit('bye')
  socket.disconnect(true)
}

function isFarBehind(socket: LiveSocket): boolean {
  const { messages, bytes } = waitingFor(socket)
  return messages > MOST_WAITING || bytes > MOST_WAITING_BYTES
}

function waitingFor(socket: LiveSocket): { messages: number; bytes: number } {
  // engine.io counts what waits, and its websocket what the kernel has not taken; neither is in its types.
  const { writeBuffer, transport } = socket.conn as unknown as {
    writeBuffer: unknown[]
    transport: { socket?: { bufferedAmount?: number } }
  }
  return { messages: writeBuffer.length, bytes: transport.socket?.bufferedAmount ?? 0 }
}

function kindOf(room: string): RoomKind | null {
  if (room === 'home') return 'home'
  if (/^device:[0-9A-Za-z:.%_-]{1,64}$/.test(room)) return 'device'
  if (/^replay:[A-Za-z0-9_-]{1,64}$/.test(room)) return 'replay'
  return /^replay:[A-Za-z0-9_-]{1,64}:device:[0-9A-Za-z:.%_-]{1,64}$/.test(room) ? 'replay-device' : null
}

function scopeOf(room: Room): ScopeId {
  return room.startsWith('replay:') ? room.split(':')[1] : LIVE_SCOPE
}

function hasSid(request: IncomingMessage): boolean {
  return new URL(request.url ?? '/', 'http://localhost').searchParams.has('sid')
}
