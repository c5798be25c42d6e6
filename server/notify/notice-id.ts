// The ids of notifications: of all that are about one incident, and of one message.
import type { Alert } from '../alerts/alert.ts'
import type { AlertNotification } from './channel.ts'

/** The id of an incident's notifications: an alert's number may be given again where the last seconds were lost. */
export function noticeId({ id, from }: Pick<Alert, 'id' | 'from'>): string {
  return `${id}-${from}`
}

/** The same in repetitions of a message only. */
export function messageId({ id, sequence = 1 }: Pick<AlertNotification, 'id' | 'sequence'>): string {
  return sequence > 1 ? `${id}-${sequence}` : id
}
