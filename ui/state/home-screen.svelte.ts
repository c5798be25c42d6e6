// State of the screen Home: its sentence, and its list of devices moved on by ticks.
import type { Company, CompanyRow, CompanySlug, DeviceRow, Overview } from '../../server/api.ts'
import { between } from '../text/format.ts'
import { t } from '../text/text.ts'
import { alerts } from './alerts.svelte.ts'
import { ShownRows } from './lists.svelte.ts'
import { companyName, companyWords } from './names.ts'
import { range } from './range.svelte.ts'
import { inOrder, probablyTo, storyOf, type Story } from './story.ts'
import { traffic } from './traffic.svelte.ts'

export interface HomeLine {
  row: DeviceRow
  sent: number
  received: number
  /** Whom it sent most to, in words; null where it sent nothing. */
  whom: string | null
}

export class HomeScreen {
  readonly shown = new ShownRows(20)

  readonly learning = $derived((traffic.status.value?.learningUntil ?? null) !== null)

  readonly story = $derived.by((): Story | null => {
    void traffic.beat
    const overview = traffic.overview.value
    const today = traffic.today.value
    if (overview === null) return null
    if (range.selection !== null) {
      const span = between(range.selection.from, range.selection.to)
      return this.#storyOf(overview, overview.sent, t.range.selected(span), traffic.isLive)
    }
    if (traffic.isLive && today !== null)
      return this.#storyOf(today, today.sent + traffic.todayIncrements.sent, t.home.sinceMidnight, true)
    return this.#storyOf(overview, overview.sent + traffic.increments.sent, t.range.long[range.name], traffic.isLive)
  })

  readonly rows = $derived(
    traffic.overview.value === null ? [] : inOrder(traffic.overview.value.devices, this.learning, alerts.alarming),
  )

  readonly lines = $derived.by((): { lines: HomeLine[]; most: number } => {
    void traffic.beat
    const lines = this.shown.of(this.rows).map((row) => {
      const more = range.selection === null ? traffic.increments.of(row.index) : { sent: 0, received: 0 }
      return {
        row,
        sent: row.sent + more.sent,
        received: row.received + more.received,
        whom: row.sent > 0 || row.lookups !== undefined ? this.#whom(row) : null,
      }
    })
    return { lines, most: lines.reduce((most, line) => Math.max(most, line.sent, line.received), 0) }
  })

  /** What the ribbon shows: today's traffic, or that of the selection. */
  readonly flow = $derived(
    range.selection === null ? (traffic.today.value ?? traffic.overview.value) : traffic.overview.value,
  )

  readonly flowTitle = $derived(
    range.selection === null && traffic.today.value !== null && traffic.isLive ? t.home.flowToday : t.home.flowTitle,
  )

  /** Unknown, other and kept back, where something went to them. */
  readonly leftOver = $derived.by((): CompanyRow[] =>
    (this.flow?.companies ?? []).filter((company) => companyWords(company.slug) !== null && company.sent > 0),
  )

  #names = $derived(
    new Map<CompanySlug, Company>((traffic.overview.value?.companies ?? []).map((company) => [company.slug, company])),
  )

  #whom(row: DeviceRow): string {
    const slug = row.topCompany
    const top = this.#names.get(slug) ?? { slug, name: '', cloud: false }
    if (row.sent === 0) return t.lookups.most(companyName(top), (row.blocked ?? 0) >= (row.lookups ?? 0))
    const likely = probablyTo(row, top)
    return likely === null ? t.home.device.mostTo(companyName(top)) : t.home.device.probablyTo(likely)
  }

  #storyOf(overview: Overview, sent: number, when: string, isLive: boolean): Story | null {
    const status = traffic.status.value
    return status === null ? null : storyOf(overview, status, sent, when, isLive, alerts.recent(traffic.now))
  }
}
