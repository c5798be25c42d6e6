// Where a sensor listens: TLS for the machines that it was told of, and one capture for each of them.
import { createServer, type Server, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { placeText } from './listener-address.ts'
import { SensorRun } from './sensor-run.ts'
import { ownEnd, plainAddress, sensorTlsServer } from './sensor-tls.ts'

export const MAX_PEERS = 4
/** Connections at once, those that have not shown the key included. */
const MAX_CONNECTIONS = 16
const SAY_EVERY_MS = 60_000

export interface SensorServerOptions {
  address: string
  port: number
  /** Addresses of the machines that may connect. */
  peers: readonly string[]
  key: Buffer
  interfaceName: string
  bytesPerSecond: number
  /** For the log. */
  say: (sentence: string) => void
  /** Stands in for tcpdump in tests. */
  command?: string
}

export interface SensorServer {
  port: number
  /** Resolves when nothing of it runs any more. */
  close(): Promise<void>
}

/** Rejects where it cannot listen. */
export function serveSensor(options: SensorServerOptions): Promise<SensorServer> {
  const peers = new Set(options.peers.map(plainAddress))
  const refused = new Refused(options.say)
  const sockets = new Set<Socket>()
  const runs = new Map<string, SensorRun>()
  const tls = sensorTlsServer(options.key, (socket) => begin(socket, options, runs))
  tls.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    refused.note(
      socket.remoteAddress ?? 'a machine',
      `has another key, or does not speak to sensors (${error.code ?? error.message})`,
    )
  })
  const server: Server = createServer((socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (!peers.has(address)) {
      refused.note(address, 'is not named with --for')
      return socket.destroy()
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.setNoDelay(true)
    tls.emit('connection', socket)
  })
  server.maxConnections = MAX_CONNECTIONS
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: options.address, port: options.port }, () => {
      server.removeListener('error', reject)
      server.on('error', (error) => options.say(`The sensor's port fails (${error.message}).`))
      const { port } = server.address() as { port: number }
      resolve({
        port,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            for (const socket of sockets) socket.destroy()
          }),
      })
    })
  })
}

/** A machine that connects again has lost its earlier connection, whether that is known here or not. */
function begin(socket: TLSSocket, options: SensorServerOptions, runs: Map<string, SensorRun>): void {
  const peer = plainAddress(socket.remoteAddress ?? '')
  runs.get(peer)?.stop()
  const { interfaceName, bytesPerSecond, command, address, port, say } = options
  const own = [...ownEnd(socket), { address: plainAddress(address), port: socket.localPort ?? port }]
  const run = new SensorRun(socket, {
    interfaceName,
    bytesPerSecond,
    own: own.filter((one) => one.address !== '0.0.0.0' && one.address !== '::'),
    ...(command === undefined ? {} : { command }),
  })
  runs.set(peer, run)
  say(`${peer} is connected, and gets the packets of ${interfaceName}.`)
  socket.once('close', () => {
    if (runs.get(peer) !== run) return
    runs.delete(peer)
    say(`${peer} is not connected any more: nothing is captured for it.`)
  })
}

/** Says who was refused, and not too often. */
class Refused {
  private readonly say: (sentence: string) => void
  private saidAt = Number.NEGATIVE_INFINITY
  private unsaid = 0

  constructor(say: (sentence: string) => void) {
    this.say = say
  }

  note(address: string, why: string): void {
    const now = performance.now()
    if (now - this.saidAt < SAY_EVERY_MS) return void this.unsaid++
    const more = this.unsaid === 0 ? '' : ` ${this.unsaid} more were refused since the last such line.`
    this.say(`${plainAddress(address)} was refused: it ${why}.${more}`)
    this.saidAt = now
    this.unsaid = 0
  }
}

/** "192.168.1.7:7443" of the server, for sentences. */
export function listeningSentence({ address, peers, interfaceName }: SensorServerOptions, port: number): string {
  return `The sensor listens at ${placeText({ address, port })} for ${peers.join(', ')}, and captures ${interfaceName} for them.`
}
