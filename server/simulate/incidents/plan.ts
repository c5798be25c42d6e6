// Which incidents a home has, and on which days: every kind comes in turn from home to home.
import type { Random } from '../../sample/packets/random.ts'
import { type Size, type Target, TARGETS } from '../incident.ts'
import type { Scene } from '../scene.ts'
import { DAY } from '../tape.ts'
import { busySpeaker, hijackedCamera, newTracker, scan } from './behaviour.ts'
import { newCompany, newDevice, ownDns, silence, tracker, unusualHours } from './lookups.ts'
import { Script } from './script.ts'
import {
  type Act,
  afterExpected,
  afterItWasMe,
  atNight,
  byAppliance,
  byPerson,
  ceiling,
  namelessEarly,
  rightAfter,
  slow,
  toKnown,
} from './uploads.ts'

/** Days in which a home and its habits are learned. */
export const LEARNING_DAYS = 7
/** A home as short as this has room for one incident after its first week. */
export const FEWEST_DAYS = 12
/** An incident and what belongs to it lie within so many days, so that none overlaps the next. */
const LEAST_ROOM_DAYS = 2.1
/** What is silent is so for longer. */
const LOOKUPS_ROOM_DAYS = 3.3

const NEW_TARGETS: readonly Target[] = TARGETS.filter((target) => target !== 'known')
const COMBINATIONS: readonly (readonly [Size, Target])[] = (['200 kB', '5 MB', '300 MB', '5 GB'] as const).flatMap(
  (size) => NEW_TARGETS.map((target) => [size, target] as const),
)
const PERSONAL: readonly (readonly [Size, Target])[] = (['300 MB', '5 GB'] as const).flatMap((size) =>
  NEW_TARGETS.map((target) => [size, target] as const),
)
const SPECIALS: readonly Act[] = [
  toKnown,
  slow,
  atNight,
  rightAfter,
  afterItWasMe,
  afterExpected,
  hijackedCamera,
  busySpeaker,
  newTracker,
  scan,
]
const LOOKUPS: readonly Act[] = [newDevice, newCompany, tracker, unusualHours, ownDns, silence]
const COMBINATIONS_PER_HOME = 4
const SPECIALS_PER_HOME = 5

/** Of a home with bytes. Homes with neighbouring seeds have different ones. */
export function plotUploads(scene: Scene, random: Random, seed: number): Script {
  const script = new Script(scene, random)
  const acts: Act[] = []
  for (let count = 0; count < COMBINATIONS_PER_HOME; count++)
    acts.push(byAppliance(...inTurn(COMBINATIONS, seed * COMBINATIONS_PER_HOME + count)))
  acts.push(byPerson(...inTurn(PERSONAL, seed)))
  for (let count = 0; count < SPECIALS_PER_HOME; count++)
    acts.push(inTurn(SPECIALS, seed * SPECIALS_PER_HOME + count + Math.floor(seed / 2)))
  // What must be five times the busiest hour is measured before the others fill the hours.
  place(script, acts, LEAST_ROOM_DAYS)
  ceiling(script, random.integer(1, 2) * DAY + 0.3 * DAY)
  namelessEarly(script, random.integer(3, 4) * DAY + 0.3 * DAY)
  return script
}

/** Of a home with look-ups only. */
export function plotLookups(scene: Scene, random: Random): Script {
  const script = new Script(scene, random)
  place(script, [...LOOKUPS], LOOKUPS_ROOM_DAYS)
  return script
}

/** One after the other from the end of the first week, in an order of chance; what has no room is left out. */
function place(script: Script, acts: readonly Act[], leastRoom: number): void {
  const { random, scene } = script
  // A day at the end, in which what is late could still be told.
  const free = scene.days - LEARNING_DAYS - 1
  const order = shuffled(acts, random).slice(0, Math.max(1, Math.floor(free / leastRoom)))
  const room = free / order.length
  const places = order.map((act, index) => ({ act, from: (LEARNING_DAYS + 0.2 + index * room) * DAY }))
  // Known destinations first, wherever they lie: their devices have to be free of other incidents.
  const first = (act: Act): number => (act === toKnown ? 0 : 1)
  for (const { act, from } of [...places].sort((one, other) => first(one.act) - first(other.act))) act(script, from)
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items]
  for (let at = left.length - 1; at > 0; at--) {
    const other = random.integer(0, at)
    ;[left[at], left[other]] = [left[other], left[at]]
  }
  return left
}

function inTurn<Item>(items: readonly Item[], index: number): Item {
  return items[((index % items.length) + items.length) % items.length]
}
