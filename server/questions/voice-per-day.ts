// Question: how many spoken requests a day, beside the household in the news?
import type { AnswerDay, Evidence, Figure } from '../api.ts'
import { counted } from '../text/en/questions/common.ts'
import {
  needsVoice,
  noVoice,
  VOICE_PER_DAY,
  voiceInHours,
  voiceLimits,
  voicePerDay,
} from '../text/en/questions/voice.ts'
import { sumsOfDay } from './day-sums.ts'
import { isWholeDay, WHOLE_DAY_SHARE } from './days.ts'
import type { CapturedDay, EventCount, Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'

/** 90,000 recordings from December 2017 to June 2021. */
export const NEWS_PER_DAY = 70
const SPEAKERS = ['speaker', 'display']

export const question: Question = {
  id: 'voice-per-day',
  needsBytes: true,
  ...VOICE_PER_DAY,
  sources: [
    'https://www.ftc.gov/news-events/news/press-releases/2023/05/ftc-doj-charge-amazon-violating-childrens-privacy-law-keeping-kids-alexa-voice-recordings-forever',
  ],
  async subject(facts) {
    const devices = await voiceDevices(facts)
    const total = (await facts.counts(['voice-request'])).reduce((sum, { sure, possible }) => sum + sure + possible, 0)
    return {
      devices,
      companies: [],
      needs: devices.length === 0 ? needsVoice : null,
      weight: total > 0 ? 1 : 0.1,
    }
  },
  answer,
}

/** Devices that sent requests, or are speakers. */
export async function voiceDevices(facts: Facts): Promise<string[]> {
  const counts = await facts.counts(['voice-request'])
  const known = facts.devicesOf(SPEAKERS).map(({ id }) => id)
  return [...new Set([...known, ...counts.map(({ device }) => device)])]
}

async function answer(facts: Facts): Promise<Draft> {
  const devices = await voiceDevices(facts)
  const counts = await facts.counts(['voice-request'])
  const days = (await facts.countedDays()).map((day) => ({ ...day, ...sumsOfDay(counts, day.day) }))
  const whole = days.filter(isWholeDay)
  const sure = counts.reduce((sum, one) => sum + one.sure, 0)
  const possible = counts.reduce((sum, one) => sum + one.possible, 0)
  const perDay = days.map(({ day, captured, sure, possible, sent }): AnswerDay => ({
    day,
    captured,
    sure,
    possible,
    sent,
  }))
  const rest = {
    perDay,
    devices,
    limits: voiceLimits,
    evidence: counts.map((count) => evidenceOf(facts, count)),
    figures: figuresOf(whole, sure, possible),
  }
  if (sure + possible === 0) {
    const isNo = (await facts.countedSeconds()) >= (facts.asked.to - facts.asked.from) * WHOLE_DAY_SHARE
    return { ...rest, verdict: isNo ? 'no' : 'number', sentence: noVoice(devices.length, days.length) }
  }
  return { ...rest, verdict: 'number', sentence: await sentenceOf(facts, whole, devices.length, sure, possible) }
}

type CountedDay = CapturedDay & Pick<EventCount, 'sure' | 'possible' | 'sent'>

function figuresOf(whole: readonly CountedDay[], sure: number, possible: number): Figure[] {
  const total = { name: 'requests', value: sure + possible, low: sure, high: sure + possible, unit: 'count' as const }
  if (whole.length === 0) return [total]
  const mean = (of: (day: CountedDay) => number): number =>
    Math.round((whole.reduce((sum, day) => sum + of(day), 0) / whole.length) * 10) / 10
  return [
    {
      name: 'requests a day',
      value: mean((day) => day.sure + day.possible),
      low: mean((day) => day.sure),
      high: mean((day) => day.sure + day.possible),
      unit: 'count',
      news: NEWS_PER_DAY,
    },
    total,
    { name: 'captured days', value: whole.length, unit: 'days' },
  ]
}

async function sentenceOf(
  facts: Facts,
  whole: readonly CountedDay[],
  devices: number,
  sure: number,
  possible: number,
): Promise<string> {
  if (whole.length === 0)
    return voiceInHours(sure, possible, Math.floor((await facts.countedSeconds()) / 3_600), devices, NEWS_PER_DAY)
  const all = whole.map((day) => day.sure + day.possible)
  const surely = whole.map((day) => day.sure)
  return voicePerDay({
    days: whole.length,
    devices,
    low: Math.min(...all),
    high: Math.max(...all),
    surelyLow: Math.min(...surely),
    surelyHigh: Math.max(...surely),
    news: NEWS_PER_DAY,
  })
}

function evidenceOf(facts: Facts, { device, day, company, sure, possible }: EventCount): Evidence {
  const date = facts.view.localTime.dateOf(day)
  return {
    kind: 'cell',
    ref: date,
    device,
    at: day,
    words: `${date}: ${counted(sure + possible, 'request')} of ${facts.nameOf(device)} to ${facts.companyName(company)}, ${sure} of them surely`,
    value: sure + possible,
    of: 'requests',
  }
}
