// Flows that were told while they went on: their bytes moved up to minutes before they were known.

/** Numbers of one record. */
export const FLOW_LENGTH = 7

export interface AccountedFlows {
  /** So many numbers at the end of the batch's cells are of these flows. */
  cells: number
  /**
   * First and last second, device index, endpoint number, bytes sent, bytes received, and after how many seconds bytes
   * are known at most, and so on.
   */
  records: Float64Array
}

export const NO_FLOWS: AccountedFlows = { cells: 0, records: new Float64Array() }

/** How many seconds before `now` the first of their bytes moved; 0 where there are none. */
export function secondsCovered({ records }: AccountedFlows, now: number): number {
  let first = now
  for (let at = 0; at < records.length; at += FLOW_LENGTH) first = Math.min(first, records[at])
  return Math.round(now - first)
}
