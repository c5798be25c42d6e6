// Question: in how many of the minutes that a television was on did it contact a service that recognises pictures?
import type { Evidence } from '../api.ts'
import { CELL_LENGTH } from '../model/batch.ts'
import { AT_HOME_ID } from '../queries/traffic-view.ts'
import { acrLimits, acrSentence, needsMinutes, needsTv, noAcr, TV_ACR } from '../text/en/questions/media.ts'
import { WHOLE_DAY_SHARE } from './days.ts'
import type { CapturedDay, Facts } from './facts.ts'
import type { Draft, Question } from './question.ts'

const TELEVISIONS = ['tv', 'streamer']
const MINUTE = 60
/** Moved with the internet in a minute by one that is on; one that is off says now and then that it is there. */
const ON_FROM_BYTES = 20_000
/**
 * Names of recognition services of televisions (Anselmi et al., "Watching TV with the Second-Party", IMC 2024; lists of
 * the makers' hosts at github.com/Perflyst/PiHoleBlocklist and github.com/hkamran80/blocklists).
 */
const RECOGNITION = [
  // "acr0.samsungcloudsolution.com", "acr-eu-prd.samsungcloud.tv", "eu-acr4.alphonso.tv"
  /(?:^|\.)(?:[a-z]{2,3}-)?acr\d*(?:-[a-z\d-]+)?\.[a-z\d.-]+$/,
  /(?:^|\.)(?:samsungacr\.(?:com|net)|alphonso\.tv|inscape\.tv|cognitivenetworks\.com|tvinteractive\.tv|samba\.tv)$/,
]

export const question: Question = {
  id: 'tv-acr',
  needsBytes: true,
  ...TV_ACR,
  sources: ['https://arxiv.org/abs/2409.06203'],
  async subject(facts) {
    const devices = facts.devicesOf(TELEVISIONS).map(({ id }) => id)
    return { devices, companies: [], needs: devices.length === 0 ? needsTv : null, weight: 0.5 }
  },
  answer,
}

/** Minutes of a day: those with enough traffic, and those of them with a recognition service. */
interface TvDay {
  day: number
  captured: number
  on: number
  active: number
}

export function isRecognition(host: string): boolean {
  return RECOGNITION.some((names) => names.test(host.toLowerCase()))
}

async function answer(facts: Facts): Promise<Draft> {
  const devices = facts.devicesOf(TELEVISIONS).map(({ id }) => id)
  const days: (TvDay & { device: string })[] = []
  for (const day of await facts.days()) days.push(...(await readDay(facts, day, devices)))
  const sums = devices
    .map((device) => ({ device, ...sumOf(days.filter((one) => one.device === device)) }))
    .filter(({ on }) => on > 0)
    .sort((one, other) => other.active - one.active || other.on - one.on)
  const limits = acrLimits
  if (sums.length === 0) return { verdict: 'cannot-know', sentence: needsMinutes, limits, devices }
  const [most] = sums
  const own = days.filter(({ device }) => device === most.device)
  const name = facts.nameOf(most.device)
  const isSure = (await facts.capturedSeconds()) >= (facts.asked.to - facts.asked.from) * WHOLE_DAY_SHARE
  return {
    verdict: most.active > 0 ? 'yes' : isSure ? 'no' : 'cannot-know',
    sentence: most.active > 0 ? acrSentence(name, most.active, most.on) : noAcr(name, most.on),
    devices: [most.device],
    limits,
    figures: [
      { name: 'minutes on', value: most.on, unit: 'count' },
      { name: 'minutes with recognition', value: most.active, unit: 'count' },
    ],
    perDay: own.map(({ day, captured, active }) => ({ day, captured, sure: active, possible: 0, sent: 0 })),
    evidence: own.flatMap((one) => evidenceOf(facts, one)),
  }
}

function sumOf(days: readonly TvDay[]): { on: number; active: number } {
  return days.reduce((sum, { on, active }) => ({ on: sum.on + on, active: sum.active + active }), { on: 0, active: 0 })
}

/** Of days that are kept by the minute. */
async function readDay(
  facts: Facts,
  { day, from, to, captured }: CapturedDay,
  devices: readonly string[],
): Promise<(TvDay & { device: string })[]> {
  const { cells, devices: ids, minutesFrom } = await facts.view.history.cells({ from, to })
  if (minutesFrom > from) return []
  const roots = ids.map((id) => facts.view.rootOf(id))
  const ends = new Set<number>()
  for (let at = 0; at < cells.length; at += CELL_LENGTH)
    if (devices.includes(roots[cells[at + 1]])) ends.add(cells[at + 2])
  ends.delete(AT_HOME_ID)
  const recognition = new Set(
    (await facts.view.history.endpoints([...ends]))
      .filter(({ host }) => host !== null && isRecognition(host))
      .map(({ id }) => id),
  )
  return devices.map((device) => {
    const bytes = new Map<number, number>()
    const active = new Set<number>()
    for (let at = 0; at < cells.length; at += CELL_LENGTH) {
      if (roots[cells[at + 1]] !== device || cells[at + 2] === AT_HOME_ID) continue
      const minute = Math.floor(cells[at] / MINUTE)
      bytes.set(minute, (bytes.get(minute) ?? 0) + cells[at + 3] + cells[at + 4])
      if (recognition.has(cells[at + 2])) active.add(minute)
    }
    // Who is recognised is on, however little came.
    const on = new Set([...bytes].filter(([, sum]) => sum >= ON_FROM_BYTES).map(([minute]) => minute))
    return { device, day, captured, on: new Set([...on, ...active]).size, active: active.size }
  })
}

function evidenceOf(facts: Facts, { device, day, on, active }: TvDay & { device: string }): Evidence[] {
  const date = facts.view.localTime.dateOf(day)
  const row = { kind: 'cell' as const, ref: date, device, at: day }
  return [
    { ...row, words: `${date}: on in ${on} minutes`, value: on, of: 'minutes on' },
    { ...row, words: `${date}: recognition in ${active} minutes`, value: active, of: 'minutes with recognition' },
  ].filter(({ value }) => value > 0)
}
