// The facts about the devices of the home that channels show, from the live history.
import type { Device, RuleWords } from '../api.ts'
import { SPOKEN_KINDS } from '../events/event.ts'
import type { HomeDevice } from '../notify/home-device.ts'
import { amount } from '../text/en/amount.ts'
import type { ActivityLog } from '../detection/activity-log.ts'
import { type TrafficView, describeCompany } from '../queries/traffic-view.ts'
import type { DeviceEvent } from '../detection/activity.ts'

/** Below it an event is only possible, and called so. */
const LIKELY = 0.7

/** What was sent since midnight at one time: two of these make a rate. */
interface Sums {
  at: number
  day: number
  sent: Map<string, number>
  rates: Map<string, number>
}

export class DeviceFacts {
  private last: Sums | null = null

  /** Devices that the owner named come first: a broker shows a limited number only. */
  async homeDevices(view: TrafficView, activity: ActivityLog, kinds: RuleWords['kinds']): Promise<HomeDevice[]> {
    const sums = await this.sumsNow(view)
    const events = latestEvents(view, activity)
    const alarming = new Set(openAlerts(activity).map(({ device }) => (device === null ? null : view.rootOf(device))))
    return view
      .devices()
      .toSorted((one, other) => Number(other.namedByOwner) - Number(one.namedByOwner) || one.index - other.index)
      .map((device) => ({
        id: device.id,
        name: nameOf(device),
        vendor: device.vendor,
        kind: device.kind === 'unknown' ? null : (kinds[device.kind]?.title ?? null),
        sentToday: sums.sent.get(device.id) ?? 0,
        rateUp: sums.rates.get(device.id) ?? 0,
        lastEvent: eventLine(view, events.get(device.id)),
        alert: alarming.has(device.id),
      }))
  }

  private async sumsNow(view: TrafficView): Promise<Sums> {
    const at = view.now()
    const day = view.localTime.dayStart(at)
    if (this.last !== null && this.last.at === at) return this.last
    const sent = new Map<string, number>()
    for (const [id, totals] of await view.history.totals([day, view.localTime.nextDay(day)])) {
      const root = view.rootOf(id)
      sent.set(root, (sent.get(root) ?? 0) + (totals.sent[0] ?? 0))
    }
    this.last = { at, day, sent, rates: ratesBetween(this.last, at, day, sent) }
    return this.last
  }
}

/**
 * Bytes per second since the sums before; none across midnight, where the sums begin anew. A name that came late may
 * take bytes away.
 */
function ratesBetween(before: Sums | null, at: number, day: number, sent: Map<string, number>): Map<string, number> {
  const rates = new Map<string, number>()
  if (before === null || before.day !== day || at <= before.at) return rates
  for (const [id, bytes] of sent) rates.set(id, Math.max(0, (bytes - (before.sent.get(id) ?? 0)) / (at - before.at)))
  return rates
}

/** The owner's name, or what is known, with the end of the address to tell two of a kind apart. */
function nameOf({ id, name, vendor }: Device): string | null {
  return name ?? (vendor === null ? null : `${vendor} ${id.slice(-5)}`)
}

function openAlerts(activity: ActivityLog): { device: string | null }[] {
  const isMuted = (alert: { kind: string; device: string | null; company: string | null }): boolean =>
    activity.mutes.some(
      ({ kind, device, company }) => kind === alert.kind && device === alert.device && company === alert.company,
    )
  return activity.allAlerts().filter((alert) => alert.state === 'open' && !isMuted(alert))
}

function latestEvents(view: TrafficView, activity: ActivityLog): Map<string, DeviceEvent> {
  const latest = new Map<string, DeviceEvent>()
  for (const event of activity.allEvents()) {
    if (event.kind === 'heartbeat') continue
    const root = view.rootOf(event.device)
    if (event.at >= (latest.get(root)?.at ?? Number.NEGATIVE_INFINITY)) latest.set(root, event)
  }
  return latest
}

/** "Possible voice request: 108 kB to Amazon". */
function eventLine(view: TrafficView, event: DeviceEvent | undefined): string | null {
  if (event === undefined) return null
  const { kind, confidence, sent, received, company } = event
  const title = SPOKEN_KINDS[kind]?.title ?? kind
  const called = confidence < LIKELY ? `Possible ${title.charAt(0).toLowerCase()}${title.slice(1)}` : title
  const whom = describeCompany(view, company).name || 'an unknown company'
  return `${called}: ${sent >= received ? `${amount(sent)} to` : `${amount(received)} from`} ${whom}`
}
