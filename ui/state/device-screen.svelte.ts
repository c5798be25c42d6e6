// State of the screen of one device, and the changes it offers.
import type { DeviceChange, DevicePage, EndpointRow, HourGrid, Receipt, Undo } from '../../server/api.ts'
import { trafficPath, send } from './api.ts'
import { Asked, traffic } from './traffic.svelte.ts'
import { kindAsks } from './kind-asks.svelte.ts'
import { personAsks } from './person-asks.svelte.ts'
import { router } from './router.svelte.ts'
import { session } from './session.svelte.ts'
import { toast } from './toast.svelte.ts'
import { slugInAddress } from './names.ts'

/** What was seen to go to a company, or probably went to it. */
function isOf({ company, likely }: EndpointRow, slug: string): boolean {
  return slugInAddress(company.slug) === slug || likely?.company.slug === slug
}

export type DeviceDialog = 'rename' | 'kind' | 'level' | 'merge' | 'forget'

export class DeviceScreen {
  page = new Asked<DevicePage>()
  grid = new Asked<HourGrid>()
  dialog = $state<DeviceDialog | null>(null)
  receipt = $state.raw<Receipt | null>(null)
  #id: string
  #gridAsked = false

  constructor(id: string) {
    this.#id = id
  }

  get mayChange(): boolean {
    return session.mayChange && traffic.isLive
  }

  /** The company that the list of endpoints is narrowed to, as in the address; null for all. */
  get company(): string | null {
    return router.route.query['company'] ?? null
  }

  endpoints = $derived.by((): EndpointRow[] => {
    const rows = this.page.value?.endpoints ?? []
    const company = this.company
    return company === null ? rows : rows.filter((row) => isOf(row, company))
  })

  only(company: string | null): void {
    router.setQuery({ company })
  }

  load(): void {
    if (traffic.status.value === null || this.receipt !== null) return
    void this.page.ask(trafficPath(router.scope, `devices/${encodeURIComponent(this.#id)}`), { ...traffic.span })
    if (this.#gridAsked) return
    this.#gridAsked = true
    void this.grid.ask(trafficPath(router.scope, `devices/${encodeURIComponent(this.#id)}/grid`))
  }

  async change(words: string, change: DeviceChange): Promise<void> {
    await this.#did(words, () => send<Undo>('PATCH', this.#path(), change))
  }

  async merge(words: string, into: string): Promise<void> {
    const done = await this.#did(words, () => send<Undo>('POST', `${this.#path()}/merge`, { into }))
    if (done) router.open('device', into)
  }

  async split(words: string): Promise<void> {
    await this.#did(words, () => send<Undo>('POST', `${this.#path()}/split`))
  }

  async forget(ignore: boolean): Promise<void> {
    const done = await toast.attempt(() => send<Receipt>('POST', `${this.#path()}/forget`, { ignore }))
    if (done === null) return
    kindAsks.forget(this.#id)
    personAsks.forget(this.#id)
    this.dialog = null
    this.receipt = done.answer
    await traffic.show({}, null)
  }

  async #did(words: string, change: () => Promise<Undo>): Promise<boolean> {
    const done = await toast.change(words, change)
    if (done) this.dialog = null
    return done
  }

  #path(): string {
    return `/api/devices/${encodeURIComponent(this.#id)}`
  }
}
