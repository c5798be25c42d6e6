// Habits of a device's uploads beside those of single destinations: what it sends to all, whom it knows, and how large
// the events are that explain uploads.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import type { EventFact, EventKind } from '../events/event.ts'
import { newPast, PastSchema } from './past.ts'
import { daysBefore, DaysSchema, raise } from './statistics.ts'

export const UploadHabitsSchema = Type.Object({
  /** To all destinations together. */
  own: PastSchema,
  /** Families of companies, and the local day on which each was first sent anything. */
  families: Type.Record(Type.String(), Type.Number()),
  /** Most bytes of an event of each kind, by day. */
  events: Type.Record(Type.String(), DaysSchema),
})
export type UploadHabits = Static<typeof UploadHabitsSchema>

export function newUploadHabits(first: number): UploadHabits {
  return { own: newPast(first), families: {}, events: {} }
}

const MAX_FAMILIES = 256

/** Remembers that the family was met on the local day. */
export function meetFamily({ families }: UploadHabits, family: string, day: number): void {
  if (Object.hasOwn(families, family)) return
  if (Object.keys(families).length < MAX_FAMILIES) families[family] = day
}

export function isFamilyKnown({ families }: UploadHabits, family: string | null, day: number): boolean {
  return family !== null && Object.hasOwn(families, family) && families[family] < day
}

/** Events that explain what was sent, how sure one must be, and the most bytes of one that is not known yet. */
const EXPLAINING: Partial<Record<EventKind, number>> = {
  'voice-request': 1e6,
  'motion-upload': 20e6,
  doorbell: 20e6,
}
const SURE = 0.6
/** An event larger than the largest of the days before by so much is no everyday one. */
const LARGE_FACTOR = 3

/** Bytes of the event that are no alarm, being of a usual size; 0 where it explains nothing. */
export function explainedBytes({ events }: UploadHabits, { kind, confidence, sent }: EventFact, day: number): number {
  const most = EXPLAINING[kind]
  if (most === undefined || confidence < SURE) return 0
  const days = (events[kind] ??= [])
  const usual = daysBefore(days, day)
  const limit = usual.length === 0 ? most : LARGE_FACTOR * Math.max(...usual)
  if (sent > limit) return 0
  raise(days, day, sent)
  return sent
}
