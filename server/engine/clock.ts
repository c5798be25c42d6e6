// The clock of the packets.

/** Places in the clock; all in seconds since 1970-01-01 UTC. */
export const ClockField = { Now: 0, First: 1, Last: 2 } as const

/**
 * The time of the packet at hand and of the first and last one, NaN before there is one. A typed array that all parts
 * of the engine share: numbers with a fraction passed from function to function would each become an object.
 */
export type Clock = Float64Array

export function newClock(): Clock {
  return new Float64Array([Number.NaN, Number.NaN, Number.NaN])
}
