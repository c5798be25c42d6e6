// The scopes of the API: the session, the clock and the view that belong to the live home or to an open recording.
import { LIVE_SCOPE, type ScopeId } from '../api.ts'
import type { StoredEndpoint } from '../history/history.ts'
import { LocalTime } from '../model/local-time.ts'
import type { TrafficView } from '../queries/traffic-view.ts'
import type { Replays } from '../replay/replays.ts'
import type { Rules } from '../rulebook/open.ts'
import type { Session } from '../session/session.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { LiveTraffic } from './live-traffic.ts'

const DAY = 86_400

export interface ScopesParts {
  live: LiveTraffic
  replays: Replays
  rules: Rules
  settings: SettingsStore
  /** The machine's clock in seconds. */
  clock: () => number
}

export class Scopes {
  private readonly parts: ScopesParts
  private readonly caches = new WeakMap<Session, Map<number, StoredEndpoint>>()
  /** Start of the live history; null before it is known. */
  private liveFirst: number | null = null

  constructor(parts: ScopesParts) {
    this.parts = parts
  }

  /** The live session as it is now; another one after the source was changed. */
  get live(): Session {
    return this.parts.live.current
  }

  sessionOf(scope: ScopeId): Session {
    return scope === LIVE_SCOPE ? this.live : this.parts.replays.get(scope).session
  }

  isSample(scope: ScopeId): boolean {
    return scope === LIVE_SCOPE && this.parts.live.isSample
  }

  /** True once the live session is of a real home and has a clock. */
  get isRealHome(): boolean {
    return !this.parts.live.isSample && !Number.isNaN(this.live.now)
  }

  /** Whether nothing but look-ups is told of: no source there is tells of bytes. */
  countsLookupsOnly(scope: ScopeId): boolean {
    if (scope !== LIVE_SCOPE) return this.parts.replays.get(scope).facts.lookupsOnly === true
    const { sources } = this.live
    return sources.length > 0 && sources.every(({ tellsBytes }) => tellsBytes === false)
  }

  /** What happened to the thread of the live session: a sentence, and whether there is none now. */
  troubleOf(scope: ScopeId): { problem: string | null; isDown: boolean } {
    const { problem, isDown } = this.parts.live
    return scope === LIVE_SCOPE ? { problem, isDown } : { problem: null, isDown: false }
  }

  viewOf(scope: ScopeId): TrafficView {
    const session = this.sessionOf(scope)
    const { registry, history } = session
    const cache = this.caches.get(session) ?? new Map<number, StoredEndpoint>()
    this.caches.set(session, cache)
    return {
      history,
      rules: this.parts.rules,
      localTime: new LocalTime(this.parts.settings.timeZone),
      now: () => this.nowOf(session),
      devices: () => registry.devices(this.learningEnd(scope)),
      rootOf: (id) => registry.rootOf(id),
      membersOf: (id) => registry.membersOf(id),
      endpointCache: cache,
      learningUntil: () => this.learningUntil(scope),
    }
  }

  dropCache(session: Session): void {
    this.caches.delete(session)
  }

  nowOf(session: Session): number {
    return Number.isNaN(session.now) ? Math.floor(this.parts.clock()) : session.now
  }

  setLiveFirst(first: number | null): void {
    this.liveFirst = first
  }

  /**
   * When the learning time ends or ended; null where nothing is learned: in a recording, in the sample, before the
   * first packet.
   */
  learningEnd(scope: ScopeId): number | null {
    if (scope !== LIVE_SCOPE || this.liveFirst === null || this.isSample(scope)) return null
    return this.liveFirst + this.parts.settings.values.home.learningDays * DAY
  }

  learningUntil(scope: ScopeId): number | null {
    const end = this.learningEnd(scope)
    return end !== null && end > this.parts.clock() ? end : null
  }
}
