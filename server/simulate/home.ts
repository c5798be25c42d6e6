// A month in a simulated home, second by second, for a seed: what its devices send, and the incidents among it.
import type { EventEndpoint } from '../events/event.ts'
import { derivedSeed, seededRandom } from '../sample/packets/random.ts'
import { drawCalendar } from './calendar.ts'
import { furnish, loseTheLine } from './household.ts'
import type { Decision, Expected, Incident } from './incident.ts'
import { plotLookups, plotUploads } from './incidents/plan.ts'
import { LookupMemory } from './lookup-memory.ts'
import { anyScale } from './measured.ts'
import { type FamilyOf, type LookUp, Places } from './places.ts'
import { Scene, type SimulatedDevice } from './scene.ts'
import { Tape } from './tape.ts'

/** Each seed that is a multiple of it is a home of which only look-ups are known. */
const LOOKUPS_ONLY_EVERY = 5

export interface SimulatedHome {
  seed: number
  days: number
  /** Nothing is known but names that were looked up, as by the log of a resolver. */
  isLookupsOnly: boolean
  /** The place in the list is the device's number in cells. */
  devices: readonly SimulatedDevice[]
  endpoints: readonly EventEndpoint[]
  /** By their beginning. */
  incidents: readonly Incident[]
  decisions: readonly Decision[]
  expected: readonly Expected[]
  /** What made this month what it is, in a few words. */
  story: string
  hours: number
  /** Cells of an hour (second, device, endpoint, sent, received), in the order of time; none with look-ups only. */
  cells(hour: number): Float64Array
  /** Look-ups of an hour (start of a minute, device, endpoint, count). To be asked for in the order of hours. */
  lookups(hour: number): Float64Array
}

export interface SimulationOptions {
  days: number
  lookUp: LookUp
  familyOf: FamilyOf
}

export function simulateHome(seed: number, { days, lookUp, familyOf }: SimulationOptions): SimulatedHome {
  const random = seededRandom(derivedSeed(seed, 0))
  const calendar = drawCalendar(random, days)
  const tape = new Tape(days)
  const places = new Places(lookUp, familyOf)
  // 8 to 160 Mbit/s up.
  const scene = new Scene(seed, tape, places, calendar, anyScale(random, 1e6, 20e6))
  furnish(scene, random)
  const isLookupsOnly = seed % LOOKUPS_ONLY_EVERY === 0
  const own = seededRandom(derivedSeed(seed, 1))
  const script = isLookupsOnly ? plotLookups(scene, own) : plotUploads(scene, own, seed)
  loseTheLine(scene, [...script.incidents, ...script.expected])
  const memory = new LookupMemory(places.endpoints)
  return {
    seed,
    days,
    isLookupsOnly,
    devices: scene.livings.map(({ device }) => device),
    endpoints: places.endpoints,
    incidents: [...script.incidents].sort((one, other) => one.begin - other.begin),
    decisions: script.decisions,
    expected: script.expected,
    story: `${scene.livings.length} devices, ${calendar.away.size} days away, ${calendar.visits.length} visits`,
    hours: tape.hourCount,
    cells: (hour) => (isLookupsOnly ? new Float64Array(0) : tape.cells(hour)),
    lookups: (hour) => memory.lookupsOf(tape.cells(hour), tape.extraLookups(hour)),
  }
}
