// Browser notifications of new alerts of the real home. Loaded in Settings, and where they are wanted.
import { type AlertRow, type TrafficStatus, LIVE_SCOPE } from '../../server/api.ts'
import { messageWords } from '../../server/text/messages.ts'
import { t } from '../text/text.ts'
import { visibleSentence } from '../text/visible.ts'
import { trafficPath, get } from './api.ts'
import { bySeriousness } from './incidents.ts'
import { live } from './live.svelte.ts'
import { wantsNotifications, setWantsNotifications } from './notification-choice.ts'
import { hashOf } from './route.ts'
import { keyOf, ToldAlerts } from './told-alerts.ts'

/**
 * Why there can be none: an address that browsers do not trust; a browser without notifications; refused by the
 * reader; for installed apps only.
 */
export type Obstacle = 'insecure' | 'unsupported' | 'denied' | 'app-only'

/** After a long pause only the newest are shown; the badge counts the rest. */
const MOST_AT_ONCE = 3
/** Open alerts that are older are not shown after a pause. */
const RECENT_SECONDS = 48 * 3_600

function obstacleNow(): Obstacle | null {
  if (!isSecureContext) return 'insecure'
  if (!('Notification' in window)) return 'unsupported'
  return Notification.permission === 'denied' ? 'denied' : null
}

class Notifications {
  wanted = $state(wantsNotifications())
  obstacle = $state<Obstacle | null>(obstacleNow())
  permitted = $state('Notification' in window && Notification.permission === 'granted')
  /** The sample plays: none of its alerts are shown. Null while that is not known. */
  sample = $state<boolean | null>(null)
  /** Notifications are wanted, permitted and possible. */
  on = $derived(this.wanted && this.permitted && this.obstacle === null)

  /** Alerts that were there or shown already; null until they are loaded. */
  #known: ToldAlerts | null = null
  #listens = false

  /** Listens for as long as the page is open. */
  start(): void {
    if (this.#listens) return
    this.#listens = true
    live.listen({
      alerts: (scope, alerts) => {
        if (scope === LIVE_SCOPE) this.#add(alerts)
      },
      status: (scope, { sample }) => {
        if (scope === LIVE_SCOPE) this.#history(sample)
      },
      changed: (scope) => {
        if (scope === null || scope === LIVE_SCOPE) void this.#catchUp()
      },
    })
    void this.#catchUp()
  }

  /** Reads again what the browser permits: it is changed outside of the page. */
  look(): void {
    this.permitted = 'Notification' in window && Notification.permission === 'granted'
    if (this.obstacle !== 'app-only' || !this.permitted) this.obstacle = obstacleNow()
  }

  /** To be called on a tap only: browsers refuse requests without one. */
  async turnOn(): Promise<void> {
    if (obstacleNow() === null) await Notification.requestPermission()
    this.look()
    if (!this.permitted) return
    setWantsNotifications(true)
    this.wanted = true
    this.start()
  }

  turnOff(): void {
    setWantsNotifications(false)
    this.wanted = false
  }

  /** True where the browser accepted it. */
  show(words: string, tag: string, hash: string): boolean {
    try {
      const shown = new Notification(t.product, { body: words, tag })
      shown.onclick = () => {
        window.focus()
        location.hash = hash
        shown.close()
      }
      return true
    } catch {
      // Chrome on Android has the class, and its constructor throws.
      this.obstacle = 'app-only'
      return false
    }
  }

  /** After a change between the sample and the real home what is there counts as shown. */
  #history(sample: boolean): void {
    if (this.sample !== null && this.sample !== sample) {
      this.#known = null
      void this.#catchUp()
    }
    this.sample = sample
  }

  /** Loads the alerts that are there; after a pause, shows those that came meanwhile. */
  async #catchUp(): Promise<void> {
    const [status, alerts] = await Promise.all([
      get<TrafficStatus>(trafficPath(LIVE_SCOPE, 'status')).catch(() => null),
      get<AlertRow[]>(trafficPath(LIVE_SCOPE, 'alerts')).catch(() => null),
    ])
    if (status === null || alerts === null) return
    if (this.sample !== status.sample) this.#known = null
    this.sample = status.sample
    if (this.#known === null) {
      this.#known = new ToldAlerts()
      for (const alert of alerts) this.#known.know(alert)
    } else this.#add(alerts.filter(({ to }) => status.now - to < RECENT_SECONDS))
  }

  #add(alerts: AlertRow[]): void {
    const known = this.#known
    if (known === null) return
    const news = alerts
      .map((alert) => ({ alert, kind: known.take(alert) }))
      .toSorted((one, other) => bySeriousness(one.alert, other.alert))
    if (!this.on || !wantsNotifications() || this.sample !== false) return
    const fresh = news.filter(({ kind }) => kind === 'new').slice(0, MOST_AT_ONCE)
    for (const { alert } of [...news.filter(({ kind }) => kind === 'update'), ...fresh]) {
      // A notification with the same tag, from another tab too, takes the place of this one.
      this.show(wordsOf(alert), keyOf(alert), hashOf({ screen: 'alert', id: alert.id, scope: LIVE_SCOPE, query: {} }))
    }
  }
}

/** How far it is, and its sentence. */
function wordsOf({ message, isOver, bytes, from, to, times }: AlertRow): string {
  const progress = messageWords.progress({ isOver, bytes, seconds: to - from + 1, times })
  return [...(progress === null ? [] : [progress]), visibleSentence(message)].join('\n')
}

export const notifications = new Notifications()
