// The rank of alerts: which is more serious than another.
import type { Alert } from './alert.ts'
import type { AlertKind } from './detectors/index.ts'

/** What an upload's reason adds to its rank. */
const REASON_RANK = { ceiling: 3, nameless: 2, new: 1.5, known: 1 } as const
/** Other kinds; what is not named here has the least. */
const KIND_RANK: Partial<Record<AlertKind, number>> = {
  'address-conflict': 3,
  flood: 3,
  'engine-stopped': 2.5,
  'source-stopped': 2,
  'around-your-dns': 1,
  unencrypted: 1,
}
const LEAST = 0.5

/** No alert has more. */
export const MOST_RANK = 4

/** More is worse: by what it is first, then by its bytes, which add less than half a step. */
export function rankOf({ kind, reason, bytes }: Pick<Alert, 'kind' | 'reason' | 'bytes'>): number {
  const why = reason ?? null
  const base = why === null ? (KIND_RANK[kind] ?? LEAST) : REASON_RANK[why]
  return base + Math.min(0.49, Math.log10(1 + bytes) / 26)
}
