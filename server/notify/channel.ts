// What is told to a channel, and what does a channel answer?
import type { Alert } from '../alerts/alert.ts'

/** One message of one alert, kept until it is delivered. */
export interface AlertNotification {
  /** The same over restarts and repetitions: a receiver can tell a repetition by it. */
  id: string
  alert: Alert
  title: string
  text: string
}

/** Delivered; not now (try again); or never (a wrong address, a refusal): the reason is a sentence without secrets. */
export type Delivery = { done: true } | { done: false; again: boolean; reason: string }

export interface Channel {
  name: string
  send(notification: AlertNotification): Promise<Delivery>
}

/** One line per sentence; texts of the network in it are plain text, never markup. */
export function notificationOf(alert: Alert): AlertNotification {
  return {
    id: `${alert.id}-${alert.from}`,
    alert,
    title: 'Telltale',
    text: [alert.message, ...alert.advice].join('\n'),
  }
}
