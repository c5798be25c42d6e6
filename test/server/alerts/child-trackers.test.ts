// Advertising and tracking on a child's device: what is told, how seldom, and what is left alone.
import { describe, expect, it } from 'vitest'
import { childTrackers } from '../../../server/alerts/detectors/child-trackers.ts'
import type { LookupSample, UploadSample } from '../../../server/alerts/detector.ts'
import type { Found } from '../../../server/alerts/found.ts'
import { DAY, deviceOf, freshOf, HOUR, settingsOf, START, taking, traffic } from '../../support/detector-samples.ts'

type Memory = ReturnType<typeof childTrackers.memory.fresh>
const settings = settingsOf('child-trackers')
const LATER = START + 8 * DAY
const MB = 1_000_000

function upload(second: number, sent: number, family: string, kind = 'tablet', isChilds = true): UploadSample {
  const device = { ...deviceOf(kind), isChilds }
  return traffic(second, sent, { device, family, endpoint: { company: family, purpose: 'ads' } })
}
function lookup(second: number, count: number, family: string, isChilds = true): LookupSample {
  return { ...upload(second, 0, family, 'tablet', isChilds), count, othersBusy: 0 }
}
const detect = (memory: Memory, sample: UploadSample): Found | null =>
  taking(childTrackers.streams.uploads)(memory, sample, settings)
const ask = (memory: Memory, sample: LookupSample): Found | null =>
  taking(childTrackers.streams.lookups)(memory, sample, settings)

function learned(kind = 'tablet', isChilds = true): Memory {
  const memory = freshOf(childTrackers)
  for (let day = 0; day < 8; day++)
    expect(detect(memory, upload(START + day * DAY, 200_000, 'old', kind, isChilds))).toBeNull()
  return memory
}
function said(found: Found | null, whom: string): string {
  if (found === null) throw new Error('Nothing was found')
  const words = { ...found, bytes: found.seen, times: 1, isOver: true }
  return childTrackers.words.en.sentence(words, 'The tablet', whom)
}

describe("advertising and tracking on a child's device", () => {
  it('tells of a new company by bytes, then of no other new one for a week', () => {
    const memory = learned()
    expect(detect(memory, upload(LATER, 999, 'one'))).toBeNull()
    const found = detect(memory, upload(LATER + HOUR, 9_001, 'one'))
    expect(found).toMatchObject({ company: 'one', seen: 10_000, unit: 'bytes', reason: 'new' })
    expect(said(found, 'One')).toBe(
      "The tablet, a child's device, sent 10 kB to One, which deals in advertising, for the first time",
    )
    expect(detect(memory, upload(LATER + DAY, 9_000, 'two'))).toBeNull()
    expect(detect(memory, upload(LATER + 7 * DAY + HOUR, 9_000, 'two'))).toBeNull()
    expect(detect(memory, upload(LATER + 7 * DAY + HOUR, 9_000, 'three'))).toMatchObject({ company: 'three' })
  })

  it('tells of a new company by look-ups', () => {
    const memory = learned()
    const found = ask(memory, lookup(LATER, 4, 'one'))
    expect(found).toMatchObject({ company: 'one', seen: 4, unit: 'lookups' })
    expect(said(found, 'One')).toContain(
      'asked for names of One, which deals in advertising, for the first time: 4 look-ups',
    )
  })

  it('tells of far more than on any day of two weeks, at most once a week', () => {
    const memory = learned()
    for (let part = 0; part < 9; part++) expect(detect(memory, upload(LATER + part * HOUR, 100_000, 'old'))).toBeNull()
    const found = detect(memory, upload(LATER + 9 * HOUR, 200_000, 'old'))
    expect(found).toMatchObject({ seen: 1.1 * MB, usual: 200_000, reason: 'known' })
    expect(said(found, 'Old')).toBe(
      "The tablet, a child's device, talked to companies of advertising and tracking far more than usual today: 1.1 MB; the most on a day before were 200 kB",
    )
    expect(detect(memory, upload(LATER + 2 * DAY, 9 * MB, 'old'))).toBeNull()
  })

  it('does not alarm every day in a month in which every day brings new companies and more of them', () => {
    const memory = learned()
    let told = 0
    for (let day = 8; day < 36; day++)
      for (let app = 0; app < 5; app++)
        if (detect(memory, upload(START + day * DAY + app * HOUR, 40_000 * day, `new-${day}-${app}`)) !== null) told++
    // Once a week each at most: new ones, and far more.
    expect(told).toBeGreaterThanOrEqual(4)
    expect(told).toBeLessThanOrEqual(8)
  })

  it.each([
    ['a device of an adult', learned('tablet', false), upload(LATER, 9_000, 'one', 'tablet', false)],
    ['a router', learned('router'), upload(LATER, 9_000, 'one', 'router')],
    ['the first week', freshOf(childTrackers), upload(START + DAY, 9_000, 'one')],
    ['a company that it always talked to', learned(), upload(LATER, 9_000, 'old')],
    [
      'statistics',
      learned(),
      { ...upload(LATER, 9_000, 'one'), endpoint: { ...upload(LATER, 0, 'one').endpoint, purpose: 'telemetry' } },
    ],
  ])('says nothing of %s', (_, memory, sample) => {
    expect(detect(memory, sample)).toBeNull()
  })

  it("knows what was usual before the device became a child's", () => {
    const memory = learned('tablet', false)
    expect(detect(memory, upload(LATER, 9_000, 'old'))).toBeNull()
    expect(detect(memory, upload(LATER, 9_000, 'one'))).toMatchObject({ company: 'one' })
  })
})
