// The alerts of the open traffic history, and the undecided ones among them.
import type { AlertDecision, AlertRow } from '../../server/api.ts'
import { LIVE_SCOPE } from '../../server/api.ts'
import { t } from '../text/text.ts'
import { visibleSentence } from '../text/visible.ts'
import { AlertTelling } from './alert-news.ts'
import { trafficPath, get, send } from './api.ts'
import { bySeriousness, isOpen, PartOf } from './incidents.ts'
import { live } from './live.svelte.ts'
import { router } from './router.svelte.ts'
import { toast } from './toast.svelte.ts'

/** An older alert is still open, but no longer decides the state of the home. */
const RECENT_SECONDS = 48 * 3_600

class Alerts {
  /** Newest first. */
  all = $state.raw<AlertRow[]>([])
  loaded = $state(false)
  /** The most serious first. */
  open = $derived(this.all.filter(isOpen).toSorted(bySeriousness))
  /** Devices that an open alert is about. */
  alarming = $derived(new Set(this.open.map(({ device }) => device).filter((device) => device !== null)))
  /** Which events are a part of which alert. */
  parts = $derived(new PartOf(this.all))
  readonly #telling = new AlertTelling()

  /** Starts to listen; the function returned stops it. */
  listen(): () => void {
    return live.listen({
      alerts: (scope, alerts) => {
        if (scope === router.scope) this.add(alerts)
      },
      changed: (scope) => {
        if (scope === null || scope === router.scope) void this.load()
      },
    })
  }

  /** Loads the alerts of another history. */
  async begin(): Promise<void> {
    this.all = []
    this.loaded = false
    this.#telling.clear()
    await this.load()
  }

  async load(): Promise<void> {
    const scope = router.scope
    const all = await get<AlertRow[]>(trafficPath(scope, 'alerts')).catch(() => null)
    if (all === null || scope !== router.scope) return
    this.all = all
    this.loaded = true
  }

  /** Adds or replaces alerts. Of a new one of the live home a toast tells, and at its end another in its place. */
  add(alerts: AlertRow[]): void {
    const known = new Set(this.all.map(({ id }) => id))
    const updated = new Map(alerts.map((alert) => [alert.id, alert]))
    this.all = [
      ...alerts.filter(({ id }) => !known.has(id)),
      ...this.all.map((alert) => updated.get(alert.id) ?? alert),
    ].toSorted((one, other) => other.to - one.to)
    if (router.scope !== LIVE_SCOPE || !this.loaded) return
    const [first] = this.#telling.news(alerts, ({ id }) => known.has(id))
    if (first === undefined) return
    const { alert, what } = first
    const message = visibleSentence(alert.message)
    const words = what === 'start' ? t.alerts.fresh(message) : t.alerts.incidents.ended(message)
    toast.tell(words, router.href('alert', alert.id))
  }

  /** Open alerts of the last 48 hours, the most serious first; all open ones of a recording. */
  recent(now: number): AlertRow[] {
    return this.open.filter(({ to }) => router.scope !== LIVE_SCOPE || now - to < RECENT_SECONDS)
  }

  of(device: string): AlertRow[] {
    return this.all.filter((alert) => alert.device === device)
  }

  async decide(id: string, decision: AlertDecision['decision']): Promise<void> {
    const scope = router.scope
    const done = await toast.attempt(() =>
      send<AlertRow>('POST', `/api/alerts/${encodeURIComponent(id)}/decision?scope=${encodeURIComponent(scope)}`, {
        decision,
      }),
    )
    if (done === null) return
    this.add([done.answer])
    toast.say(t.alerts.decided[decision])
  }

  async mute(id: string, on: boolean): Promise<void> {
    const done = await toast.attempt(() => send<AlertRow>('POST', `/api/alerts/${encodeURIComponent(id)}/mute`, { on }))
    if (done === null) return
    const { kind, device, company } = done.answer
    this.all = this.all.map((alert) =>
      alert.kind === kind && alert.device === device && alert.company?.slug === company?.slug
        ? { ...alert, muted: on }
        : alert,
    )
    toast.say(on ? t.alerts.decided.muted : t.alerts.decided.unmuted)
  }
}

export const alerts = new Alerts()
