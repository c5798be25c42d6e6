// The frame around the screens: opens histories and rooms as the address changes, and handles keys.
import { LIVE_SCOPE, type Replay, type Room } from '../../server/api.ts'
import { alerts } from './alerts.svelte.ts'
import { csrfToken, get } from './api.ts'
import { traffic, type Subject } from './traffic.svelte.ts'
import { live } from './live.svelte.ts'
import { wantsNotifications } from './notification-choice.ts'
import { range } from './range.svelte.ts'
import { TRAFFIC_SCREENS, type Route } from './route.ts'
import { router } from './router.svelte.ts'
import { session } from './session.svelte.ts'

/** The room whose ticks a screen needs; null for screens with requests of their own. */
export function roomOf(route: Route): Room | null {
  if (route.screen === 'welcome') return 'home'
  if (!TRAFFIC_SCREENS.includes(route.screen)) return null
  const isDevice = route.screen === 'device' && route.id !== null
  if (route.scope === LIVE_SCOPE) return isDevice ? `device:${route.id}` : 'home'
  return isDevice ? `replay:${route.scope}:device:${route.id}` : `replay:${route.scope}`
}

function subjectOf(route: Route): Subject {
  if (route.id === null) return {}
  if (route.screen === 'device') return { device: route.id }
  return route.screen === 'company' ? { owner: route.id } : {}
}

/** The parts of the address whose change needs new requests. */
function keyOf(route: Route): string {
  const selection = range.selection
  return JSON.stringify([route.scope, route.screen, route.id, range.name, selection?.from, selection?.to])
}

class Frame {
  searching = $state(false)
  /** The recording whose history is open; null when live. */
  replay = $state.raw<Replay | null>(null)
  #scope = ''
  #key = ''

  /** Connects and listens; the function returned stops both. */
  start(): () => void {
    live.open(csrfToken() ?? '')
    if (wantsNotifications())
      void import('./notifications.svelte.ts').then(({ notifications }) => notifications.start())
    const stops = [
      traffic.listen(),
      alerts.listen(),
      live.listen({
        bye: () => session.ended(),
        replay: (replay) => {
          if (replay.id === router.scope) this.replay = replay
        },
      }),
    ]
    return () => {
      for (const stop of stops) stop()
      live.close()
      this.#scope = ''
      this.#key = ''
    }
  }

  /** Follows the address. */
  async follow(route: Route): Promise<void> {
    const key = keyOf(route)
    if (key === this.#key) return
    this.#key = key
    this.searching = false
    if (route.scope !== this.#scope) {
      this.#scope = route.scope
      this.replay = null
      if (route.scope !== LIVE_SCOPE) void this.#learnReplay(route.scope)
      await Promise.all([traffic.open(), alerts.begin()])
    }
    if (this.#key !== key) return
    const room = roomOf(route)
    if (room === null) live.watch(null)
    else await traffic.show(subjectOf(route), room)
  }

  key(event: KeyboardEvent): void {
    const target = event.target
    const typing =
      target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      this.searching = true
    }
    const dialogOpen = document.querySelector('dialog[open]') !== null
    if (event.key === 'Escape' && !dialogOpen && !event.defaultPrevented && range.selection !== null) range.select(null)
  }

  async #learnReplay(id: string): Promise<void> {
    this.replay = await get<Replay>(`/api/replays/${encodeURIComponent(id)}`).catch(() => null)
  }
}

export const frame = new Frame()
