// The live connection: its state, its messages, and the room it is in.
import { io, type Socket } from 'socket.io-client'
import type {
  AlertRow,
  TrafficStatus,
  ClientEvents,
  Device,
  EventRow,
  Replay,
  Room,
  ScopeId,
  ServerEvents,
  TickMessage,
} from '../../server/api.ts'

export interface LiveListener {
  tick?: (room: Room, tick: TickMessage) => void
  devices?: (scope: ScopeId, devices: Device[]) => void
  status?: (scope: ScopeId, status: TrafficStatus) => void
  replay?: (replay: Replay) => void
  alerts?: (scope: ScopeId, alerts: AlertRow[]) => void
  events?: (scope: ScopeId, events: EventRow[], withdrawn: string[]) => void
  /** The traffic history changed, or some seconds were missed (page hidden, or contact lost): load again, once. */
  changed?: (scope: ScopeId | null) => void
  bye?: () => void
}

export const PACES = [1, 5, 30] as const
export type Pace = (typeof PACES)[number]
export type Contact = 'connecting' | 'on' | 'lost'

const AGAIN_MS = 1000

type LiveSocket = Socket<ServerEvents, ClientEvents>

export class Live {
  contact = $state<Contact>('connecting')
  /** When contact was lost, in seconds; null while there is contact. */
  lostAt = $state<number | null>(null)
  paused = $state(false)
  pace = $state<Pace>(1)

  #socket: LiveSocket | null = null
  #listeners = new Set<LiveListener>()
  #wanted: Room | null = null
  #joined: Room | null = null
  #missed = false

  constructor() {
    document.addEventListener('visibilitychange', () => this.#visible())
  }

  open(csrf: string): void {
    this.close()
    const socket: LiveSocket = io({ auth: { csrf }, transports: ['websocket', 'polling'], reconnectionDelayMax: 5000 })
    this.#socket = socket
    socket.on('connect', () => this.#connected())
    socket.on('disconnect', (reason) => {
      this.#disconnected()
      // The library does not try again by itself where the server closed the connection, as it does when it is stopped.
      if (reason === 'io server disconnect')
        setTimeout(() => {
          if (this.#socket === socket) socket.connect()
        }, AGAIN_MS)
    })
    socket.on('connect_error', () => this.#disconnected())
    socket.on('tick', (room, tick) => this.#notify((listener) => listener.tick?.(room, tick)))
    socket.on('devices', (scope, devices) => this.#notify((listener) => listener.devices?.(scope, devices)))
    socket.on('status', (scope, status) => this.#notify((listener) => listener.status?.(scope, status)))
    socket.on('replay', (replay) => this.#notify((listener) => listener.replay?.(replay)))
    socket.on('alerts', (scope, alerts) => this.#notify((listener) => listener.alerts?.(scope, alerts)))
    socket.on('events', (scope, events, withdrawn) =>
      this.#notify((listener) => listener.events?.(scope, events, withdrawn)),
    )
    socket.on('changed', (scope) => this.#notify((listener) => listener.changed?.(scope)))
    socket.on('bye', () => this.#notify((listener) => listener.bye?.()))
  }

  close(): void {
    this.#socket?.removeAllListeners()
    this.#socket?.disconnect()
    this.#socket = null
    this.#joined = null
    this.contact = 'connecting'
    this.lostAt = null
  }

  /** Which room the open screen needs; null for none. The one before is left. */
  watch(room: Room | null): void {
    this.#wanted = room
    this.#settle()
  }

  /** Adds a listener of all messages; the function returned removes it. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #notify(call: (listener: LiveListener) => void): void {
    for (const listener of this.#listeners) call(listener)
  }

  #connected(): void {
    this.contact = 'on'
    this.lostAt = null
    this.#joined = null
    this.#settle()
  }

  #disconnected(): void {
    this.#joined = null
    this.#missed = true
    this.lostAt ??= Math.floor(Date.now() / 1000)
    this.contact = 'lost'
  }

  #visible(): void {
    if (document.hidden) this.#missed = true
    this.#settle()
  }

  /** Joins what is wanted while the page can be seen, leaves what is not; what was missed is loaded once. */
  #settle(): void {
    const socket = this.#socket
    if (socket === null || !socket.connected) return
    const room = document.hidden ? null : this.#wanted
    if (this.#joined !== room) {
      if (this.#joined !== null) socket.emit('leave', this.#joined)
      this.#joined = room
      if (room !== null) socket.emit('join', room, () => undefined)
    }
    if (this.#missed && !document.hidden) {
      this.#missed = false
      this.#notify((listener) => listener.changed?.(null))
    }
  }
}

export const live = new Live()
