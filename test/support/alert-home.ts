// A home whose alerts are watched by an engine: one camera, one endpoint, and what was reported.
import type { Alert } from '../../server/alerts/alert.ts'
import type { WatchedDevice } from '../../server/alerts/watched-device.ts'
import { AlertEngine } from '../../server/alerts/engine.ts'
import type { AlertKind, OwnSettings } from '../../server/alerts/detectors/index.ts'
import type { AlertMemory } from '../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS, RECORDING_SETTINGS, type AlertSettings } from '../../server/alerts/settings.ts'
import type { EventEndpoint } from '../../server/events/event.ts'
import { DAY, HOUR, START } from './detector-samples.ts'

/** A host of a company, unless told otherwise. */
export const endpoint = (number: number, facts: Partial<EventEndpoint> = {}): EventEndpoint => ({
  number,
  host: 'api.aws.example',
  address: '192.0.2.1',
  company: 'aws',
  purpose: 'cloud',
  network: null,
  labels: [],
  namedBy: 'tls',
  ...facts,
})

/** An address of which nobody knows whose it is. */
export const nameless = (number: number, address = `203.0.113.${number}`): EventEndpoint =>
  endpoint(number, { host: null, company: null, namedBy: 'none', address })

export class Home {
  readonly reported: Alert[] = []
  readonly engine: AlertEngine

  constructor(settings: Partial<AlertSettings> = {}, memory: AlertMemory | null = null) {
    this.engine = new AlertEngine({
      settings: { ...RECORDING_SETTINGS, ...settings },
      timeZone: 'UTC',
      onAlert: (alert) => this.reported.push(structuredClone(alert)),
      memory,
      familyOf: (slug) => (slug === 'ring' ? 'amazon' : slug),
    })
    this.engine.addEndpoints([endpoint(1)])
    this.device(0, 'aa', 'camera')
  }

  device(index: number, id: string, kind = 'plug', firstSeen = START): void {
    const device: WatchedDevice = { id, name: `Name of ${id}`, kind, firstSeen }
    this.engine.setDevice(index, device)
  }

  send(second: number, sent: number, received = 100, device = 0, number = 1): void {
    this.engine.add(Float64Array.from([second, device, number, sent, received]))
  }

  /** Sends in parts of a second each, and waits until the upload is over. */
  upload(from: number, parts: readonly number[], number = 1, device = 0): void {
    for (const [at, sent] of parts.entries()) this.send(from + at, sent, 0, device, number)
    for (let second = from + parts.length; second <= from + parts.length + 20; second++) this.engine.mark(second)
  }

  /** So many bytes each hour of so many days, from `START` on. */
  routine(days: number, bytes: number, number = 1, device = 0): void {
    for (let hour = 0; hour < days * 24; hour++) this.send(START + hour * HOUR + 1_800, bytes, 100, device, number)
    this.engine.mark(START + days * DAY)
  }

  of(kind: string): Alert[] {
    return this.reported.filter((alert) => alert.kind === kind)
  }

  get ids(): string[] {
    return [...new Set(this.reported.map(({ id }) => id))]
  }

  /** Each alert as it was last told. */
  get latest(): Alert[] {
    return [...new Map(this.reported.map((alert) => [alert.id, alert])).values()]
  }
}

/** A home of which everything is learned but what comes in after `START + 8 * DAY`. */
export const settled = (settings: Partial<AlertSettings> = {}): Home => {
  const home = new Home({ ...DEFAULT_SETTINGS, ...settings })
  home.send(START, 600)
  return home
}

/** When everything about the device of `learned` is known. */
export const LEARNED = START + 10 * DAY

/** A home whose one device sent as much to endpoint 1 in each hour of ten days. */
export const learned = (kind = 'camera', bytes = 2_000, settings: Partial<AlertSettings> = {}): Home => {
  const home = new Home({ ...DEFAULT_SETTINGS, ...settings })
  home.device(0, 'aa', kind)
  home.routine(10, bytes)
  return home
}

/** The engine's settings with those of one detector changed, in the units that it counts in. */
export function ownSettings<Kind extends AlertKind>(
  kind: Kind,
  values: Partial<OwnSettings[Kind]>,
): Pick<AlertSettings, 'own'> {
  const { own } = DEFAULT_SETTINGS
  return { own: { ...own, [kind]: { ...own[kind], ...values } } }
}
