// Question: did a speaker send requests in quiet hours, or while every phone was away?
import type { Evidence } from '../api.ts'
import type { DeviceEvent } from '../detection/activity.ts'
import { isWithin } from '../model/schedule.ts'
import { localClock } from '../model/local-time.ts'
import { eventSentence } from '../text/en/events.ts'
import { needsVoice, nightLimits, noVoiceNight, VOICE_NIGHT, voiceNight } from '../text/en/questions/voice.ts'
import { WHOLE_DAY_SHARE } from './days.ts'
import type { Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'
import { shortTime } from './times.ts'
import { voiceDevices } from './voice-per-day.ts'

const PHONES = ['phone']
/** Without a byte for so long, a phone counts as away. */
const AWAY_SECONDS = 20 * 60
/** Requests that are held against the phones, the newest. */
const MOST_REQUESTS = 500
/** Quiet hours where the owner set none. */
const USUAL_QUIET = [{ days: [0, 1, 2, 3, 4, 5, 6], from: 60, to: 300 }]

export const question: Question = {
  id: 'voice-night',
  needsBytes: true,
  ...VOICE_NIGHT,
  sources: [],
  async subject(facts) {
    const devices = await voiceDevices(facts)
    return { devices, companies: [], needs: devices.length === 0 ? needsVoice : null, weight: 0.4 }
  },
  answer,
}

async function answer(facts: Facts): Promise<Draft> {
  const requests = (await facts.events(['voice-request'])).slice(-MOST_REQUESTS)
  const phones = facts.view.devices().flatMap(({ id, kind }) => (PHONES.includes(kind) ? [id] : []))
  const away = phones.length === 0 ? [] : await whileAway(facts, requests, phones)
  const quiet = requests.filter((request) => isQuiet(facts, request) && !away.includes(request))
  const found = [...away, ...quiet].sort((one, other) => one.at - other.at)
  const rest = {
    devices: await voiceDevices(facts),
    limits: nightLimits,
    figures: [
      { name: 'while all phones were away', value: away.length, unit: 'count' as const },
      { name: 'in quiet hours', value: quiet.length, unit: 'count' as const },
      { name: 'requests looked at', value: requests.length, unit: 'count' as const },
    ],
    evidence: [
      ...away.map((event) => evidenceOf(facts, event, 'while all phones were away')),
      ...quiet.map((event) => evidenceOf(facts, event, 'in quiet hours')),
    ],
  }
  if (found.length > 0)
    return {
      ...rest,
      verdict: 'yes',
      sentence: voiceNight(
        away.length,
        quiet.length,
        found.map(({ at }) => shortTime(facts.view.localTime, at)),
      ),
    }
  const isNo = (await facts.keptSeconds()) >= (facts.asked.to - facts.asked.from) * WHOLE_DAY_SHARE
  const looked = phones.length === 0 ? 'in the quiet hours' : 'in the quiet hours, nor while all phones were away'
  return { ...rest, verdict: isNo ? 'no' : 'cannot-know', sentence: noVoiceNight(looked) }
}

function isQuiet(facts: Facts, { at }: DeviceEvent): boolean {
  const { weekday, minute } = localClock(facts.view.localTime)(at)
  const { quietHours } = facts.source
  return isWithin(quietHours.length > 0 ? quietHours : USUAL_QUIET, weekday, minute)
}

/** Requests before which no phone of the home moved anything for AWAY_SECONDS, nor does while they are sent. */
async function whileAway(facts: Facts, requests: readonly DeviceEvent[], phones: string[]): Promise<DeviceEvent[]> {
  const members = phones.flatMap((id) => facts.view.membersOf(id))
  const captured = await facts.captured()
  const away: DeviceEvent[] = []
  for (const request of requests) {
    const from = Math.floor((request.at - AWAY_SECONDS) / 60) * 60
    const to = Math.ceil((request.at + 1) / 60) * 60
    // Where nothing was captured before, nobody knows where the phones were.
    if (!captured.some((one) => one.from <= from && one.to >= request.at)) continue
    const sums = await facts.view.history.sums({ from, to, devices: members })
    const isExact = sums.every(({ first, last }) => last - first <= to - from)
    if (isExact && sums.every(({ sent, received }) => sent + received === 0)) away.push(request)
  }
  return away
}

function evidenceOf(facts: Facts, event: DeviceEvent, of: string): Evidence {
  const when = shortTime(facts.view.localTime, event.at)
  return {
    kind: 'event',
    ref: event.id,
    device: event.device,
    at: event.at,
    words: `${when}: ${eventSentence(event, facts.companyName(event.company))}, ${of}`,
    value: 1,
    of,
  }
}
