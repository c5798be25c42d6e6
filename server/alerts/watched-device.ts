// A device as detectors know it, and the kinds of device that have allowances.

/** A device as detectors know it. `id` survives restarts. */
export interface WatchedDevice {
  id: string
  name: string | null
  /** One of rules/kinds.yaml. */
  kind: string
  firstSeen: number
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

/**
 * People copy photos and files from their own devices, and to stores, whenever they please. An unknown device gets no
 * allowance.
 */
export function mayCopyFiles(kind: string): boolean {
  return kind === 'storage' || (kind !== 'unknown' && GENERAL_PURPOSE.includes(kind))
}
