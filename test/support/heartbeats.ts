// Heartbeats of the packet core, for tests.
import { PacketCore } from '../../capture/packet-core.ts'
import type { Burst } from '../../server/events/event.ts'
import type { Period } from '../../server/events/heartbeats.ts'
import { place } from './core.ts'

export { MAX_PAIRS } from '../../capture/core/activity/activity-limits.ts'

/** Learns the period of each device × endpoint. */
export class Heartbeats {
  private readonly core = new PacketCore()

  /** The period where it has become known or changed with this burst, else null. */
  observe({ device, endpoint, first, sent, received }: Burst): Period | null {
    const { exports } = this.core
    return exports.observeBeat(device, endpoint, first, sent, received) === 0 ? null : lastPeriod(this.core)
  }
}

/** The period of the intervals; null where there is no rhythm. */
export function periodOf(intervals: readonly number[]): Period | null {
  const core = new PacketCore()
  const at = place(core, new Uint8Array(Float64Array.from(intervals).buffer))
  return core.exports.findPeriod(at, intervals.length) === 0 ? null : lastPeriod(core)
}

function lastPeriod({ exports }: PacketCore): Period {
  return { seconds: exports.lastBeatPeriod(), share: exports.lastBeatShare() }
}
