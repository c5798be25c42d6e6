// Routes: the screen of an address, and the address of a screen.
import { LIVE_SCOPE, type ScopeId } from '../../server/api.ts'

export const SCREENS = [
  'home',
  'devices',
  'device',
  'companies',
  'company',
  'alerts',
  'alert',
  'questions',
  'question',
  'replay',
  'settings',
  'recorded',
  'welcome',
] as const
export type ScreenName = (typeof SCREENS)[number]

/** Screens that show traffic, and so exist for a replay too. */
export const TRAFFIC_SCREENS: readonly ScreenName[] = [
  'home',
  'devices',
  'device',
  'companies',
  'company',
  'alerts',
  'alert',
  'questions',
  'question',
]
const WITH_ID: readonly ScreenName[] = ['device', 'company', 'alert', 'question']

/** The list that an address of such a screen without an id leads to. */
const LIST_OF: Partial<Record<ScreenName, ScreenName>> = {
  device: 'devices',
  company: 'companies',
  alert: 'alerts',
  question: 'questions',
}

export interface Route {
  screen: ScreenName
  /** `live`, or the id of the replay whose history the screen shows. */
  scope: ScopeId
  /** The id of a device or an alert, or a company's slug. */
  id: string | null
  /** `range`, `from`, `to`, `tab` and what else a screen keeps in its address. */
  query: Record<string, string>
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function screenOf(parts: string[]): { screen: ScreenName; id: string | null } {
  const name = (parts[0] ?? '') || 'home'
  const screen = SCREENS.find((screen) => screen === name) ?? 'home'
  const id = parts[1] ?? null
  if (WITH_ID.includes(screen) && id === null) return { screen: LIST_OF[screen] ?? 'home', id: null }
  return { screen, id: WITH_ID.includes(screen) ? id : null }
}

/** Reads `#/device/aa%3Abb?range=24h`; what it doesn't know is Home. */
export function routeOf(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const query: Record<string, string> = Object.fromEntries(new URLSearchParams(search))
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded)
  const replay = parts[0] === 'replay' ? parts[1] : undefined
  if (replay === undefined) return { scope: LIVE_SCOPE, ...screenOf(parts), query }
  const inside = screenOf(parts.slice(2))
  if (!TRAFFIC_SCREENS.includes(inside.screen)) return { scope: LIVE_SCOPE, screen: 'replay', id: null, query }
  return { scope: replay, ...inside, query }
}

/** The address of a route; the opposite of `routeOf`. */
export function hashOf(route: Route): string {
  const parts = route.scope === LIVE_SCOPE ? [] : ['replay', route.scope]
  if (route.screen !== 'home') parts.push(route.screen)
  if (route.id !== null) parts.push(route.id)
  const search = new URLSearchParams(route.query).toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}
