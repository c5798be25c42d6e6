// Alert: a device speaks to very many addresses for a moment each, as programs do that search the internet for victims.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { defineDetector, type UploadSample } from '../detector.ts'
import { daysBefore, DaysSchema, raise } from '../statistics.ts'
import type { Found } from '../found.ts'
import { PERIOD_SECONDS } from '../past.ts'

/** More was exchanged: that is a conversation. */
const MOST_BYTES = 1_000
/** Above the most of the days before. */
const FACTOR = 3

const fields = {
  manyAddresses: yesNo('Many addresses', 'A device tries very many addresses without a name within minutes.', true),
  addressFloor: number('Many from (addresses in ten minutes)', 'Fewer are never told.', 100, 20, 100_000),
}

function read({ addressFloor }: SettingValues<typeof fields>) {
  return { floor: addressFloor }
}

const schema = Type.Object({
  /** Period of ten minutes, when its first address came, and how many were tried in it. */
  period: Type.Number(),
  since: Type.Number(),
  count: Type.Number(),
  sent: Type.Number(),
  /** Most in a period, by day. */
  days: DaysSchema,
})
type Memory = Static<typeof schema>

function detect(memory: Memory, sample: UploadSample, { floor }: ReturnType<typeof read>): Found | null {
  const { second, sent, received, farEnd, firstSent, local } = sample
  if (farEnd.class !== 'nameless' && farEnd.class !== 'rented') return null
  if (sent <= 0 || sent + received > MOST_BYTES) return null
  // A rented address is one of many of its cloud, a nameless one is new by itself.
  if (farEnd.class === 'nameless' && second - firstSent > PERIOD_SECONDS) return null
  const period = Math.floor(second / PERIOD_SECONDS)
  if (memory.period !== period) Object.assign(memory, { period, since: second, count: 0, sent: 0 })
  memory.count++
  memory.sent += sent
  const usual = Math.max(0, ...daysBefore(memory.days, local.day))
  const seen = memory.count
  const isMany = seen >= floor && seen > FACTOR * usual
  if (!isMany) raise(memory.days, local.day, seen)
  if (!isMany || sample.isLearning) return null
  return {
    from: memory.since,
    to: second,
    seen,
    usual,
    unit: 'addresses',
    sent: memory.sent,
    received: 0,
    sure: 0.8,
    learning: false,
    detail: null,
  }
}

export const manyAddresses = defineDetector({
  kind: 'many-addresses',
  settings: { on: 'manyAddresses', fields, read },
  memory: {
    scope: 'device',
    key: 'addresses',
    schema,
    fresh: () => ({ period: -1, since: 0, count: 0, sent: 0, days: [] }),
  },
  streams: { traffic: detect },
  words: {
    en: {
      title: 'Many addresses',
      sentence: ({ seen, usual }, who) =>
        `${who} tried ${seen} addresses within ten minutes; usual are up to ${usual ?? 0}`,
      advice: [
        'Programs that share files do so too: look whether one runs on it.',
        'If not, take the device off the network: it may search for others to attack.',
      ],
    },
  },
  dryRun: null,
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
