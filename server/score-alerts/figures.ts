// The figures of a run over many homes: recall, delay, false alerts, pushes.
import { LEARNING_DAYS } from '../simulate/incidents/plan.ts'
import type { Incident } from '../simulate/incident.ts'
import { DAY, START } from '../simulate/tape.ts'
import type { HomeScore } from './run-home.ts'
import type { Told } from './scorer.ts'

/** One line of the table. */
export interface Row {
  name: string
  told: Told[]
}

/** What a run has to reach; `of` says which incidents count. */
export interface Goal {
  name: string
  words: string
  least: number
  of: (incident: Incident) => boolean
}

const LARGE_KINDS = ['upload', 'night', 'known destination', 'hijacked camera', 'right after another']

export const GOALS: readonly Goal[] = [
  {
    name: 'large',
    words: 'appliances: 5 MB and more to a new or nameless destination, 5 busiest hours to a known one',
    least: 0.99,
    of: ({ kind, isPersonal, size }) => !isPersonal && LARGE_KINDS.includes(kind) && size !== '200 kB',
  },
  {
    name: 'small',
    words: 'appliances: 200 kB by one that never sends as much',
    least: 0.95,
    of: ({ isPersonal, size }) => !isPersonal && size === '200 kB',
  },
  { name: 'slow', words: 'appliances: 50 kB a minute, within a day', least: 0.9, of: ({ kind }) => kind === 'slow' },
  {
    name: 'first-week',
    words: 'first week: 300 MB and more by small devices, 5 MB and more to nameless destinations',
    least: 1,
    of: ({ kind }) => kind === 'first week',
  },
  {
    name: 'personal',
    words: 'phones and computers: 300 MB and more to a new or nameless destination',
    least: 0.95,
    of: ({ kind, isPersonal }) => isPersonal && kind === 'upload',
  },
]

export function toldOf(scores: readonly HomeScore[], of: (incident: Incident) => boolean): Told[] {
  return scores.flatMap(({ told }) => told.filter(({ incident }) => of(incident)))
}

/** By kind, size and who sends; rows without an incident are left out. */
export function rowsOf(scores: readonly HomeScore[]): Row[] {
  const rows = new Map<string, Told[]>()
  for (const one of toldOf(scores, () => true)) {
    const name = rowName(one.incident)
    const row = rows.get(name)
    if (row === undefined) rows.set(name, [one])
    else row.push(one)
  }
  return [...rows].map(([name, told]) => ({ name, told })).sort((one, other) => (one.name < other.name ? -1 : 1))
}

function rowName({ kind, size, target, isPersonal }: Incident): string {
  const who = kind === 'upload' ? (isPersonal ? 'person, ' : 'appliance, ') : ''
  return [`${kind}: ${who}${size ?? ''}`.replace(/[:, ]+$/, ''), target === null ? '' : `to ${target}`]
    .filter((part) => part !== '')
    .join(' ')
}

/** Null of nothing. */
export function recallOf(told: readonly Told[]): number | null {
  return told.length === 0 ? null : told.filter(({ delay }) => delay !== null).length / told.length
}

export function delaysOf(told: readonly Told[]): number[] {
  return told.flatMap(({ delay }) => (delay === null ? [] : [delay]))
}

/** Messages of the incidents that were told. */
export function pushesOf(told: readonly Told[]): number[] {
  return told.flatMap(({ delay, pushes }) => (delay === null ? [] : [pushes]))
}

/** The smallest value that so much of the values do not exceed; null of nothing. */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}

/**
 * False alerts of each home in each week after the first. The days after it are parted evenly, into stretches as near a
 * week as they can be; counts are those of seven days. `kind` null: of all kinds.
 */
export function falsePerWeek(scores: readonly HomeScore[], kind: string | null = null): number[] {
  return scores.flatMap(({ home, falseAlerts }) => {
    const days = home.days - LEARNING_DAYS
    const weeks = Math.max(1, Math.round(days / 7))
    const counts = new Array<number>(weeks).fill(0)
    for (const { alert, at } of falseAlerts) {
      const day = (at - START) / DAY - LEARNING_DAYS
      if (day >= 0 && (kind === null || alert.kind === kind))
        counts[Math.min(weeks - 1, Math.floor((day / days) * weeks))]++
    }
    return counts.map((count) => (count * 7 * weeks) / days)
  })
}

export function falseInFirstWeek(scores: readonly HomeScore[]): number[] {
  return scores.map(({ falseAlerts }) => falseAlerts.filter(({ at }) => at < START + LEARNING_DAYS * DAY).length)
}

/** Kinds of false alerts after the first week, and how many of each. */
export function falseKinds(scores: readonly HomeScore[]): [string, number][] {
  const kinds = new Map<string, number>()
  for (const { falseAlerts } of scores)
    for (const { alert, at } of falseAlerts)
      if (at >= START + LEARNING_DAYS * DAY) kinds.set(alert.kind, (kinds.get(alert.kind) ?? 0) + 1)
  return [...kinds].sort(([, one], [, other]) => other - one)
}

/** The last line of the command. */
export function totalLine(scores: readonly HomeScore[]): string {
  const recall = (name: string): string => shareText(recallOf(toldOf(scores, goal(name).of)))
  const wrong = quantile(falsePerWeek(scores), 0.5) ?? 0
  return `total large ${recall('large')} small ${recall('small')} slow ${recall('slow')} first-week ${recall('first-week')} false-per-week ${wrong.toFixed(2)}`
}

export function shareText(share: number | null): string {
  return share === null ? '-' : share.toFixed(3)
}

function goal(name: string): Goal {
  const found = GOALS.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no goal "${name}"`)
  return found
}
