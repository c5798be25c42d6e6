// Alerts of a recording as entries of `analyze --json`: final, and those of one long or regular upload as one.
import { type Alert, MAX_DESTINATIONS } from '../alerts/alert.ts'
import { messageOf, type Names } from '../alerts/words.ts'
import type { AlertEntry } from './entries.ts'

/** At home an incident ends after six hours, so that it is told again: what follows sooner is the same thing. */
const SAME_SECONDS = 6 * 3_600

/** `namesOf` gives what an alert's device and company are called; `idOf` the device's id. */
export function alertEntries(
  alerts: readonly Alert[],
  idOf: (alert: Alert) => string | null,
  namesOf: (alert: Alert) => Names,
): AlertEntry[] {
  return joined(alerts).map((alert) => {
    const { from, to, kind, company, seen, usual, bytes, times, destinations } = alert
    const [first] = destinations
    return {
      at: isoSecond(from),
      // Seconds are counted whole: the last one has its packets too.
      until: isoSecond(bytes > 0 ? to + 1 : to),
      device: idOf(alert),
      kind,
      company,
      address: first?.address ?? null,
      host: first?.host ?? null,
      seen,
      bytes,
      usual,
      repeats: times,
      message: messageOf(alert, namesOf(alert)),
    }
  })
}

/** Incidents of one device and destination that follow each other are one. */
function joined(alerts: readonly Alert[]): Alert[] {
  const last = new Map<string, Alert>()
  const entries: Alert[] = []
  for (const alert of alerts) {
    const key = alert.destination === null || alert.bytes === 0 ? null : `${alert.destination} ${alert.device ?? ''}`
    const before = key === null ? undefined : last.get(key)
    if (before !== undefined && alert.from - before.to <= SAME_SECONDS) {
      extend(before, alert)
      continue
    }
    const entry = { ...alert, destinations: alert.destinations.map((one) => ({ ...one })) }
    if (key !== null) last.set(key, entry)
    entries.push(entry)
  }
  return entries
}

function extend(before: Alert, next: Alert): void {
  before.to = Math.max(before.to, next.to)
  before.bytes += next.bytes
  before.times += next.times
  before.seen = Math.max(before.seen, next.seen)
  before.sure = Math.max(before.sure, next.sure)
  before.reason = before.reason === 'ceiling' ? before.reason : (next.reason ?? null)
  for (const one of next.destinations) {
    const known = before.destinations.find(({ host, address }) => host === one.host && address === one.address)
    if (known === undefined) before.destinations.push({ ...one })
    else known.bytes += one.bytes
  }
  before.destinations.sort((one, other) => other.bytes - one.bytes)
  before.destinations.splice(MAX_DESTINATIONS)
}

function isoSecond(second: number): string {
  return new Date(second * 1_000).toISOString()
}
