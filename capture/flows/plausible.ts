// Whether a record's figures can be: what no line and no packet can hold is damaged or wrapped.
import { LONGEST_RECORD } from './flow-times.ts'

/** An IPv6 packet: header and payload (RFC 8200 section 3). Segments are joined up to that as well. */
const LARGEST_PACKET = 40 + 65_535
/** 10 Gbit/s, in bytes a second: more than any home's line, over a second more than the flow took. */
const LARGEST_RATE = 1.25e9

/** What a record can hold at most, by that and its longest time; estimates of sampling, too. */
export const LARGEST_RECORD = LARGEST_RATE * (LONGEST_RECORD + 1)

/**
 * `packets`: 0 where it is not known. `seconds`: null where no time is; infinite of a total, which may be of any time.
 * `samplingRate`: what the octets are multiplied by.
 */
export function isPossibleVolume(
  octets: number,
  packets: number,
  seconds: number | null,
  samplingRate: number,
): boolean {
  if (packets > 0 && octets > packets * LARGEST_PACKET) return false
  if (seconds === Number.POSITIVE_INFINITY) return octets <= Number.MAX_SAFE_INTEGER
  return octets <= LARGEST_RATE * ((seconds ?? LONGEST_RECORD) + 1) && octets * samplingRate <= LARGEST_RECORD
}
