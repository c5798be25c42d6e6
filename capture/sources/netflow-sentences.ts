// What a source of flow records says of itself: what is wrong with what comes, and how late it is.
import type { FlowDecoder } from '../flows/flow-decoder.ts'
import { type ListenerDetails, placeText } from './listener-address.ts'

/** A clock that is off by more is worth telling. */
const CLOCK_OFF = 60
/** An exporter that holds bytes back for longer can be told to do better. */
const WANTED_INTERVAL = 60
const ROUNDING = 5
/** Streams that were heard so long ago say nothing of now. */
const RECENT_SECONDS = 900
/** Flows of which some must have an end at home. */
const ENOUGH_FLOWS = 50
const MAX_NAMED = 3

export function setUpSentence(details: ListenerDetails): string {
  return (
    `No flow records have come from ${details.senders.join(', ')}. Let it send NetFlow v9 or IPFIX to ` +
    `${placeText(details)} over UDP.`
  )
}

export function silentSentence({ senders }: ListenerDetails, silence: number): string {
  return (
    `No flow records from ${senders.join(', ')} for ${Math.floor(silence)} s. Is the router on, and does it still export? ` +
    'What it counts meanwhile is a gap.'
  )
}

/** Sentences on what is wrong with what comes; null where nothing is. */
export function flowProblem(decoder: FlowDecoder, now: number): string | null {
  const sentences = [
    clockSentence(decoder, now),
    sideSentence(decoder),
    unreadSentence(decoder),
    rejectedSentence(decoder),
    lossSentence(decoder),
  ].filter((sentence) => sentence !== null)
  return sentences.length === 0 ? null : sentences.join(' ')
}

/** How late bytes are, and how they were counted; null before there is a record. */
export function flowNote(decoder: FlowDecoder): string | null {
  const sentences = [timingSentence(decoder), samplingSentence(decoder), repeatedSentence(decoder)]
  const told = sentences.filter((sentence) => sentence !== null)
  return told.length === 0 ? null : told.join(' ')
}

function timingSentence(decoder: FlowDecoder): string | null {
  const timings = [...decoder.heard].map(({ timing }) => timing).filter(({ lateness }) => lateness > 0)
  if (timings.length === 0) return null
  const late = Math.ceil(Math.max(...timings.map(({ lateness }) => lateness)))
  const every = Math.ceil(Math.max(...timings.map(({ activeTimeout, longest }) => activeTimeout ?? longest)))
  const how = every > 0 ? `: a flow that goes on is sent every ${every} s` : ''
  const told = `Bytes appear up to ${late} s late${how}. Events are not told of flow records.`
  return every <= WANTED_INTERVAL + ROUNDING ? told : `${told} ${ADVICE}`
}

const ADVICE =
  'Set the router’s active timeout to 60 s (softflowd: -t maxlife=60; MikroTik: active-flow-timeout=1m; ' +
  'Cisco: cache timeout active 60), so that they come sooner.'

function samplingSentence(decoder: FlowDecoder): string | null {
  const rate = Math.max(1, ...[...decoder.heard].map(({ samplingRate }) => samplingRate))
  if (rate <= 1) return null
  return (
    `It looks at 1 of ${Math.round(rate).toLocaleString('en')} packets: bytes are estimates, multiplied by as much, ` +
    'and small flows are missing. Switch sampling off where the router can.'
  )
}

function repeatedSentence({ books }: FlowDecoder): string | null {
  if (books.repeated === 0) return null
  return `${counted(books.repeated, 'record')} of flows that another one had counted ${wasOrWere(books.repeated)} left out.`
}

function clockSentence(decoder: FlowDecoder, now: number): string | null {
  const off = [...decoder.heard].filter(
    ({ clockOffset, heardAt }) => Math.abs(clockOffset) > CLOCK_OFF && Math.abs(now - heardAt) < RECENT_SECONDS,
  )
  if (off.length === 0) return null
  const { sender, clockOffset } = off.at(-1) as (typeof off)[number]
  return (
    `The clock of ${sender} is ${durationOf(Math.abs(clockOffset))} ${clockOffset > 0 ? 'behind' : 'ahead'}: its flows are ` +
    'dated by when they come. Set its time, such as by NTP.'
  )
}

function sideSentence({ books: { tally } }: FlowDecoder): string | null {
  if (tally.flows < ENOUGH_FLOWS || tally.atHome > 0) return null
  return (
    `None of ${counted(tally.flows, 'flow')} has an address of a home: the router exports its side of the internet, behind ` +
    'the address translation. Let it export the interface of the home.'
  )
}

function unreadSentence({ unread, pending }: FlowDecoder): string | null {
  const parts = [
    unread.damaged > 0 ? `${counted(unread.damaged, 'datagram')} with wrong lengths` : null,
    unread.sflow > 0 ? `${counted(unread.sflow, 'datagram')} of sFlow, which is another protocol` : null,
    unread.other > 0 ? `${counted(unread.other, 'datagram')} of no version that is read (5, 9 and 10)` : null,
    pending.lost > 0
      ? `${counted(pending.lost, 'set')} of records whose template did not come within 10 minutes`
      : null,
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : `Left out: ${parts.join('; ')}.`
}

function rejectedSentence({ books: { tally } }: FlowDecoder): string | null {
  const parts = [
    tally.impossible > 0
      ? `${counted(tally.impossible, 'flow')} with more bytes than its packets or its time can hold`
      : null,
    tally.backwards > 0 ? `${counted(tally.backwards, 'flow')} that ended before it began` : null,
  ].filter((part) => part !== null)
  const left = parts.length === 0 ? null : `Not counted: ${parts.join('; ')}.`
  const undated =
    tally.undated === 0
      ? null
      : `${counted(tally.undated, 'flow')} with impossible times ${wasOrWere(tally.undated)} counted when they came.`
  return [left, undated].filter((part) => part !== null).join(' ') || null
}

function lossSentence(decoder: FlowDecoder): string | null {
  const losing = [...decoder.heard].filter(({ sequence }) => sequence.lost > 0)
  if (losing.length === 0) return null
  const parts = losing.slice(-MAX_NAMED).map(({ sender, sequence: { lost, counts } }) => {
    const what = counts === 'datagrams' ? counted(lost, 'datagram') : counted(lost, 'record')
    return `${what} of ${sender}`
  })
  return `Lost on the way, by the exporters’ numbering: ${parts.join(', ')}. Their bytes are missing.`
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}

function wasOrWere(count: number): string {
  return count === 1 ? 'was' : 'were'
}

const UNITS: readonly [seconds: number, word: string][] = [
  [365.25 * 86_400, 'year'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
]

function durationOf(seconds: number): string {
  for (const [length, word] of UNITS) if (seconds >= length) return counted(Math.round(seconds / length), word)
  return counted(Math.round(seconds), 'second')
}
