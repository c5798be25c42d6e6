// The words of events in English. They name the service and the amount, never the content.
import { amount } from './amount.ts'

export interface EventWords {
  title: string
  /** Of several. */
  many: string
  /** What it means, in one sentence. */
  words: string
}

/** By kind; server/events/event.ts has the closed list. */
export const EVENT_WORDS = {
  'voice-request': {
    title: 'Voice request',
    many: 'voice requests',
    words: 'As much was sent as a spoken request takes, to a voice service.',
  },
  'live-view': {
    title: 'Live view',
    many: 'live views',
    words: 'A camera sent a lasting stream, as for somebody who watches.',
  },
  'motion-upload': {
    title: 'Recording',
    many: 'recordings',
    words: 'A camera sent something short, as large as a clip or a picture.',
  },
  doorbell: {
    title: 'Doorbell',
    many: 'doorbells',
    words: 'A doorbell sent a stream while about as much as a voice came back.',
  },
  call: {
    title: 'Call',
    many: 'calls',
    words: 'As much went out as came in, for a while, as in a telephone or video call.',
  },
  'firmware-update': {
    title: 'New software',
    many: 'pieces of new software',
    words: 'The device fetched as much as a new program takes.',
  },
  'telemetry-upload': {
    title: 'Statistics',
    many: 'uploads of statistics',
    words: 'Something was sent to a server for usage statistics, tracking or advertising.',
  },
  backup: { title: 'Backup', many: 'backups', words: 'Much was sent to a service that keeps files and photos.' },
  heartbeat: {
    title: 'Heartbeat',
    many: 'heartbeats',
    words: 'A few packets at regular times: the device says that it is there.',
  },
  streaming: { title: 'Streaming', many: 'streams', words: 'Much was received, as for music or films.' },
  'unknown-upload': {
    title: 'Unknown upload',
    many: 'unknown uploads',
    words: 'More was sent than received, and nothing known says what for.',
  },
} satisfies Record<string, EventWords>

/** Below it an event is called possible. */
const SURE = 0.7

export interface SpokenEvent {
  kind: string
  confidence: number
  sent: number
  received: number
}

/** "Possible voice request". */
export function eventTitle({ kind, confidence }: Pick<SpokenEvent, 'kind' | 'confidence'>): string {
  const title = eventWords(kind)?.title ?? kind
  return confidence < SURE ? `Possible ${title.charAt(0).toLowerCase()}${title.slice(1)}` : title
}

/** "Possible voice request: 108 kB to Amazon"; `whom` is null where nobody knows. */
export function eventSentence(event: SpokenEvent, whom: string | null): string {
  const { sent, received } = event
  const moved = sent >= received ? `${amount(sent)} to` : `${amount(received)} from`
  return `${eventTitle(event)}: ${moved} ${whom ?? 'someone we could not name'}`
}

/** "3 voice requests". */
export function eventCount(kind: string, count: number): string {
  const words = eventWords(kind)
  return `${count} ${count === 1 ? (words?.title ?? kind).toLowerCase() : (words?.many ?? kind)}`
}

function eventWords(kind: string): EventWords | undefined {
  return Object.hasOwn(EVENT_WORDS, kind) ? (EVENT_WORDS as Record<string, EventWords>)[kind] : undefined
}
