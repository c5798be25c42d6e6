// A device of the home as other programs see it.
import { createHmac } from 'node:crypto'

export interface HomeDevice {
  /** Survives restarts; never sent as it is. */
  id: string
  name: string | null
  vendor: string | null
  /** In plain words, such as "camera"; null where nobody knows. */
  kind: string | null
  /** Bytes sent to the internet since midnight at home. */
  sentToday: number
  /** Bytes a second to the internet now. */
  rateUp: number
  /** One line about the latest event; null before the first. */
  lastEvent: string | null
  /** An alert about the device is open. */
  alert: boolean
}

/**
 * Devices that are published to one receiver. A flood of made-up devices is not carried on into another program; and an MQTT
 * broker holds a thousand messages for one that listens, four of each device.
 */
export const MAX_DEVICES = 128

const NUMBER_LENGTH = 16

/** Sixteen hex digits that stand for a text of this home and reveal nothing of it. */
export function numberOf(identity: string, text: string): string {
  return createHmac('sha256', identity).update(text).digest('hex').slice(0, NUMBER_LENGTH)
}
