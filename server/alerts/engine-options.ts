// What the engine of alerts is given.
import type { PacketCore } from '../../capture/packet-core.ts'
import type { EventEndpoint } from '../events/event.ts'
import type { Alert } from './alert.ts'
import type { AlertMemory } from './memory.ts'
import type { AlertSettings } from './settings.ts'
import type { WatchedDevice } from './watched-device.ts'

export interface AlertEngineOptions {
  settings: AlertSettings
  /** IANA name: hours and days are the owner's; null for this machine's own zone. */
  timeZone: string | null
  /** New, or changed: the same id again. */
  onAlert: (alert: Alert) => void
  /** What `toJSON` gave before the restart. */
  memory?: AlertMemory | null
  /** The company at the top of its family. */
  familyOf?: (slug: string) => string
  /** Look-ups of what `addEndpoints` and `setDevice` did not give. */
  endpointOf?: (number: number) => EventEndpoint | undefined
  deviceOf?: (index: number, second: number) => WatchedDevice
  /** The core that meters uploads, for no other engine of alerts; one of its own where absent. */
  core?: PacketCore
}
