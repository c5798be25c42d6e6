// Settings as an earlier version stored them, brought to what this one means by them.
import { isRecord } from '../model/record.ts'

/** "Sudden means (times the usual)" until it was about the busiest hour, and not about ten seconds. */
const FACTOR_OF_SECONDS = 2
/** Every version since then writes it down. */
const SINCE = 'newDestination'

/** Every field is stored: where the owner left one as it was, the present default takes its place. */
export function ofThisVersion(stored: unknown): unknown {
  if (!isRecord(stored) || !isRecord(stored['alerts']) || Object.hasOwn(stored['alerts'], SINCE)) return stored
  const { spikeFactor, ...others } = stored['alerts']
  return spikeFactor === FACTOR_OF_SECONDS ? { ...stored, alerts: others } : stored
}
