// Events and alerts as rows of the API, with the owner's names of devices.
import type { AlertAnswers, AlertRow, AlertSeries, EventRow, Likely } from '../api.ts'
import type { Alert } from '../alerts/alert.ts'
import { isMuted, type Mute } from '../alerts/incidents.ts'
import type { Range } from '../history/history.ts'
import { localClock } from '../model/local-time.ts'
import { rankOf } from '../alerts/rank.ts'
import { coverageOf, messageOf, type Names } from '../alerts/words.ts'
import { adviceOf, titleOf } from '../alerts/words.ts'
import { eventSentence } from '../text/en/events.ts'
import { describeLikely, likelyCompanies } from './likely.ts'
import { makersOwn } from './makers-own.ts'
import { type TrafficView, describeCompany, movements, type Movement } from './traffic-view.ts'
import type { DeviceEvent } from '../detection/activity.ts'

/** Minutes around an alert that are kept with it: six hours before and after. */
const AROUND_SECONDS = 6 * 3_600
const HOUR = 3_600
/** An alert that went on for longer is drawn by its last day. */
const MAX_MINUTES = 1_440
const USUAL_DAYS = 7
/** Who was active this long before may have triggered it. */
const BEFORE_SECONDS = 300
/** Less between devices at home is their everyday talk. */
const LOCAL_TALK = 20_000
const MAX_HOSTS = 20

export function eventRow(view: TrafficView, { company: slug, device, ...event }: DeviceEvent): EventRow {
  const company = describeCompany(view, slug)
  const message = eventSentence(event, company.name === '' ? event.host : company.name)
  return { ...event, device: view.rootOf(device), company, message }
}

export function alertRow(view: TrafficView, alert: Alert, mutes: readonly Mute[]): AlertRow {
  const { id, kind, from, to, seen, usual, unit, sent, received, sure, learning, detail, times, state } = alert
  const device = alert.device === null ? null : view.rootOf(alert.device)
  const company = alert.company === null ? null : describeCompany(view, alert.company)
  const companyName = company === null ? null : company.name || alert.company
  const name = device === null ? null : nameOf(view, device)
  return {
    id,
    kind,
    from,
    to,
    seen,
    usual,
    unit,
    sent,
    received,
    sure,
    learning,
    detail,
    times,
    state,
    bytes: alert.bytes,
    peak: alert.peak,
    isOver: alert.isOver,
    destinations: alert.destinations.map((one) => ({
      ...one,
      company: one.company === null ? null : describeCompany(view, one.company),
    })),
    reason: alert.reason ?? null,
    rank: rankOf(alert),
    covers: coverageOf(alert, companyName, localClock(view.localTime)),
    title: titleOf(kind),
    advice: [...adviceOf(alert)],
    device,
    company,
    message: messageOf({ ...alert, device }, { device: name, company: companyName }),
    muted: isMuted({ mutes }, alert),
  }
}

/** The names for messages about the alert, as they are now. */
export function alertNames(view: TrafficView, { device, company }: Pick<Alert, 'device' | 'company'>): Names {
  return {
    device: device === null ? null : nameOf(view, view.rootOf(device)),
    company: company === null ? null : describeCompany(view, company).name || null,
  }
}

/** The sentence's subject: a name, else the maker's, else the id. */
function nameOf(view: TrafficView, id: string): string | null {
  const device = view.devices().find((one) => one.id === id)
  if (device === undefined) return null
  return device.name ?? (device.vendor === null ? null : `${device.vendor} ${id.slice(-5)}`)
}

/** Sent and received by the minute, and what was usual at these hours before. */
export async function alertSeries(view: TrafficView, alert: Alert): Promise<AlertSeries> {
  const to = Math.ceil((alert.to + AROUND_SECONDS) / 60) * 60
  const from = Math.max(Math.floor((alert.from - AROUND_SECONDS) / 60) * 60, to - MAX_MINUTES * 60)
  const subject = alert.device === null ? {} : { devices: view.membersOf(view.rootOf(alert.device)) }
  const minutes = await view.history.series({ from, to, step: 60, ...subject })
  const before = await view.history.series({
    from: Math.floor(from / HOUR) * HOUR - USUAL_DAYS * 86_400,
    to: Math.ceil(to / HOUR) * HOUR,
    step: HOUR,
    ...subject,
  })
  const now = view.now()
  const gaps = (values: number[]): (number | null)[] =>
    values.map((value, index) =>
      (minutes.covered[index] === 0 && value === 0) || minutes.from + index * minutes.step > now ? null : value,
    )
  return {
    from: minutes.from,
    step: minutes.step,
    sent: gaps(minutes.sent),
    received: gaps(minutes.received),
    usual: usualOf(before, from),
  }
}

