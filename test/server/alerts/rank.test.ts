// Which alert is more serious: by what it is first, then by its bytes.
import { expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { ALERT_KINDS } from '../../../server/alerts/detectors/index.ts'
import { MOST_RANK, rankOf } from '../../../server/alerts/rank.ts'

type Ranked = Pick<Alert, 'kind' | 'reason' | 'bytes'>
const upload = (reason: NonNullable<Alert['reason']>, bytes = 0): Ranked => ({ kind: 'upload-spike', reason, bytes })
const HUGE = 1e15

test('a ceiling is worse than an address without a name, a new destination and more than usual, whatever the bytes', () => {
  const order = [
    upload('known', HUGE),
    upload('new'),
    upload('new', HUGE),
    upload('nameless'),
    upload('nameless', HUGE),
  ]
  const ranks = [...order, upload('ceiling')].map(rankOf)
  expect(ranks).toEqual([...ranks].sort((one, other) => one - other))
  expect(new Set(ranks).size).toBe(ranks.length)
})

test('of the same kind the one with more bytes is worse', () => {
  const ranks = [0, 1e3, 2e5, 5e6, 3e8, 5e9].map((bytes) => rankOf(upload('new', bytes)))
  expect(ranks).toEqual([...new Set(ranks)].sort((one, other) => one - other))
})

test('what may be an attack on the home is worse than a device that is new or silent', () => {
  const rank = (kind: Ranked['kind']): number => rankOf({ kind, reason: null, bytes: 0 })
  for (const kind of ['address-conflict', 'flood', 'engine-stopped', 'source-stopped'] as const)
    for (const other of ['new-device', 'silent', 'voice-busy'] as const) expect(rank(kind)).toBeGreaterThan(rank(other))
})

test('no alert has more than the most', () => {
  for (const kind of ALERT_KINDS)
    for (const reason of ['ceiling', 'nameless', 'new', 'known', null] as const)
      expect(rankOf({ kind, reason, bytes: HUGE })).toBeLessThan(MOST_RANK)
})
