// Source kind socket: packets from the small process that may capture to the large one that may not, in frames over a
// Unix socket. Both ends.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { rmSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { PacketSourceDefinition } from './definition.ts'
import {
  ASK_UNWATCHED,
  ASK_WATCHED,
  FRAME_BYTES,
  FRAME_DROPPED,
  FRAME_FLUSHED,
  FRAME_PROBLEM,
  FrameSplitter,
  HEAD_LENGTH,
  MAX_FRAME_LENGTH,
} from './frames.ts'
import { LineSplitter } from './line-splitter.ts'
import { openTcpdump, quietSentence } from './tcpdump.ts'
import { RestartingSource, type RunningStream, type StreamEvents } from './restarting-source.ts'
import type { PacketSource, SourceEvents } from './source.ts'

export { FrameSplitter } from './frames.ts'

/** What a stopped reader may leave unread: then its connection is closed, and no packet waits in this process. */
const MAX_UNREAD = 32 << 20
const ASK_EVERY_MS = 5000

/** Packets by tcpdump for whoever connects, one tcpdump for each connection: the service's capture unit. */
export function serveCapture(path: string, interfaceName: string, command = 'tcpdump'): Promise<Server> {
  rmSync(path, { force: true })
  const server = createServer({ allowHalfOpen: false }, (socket) => serveOne(socket, interfaceName, command))
  // The web process connects once; a second one is a page left open by mistake, a third an error.
  server.maxConnections = 2
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, readableAll: false, writableAll: false }, () => resolve(server))
  })
}

function serveOne(socket: Socket, interfaceName: string, command: string): void {
  const send = (kind: number, payload: Uint8Array): void => {
    const head = Buffer.alloc(HEAD_LENGTH)
    head[0] = kind
    head.writeUInt32BE(payload.length, 1)
    socket.write(head)
    socket.write(payload)
    if (socket.writableLength > MAX_UNREAD) socket.destroy()
  }
  const child: RunningStream = openTcpdump(
    interfaceName,
    {
      onBytes: (piece) => {
        for (let at = 0; at < piece.length; at += MAX_FRAME_LENGTH)
          send(FRAME_BYTES, piece.subarray(at, at + MAX_FRAME_LENGTH))
        asking ??= setInterval(() => child.askForDrops?.(), ASK_EVERY_MS)
      },
      onDropped: (count) => {
        const payload = Buffer.alloc(8)
        payload.writeBigUInt64BE(BigInt(count))
        send(FRAME_DROPPED, payload)
      },
      onFlushed: (at) => {
        // What was flushed at that time may not have been read from the child yet; at the time before, it has.
        if (!Number.isNaN(flushedAt)) send(FRAME_FLUSHED, inBytes(flushedAt))
        flushedAt = at
      },
      onEnd: (problem) => {
        if (!socket.destroyed) send(FRAME_PROBLEM, Buffer.from(problem))
        socket.end()
      },
    },
    command,
  )
  let flushedAt = Number.NaN
  let asking: NodeJS.Timeout | null = null
  const asked = new LineSplitter((line) => {
    if (line === ASK_WATCHED || line === ASK_UNWATCHED) child.setWatched?.(line === ASK_WATCHED)
  })
  socket.on('data', (piece: Buffer) => asked.addBytes(piece))
  socket.on('error', () => {})
  socket.on('close', () => {
    if (asking !== null) clearInterval(asking)
    void child.stop()
  })
}

function inBytes(seconds: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(seconds)
  return bytes
}

/** Packets from the capture unit's socket; connects again when it is restarted. */
export function captureSocketSource(path: string, interfaceName: string, events: SourceEvents): PacketSource {
  return new RestartingSource(
    (stream) => openSocket(path, stream),
    events,
    (seconds) => quietSentence(interfaceName, seconds),
  )
}

/** One connection to a capture unit's socket. */
export function openSocket(path: string, events: StreamEvents): RunningStream {
  const socket = connect(path)
  const frames = new FrameSplitter()
  let problem = ''
  socket.on('data', (piece: Buffer) => {
    const isInOrder = frames.add(piece, (kind, payload) => {
      if (kind === FRAME_BYTES) events.onBytes(payload)
      else if (kind === FRAME_DROPPED && payload.length === 8) events.onDropped(Number(payload.readBigUInt64BE()))
      else if (kind === FRAME_FLUSHED && payload.length === 8) events.onFlushed?.(payload.readDoubleBE())
      else if (kind === FRAME_PROBLEM) problem = payload.toString('utf8')
    })
    if (!isInOrder) socket.destroy(new Error('what it sends is damaged'))
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    problem = explainSocket(path, error)
  })
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      events.onEnd(problem === '' ? 'The capture service stopped. Packets come again as soon as it is back.' : problem)
      resolve()
    })
  })
  return {
    stop: async () => {
      socket.destroy()
      await closed
    },
    setWatched: (isWatched) => void socket.write(`${isWatched ? ASK_WATCHED : ASK_UNWATCHED}\n`),
  }
}

function explainSocket(path: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return 'The capture service is not running. Start it: sudo systemctl start telltale-capture'
  if (error.code === 'EACCES') return `Telltale may not use ${path}. Its user has to be in the group telltale.`
  return `The capture service cannot be reached (${error.message}).`
}

export const source: PacketSourceDefinition<'socket', { path: string; interface: string }> = {
  kind: 'socket',
  // The capture service listens on an interface, whatever brings its packets here.
  shownAs: 'interface',
  delivers: 'packets',
  setting: null,
  argument: 'socket:/path',
  // The service's units name it by themselves.
  readme: null,
  parseLine: () => null,
  parseArgument: (text) => {
    const path = text.startsWith('socket:') ? text.slice(7) : ''
    return isAbsolute(path) ? { id: text, title: 'Capture service', path, interface: 'the capture service' } : null
  },
  listensOn: (details) => details.interface,
  open: (details, events) => captureSocketSource(details.path, details.interface, events),
}
