// The lab's cloud: TLS, HTTP and UDP servers for every vendor's name, each at its own address.
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { createServer as createTlsServer, createSecureContext } from 'node:tls'
import { readRequest, REQUEST_LENGTH, SINK_PORT } from './protocol.ts'

interface Cloud {
  key: string
  certificate: string
  /** Names that are served; a TLS client that asks for another is refused. */
  hosts: string[]
  /** Where datagrams come back. */
  echoes: { address: string; port: number; family: 4 | 6 }[]
}

const cloud = JSON.parse(process.argv[2]) as Cloud
const context = createSecureContext({ key: readFileSync(cloud.key), cert: readFileSync(cloud.certificate) })
const served = new Set(cloud.hosts)

process.on('disconnect', () => process.exit(0))

const secure = createTlsServer(
  {
    SNICallback: (name, done) => (served.has(name) ? done(null, context) : done(new Error(`nobody is called ${name}`))),
  },
  serve,
)
secure.on('tlsClientError', () => {})
const plain = createHttpServer((incoming, response) => {
  const wanted = /^\/bytes\/(\d{1,7})$/.exec(incoming.url ?? '')
  response.end(Buffer.alloc(Number(wanted?.[1] ?? 0), 0x58))
})
const sink = createTcpServer((socket) => {
  socket.on('error', () => {})
  socket.resume()
})
await Promise.all([
  new Promise<void>((resolve) => sink.listen(SINK_PORT, '::', () => resolve())),
  new Promise<void>((resolve) => secure.listen(443, '::', () => resolve())),
  new Promise<void>((resolve) => plain.listen(80, '::', () => resolve())),
  ...cloud.echoes.map(echo),
])
process.send?.('ready')

/** Takes what the request announces, then sends what it asks for. */
function serve(socket: Socket): void {
  let head: Buffer = Buffer.alloc(0)
  let taken = 0
  socket.on('error', () => {})
  socket.on('data', (piece: Buffer) => {
    taken += piece.length
    if (head.length < REQUEST_LENGTH) head = Buffer.concat([head, piece.subarray(0, REQUEST_LENGTH - head.length)])
    if (head.length < REQUEST_LENGTH) return
    const { up, down } = readRequest(head)
    if (taken >= REQUEST_LENGTH + up) socket.end(Buffer.alloc(down, 0x59))
  })
}

function echo({ address, port, family }: Cloud['echoes'][number]): Promise<void> {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
  // A socket of one address answers from that address.
  socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address))
  return new Promise((resolve) => socket.bind(port, address, () => resolve()))
}
