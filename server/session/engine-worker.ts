// The thread in which packets are read: one session's source, engine and, for recordings and the sample, its books.
import { parentPort, workerData } from 'node:worker_threads'
import { answer, historyInThread } from '../history/answer.ts'
import { HistoryDatabase, type HistoryOptions } from '../history/database.ts'
import type { Question } from '../history/messages.ts'
import { compiledRulesFolder } from '../rules/folder.ts'
import { openRules } from '../rulebook/open.ts'
import { LivePlayer } from './live-player.ts'
import type { FromEngine, SessionPlan, ToEngine } from './messages.ts'
import { RecordingPlayer, type Stage } from './recording-player.ts'
import { Run } from './pipeline.ts'
import { SamplePlayer } from './sample-player.ts'

const port = parentPort
if (port === null) throw new Error('engine-worker runs in a worker thread')

const plan = workerData as SessionPlan
const rules = openRules(compiledRulesFolder())
const send = (message: FromEngine, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

/** Books and engine of this thread; `restart` puts new ones in their place. */
let books: HistoryDatabase | null = null
let run = begin()

const stage: Stage = {
  packet: (frame) => run.packet(frame),
  mark: (now) => run.mark(now),
  pump: (now, sources, isComing) => run.pump(now, sources, 0, isComing),
  finish: () => run.finish(),
  restart: () => {
    run = begin()
    send({ type: 'reset' })
  },
  report: (replay) => send({ type: 'replay', replay }),
}

function begin(): Run {
  books?.close()
  books = plan.ownHistory ? new HistoryDatabase({ path: ':memory:', timeZone: plan.timeZone, ...keeping() }) : null
  return new Run(rules, plan, books === null ? null : historyInThread(books), send)
}

/**
 * Nothing ages in a recording, and its single seconds are kept as long as there is room. The sample may play for weeks.
 */
function keeping(): Partial<HistoryOptions> {
  return plan.source.kind === 'recording' ? { retention: null, keepSeconds: null } : {}
}

const player = newPlayer()
port.on('message', take)
await player.run()
run.tellMemory()
send({ type: 'ended' })

function newPlayer(): RecordingPlayer | SamplePlayer | LivePlayer {
  const { source } = plan
  const clock = (): number => Date.now() / 1000
  if (source.kind === 'recording') return new RecordingPlayer(source.path, source.limits, stage)
  if (source.kind === 'sample') return new SamplePlayer(source.path, plan.timeZone, stage, clock)
  return new LivePlayer(
    { ...source, bookedUntil: plan.bookedUntil, positions: plan.positions ?? [] },
    {
      packet: stage.packet,
      mark: stage.mark,
      pump: (now, sources, dropped) => run.pump(now, sources, dropped),
      capturing: (since, on) => send({ type: 'capturing', since, on }),
      log: (record, now, countsBytes) => run.log(record, now, countsBytes),
      reached: (positions) => run.reached(positions),
    },
    clock,
  )
}

function take(message: ToEngine): void {
  switch (message.type) {
    case 'wishes':
      plan.wishes = message.wishes
      return run.wish(message.wishes)
    case 'control':
      if (player instanceof RecordingPlayer) player.control(message.control)
      return
    case 'forget':
      return run.renew(Date.now() / 1000, message.ids)
    case 'alert-settings':
      plan.alerts.settings = message.settings
      return run.changeAlertSettings(message.settings)
    case 'order':
      return run.order(message.order)
    case 'remember':
      return run.tellMemory()
    case 'call':
      return answerCall(message.call, message.method, message.args)
    case 'stop':
      player.stop()
  }
}

function answerCall(call: number, method: string, args: unknown[]): void {
  try {
    if (books === null) throw new Error('The books of this session are kept elsewhere')
    send({ type: 'answer', call, result: answer(books, method as Question, args) })
  } catch (error) {
    send({ type: 'answer', call, error: error instanceof Error ? error.message : String(error) })
  }
}
