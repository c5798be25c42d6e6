// The range that all charts and lists of the page show, and the shared cursor.
import { LIVE_SCOPE } from '../../server/api.ts'
import { rangeNamed, selectionIn, type RangeName, type Span } from './ranges.ts'
import { router } from './router.svelte.ts'

class PageRange {
  /** The second that the shared cursor of all charts points at; null while none does. */
  cursor = $state<number | null>(null)

  name = $derived<RangeName>(rangeNamed(router.route.query['range'], router.route.scope === LIVE_SCOPE ? '1h' : 'all'))
  /** What the user picked inside the range: every list shows only that. The live chart stands still meanwhile. */
  selection = $derived<Span | null>(selectionIn(router.route.query))

  choose(name: RangeName): void {
    router.setQuery({ range: name, from: null, to: null })
  }

  select(span: Span | null): void {
    if (span === null) router.setQuery({ from: null, to: null })
    else router.setQuery({ from: String(span.from), to: String(span.to) })
  }

  point(second: number | null): void {
    this.cursor = second
  }
}

export const range = new PageRange()
