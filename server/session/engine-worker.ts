// The thread in which packets are read: one session's source, engine and, for recordings and the sample, its history.
import { parentPort, workerData } from 'node:worker_threads'
import { answer, historyInThread } from '../history/answer.ts'
import { HistoryDatabase } from '../history/database.ts'
import type { HistoryOptions } from '../history/options.ts'
import type { Question } from '../history/messages.ts'
import { compiledRulesFolder } from '../rules/folder.ts'
import { openRules } from '../rulebook/open.ts'
import type { Frame } from '../../capture/frame.ts'
import type { SourceReport } from '../model/source-report.ts'
import { copyNotices, doublingSentence } from '../engine/copies.ts'
import { InHand } from './in-hand.ts'
import { InputGuard } from './input-guard.ts'
import { LivePlayer } from './live-player.ts'
import { LIVE_VIEWS, LiveViews } from './live-views.ts'
import type { FromEngine, SessionPlan, ToEngine } from './messages.ts'
import { RecordingPlayer, type Sink } from './recording-player.ts'
import { Pipeline } from './pipeline.ts'
import { SamplePlayer } from './sample-player.ts'
import { Pulse } from './thread-watch.ts'
import { killChildren } from '../../capture/sources/child-stream.ts'

/** Children that were killed are reaped within this time. */
const CHILD_PATIENCE_MS = 500

const port = parentPort
if (port === null) throw new Error('engine-worker runs in a worker thread')

const plan = workerData as SessionPlan
const shared = plan.shared ?? Pulse.newMemory()
const pulse = new Pulse(shared)
const inHand = new InHand(shared)
let hasFailed = false
// Before anything else: what fails from here on is reported, and leaves no capture program behind.
process.on('uncaughtException', (error) => void fail(error))
const rules = openRules(compiledRulesFolder())
const send = (message: FromEngine, transfer: ArrayBuffer[] = []): void => {
  if (!hasFailed) port.postMessage(message, transfer)
}

const guard = new InputGuard({
  failedInput: plan.failedInput ?? [],
  inHand,
  isCareful: plan.isCareful === true,
  onFault: (fault) => send({ type: 'fault', fault }),
  clock: () => performance.now() / 1000,
})

/** History and engine of this thread; `restart` replaces them. */
let history: HistoryDatabase | null = null
let pipeline = begin()

const handlePacket = (frame: Frame): void => pipeline.packet(frame)
const sink: Sink = {
  packet: (frame) => guard.packet(frame, handlePacket),
  // Nothing but the log tells of its flows.
  log: (record, now) => pipeline.log(record, now, true),
  mark: (now) => pipeline.mark(now),
  flush: (now, sources, isComing) => pipeline.flush(now, sources, 0, isComing),
  finish: () => pipeline.finish(),
  restart: () => {
    pipeline = begin()
    send({ type: 'reset' })
  },
  report: (replay) => send({ type: 'replay', replay }),
  problems: () => [
    ...(guard.sentence === null ? [] : [guard.sentence]),
    ...pipeline.views(),
    ...copyNotices(pipeline.copies).map(({ message }) => message),
  ],
  linkProblems: () => pipeline.linkProblems,
  linkNotices: () => pipeline.linkNotices,
}

function begin(): Pipeline {
  history?.close()
  history = plan.ownHistory ? new HistoryDatabase({ path: ':memory:', timeZone: plan.timeZone, ...keeping() }) : null
  return new Pipeline(rules, plan, history === null ? null : historyInThread(history), send, (error) =>
    send({ type: 'mistake', error }),
  )
}

/**
 * Nothing ages in a recording, and its single seconds are kept as long as there is room. The sample may play for weeks.
 */
function keeping(): Partial<HistoryOptions> {
  return plan.source.kind === 'recording' ? { retention: null, keepSeconds: null } : {}
}

/** Nothing more is handed over: the tables may be half changed. */
async function fail(error: Error): Promise<void> {
  if (hasFailed) return
  send({ type: 'failed', error })
  hasFailed = true
  await killChildren(CHILD_PATIENCE_MS)
  process.exit(1)
}

const player = newPlayer()
// A live session gives a sign with each second that it hands over, the others while their thread can answer.
if (plan.source.kind !== 'live') setInterval(() => pulse.beat(), 1_000).unref()
port.on('message', handle)
// What was loaded is: from now on it must be on time.
pulse.beat()
await player.run()
pipeline.sendMemory()
send({ type: 'ended' })

function newPlayer(): RecordingPlayer | SamplePlayer | LivePlayer {
  const { source } = plan
  const clock = (): number => Date.now() / 1000
  if (source.kind === 'recording') return new RecordingPlayer(source.path, source.limits, sink)
  if (source.kind === 'sample') return new SamplePlayer(source.path, plan.timeZone, sink, clock)
  const views = new LiveViews()
  const pastSecond = (now: number): void => {
    if (guard.isRenewalDue()) pipeline.renewAfterFault(now)
    guard.rest()
    pulse.beat()
  }
  return new LivePlayer(
    {
      ...source,
      accountedUntil: plan.accountedUntil,
      positions: plan.positions ?? [],
      home: plan.home,
      ...(plan.stateFolder === undefined ? {} : { stateFolder: plan.stateFolder }),
    },
    {
      get core() {
        return pipeline.core
      },
      packet: handlePacket,
      mark: sink.mark,
      flush: (now, sources, dropped) => {
        const seen = views.addTo(sources, now, () => pipeline.views(LIVE_VIEWS))
        pipeline.flush(now, withProblem(seen, guard.sentence ?? doublingSentence(pipeline.copies)), dropped)
        pastSecond(now)
      },
      peek: (now) => pipeline.peek(now),
      guard,
      takeFile: (head) => inHand.takeFile(head),
      capturing: (since, on) => send({ type: 'capturing', since, on }),
      log: (record, now, countsBytes) => pipeline.log(record, now, countsBytes),
      reached: (positions) => pipeline.reached(positions),
    },
    clock,
  )
}

/** What was left out may have come from any of them. */
function withProblem(sources: SourceReport[], problem: string | null): SourceReport[] {
  if (problem === null) return sources
  return sources.map((one) => (one.problem === null && one.state !== 'off' ? { ...one, problem } : one))
}

function handle(message: ToEngine): void {
  switch (message.type) {
    case 'policy':
      plan.policy = message.policy
      return pipeline.setPolicy(message.policy)
    case 'control':
      if (player instanceof RecordingPlayer) player.control(message.control)
      return
    case 'forget':
      return pipeline.renew(Date.now() / 1000, message.ids)
    case 'alert-settings':
      plan.alerts.settings = message.settings
      return pipeline.changeAlertSettings(message.settings)
    case 'alert-command':
      return pipeline.applyCommand(message.command)
    case 'remember':
      return pipeline.sendMemory()
    case 'watched':
      if (player instanceof LivePlayer) player.setWatched(message.isWatched)
      return
    case 'call':
      return answerCall(message.call, message.method, message.args)
    case 'stop':
      player.stop()
  }
}

function answerCall(call: number, method: string, args: unknown[]): void {
  try {
    if (history === null) throw new Error('The history of this session is kept elsewhere')
    send({ type: 'answer', call, result: answer(history, method as Question, args) })
  } catch (error) {
    send({ type: 'answer', call, error: error instanceof Error ? error.message : String(error) })
  }
}
