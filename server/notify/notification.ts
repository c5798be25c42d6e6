// The notifications of channels: an incident as far as it is, and the summary of those that were not told one by one.
import type { WordedAlert } from '../alerts/alert.ts'
import type { Names } from '../alerts/words.ts'
import { messageWords } from '../text/messages.ts'
import type { AlertNotification } from './channel.ts'
import { noticeId } from './notice-id.ts'
import type { Summary, Told } from './policy.ts'

const TITLE = 'Telltale'
/** Longer names, which come from the network, would break the sentence. */
const LONGEST_NAME = 80
const HOUR_SECONDS = 3_600

/** What is told of the alert as it is now. Texts of the network in it are plain text, never markup. */
export function notificationOf(
  alert: WordedAlert,
  { phase, sequence }: Told = { phase: alert.isOver ? 'end' : 'start', sequence: 1 },
  names: Names = { device: null, company: null },
): AlertNotification {
  const { bytes, times, isOver, seen, usual, unit, sure, advice, message, destinations } = alert
  const [most, ...others] = destinations
  const whom = [names.company, most?.host, most?.address].filter((name) => name !== null && name !== undefined)
  // Of an upload both seconds count.
  const seconds = Math.max(0, alert.to - alert.from) + (bytes > 0 ? 1 : 0)
  const text = messageWords.incident({
    isFirst: sequence === 1,
    who: plain(names.device ?? alert.device ?? 'The home'),
    whom: [...new Set(whom.map(plain))],
    others: others.length,
    sentence: message,
    ...{ isOver, bytes, seconds, times, seen, usual, unit, sure, advice },
  })
  const id = noticeId(alert)
  return { id, alert, title: TITLE, text, phase, sequence, bytes, seconds, destination: whom[0] ?? null }
}

/** `now` in milliseconds. */
export function summaryNotification({ devices, about, kind }: Summary, now: number): AlertNotification {
  const to = Math.floor(now / 1000)
  const text = messageWords.summary(devices.map(({ name, count }) => ({ name: plain(name), count })))
  const times = devices.reduce((sum, { count }) => sum + count, 0)
  const [message = '', ...advice] = text.split('\n')
  const alert = { ...noIncident(to, message), id: 'summary', from: to - HOUR_SECONDS, kind, times, advice }
  return { ...messageOnly(alert, text), phase: 'summary', seconds: HOUR_SECONDS, devices: about }
}

/** What the Test button sends. */
export function testNotification(now: number): AlertNotification {
  const to = now / 1000
  const alert = noIncident(to, 'This is a test: alerts of Telltale will arrive here.')
  return messageOnly(alert, alert.message)
}

function messageOnly(alert: WordedAlert, text: string): AlertNotification {
  const about = { phase: 'end', sequence: 1, bytes: 0, seconds: 0, destination: null } as const
  return { id: noticeId({ id: alert.id, from: alert.to }), alert, title: TITLE, text, ...about }
}

/** An alert that is about nothing that happened. */
function noIncident(at: number, message: string): WordedAlert {
  return {
    id: 'test',
    kind: 'large-upload',
    device: null,
    company: null,
    from: at,
    to: at,
    seen: 0,
    usual: null,
    unit: 'bytes',
    sent: 0,
    received: 0,
    sure: 1,
    learning: false,
    detail: null,
    direction: 'none',
    times: 1,
    state: 'open',
    destination: null,
    bytes: 0,
    peak: 0,
    isOver: true,
    destinations: [],
    decided: null,
    message,
    advice: [],
  }
}

/** One line of text in which nothing controls, hides or turns round what stands beside it. */
function plain(name: string): string {
  const line = name.replace(/[\p{Zl}\p{Zp}\s]+/gu, ' ').replace(/[\p{C}\ufffd]/gu, '')
  const characters = [...line.trim()]
  return characters.length <= LONGEST_NAME ? characters.join('') : `${characters.slice(0, LONGEST_NAME).join('')}…`
}
