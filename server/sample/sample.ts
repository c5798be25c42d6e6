// One day of a home that does not exist, as a capture file, and the truth about it.
import { playTheDay } from './day.ts'
import { makeHousehold, type Household } from './household.ts'
import { makeTape, type Truth } from './tape.ts'

/** Midnight at which the sample's day begins; whoever plays it moves it to a midnight of their own. */
export const SAMPLE_START_SECONDS = Date.UTC(2026, 0, 5) / 1000
export const SAMPLE_SEED = 20_260_105

export type Sample = { pcap: Uint8Array; packets: number; household: Household; truth: Map<string, Truth> }

/** The same seed gives the same bytes, on every machine. */
export function makeSample(seed = SAMPLE_SEED): Sample {
  const household = makeHousehold()
  const tape = makeTape()
  playTheDay({ tape, household, seed, begun: 0 })
  return { pcap: tape.toPcap(SAMPLE_START_SECONDS), packets: tape.packets, household, truth: tape.truth }
}
