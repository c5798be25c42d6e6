// The thread in which packets are read: one session's source, engine and, for recordings and the sample, its books.
import { parentPort, workerData } from 'node:worker_threads'
import { memoryBooks } from './memory-books.ts'
import type { History } from '../history/history.ts'
import { compiledRulesFolder } from '../rules/folder.ts'
import { openRules } from '../rules/open.ts'
import { answer } from './calls.ts'
import type { FromEngine, SessionPlan, SourceReport, ToEngine } from './messages.ts'
import { RecordingPlayer, type Stage } from './recording-player.ts'
import { Run } from './run.ts'
import { SamplePlayer } from './sample-player.ts'

const port = parentPort
if (port === null) throw new Error('engine-worker runs in a worker thread')

const plan = workerData as SessionPlan
const rules = openRules(compiledRulesFolder())
const send = (message: FromEngine, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

/** Books and engine of this thread; `restart` puts new ones in their place. */
let history: History | null = null
let run: Run
begin()

const stage: Stage = {
  packet: (frame) => run.packet(frame),
  mark: (now) => run.mark(now),
  pump: (now: number, sources: SourceReport[]) => run.pump(now, sources),
  finish: () => run.finish(),
  restart: () => {
    begin()
    send({ type: 'reset' })
  },
  report: (replay) => send({ type: 'replay', replay }),
}

function begin(): void {
  history = plan.ownHistory ? memoryBooks(plan.timeZone) : null
  run = new Run(rules, plan, history, send)
}

const player = newPlayer()
port.on('message', (message: ToEngine) => void take(message))
await player.run()
send({ type: 'ended' })

function newPlayer(): RecordingPlayer | SamplePlayer {
  const { source } = plan
  if (source.kind === 'recording') return new RecordingPlayer(source.path, source.limits, stage)
  if (source.kind === 'sample') return new SamplePlayer(source.path, plan.timeZone, stage, () => Date.now() / 1000)
  throw new Error(`No player for a source of kind "${source.kind}"`)
}

async function take(message: ToEngine): Promise<void> {
  switch (message.type) {
    case 'wishes':
      plan.wishes = message.wishes
      return run.wish(message.wishes)
    case 'control':
      if (player instanceof RecordingPlayer) player.control(message.control)
      return
    case 'forget':
      return run.renew(Date.now() / 1000, message.ids)
    case 'call':
      return await answerCall(message.call, message.method, message.args)
    case 'stop':
      player.stop()
  }
}

async function answerCall(call: number, method: string, args: unknown[]): Promise<void> {
  try {
    if (history === null) throw new Error('The books of this session are kept elsewhere')
    send({ type: 'answer', call, result: await answer(history, method, args) })
  } catch (error) {
    send({ type: 'answer', call, error: error instanceof Error ? error.message : String(error) })
  }
}
