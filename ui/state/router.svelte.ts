// The open screen, and the way to another.
import type { ScopeId } from '../../server/api.ts'
import { hashOf, routeOf, type Route, type ScreenName } from './route.ts'

/** What a link to another screen keeps: the range and the selection filter every screen. */
const KEPT = ['range', 'from', 'to']

class Router {
  route = $state.raw<Route>(routeOf(location.hash))

  constructor() {
    addEventListener('hashchange', () => this.#read())
  }

  get scope(): ScopeId {
    return this.route.scope
  }

  /** The address of a screen in the same traffic, keeping range and selection. */
  href(
    screen: ScreenName,
    id: string | null = null,
    scope: ScopeId = this.route.scope,
    more: Record<string, string> = {},
  ): string {
    const sameScope = scope === this.route.scope
    const kept = sameScope ? Object.entries(this.route.query).filter(([name]) => KEPT.includes(name)) : []
    return hashOf({ screen, id, scope, query: { ...Object.fromEntries(kept), ...more } })
  }

  open(
    screen: ScreenName,
    id: string | null = null,
    scope: ScopeId = this.route.scope,
    more: Record<string, string> = {},
  ): void {
    location.hash = this.href(screen, id, scope, more)
  }

  /** Changes parts of the query in place; null takes one away. No new step in the browser's history. */
  setQuery(change: Record<string, string | null>): void {
    const query = { ...this.route.query }
    for (const [name, value] of Object.entries(change)) {
      if (value === null) delete query[name]
      else query[name] = value
    }
    history.replaceState(history.state, '', hashOf({ ...this.route, query }))
    this.#read()
  }

  #read(): void {
    this.route = routeOf(location.hash)
  }
}

export const router = new Router()
