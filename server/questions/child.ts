// Question: what do advertisers and trackers get from the devices of a child?
import type { AnswerDay, Device, Evidence, Figure } from '../api.ts'
import { keepsEvents } from '../model/policy.ts'
import { isTracking, trackerSums } from '../queries/trackers.ts'
import type { Movement } from '../queries/traffic-view.ts'
import { CHILD, childCannot, childKept, childLimits, childSentence, needsChild } from '../text/en/questions/child.ts'
import { amount, counted } from '../text/en/questions/common.ts'
import { lookupsLimit } from '../text/en/questions/company.ts'
import { WHOLE_DAY_SHARE } from './days.ts'
import type { Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'
import { shortTime } from './times.ts'

const HOUR = 3_600
const MINUTE = 60
/** Received in an hour, or in a minute of it: somebody uses the device. */
const USED_HOUR_BYTES = 1_000_000
const USED_MINUTE_BYTES = 100_000

export const question: Question = {
  id: 'child',
  ...CHILD,
  sources: [
    'https://www.ftc.gov/news-events/news/press-releases/2023/05/ftc-doj-charge-amazon-violating-childrens-privacy-law-keeping-kids-alexa-voice-recordings-forever',
  ],
  async subject(facts) {
    const devices = childrenOf(facts).map(({ id }) => id)
    return { devices, companies: [], needs: devices.length === 0 ? needsChild : null, weight: 0.85 }
  },
  answer,
}

function childrenOf(facts: Facts): Device[] {
  const { devices } = facts.asked
  return facts.view
    .devices()
    .filter(({ id, person }) => person?.role === 'child' && (devices.length === 0 || devices.includes(id)))
}

async function answer(facts: Facts): Promise<Draft> {
  const devices = childrenOf(facts)
  const ids = new Set(devices.map(({ id }) => id))
  const told = devices.filter(({ level }) => keepsEvents(level))
  const moved = (await facts.moved()).filter((movement) => ids.has(movement.device))
  const tracking = moved.filter(isTracking)
  const sums = trackerSums(facts.view, tracking)
  const { lookupsOnly } = facts.source
  const use = lookupsOnly ? { hours: null, last: lastOf(moved) } : await useOf(facts, ids)
  const days = await facts.days()
  const rest = {
    devices: [...ids],
    perDay: await perDayOf(facts, ids),
    limits: [
      ...childLimits.filter(({ key }) => key !== 'use' || !lookupsOnly),
      ...(told.length < devices.length ? [childKept] : []),
      ...(lookupsOnly ? [lookupsLimit] : []),
    ],
    figures: [
      { name: 'advertising and tracking companies', value: sums.companies.length, unit: 'count' as const },
      ...amountFigures(lookupsOnly, sums),
      ...(await voiceFigure(facts, ids)),
      ...(use.hours === null ? [] : [{ name: 'hours of use', value: use.hours * HOUR, unit: 'seconds' as const }]),
    ],
    evidence: tracking.flatMap((movement) => evidenceOf(facts, movement)),
  }
  if (told.length === 0) return { ...rest, verdict: 'cannot-know', sentence: childCannot }
  const captured = await facts.capturedSeconds()
  const isNo = told.length === devices.length && captured >= (facts.asked.to - facts.asked.from) * WHOLE_DAY_SHARE
  const amounts = { bytes: lookupsOnly ? null : sums.sent + sums.received, lookups: sums.lookups }
  return {
    ...rest,
    verdict: tracking.length > 0 ? 'number' : isNo ? 'no' : 'cannot-know',
    sentence: childSentence({
      name: devices.length === 1 ? facts.nameOf(devices[0].id) : null,
      devices: devices.length,
      companies: sums.companies.length,
      days: days.length,
      ...amounts,
      blocked: sums.blocked,
      lastUse: use.last === null ? null : shortTime(facts.view.localTime, use.last),
    }),
  }
}

function amountFigures(
  lookupsOnly: boolean,
  sums: Pick<Movement, 'sent' | 'received' | 'lookups' | 'blocked'>,
): Figure[] {
  const lookups: Figure[] = [
    { name: 'look-ups of them', value: sums.lookups, unit: 'lookups' },
    { name: 'look-ups blocked', value: sums.blocked, unit: 'lookups' },
  ]
  if (lookupsOnly) return lookups
  return [
    { name: 'sent and received', value: sums.sent + sums.received, unit: 'bytes' },
    ...(sums.lookups > 0 ? lookups : []),
  ]
}

async function voiceFigure(facts: Facts, ids: ReadonlySet<string>): Promise<Figure[]> {
  const counts = (await facts.counts(['voice-request'])).filter(({ device }) => ids.has(device))
  if (counts.length === 0) return []
  const sure = counts.reduce((sum, count) => sum + count.sure, 0)
  const all = counts.reduce((sum, count) => sum + count.sure + count.possible, 0)
  return [{ name: 'voice requests', value: all, low: sure, high: all, unit: 'count' }]
}

/** What went to advertising and tracking on each captured day; look-ups where only they are known. */
async function perDayOf(facts: Facts, ids: ReadonlySet<string>): Promise<AnswerDay[]> {
  const rows: AnswerDay[] = []
  for (const { day, from, to, captured } of await facts.days()) {
    const moved = (await facts.movedIn({ from, to })).filter((one) => ids.has(one.device) && isTracking(one))
    const { sent, received, lookups } = trackerSums(facts.view, moved)
    const { lookupsOnly } = facts.source
    rows.push({ day, captured, sure: lookupsOnly ? lookups : 0, possible: 0, sent: lookupsOnly ? 0 : sent + received })
  }
  return rows
}

/** Hours in which much arrived, and the last minute of use; null where none is known. */
async function useOf(facts: Facts, ids: ReadonlySet<string>): Promise<{ hours: number | null; last: number | null }> {
  const devices = [...ids].flatMap((id) => facts.view.membersOf(id))
  const { history } = facts.view
  const hourly = await history.series({ ...facts.range, step: HOUR, devices })
  // What is kept by the day only tells no hours.
  if (hourly.step > HOUR) return { hours: null, last: null }
  const used = hourly.received.flatMap((bytes, place) =>
    bytes > USED_HOUR_BYTES ? [hourly.from + place * hourly.step] : [],
  )
  const hours = used.length
  const lastHour = used.at(-1)
  if (lastHour === undefined) return { hours, last: null }
  const minutes = await history.series({ from: lastHour, to: lastHour + hourly.step, step: MINUTE, devices })
  const place = minutes.received.findLastIndex((bytes) => bytes >= USED_MINUTE_BYTES)
  return { hours, last: place < 0 ? lastHour : minutes.from + place * minutes.step }
}

function lastOf(moved: readonly Movement[]): number | null {
  return moved.reduce<number | null>((last, one) => (last === null || one.last > last ? one.last : last), null)
}

function evidenceOf(facts: Facts, { device, endpoint, sent, received, lookups }: Movement): Evidence[] {
  const { lookupsOnly } = facts.source
  const value = lookupsOnly ? lookups : sent + received
  if (endpoint === null || value === 0) return []
  const far = endpoint.host ?? endpoint.addresses[0] ?? facts.companyName(endpoint.company)
  return [
    {
      kind: lookupsOnly ? 'look-up' : 'endpoint',
      ref: far,
      device,
      at: null,
      words: `${facts.nameOf(device)} to ${far}: ${lookupsOnly ? counted(value, 'look-up') : amount(value)}`,
      value,
      of: lookupsOnly ? 'look-ups of them' : 'sent and received',
    },
  ]
}
