// A home whose alerts are watched by an engine: one camera, one endpoint, and what was reported.
import type { Alert } from '../../server/alerts/alert.ts'
import type { WatchedDevice } from '../../server/alerts/watched-device.ts'
import { AlertEngine } from '../../server/alerts/engine.ts'
import type { AlertKind, OwnSettings } from '../../server/alerts/detectors/index.ts'
import type { AlertMemory } from '../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS, RECORDING_SETTINGS, type AlertSettings } from '../../server/alerts/settings.ts'
import type { EventEndpoint } from '../../server/events/event.ts'
import { START } from './detector-samples.ts'

export const endpoint = (number: number, facts: Partial<EventEndpoint> = {}): EventEndpoint => ({
  number,
  host: null,
  address: '192.0.2.1',
  company: 'aws',
  purpose: 'cloud',
  network: null,
  labels: [],
  namedBy: 'network',
  ...facts,
})

export class Home {
  readonly reported: Alert[] = []
  readonly engine: AlertEngine

  constructor(settings: Partial<AlertSettings> = {}, memory: AlertMemory | null = null) {
    this.engine = new AlertEngine({
      settings: { ...RECORDING_SETTINGS, ...settings },
      timeZone: 'UTC',
      onAlert: (alert) => this.reported.push({ ...alert }),
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

  of(kind: string): Alert[] {
    return this.reported.filter((alert) => alert.kind === kind)
  }
}

/** A home of which everything is learned but what comes in after `START + 8 * DAY`. */
export const settled = (settings: Partial<AlertSettings> = {}): Home => {
  const home = new Home({ ...DEFAULT_SETTINGS, ...settings })
  home.send(START, 600)
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
