// Question: how much video left the cameras, and was a phone at home behind the live views?
import type { AnswerDay, Evidence } from '../api.ts'
import type { DeviceEvent } from '../detection/activity.ts'
import type { EventKind } from '../events/event.ts'
import { movements } from '../queries/traffic-view.ts'
import { eventSentence } from '../text/en/events.ts'
import {
  CAMERA_UPLOADS,
  cameraLimits,
  cameraSentence,
  needsCamera,
  noCamera,
  viewsFromAway,
} from '../text/en/questions/camera.ts'
import { isFamily } from './companies.ts'
import { WHOLE_DAY_SHARE } from './days.ts'
import { sumsOfDay } from './day-sums.ts'
import type { EventCount, Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'

const CAMERAS = ['camera', 'doorbell']
const PHONES = ['phone', 'tablet', 'computer']
const KINDS: readonly EventKind[] = ['motion-upload', 'live-view', 'doorbell']
/** Around the start of a live view in which the phone of whoever asked for it speaks to the company. */
const AROUND_SECONDS = 60
/** Live views that are held against the phones, the newest. */
const MOST_VIEWS = 100

export const question: Question = {
  id: 'camera-uploads',
  needsBytes: true,
  ...CAMERA_UPLOADS,
  sources: [
    'https://www.ftc.gov/news-events/news/press-releases/2023/05/ftc-says-ring-employees-illegally-surveilled-customers-failed-stop-hackers-taking-control-users',
  ],
  async subject(facts) {
    const devices = facts.devicesOf(CAMERAS).map(({ id }) => id)
    const counts = (await facts.counts(KINDS)).filter(({ device }) => devices.includes(device))
    return {
      devices,
      companies: [],
      needs: devices.length === 0 ? needsCamera : null,
      weight: counts.length > 0 ? 0.8 : 0.1,
    }
  },
  answer,
}

async function answer(facts: Facts): Promise<Draft> {
  const devices = facts.devicesOf(CAMERAS).map(({ id }) => id)
  const counts = (await facts.counts(KINDS)).filter(({ device }) => devices.includes(device))
  const cameras = devices
    .map((id) =>
      countsOf(
        facts.nameOf(id),
        counts.filter(({ device }) => device === id),
      ),
    )
    .filter(({ clips, views, rings }) => clips + views + rings > 0)
  const total = countsOf('', counts)
  const views = await checkedViews(facts, devices)
  const rest = {
    devices,
    limits: cameraLimits,
    perDay: (await facts.countedDays()).map(({ day, captured }): AnswerDay => ({
      day,
      captured,
      ...sumsOfDay(counts, day),
    })),
    evidence: counts.flatMap((count) => evidenceOf(facts, count)),
    figures: [
      { name: 'clips', value: total.clips, unit: 'count' as const },
      { name: 'live views', value: total.views, unit: 'count' as const },
      { name: 'rings', value: total.rings, unit: 'count' as const },
      { name: 'live views from away', value: views.away, unit: 'count' as const },
      { name: 'sent', value: total.sent, unit: 'bytes' as const },
    ],
  }
  if (cameras.length === 0) {
    const isNo = (await facts.countedSeconds()) >= (facts.asked.to - facts.asked.from) * WHOLE_DAY_SHARE
    return { ...rest, verdict: isNo ? 'no' : 'cannot-know', sentence: noCamera(devices.length) }
  }
  return {
    ...rest,
    verdict: 'number',
    sentence: cameraSentence(cameras, total) + viewsFromAway(views.away, views.checked),
    evidence: [...rest.evidence, ...views.evidence],
  }
}

function countsOf(device: string, counts: readonly EventCount[]): Parameters<typeof cameraSentence>[1] {
  const sum = (of: EventKind): number =>
    counts.reduce((total, { kind, sure, possible }) => total + (kind === of ? sure + possible : 0), 0)
  return {
    device,
    clips: sum('motion-upload'),
    views: sum('live-view'),
    rings: sum('doorbell'),
    sent: counts.reduce((total, { sent }) => total + sent, 0),
  }
}

/** The newest live views, and during how many no phone of the home spoke to the same company. */
async function checkedViews(
  facts: Facts,
  devices: readonly string[],
): Promise<{ away: number; checked: number; evidence: Evidence[] }> {
  const phones = new Set(facts.view.devices().flatMap(({ id, kind }) => (PHONES.includes(kind) ? [id] : [])))
  const views = (await facts.source.events(facts.range, ['live-view']))
    .filter(({ device, company }) => devices.includes(device) && company !== null)
    .slice(-MOST_VIEWS)
  const evidence: Evidence[] = []
  if (phones.size === 0) return { away: 0, checked: 0, evidence }
  for (const view of views) {
    if (await wasPhoneThere(facts, view, phones)) continue
    evidence.push({
      kind: 'event',
      ref: view.id,
      device: view.device,
      at: view.at,
      words: `${eventSentence(view, facts.companyName(view.company))}, no phone at home spoke to it`,
      value: 1,
      of: 'live views from away',
    })
  }
  return { away: evidence.length, checked: views.length, evidence }
}

async function wasPhoneThere(
  facts: Facts,
  { at, company }: DeviceEvent,
  phones: ReadonlySet<string>,
): Promise<boolean> {
  const parent = facts.parentOf(company as string)
  const from = Math.floor((at - AROUND_SECONDS) / 60) * 60
  const moved = await movements(facts.view, { from, to: Math.ceil((at + AROUND_SECONDS) / 60) * 60 })
  return moved.some(({ device, endpoint }) => phones.has(device) && isFamily(facts, endpoint?.company ?? null, parent))
}

function evidenceOf(facts: Facts, count: EventCount): Evidence[] {
  const { device, day, kind, company, sure, possible, sent } = count
  const date = facts.view.localTime.dateOf(day)
  const of = kind === 'motion-upload' ? 'clips' : kind === 'live-view' ? 'live views' : 'rings'
  const base = { kind: 'cell' as const, ref: date, device, at: day }
  const far = facts.companyName(company)
  return [
    {
      ...base,
      words: `${date}: ${sure + possible} ${of} of ${facts.nameOf(device)} to ${far}`,
      value: sure + possible,
      of,
    },
    { ...base, words: `${date}: bytes of ${of} of ${facts.nameOf(device)} to ${far}`, value: sent, of: 'sent' },
  ]
}
