// Bytes of a capture that are in no device's row: why, and how many.

export const REMAINDER_REASONS = [
  'passing-by',
  'groups',
  'no-address',
  'copies',
  'tunnel-headers',
  'unprocessed',
  'paused',
] as const
export type RemainderReason = (typeof REMAINDER_REASONS)[number]

export interface Remainder {
  reason: RemainderReason
  /** Absent where packets are counted in part elsewhere. */
  packets?: number
  /** IP bytes. Of tunnels below 0 where the packets inside were cut: those count as long as they were. */
  bytes: number
  /** One sentence. */
  why: string
}

/** IP bytes of a capture, each once. */
export interface CountedBytes {
  /** Between a device and the internet. */
  internet: number
  /** Within the home: between devices, and from them to groups. */
  local: number
  /** Of no device. */
  remainder: Remainder[]
}

const WHY: Record<RemainderReason, string> = {
  'passing-by':
    'between addresses of which none is known to be at home; where one of them is, name its network with --home PREFIX',
  groups: 'sent to a group by an address outside of the home: which devices take it is not seen',
  'no-address': 'from or to no address (0.0.0.0 or ::) by a sender that is not known',
  copies: 'the same packet once more, as several interfaces or a mirror show it',
  'tunnel-headers': 'headers around packets in a tunnel: the packets inside are counted',
  unprocessed: 'packets that could not be processed: a mistake of this program',
  paused: 'of devices that are paused: not looked into',
}

export function remainderOf(reason: RemainderReason, bytes: number, packets?: number): Remainder {
  return { reason, ...(packets === undefined ? {} : { packets }), bytes, why: WHY[reason] }
}

/** Bytes that may be a device's of the home, though nothing says whose. */
export function unattributedOf({ remainder }: CountedBytes): number {
  const isUnattributed = ({ reason }: Remainder): boolean => reason === 'passing-by' || reason === 'unprocessed'
  return remainder.filter(isUnattributed).reduce((sum, { bytes }) => sum + bytes, 0)
}
