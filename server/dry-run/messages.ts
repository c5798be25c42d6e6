// The messages between the thread of a dry run over a recording and the thread that serves the page.
import type { Alert } from '../alerts/alert.ts'
import type { AlertSettings } from '../alerts/settings.ts'

export interface RecordingDryRun {
  path: string
  /** As they are, and as they might be. */
  settings: readonly AlertSettings[]
  timeZone: string
  /** The home's networks; empty: found. */
  home: string[]
  unpackedBytes: number
}

export type FromDryRun =
  | { type: 'progress'; share: number }
  /**
   * Per settings, in their order, with devices by id and sentences that name them; `first` and `last` in capture time.
   */
  | { type: 'done'; alerts: (Alert & { message: string })[][]; first: number | null; last: number | null }
  /** A sentence. */
  | { type: 'failed'; message: string }
