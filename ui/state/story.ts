// The one sentence that Home opens with: whether anything is odd, and who sends most.
import type { AlertRow, Company, TrafficStatus, DeviceRow, Overview } from '../../server/api.ts'
import { t } from '../text/text.ts'
import { visible, visibleSentence } from '../text/visible.ts'
import { companyName, companyWords, deviceName } from './names.ts'
import { byOwner } from './owners.ts'

export interface Story {
  tone: 'calm' | 'notice' | 'bad' | 'plain'
  state: string
  /** What is odd, or that nothing is. Empty for a recording: what is usual there is not known. */
  verdict: string
  /** Who sent how much, and mostly to whom. */
  figures: string
  /** The alert that the verdict is about. */
  alert?: string
}

/** Half of everything or more is "mostly"; less is only the largest part. */
const MOSTLY = 0.5

const LONGEST_IN_SENTENCE = 40

/** A name cut short, so that the sentence stays readable whatever came off the wire. */
function inSentence(name: string): string {
  const characters = [...name]
  return characters.length <= LONGEST_IN_SENTENCE ? name : `${characters.slice(0, LONGEST_IN_SENTENCE).join('')}…`
}

/** A company itself, and no cloud that others rent. */
function isSeen({ slug, cloud }: Company): boolean {
  return !cloud && companyWords(slug) === null
}

/** Who probably got most of what a device sent; null where the company it sent most to was seen, or none is likely. */
export function probablyTo(row: DeviceRow, top: Company): string | null {
  const { likelyTop } = row
  return likelyTop === undefined || isSeen(top) || likelyTop.sent < row.sent * MOSTLY
    ? null
    : companyName(likelyTop.company)
}

/** By the owner of the companies: what goes to Ring goes to Amazon. */
function largestFlow(overview: Overview): string | null {
  const { cells, companies } = byOwner(overview)
  const flows = new Map<string, number>()
  for (const [device, company, , sent] of cells) {
    const key = `${device} ${company}`
    flows.set(key, (flows.get(key) ?? 0) + sent)
  }
  const [key, sent] = [...flows].reduce((best, flow) => (flow[1] > best[1] ? flow : best), ['', 0])
  if (sent === 0) return null
  const [devicePlace, companyPlace] = key.split(' ').map(Number) as [number, number]
  const device = overview.devices[devicePlace]
  const company = companies[companyPlace]
  if (device === undefined || company === undefined) return null
  const likely = isSeen(company) ? undefined : device.likelyTop
  const to = companyWords(company.slug) === null ? companyName(company) : t.home.nobody
  const flow =
    likely !== undefined && likely.sent >= sent * MOSTLY
      ? t.home.mostlyProbably(inSentence(deviceName(device)), inSentence(companyName(likely.company)))
      : t.home.mostly(inSentence(deviceName(device)), inSentence(to))
  return sent >= overview.sent * MOSTLY ? t.home.mostlyFlow(flow) : t.home.largestFlow(flow)
}

/** What is wrong with a source. An alert is more than a remark about one that runs. */
function troubleIn({ sources }: TrafficStatus, hasAlert: boolean): string | null {
  const source =
    sources.find(({ state }) => state === 'failed') ??
    sources.find(({ problem, state }) => problem !== null && state !== 'off' && !(hasAlert && state === 'running'))
  return source === undefined ? null : visibleSentence(source.problem ?? t.home.sourceFailed(visible(source.title)))
}

function droppedIn({ sources, health }: TrafficStatus): string {
  const on = sources.flatMap(({ dropped, title }) => (dropped > 0 ? [visible(title)] : []))
  return t.home.dropped(health.dropped, on.join(', '))
}

/** Devices that sent or received something in the range. */
export function activeDevices(overview: Overview): DeviceRow[] {
  return overview.devices.filter(
    (row) => row.sent + row.received + row.sentLocal + row.receivedLocal + (row.lookups ?? 0) > 0,
  )
}

/** Who looked names up, where a log is all there is. */
function lookupFigures(overview: Overview, active: DeviceRow[], when: string): string {
  const [first] = active.toSorted((a, b) => (b.lookups ?? 0) - (a.lookups ?? 0))
  if (first === undefined) return t.lookups.quiet
  return t.lookups.home(
    active.length,
    overview.lookups ?? 0,
    when,
    active.length > 1 ? inSentence(deviceName(first)) : null,
    overview.blocked,
  )
}

/** `sent` may be ahead of the overview's by the ticks since; `when` in words, such as "since midnight". */
export function storyOf(
  overview: Overview,
  status: TrafficStatus,
  sent: number,
  when: string,
  isLive: boolean,
  alerts: readonly AlertRow[] = [],
): Story {
  const active = activeDevices(overview)
  const figures =
    status.lookupsOnly === true
      ? lookupFigures(overview, active, when)
      : active.length === 0
        ? t.home.quiet
        : t.home.story(active.length, sent, when, largestFlow(overview))
  const trouble = isLive ? troubleIn(status, alerts.length > 0) : null
  if (trouble !== null) return { tone: 'bad', state: t.home.states.trouble, verdict: trouble, figures }
  const [alert] = alerts
  if (alert !== undefined) {
    const verdict = t.alerts.lookAtThis(
      visibleSentence(alert.message),
      alert.from,
      status.now,
      !alert.isOver,
      alerts.length - 1,
    )
    return { tone: 'notice', state: t.home.states.notice, verdict, figures, alert: alert.id }
  }
  if (!isLive) return { tone: 'plain', state: '', verdict: '', figures }
  if (status.health.dropped > status.health.packets * 0.01) {
    return { tone: 'notice', state: t.home.states.notice, verdict: droppedIn(status), figures }
  }
  if (status.learningUntil !== null)
    return { tone: 'plain', state: t.home.states.learning, verdict: t.home.learning, figures }
  const fresh = overview.devices.filter((row) => row.isNew)
  if (fresh.length > 0)
    return {
      tone: 'notice',
      state: t.home.states.notice,
      verdict: t.home.newDevices(fresh.map((row) => inSentence(deviceName(row)))),
      figures,
    }
  return { tone: 'calm', state: t.home.states.calm, verdict: t.home.nothingUnusual, figures }
}

/** A device is quiet after this many seconds without a packet. */
const QUIET_AFTER = 600

/** The word and tone that a device's row carries. */
export function deviceState(
  row: DeviceRow,
  now: number,
  learning: boolean,
  isOdd = false,
): { tone: 'calm' | 'notice' | 'plain'; word: string } {
  if (row.level === 'paused') return { tone: 'plain', word: t.home.device.paused }
  if (isOdd) return { tone: 'notice', word: t.alerts.state }
  if (row.isNew && !learning) return { tone: 'notice', word: t.home.device.new }
  if (now - row.lastSeen > QUIET_AFTER) return { tone: 'plain', word: t.home.device.quiet }
  return { tone: 'calm', word: t.home.device.sending }
}

/** Most unusual first, then who sent most, then by name so that equals keep their places. */
export function inOrder(rows: DeviceRow[], learning: boolean, alarming: ReadonlySet<string> = new Set()): DeviceRow[] {
  const odd = (row: DeviceRow): number => (alarming.has(row.id) ? 2 : row.isNew && !learning ? 1 : 0)
  return rows.toSorted(
    (a, b) =>
      odd(b) - odd(a) ||
      b.sent - a.sent ||
      b.received - a.received ||
      (b.lookups ?? 0) - (a.lookups ?? 0) ||
      (a.id < b.id ? -1 : 1),
  )
}