/** Least and most sent in the same hour of the days before; null where no day before was captured. */
function usualOf(
  { from, step, sent, covered }: { from: number; step: number; sent: number[]; covered: number[] },
  begin: number,
): AlertSeries['usual'] {
  const perDay = Math.round(86_400 / step)
  const first = Math.floor((begin - from) / step)
  const low: number[] = []
  const high: number[] = []
  let isKnown = false
  for (let at = first; at < sent.length; at++) {
    const days: number[] = []
    for (let before = at - perDay; before >= 0; before -= perDay) if (covered[before] !== 0) days.push(sent[before])
    isKnown ||= days.length > 0
    low.push(days.length === 0 ? 0 : Math.min(...days))
    high.push(days.length === 0 ? 0 : Math.max(...days))
  }
  return isKnown ? { from: from + first * step, step, low, high } : null
}

/** Answers of the traffic history to the four questions. */
export async function alertAnswers(view: TrafficView, alert: Alert): Promise<AlertAnswers> {
  const id = alert.device === null ? null : view.rootOf(alert.device)
  const device = id === null ? undefined : view.devices().find((one) => one.id === id)
  const during = minutesOf(alert)
  const moved = id === null ? [] : await movements(view, during, id)
  const met = moved.filter(({ endpoint }) => endpoint !== null && isMet(alert, endpoint))
  met.sort((one, other) => other.sent - one.sent)
  const countries = new Set(met.map(({ endpoint }) => endpoint?.country ?? null).filter((country) => country !== null))
  return {
    triggered: id === null ? null : await triggeredBy(view, alert, id, during.from),
    makers: makersOwn(view, device?.vendor ?? null, alert.company),
    vendor: device?.vendor ?? null,
    countries: [...countries],
    hosts: met.slice(0, MAX_HOSTS).map(({ endpoint, sent, received }) => ({
      host: endpoint?.host ?? null,
      address: endpoint?.addresses[0] ?? null,
      country: endpoint?.country ?? null,
      network: endpoint?.network ?? null,
      namedBy: endpoint?.namedBy ?? 'none',
      sent,
      received,
    })),
  }
}

/**
 * The answers with who is likely at far ends without a name: worked out at each question and never kept with them, as
 * the reasons may name hosts of other devices.
 */
export async function withLikely(view: TrafficView, alert: Alert, answers: AlertAnswers): Promise<AlertAnswers> {
  if (alert.device === null || answers.hosts.every(({ host }) => host !== null)) return answers
  const moved = await movements(view, minutesOf(alert), view.rootOf(alert.device))
  const likely = await likelyCompanies(view, moved)
  const byAddress = new Map<string, Likely>()
  for (const movement of moved) {
    const found = likely.of(movement)
    const address = movement.endpoint?.addresses[0]
    if (found !== null && address !== undefined) byAddress.set(address, describeLikely(view, found))
  }
  return {
    ...answers,
    hosts: answers.hosts.map((met) => {
      const found = met.host === null ? byAddress.get(met.address ?? '') : undefined
      return found === undefined ? met : { ...met, likely: found }
    }),
  }
}

/** The whole minutes of an alert, at least one. */
function minutesOf({ from, to }: Alert): Range {
  const begin = Math.floor(from / 60) * 60
  return { from: begin, to: Math.max(Math.ceil((to + 1) / 60) * 60, begin + 60) }
}

/** True for a far end that the alert is about: where its upload went, else its company's, else any. */
function isMet({ company, destinations }: Alert, endpoint: NonNullable<Movement['endpoint']>): boolean {
  if (destinations.length === 0) return company === null || endpoint.company === company
  return destinations.some(({ host, address, company }) => {
    if (host !== null) return endpoint.host === host
    return address !== null ? endpoint.addresses.includes(address) : endpoint.company === company
  })
}

/** Devices of people that met the same company shortly before, and what the device moved with others at home. */
async function triggeredBy(
  view: TrafficView,
  alert: Alert,
  id: string,
  from: number,
): Promise<NonNullable<AlertAnswers['triggered']>> {
  const range = { from: from - BEFORE_SECONDS, to: from + 60 }
  const all = await movements(view, range)
  const family = alert.company === null ? null : view.rules.companies.parentOf(alert.company)
  const kinds = new Map(view.devices().map(({ id, kind }) => [id, kind]))
  const isPerson = ({ device, endpoint }: Movement): boolean =>
    device !== id &&
    ['phone', 'tablet', 'computer'].includes(kinds.get(device) ?? '') &&
    family !== null &&
    view.rules.companies.parentOf(endpoint?.company ?? '') === family
  const local = all
    .filter(({ device, endpoint }) => device === id && endpoint === null)
    .reduce((sum, { sent, received }) => sum + sent + received, 0)
  return {
    people: [...new Set(all.filter(isPerson).map(({ device }) => device))],
    local: local < LOCAL_TALK ? 0 : local,
  }
}
