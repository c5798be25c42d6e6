// Sums over the sessions of one home, and over the devices of one tick.
import type { EngineCounters } from './messages.ts'

export const NO_COUNTERS: EngineCounters = {
  packets: 0,
  dropped: 0,
  paused: 0,
  copied: 0,
  damaged: {},
  limits: {},
  remainder: {},
}

/** Devices in one tick: those that moved most. The sums before them are of all. */
const MAX_TICK_DEVICES = 256

/** Counters of the sessions before and of the one that runs. */
export function sumOf(before: EngineCounters, now: EngineCounters): EngineCounters {
  const sums = (one: Record<string, number>, other: Record<string, number>): Record<string, number> => {
    const all = { ...one }
    for (const [name, count] of Object.entries(other)) all[name] = (all[name] ?? 0) + count
    return all
  }
  return {
    packets: before.packets + now.packets,
    dropped: before.dropped + now.dropped,
    paused: before.paused + now.paused,
    copied: before.copied + now.copied,
    damaged: sums(before.damaged, now.damaged),
    limits: sums(before.limits, now.limits),
    remainder: sums(before.remainder, now.remainder),
  }
}

type TickSum = [index: number, bytes: [sent: number, received: number]]

/** Those that moved most, where there are too many for one tick. */
export function largest(sums: TickSum[]): TickSum[] {
  if (sums.length <= MAX_TICK_DEVICES) return sums
  return sums.sort(([, one], [, other]) => other[0] + other[1] - one[0] - one[1]).slice(0, MAX_TICK_DEVICES)
}
