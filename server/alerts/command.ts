// Commands of the owner about alerts.
import type { Mute } from './incidents.ts'

/** What the owner decides about alerts. */
export type AlertCommand =
  | { order: 'it-was-me' | 'expected' | 'open'; id: string }
  | { order: 'mute'; mute: Mute }
  | { order: 'unmute'; mute: Pick<Mute, 'device' | 'company' | 'kind' | 'destination'> }
