// The throttle of password tries: by address and over all addresses, and apart for those who are known.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { addressGroup } from './address-group.ts'

export const TRIES = 5
export const PAUSE_SECONDS = 15 * 60
/** Wrong tries from all addresses together within an hour: somebody has many addresses. */
export const TRIES_IN_ALL = 100
const HOUR_SECONDS = 3600
/** Addresses that are remembered; the one that tried longest ago goes first. */
export const MAXIMUM_ADDRESSES = 2000

/**
 * Tries are counted apart for those who may not be kept out by strangers: this machine itself, and browsers that were
 * logged in before, by the account. Viewers are not to keep the admin out either.
 */
export type Lane = 'stranger' | 'local' | 'known-admin' | 'known-viewer'

export interface Throttle {
  /**
   * Counts a try, before it is checked: tries at the same time count as well. `place` is an address, or a known
   * browser's id. Seconds to wait; 0 where the try may be made.
   */
  begin(place: string, lane?: Lane): number
  /** The try was right: it was no guess. */
  right(place: string, lane?: Lane): void
}

/** `now` in seconds; it should never be turned back. */
export function createThrottle(now: () => number): Throttle {
  const lanes: Record<Lane, LaneThrottle> = {
    stranger: createLane(now),
    local: createLane(now),
    'known-admin': createLane(now),
    'known-viewer': createLane(now),
  }
  return {
    begin: (place, lane = 'stranger') => lanes[lane].begin(place),
    right: (place, lane = 'stranger') => lanes[lane].right(place),
  }
}

interface LaneThrottle {
  begin(place: string): number
  right(place: string): void
}

function createLane(now: () => number): LaneThrottle {
  const seen = new BoundedMap<string, { tries: number; last: number }>('addresses that tried', MAXIMUM_ADDRESSES)
  let all = { tries: 0, since: now() }

  return {
    begin(place) {
      const key = addressGroup(place)
      const time = now()
      if (time - all.since >= HOUR_SECONDS) all = { tries: 0, since: time }
      const before = seen.get(key)
      const record = before !== undefined && time - before.last < PAUSE_SECONDS ? before : { tries: 0, last: time }
      if (record.tries >= TRIES) return Math.ceil(record.last + PAUSE_SECONDS - time)
      if (all.tries >= TRIES_IN_ALL) return Math.ceil(all.since + HOUR_SECONDS - time)
      all.tries++
      seen.renew(key, { tries: record.tries + 1, last: time })
      return 0
    },
    right(place) {
      seen.delete(addressGroup(place))
      all.tries = Math.max(0, all.tries - 1)
    },
  }
}
