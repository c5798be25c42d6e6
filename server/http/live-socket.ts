// One socket of the live feed: its rooms, what waits for it, and its end.
import type { Server, Socket } from 'socket.io'
import { type ClientEvents, LIVE_SCOPE, type Room, type ScopeId, type ServerEvents } from '../api.ts'

/** Messages that may wait for a slow client before it is disconnected; it asks for everything when it comes back. */
const MOST_WAITING = 16
const MOST_WAITING_BYTES = 2_000_000

interface SocketData {
  session: string
  rooms: Map<RoomKind, Room>
  events: number
}
export type LiveServer = Server<ClientEvents, ServerEvents, Record<string, never>, SocketData>
export type LiveSocket = Socket<ClientEvents, ServerEvents, Record<string, never>, SocketData>
export type RoomKind = 'home' | 'device' | 'replay' | 'replay-device'

/** Null where there can be no such room. */
export function kindOf(room: unknown): RoomKind | null {
  if (typeof room !== 'string') return null
  if (room === 'home') return 'home'
  if (/^device:[0-9A-Za-z:.%_-]{1,64}$/.test(room)) return 'device'
  if (/^replay:[A-Za-z0-9_-]{1,64}$/.test(room)) return 'replay'
  return /^replay:[A-Za-z0-9_-]{1,64}:device:[0-9A-Za-z:.%_-]{1,64}$/.test(room) ? 'replay-device' : null
}

export function scopeOf(room: Room): ScopeId {
  return room.startsWith('replay:') ? room.split(':')[1] : LIVE_SCOPE
}

export function joinRoom(socket: LiveSocket, kind: RoomKind, room: Room): void {
  leaveRoom(socket, kind)
  socket.data.rooms.set(kind, room)
  void socket.join(room)
}

export function leaveRoom(socket: LiveSocket, kind: RoomKind): void {
  const room = socket.data.rooms.get(kind)
  if (room === undefined) return
  void socket.leave(room)
  socket.data.rooms.delete(kind)
}

/** Ends the connection, with "bye" where the client keeps up. */
export function disconnect(socket: LiveSocket): void {
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

export function isFarBehind(socket: LiveSocket): boolean {
  const { messages, bytes } = waitingFor(socket)
  return messages > MOST_WAITING || bytes > MOST_WAITING_BYTES
}

export function waitingFor(socket: LiveSocket): { messages: number; bytes: number } {
  // engine.io counts what waits, and its websocket what the kernel has not taken; neither is in its types.
  const { writeBuffer, transport } = socket.conn as unknown as {
    writeBuffer: unknown[]
    transport: { socket?: { bufferedAmount?: number } }
  }
  return { messages: writeBuffer.length, bytes: transport.socket?.bufferedAmount ?? 0 }
}
