// A recording played to its end as the page plays it, into a traffic history in memory.
import type { Analysis } from '../../server/analyze/analysis.ts'
import { RECORDING_SETTINGS } from '../../server/alerts/settings.ts'
import { ActivityLog, MAX_ALERTS } from '../../server/detection/activity-log.ts'
import { historyInThread } from '../../server/history/answer.ts'
import { HistoryDatabase } from '../../server/history/database.ts'
import type { Rules } from '../../server/rulebook/open.ts'
import { DeviceRegistry } from '../../server/session/device-registry.ts'
import type { FromEngine, SessionPlan } from '../../server/session/messages.ts'
import { Pipeline } from '../../server/session/pipeline.ts'
import { RecordingPlayer, type ReplayFacts } from '../../server/session/recording-player.ts'
import { askEverything, historyTotals, viewOf } from './answers.ts'
import { checkText, checkValue, expectSameBytes, expectThat } from './checks.ts'
import { type Features, shape } from './features.ts'
import { TIME_ZONE } from './time-zone.ts'

const LIMITS = { minutes: 10, unpackedBytes: 200e6 }

interface Context {
  rules: Rules
  features: Features
  /** Of the same file; null where it could not be read. */
  analysis: Analysis | null
}

/** Rejects with what was broken, answers that differ from the analysis included. */
export async function playRecording(path: string, { rules, features, analysis }: Context): Promise<void> {
  const registry = new DeviceRegistry(
    () => ({ devices: {}, merges: {} }),
    () => 'everything',
  )
  const activity = new ActivityLog()
  const ids: string[] = []
  const take = (message: FromEngine): void => {
    if (message.type !== 'batch') checkValue(message, message.type)
    if (message.type === 'batch') checkValue([message.tick, message.active, message.now, message.counters], 'a batch')
    if (message.type === 'activity') activity.add(message.update)
    if (message.type !== 'devices') return
    for (const { index, ...seen } of message.devices) {
      ids[index] = seen.id
      registry.see(seen)
    }
    for (const index of message.gone) registry.forget(ids[index] ?? '')
  }
  const database = new HistoryDatabase({ path: ':memory:', timeZone: TIME_ZONE, retention: null, keepSeconds: null })
  try {
    const pipeline = new Pipeline(rules, planOf(path), historyInThread(database), take)
    const facts = await play(path, pipeline)
    checkFacts(facts, analysis)
    if (facts.error !== null) features.add(`replay ${facts.error.code} ${shape(facts.error.message)}`)
    if (analysis === null || facts.state !== 'ended') return
    compare(analysis, database, activity)
    // The questions cost more than the reading: of every other file, by its size.
    if (facts.bytesTotal % 2 === 1) return
    const now = (facts.last ?? facts.position ?? 0) + 1
    const view = viewOf({ rules, database, registry, now: () => now })
    await askEverything(view, { activity, features, range: rangeOf(facts) })
  } finally {
    database.close()
  }
}

function planOf(path: string): SessionPlan {
  return {
    source: { kind: 'recording', path, limits: LIMITS },
    home: [],
    timeZone: TIME_ZONE,
    policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
    accountedUntil: null,
    names: [],
    ownHistory: true,
    alerts: { settings: RECORDING_SETTINGS, memory: null },
  }
}

async function play(path: string, pipeline: Pipeline): Promise<ReplayFacts> {
  let hasBegun = false
  let last: ReplayFacts | null = null
  let broken: unknown = null
  /** The player turns every error into a state of its own; here it has to come out. */
  const guarded = <Arguments extends unknown[]>(work: (...given: Arguments) => void) => {
    return (...given: Arguments): void => {
      try {
        work(...given)
      } catch (error) {
        broken ??= error
        throw error
      }
    }
  }
  const player = new RecordingPlayer(path, LIMITS, {
    packet: guarded(pipeline.packet),
    mark: guarded((now: number) => pipeline.mark(now)),
    flush: guarded((now: number) => pipeline.flush(now, [])),
    finish: guarded(() => pipeline.finish()),
    restart: () => {},
    report: (facts) => {
      last = facts
      checkValue(facts, 'the state of a replay')
      if (facts.state === 'ready' && !hasBegun) {
        hasBegun = true
        player.control({ action: 'speed', speed: 'max' })
        player.control({ action: 'play' })
      }
      if (facts.state === 'ended' || facts.state === 'failed') player.stop()
    },
  })
  await player.run()
  if (broken !== null) throw broken as Error
  return last as unknown as ReplayFacts
}

function checkFacts(facts: ReplayFacts, analysis: Analysis | null): void {
  if (facts.error !== null) checkText(facts.error.message, 'the error of a replay')
  // A file that `analyze` reads can be replayed, and the other way round.
  expectThat(
    (analysis === null) === (facts.state === 'failed'),
    `analyze says ${analysis === null ? 'no' : 'yes'}, the replay ${facts.state}: ${facts.error?.message ?? ''}`,
  )
  if (analysis !== null && facts.state === 'ended')
    expectThat(facts.packets <= analysis.capture.packets, `${facts.packets} of ${analysis.capture.packets} packets`)
}

/** The traffic history of the replay holds what the analysis says, device by device. */
function compare(analysis: Analysis, database: HistoryDatabase, activity: ActivityLog): void {
  const totals = historyTotals(database)
  for (const device of analysis.devices) {
    const kept = totals.get(device.id) ?? { sent: 0, received: 0, sentLocal: 0, receivedLocal: 0 }
    expectSameBytes(device, kept, `${device.id} by analyze and by the traffic history`)
    totals.delete(device.id)
  }
  for (const [id, { sent, received, sentLocal, receivedLocal }] of totals)
    expectThat(sent + received + sentLocal + receivedLocal === 0, `the traffic history alone knows bytes of ${id}`)
  const alerts = [countsOf(analysis.alerts), countsOf(activity.allAlerts())]
  // The page keeps the latest ones only.
  if (analysis.alerts.length <= MAX_ALERTS)
    expectThat(alerts[0] === alerts[1], `alerts by analyze: ${alerts[0]}; by the replay: ${alerts[1]}`)
  const events = [countsOf(analysis.events), countsOf(activity.allEvents())]
  expectThat(events[0] === events[1], `events by analyze: ${events[0]}; by the replay: ${events[1]}`)
}

/** "3 flood, 1 new-device" */
function countsOf(list: readonly { kind: string }[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of list) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts]
    .map(([kind, count]) => `${count} ${kind}`)
    .sort()
    .join(', ')
}

function rangeOf({ first, last }: ReplayFacts): { from: number; to: number } {
  const from = Math.floor(first ?? 0)
  return { from, to: Math.max(from + 1, Math.floor(last ?? from) + 1) }
}
