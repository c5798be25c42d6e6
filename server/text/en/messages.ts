// The messages about incidents in English: how far each is, what is known of it, and what one can do.
import type { DeviceCount, IncidentFacts, MessageWords, Progress } from '../message-facts.ts'
import { amount } from './amount.ts'
import { duration, shortDuration } from './duration.ts'
import { quantity } from './quantity.ts'

/** Devices that a summary names. */
const MOST_NAMED = 10

export const MESSAGES_EN: MessageWords = {
  /** "Sending for 15 s, 4.1 MB so far"; "Stopped after 47 s: 300 MB". */
  progress: (facts) => {
    const { isOver, seconds, times, bytes } = facts
    if (bytes === 0) return null
    if (isOver) return `Stopped after ${shortDuration(seconds)}: ${total(facts)}`
    return times > 1
      ? `Sending again: ${total(facts)} within ${shortDuration(seconds)} so far`
      : `Sending for ${shortDuration(seconds)}, ${total(facts)} so far`
  },

  incident: (facts) => {
    const headline = headlineOf(facts)
    return [...(headline === null ? [] : [headline]), facts.sentence, ...details(facts), ...facts.advice].join('\n')
  },

  /** "12 more: Hall camera 7, Plug 5". */
  summary: (devices) => {
    const named = devices.slice(0, MOST_NAMED).map(({ name, count }) => `${name} ${count}`)
    const rest = devices.slice(MOST_NAMED)
    const others = rest.length === 0 ? [] : [`${rest.length} other devices ${sumOf(rest)}`]
    return [
      `${sumOf(devices)} more: ${[...named, ...others].join(', ')}`,
      'More alerts came within an hour than are told one by one.',
      'See all of them on the page, the most serious first.',
    ].join('\n')
  },
}

/** Null where the alert's own sentence says it all. */
function headlineOf(facts: IncidentFacts): string | null {
  const { who, isFirst, isOver, bytes, seconds, times } = facts
  if (bytes === 0) return null
  const whom = destinationOf(facts)
  const length = shortDuration(seconds)
  if (isOver && isFirst) return `${who} sent ${total(facts)} to ${whom} in ${length}`
  if (isOver) return `${who} stopped after ${length}: ${total(facts)} to ${whom}`
  if (times > 1) return `${who} is sending to ${whom} again: ${total(facts)} within ${length} so far`
  return `${who} has been sending to ${whom} for ${length}, ${total(facts)} so far`
}

function total({ bytes, times }: Pick<Progress, 'bytes' | 'times'>): string {
  return times > 1 ? `${amount(bytes)} in ${times} uploads` : amount(bytes)
}

function destinationOf({ whom, others }: IncidentFacts): string {
  const first = whom[0] ?? 'someone we could not name'
  return others === 0 ? first : `${first} and ${others} other${others === 1 ? '' : 's'}`
}

/** What is not in the headline. */
function details({ whom, seen, usual, unit, bytes, seconds, sure }: IncidentFacts): string[] {
  const lines = whom.length > 1 || (bytes === 0 && whom.length > 0) ? [`With: ${whom.join(', ')}`] : []
  const within = unit === 'seconds' || seconds <= 0 ? '' : ` in ${duration(seconds)}`
  const facts = bytes === 0 && seen > 0 ? [`seen: ${quantity(seen, unit)}${within}`] : []
  const line = [...facts, ...usually(usual, unit), `${Math.round(100 * sure)} % sure`].join('; ')
  return [...lines, line.charAt(0).toUpperCase() + line.slice(1)]
}

function usually(usual: number | null, unit: string): string[] {
  if (usual === null) return unit === 'bytes' ? ['usual: not known yet'] : []
  if (usual < (unit === 'bytes' ? 1_000 : 1)) return [`usual: ${unit === 'bytes' ? 'next to nothing' : 'none'}`]
  return [`usual: up to ${quantity(usual, unit)}`]
}

function sumOf(devices: readonly DeviceCount[]): number {
  return devices.reduce((sum, { count }) => sum + count, 0)
}
