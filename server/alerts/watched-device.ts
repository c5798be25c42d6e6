// A device as detectors know it, and the kinds of device on which people start what they please.

/** A device as detectors know it. `id` survives restarts. */
export interface WatchedDevice {
  id: string
  name: string | null
  /** One of rules/kinds.yaml. */
  kind: string
  firstSeen: number
  /** It belongs to a child, by the owner's word. */
  isChilds?: boolean
}

/** Devices on which people start what they please: their new companies, loud nights and long silences mean nothing. */
export const GENERAL_PURPOSE: readonly string[] = [
  'phone',
  'tablet',
  'computer',
  'console',
  'tv',
  'streamer',
  'reader',
  'vehicle',
  'unknown',
]
