// A gateway's connections over a Unix socket, from the small process that may read them to the large one that may not.
// Both ends.
import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { ASK_CONNECTIONS, ASK_NEIGHBOURS, CONNECTIONS_SCRIPT } from '../connections/connections-script.mjs'
import { LastWords } from './child-stream.ts'
import { type ConnectionChild, type ConnectionRun, openConnections } from './connection-stream.ts'
import {
  FRAME_BYTES,
  FRAME_ENDED,
  FRAME_PROBLEM,
  FRAME_WORDS,
  FrameSplitter,
  HEAD_LENGTH,
  MAX_FRAME_LENGTH,
} from './frames.ts'
import { LineSplitter } from './line-splitter.ts'
import type { StreamEvents } from './restarting-source.ts'

/** The unit's sockets in its folder: the connections, and packets that give names. */
export const CONNECTIONS_SOCKET = 'connections.sock'
export const NAMES_SOCKET = 'names.sock'

/** What a stopped reader may leave unread: then its connection is closed, and nothing waits in this process. */
const MAX_UNREAD = 32 << 20

/** The connections of this machine for whoever connects; `explain` makes the sentence of how reading them ended. */
export function serveConnections(path: string, explain: ConnectionChild['explain'], command = 'sh'): Promise<Server> {
  rmSync(path, { force: true })
  const server = createServer({ allowHalfOpen: false }, (socket) => serveOne(socket, explain, command))
  // The web process connects once; a second one is one that is ending.
  server.maxConnections = 2
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, readableAll: false, writableAll: false }, () => resolve(server))
  })
}

function serveOne(socket: Socket, explain: ConnectionChild['explain'], command: string): void {
  const send = (kind: number, payload: Uint8Array): void => {
    const head = Buffer.alloc(HEAD_LENGTH)
    head[0] = kind
    head.writeUInt32BE(payload.length, 1)
    socket.write(head)
    socket.write(payload)
    if (socket.writableLength > MAX_UNREAD) socket.destroy()
  }
  const run = openConnections(
    { command, options: ['-c', CONNECTIONS_SCRIPT], explain },
    {
      onBytes: (piece) => {
        for (let at = 0; at < piece.length; at += MAX_FRAME_LENGTH)
          send(FRAME_BYTES, piece.subarray(at, at + MAX_FRAME_LENGTH))
      },
      onDropped: () => {},
      onEnd: (problem) => {
        if (!socket.destroyed) send(FRAME_PROBLEM, Buffer.from(problem))
        socket.end()
      },
    },
  )
  const asked = new LineSplitter((line) => {
    if (line === ASK_CONNECTIONS || line === ASK_NEIGHBOURS) run.ask(line)
  })
  socket.on('data', (piece: Buffer) => asked.addBytes(piece))
  socket.on('error', () => {})
  socket.on('close', () => void run.stop())
}

/** `first`: a line that the other end wants before all others; null for none. `explain`: see ConnectionChild. */
export function openConnectionSocket(
  path: string,
  { first, explain }: { first: string | null } & Pick<ConnectionChild, 'explain'>,
  events: StreamEvents,
): ConnectionRun {
  const socket = connect(path)
  const frames = new FrameSplitter()
  const words = new LastWords({ onDropped: () => {} })
  let problem: string | null = null
  if (first !== null) socket.write(`${first}\n`)
  socket.on('data', (piece: Buffer) => {
    const isInOrder = frames.add(piece, (kind, payload) => {
      if (kind === FRAME_BYTES) events.onBytes(payload)
      else if (kind === FRAME_WORDS) words.add(Buffer.from(payload))
      else if (kind === FRAME_PROBLEM) problem = payload.toString('utf8')
      else if (kind === FRAME_ENDED) {
        const { code, error } = JSON.parse(payload.toString('utf8')) as { code: number | null; error: string | null }
        const failure = error === null ? null : { name: '', message: '', code: error }
        problem = explain(words.end(), code, failure, words.lines)
      }
    })
    if (!isInOrder) socket.destroy(new Error('what it sends is damaged'))
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    problem ??= explainSocket(path, error, first === null)
  })
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      events.onEnd(problem ?? 'What reads the connections stopped. It goes on as soon as it is back.')
      resolve()
    })
  })
  return {
    ask: (word) => void socket.write(`${word}\n`),
    giveUp: () => void socket.destroy(),
    stop: async () => {
      socket.destroy()
      await closed
    },
  }
}

function explainSocket(path: string, error: NodeJS.ErrnoException, isUnit: boolean): string {
  if (!isUnit)
    return `The part of Telltale that runs as root is gone (${error.code ?? error.message}). Stop Telltale, and start it again: sudo npm start`
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return 'The service that reads the connections is not running. Start it: sudo systemctl start telltale-conntrack'
  if (error.code === 'EACCES') return `Telltale may not use ${path}. Its user has to be in the group telltale.`
  return `The service that reads the connections cannot be reached (${error.message}).`
}
