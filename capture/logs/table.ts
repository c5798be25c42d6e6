// The definition of one table of devices: where routers keep it, and how the whole file is read.
import type { LogLease } from './record.ts'

export interface DeviceTableFormat {
  id: string
  /** Where it usually is; all that there are get read. */
  usualPaths: readonly string[]
  /** The field of Settings › Sources that names another place; null where there is one place only. */
  setting: 'leases' | null
  /** Whether a file that the owner named is of this format; of those of one setting at most one says so. */
  recognises(text: string): boolean
  /** Behind "There is no …": what may be the cause. */
  advice: string
  parse(text: string): LogLease[]
}

/** Devices taken from one table. */
export const MAX_DEVICES = 4096
/** No line of these tables is longer. */
export const MAX_LINE = 1024
