// The places for TCP connections: some for each kind of visitor, so that nobody takes those of another kind.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { addressGroup } from '../access/address-group.ts'
import { isLocalhost } from '../access/visitor.ts'

/**
 * `anonymous`: nobody has shown who he is. `known`: a browser that was logged in before. `local`: on this machine, and
 * no trusted proxy. `proxy`: a trusted proxy's, with requests of many.
 */
export type ConnectionKind = 'anonymous' | 'known' | 'viewer' | 'admin' | 'local' | 'proxy'

/** The connections of each kind at one time. */
export const PLACES: Readonly<Record<ConnectionKind, number>> = {
  anonymous: 150,
  known: 40,
  viewer: 80,
  admin: 80,
  local: 64,
  proxy: 128,
}
/** Of one address, or one /64 of IPv6, and one kind. A browser opens six, and one for each page that is open. */
export const PLACES_OF_AN_ADDRESS = 40

export const MOST_CONNECTIONS = Object.values(PLACES).reduce((sum, places) => sum + places, 0)

interface Connection {
  connections: Connections
  kind: ConnectionKind
  address: string
  group: string
  /** Requests that are not answered yet. */
  open: number
}

export type ShownKind = 'known' | 'viewer' | 'admin'

const ALL = new WeakMap<Socket, Connection>()

export interface ConnectionOptions {
  isTrustedProxy: (address: string) => boolean
  /** A share of the places, where this machine lets few files be open. */
  share?: number | undefined
}

/** Keeps the connections of a server within their places: one more than fit ends another of its kind. */
export class Connections {
  private readonly options: ConnectionOptions
  /** In the order in which they came to their kind. */
  private readonly known: Record<ConnectionKind, Map<Socket, Connection>>

  constructor(server: Server, options: ConnectionOptions) {
    this.options = options
    this.known = {
      anonymous: new Map(),
      known: new Map(),
      viewer: new Map(),
      admin: new Map(),
      local: new Map(),
      proxy: new Map(),
    }
    server.on('connection', (socket: Socket) => this.add(socket))
    server.prependListener('request', count)
  }

  /** A request showed who is at the other end. The connection of a proxy, or of this machine, stays what it is. */
  show(socket: Socket, connection: Connection, kind: ShownKind): void {
    if (connection.kind === kind || connection.kind === 'proxy' || connection.kind === 'local') return
    this.known[connection.kind].delete(socket)
    connection.kind = kind
    this.place(socket, connection)
  }

  private add(socket: Socket): void {
    const address = socket.remoteAddress
    // Gone before it was taken.
    if (address === undefined) return void socket.destroy()
    const kind = this.kindOf(address)
    const connection: Connection = { connections: this, kind, address, group: addressGroup(address), open: 0 }
    ALL.set(socket, connection)
    socket.once('close', () => this.known[connection.kind].delete(socket))
    this.place(socket, connection)
  }

  private kindOf(address: string): ConnectionKind {
    if (this.options.isTrustedProxy(address)) return 'proxy'
    return isLocalhost(address) ? 'local' : 'anonymous'
  }

  private place(socket: Socket, connection: Connection): void {
    const { kind, group } = connection
    const places = this.known[kind]
    places.set(socket, connection)
    const hasOneHost = kind === 'local' || kind === 'proxy'
    const ofGroup = hasOneHost ? [] : [...places].filter(([, other]) => other.group === group)
    const share = this.options.share ?? 1
    if (ofGroup.length > atLeastOne(PLACES_OF_AN_ADDRESS * share)) endOne(ofGroup)
    else if (places.size > atLeastOne(PLACES[kind] * share)) endOne([...places])
  }
}

/** Moves the connection of a request to the places of whoever it showed to be there. */
export function showConnection(socket: Socket, kind: ShownKind): void {
  const connection = ALL.get(socket)
  connection?.connections.show(socket, connection, kind)
}

function count({ socket }: IncomingMessage, response: ServerResponse): void {
  const connection = ALL.get(socket)
  if (connection === undefined) return
  connection.open++
  response.once('close', () => connection.open--)
}

const atLeastOne = (places: number): number => Math.max(1, Math.floor(places))

/**
 * Of the group with the most, of its address with the most: the oldest that waits for no answer, else the oldest. Never
 * the last one, which has just come and could not say yet who it is, unless it is alone there.
 */
function endOne(connections: [Socket, Connection][]): void {
  const ofGroup = withMost(connections, ({ group }) => group)
  const latest = connections.at(-1)
  const all = withMost(ofGroup, ({ address }) => address)
  const ofAddress = all.length === 1 ? all : all.filter((one) => one !== latest)
  const [socket] = ofAddress.find(([, { open }]) => open === 0) ?? ofAddress[0]
  socket.destroy()
}

function withMost(connections: [Socket, Connection][], nameOf: (connection: Connection) => string) {
  const counts = new Map<string, number>()
  for (const [, connection] of connections) counts.set(nameOf(connection), (counts.get(nameOf(connection)) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return connections.filter(([, connection]) => counts.get(nameOf(connection)) === most)
}
