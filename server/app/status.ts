// The status of a scope: its sources, its clock, and the health of the process.
import { LIVE_SCOPE, type FloodStatus, type Health, type ScopeId, type TrafficStatus } from '../api.ts'
import type { Flood } from '../engine/newcomers.ts'
import { OTHERS_NAME } from '../model/others.ts'
import type { Session } from '../session/session.ts'
import type { StateFolder } from '../store/state-folder.ts'
import type { Scopes } from './scopes.ts'

export interface StatusParts {
  scopes: Scopes
  timeZone: string
  /** When the process started, in seconds. */
  startedAt: number
  folder: StateFolder
  /** What damage may have changed of the owner's decisions, in sentences. */
  unconfirmed: readonly string[]
}

export async function statusOf(
  scope: ScopeId,
  { scopes, timeZone, startedAt, folder, unconfirmed }: StatusParts,
): Promise<TrafficStatus> {
  const session = scopes.sessionOf(scope)
  const facts = await session.history.facts()
  if (scope === LIVE_SCOPE) {
    scopes.setLiveFirst(facts.first)
    folder.noteHistory(facts.problem ?? null)
  }
  const problems = scope === LIVE_SCOPE ? [...unconfirmed, ...folder.problems.all()] : []
  const { problem, isDown } = scopes.troubleOf(scope)
  return {
    scope,
    sources: session.sources.map(({ tellsBytes: _, ...source }) => ({
      ...source,
      // Where the engine was lost, each of its sources was.
      ...(isDown && source.state !== 'off' ? { state: 'failed' as const, problem } : {}),
      ...(source.problem === null && source.state !== 'off' ? { problem } : {}),
      packetsPerSecond: isDown ? 0 : session.packetsPerSecond,
    })),
    now: scopes.nowOf(session),
    first: facts.first,
    last: facts.last,
    timeZone,
    learningUntil: scopes.learningUntil(scope),
    sample: scopes.isSample(scope),
    ...(scopes.countsLookupsOnly(scope) ? { lookupsOnly: true } : {}),
    ...(session.flood === null ? {} : { flood: floodOf(session.flood) }),
    ...(problems.length > 0 ? { problems } : {}),
    ...(scope === LIVE_SCOPE && unconfirmed.length > 0 ? { unconfirmed: true } : {}),
    ...(typeof facts.clockProblem === 'string' ? { clockProblem: facts.clockProblem } : {}),
    health: healthOf(session, facts, startedAt),
  }
}

function floodOf({ since, senders }: Flood): FloodStatus {
  return {
    since,
    devices: senders,
    sentence: `${senders.toLocaleString('en')} new devices turned up at once, more than a home has: somebody makes them up. Known devices, and new ones that are answered, are counted as always; the others stand in one row, "${OTHERS_NAME}".`,
  }
}

function healthOf(
  session: Session,
  { databaseBytes, writtenBytes }: { databaseBytes: number; writtenBytes: number },
  startedAt: number,
): Health {
  const { user, system } = process.cpuUsage()
  return {
    ...session.counters,
    databaseBytes,
    writtenBytes,
    memoryBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    startedAt,
  }
}
