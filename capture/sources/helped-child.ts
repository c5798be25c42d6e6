// A tcpdump that the root helper of "sudo npm start" runs for a service without rights (server/capture-helper.mjs).
import { connect } from 'node:net'
import { type ChildOptions, LastWords } from './child-stream.ts'
import {
  ASK_UNWATCHED,
  ASK_WATCHED,
  FRAME_BYTES,
  FRAME_ENDED,
  FRAME_FLUSHED,
  FRAME_WORDS,
  FrameSplitter,
} from './frames.ts'
import type { RunningStream, StreamEvents } from './restarting-source.ts'

/** A helper that does not say that the child ended is left. */
const PATIENCE_MS = 3000

/** The helper's socket; null where this process captures by itself. */
export function helperSocket(): string | null {
  return process.env['TELLTALE_CAPTURE_HELPER'] || null
}

/** As `openChild`. What is run is the helper's choice: it is told the interface and nothing else. */
export function openHelpedChild(
  path: string,
  interfaceName: string,
  { explain }: Pick<ChildOptions, 'explain'>,
  events: StreamEvents,
): RunningStream {
  const socket = connect(path)
  const frames = new FrameSplitter()
  const words = new LastWords(events)
  let end: { code: number | null; error: string | null } | null = null
  let failure: NodeJS.ErrnoException | null = null
  socket.write(`${interfaceName}\n`)
  socket.on('data', (piece: Buffer) => {
    const isInOrder = frames.add(piece, (kind, payload) => {
      if (kind === FRAME_BYTES) events.onBytes(payload)
      else if (kind === FRAME_WORDS) words.add(Buffer.from(payload))
      else if (kind === FRAME_FLUSHED && payload.length === 8) events.onFlushed?.(payload.readDoubleBE())
      else if (kind === FRAME_ENDED) end = JSON.parse(payload.toString('utf8')) as NonNullable<typeof end>
    })
    if (!isInOrder) socket.destroy(new Error('what it sends is damaged'))
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure = error
  })
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      const said = words.end()
      if (end === null) events.onEnd(explainHelper(failure))
      else {
        const error = end.error === null ? null : { name: '', message: '', code: end.error }
        events.onEnd(explain(said, end.code, error, words.lines))
      }
      resolve()
    })
  })
  return {
    stop: async () => {
      const leave = setTimeout(() => socket.destroy(), PATIENCE_MS)
      socket.write('stop\n')
      await closed
      clearTimeout(leave)
    },
    askForDrops: () => void socket.write('drops\n'),
    setWatched: (isWatched) => void socket.write(`${isWatched ? ASK_WATCHED : ASK_UNWATCHED}\n`),
  }
}

function explainHelper(error: NodeJS.ErrnoException | null): string {
  const why = error === null ? '' : ` (${error.code ?? error.message})`
  return `The part of Telltale that captures as root is gone${why}. Stop Telltale, and start it again: sudo npm start`
}
