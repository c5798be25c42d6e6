// The devices that an overview has no room for: loaded page by page, with their totals by day, week or month.
import type { DeviceListPage, DeviceRow, Totals } from '../../server/api.ts'
import { ApiFailure, get, isAbort, trafficPath } from './api.ts'
import { router } from './router.svelte.ts'
import type { Span } from './ranges.ts'

const PAGE = 100

/** What a page is asked for: the same again loads nothing. */
export interface Wanted {
  span: Span
  period: Totals['period']
  /** Part of a name; empty for all. */
  text: string
  /** Devices before the page. */
  offset: number
}

export class MoreDevices {
  rows = $state.raw<DeviceRow[]>([])
  totals = $state.raw<Totals['devices']>([])
  /** How many fit in all; null before it is known. */
  total = $state<number | null>(null)
  busy = $state(false)
  problem = $state.raw<ApiFailure | null>(null)
  #asked = 0

  /** One more page of all devices that fit; those that an overview lists come first. */
  async next({ span, period, text, offset }: Wanted): Promise<void> {
    const asked = ++this.#asked
    this.busy = true
    try {
      const page = await get<DeviceListPage>(trafficPath(router.scope, 'device-rows'), {
        ...span,
        offset,
        limit: PAGE,
        ...(text.trim() === '' ? {} : { q: text.trim() }),
      })
      const ids = page.devices.map(({ id }) => id).join(',')
      const totals =
        ids === '' ? null : await get<Totals>(trafficPath(router.scope, 'totals'), { period, devices: ids })
      if (asked !== this.#asked) return
      this.rows = [...this.rows, ...page.devices]
      this.totals = [...this.totals, ...(totals?.devices ?? [])]
      this.total = page.total
      this.problem = null
    } catch (error) {
      if (isAbort(error)) return
      if (!(error instanceof ApiFailure)) throw error
      this.problem = error
    } finally {
      if (asked === this.#asked) this.busy = false
    }
  }

  /** Begins anew: another time, text or period. */
  clear(): void {
    this.#asked++
    this.rows = []
    this.totals = []
    this.total = null
    this.busy = false
  }
}
