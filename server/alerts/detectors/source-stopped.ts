// Alert: a source of packets delivers none any more.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { number, type SettingValues, yesNo } from '../../model/setting-fields.ts'
import { duration } from '../../text/en/duration.ts'
import { defineDetector, type SourceSample } from '../detector.ts'
import type { Found } from '../found.ts'

const fields = {
  sourceStopped: yesNo('Stopped sources', 'A source delivers no packets any more.', true),
  sourceMinutes: number('Stopped from (minutes)', 'Shorter pauses are never reported.', 5, 1, 1440),
}

function read({ sourceMinutes }: SettingValues<typeof fields>) {
  return { seconds: sourceMinutes * 60 }
}

const schema = Type.Object({
  /** Last packet by source. */
  last: Type.Record(Type.String(), Type.Number()),
})

function detect(memory: Static<typeof schema>, sample: SourceSample, settings: ReturnType<typeof read>): Found | null {
  const { second, source, lastPacket, isWanted } = sample
  if (!isWanted) {
    delete memory.last[source]
    return null
  }
  // One that never delivered counts from when it was first polled.
  const last = lastPacket ?? memory.last[source] ?? second
  memory.last[source] = last
  const seen = second - last
  if (seen < settings.seconds) return null
  return {
    from: last,
    to: second,
    seen,
    usual: 0,
    unit: 'seconds',
    sent: 0,
    received: 0,
    sure: 0.95,
    learning: false,
    detail: source,
  }
}

export const sourceStopped = defineDetector({
  kind: 'source-stopped',
  settings: { on: 'sourceStopped', fields, read },
  memory: { scope: 'home', key: 'source-stopped', schema, fresh: () => ({ last: {} }) },
  streams: { sources: detect },
  words: {
    en: {
      title: 'Source stopped',
      sentence: ({ seen, detail }) =>
        `${detail ?? 'The source of packets'} has delivered nothing for ${duration(seen)}`,
      advice: ['Look at the source in the settings: the sentence beside it says what is wrong.'],
    },
  },
  dryRun: null,
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
