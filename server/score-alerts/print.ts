// The tables of the command "score-alerts".
import { messageOf } from '../alerts/words.ts'
import type { CompanyTable } from '../attribution/company-names.ts'
import { DAY, START } from '../simulate/tape.ts'
import type { Incident } from '../simulate/incident.ts'
import { amount } from '../text/en/amount.ts'
import {
  delaysOf,
  falseInFirstWeek,
  falseKinds,
  falsePerWeek,
  GOALS,
  pushesOf,
  quantile,
  recallOf,
  rowsOf,
  shareText,
  toldOf,
  totalLine,
} from './figures.ts'
import type { HomeScore } from './run-home.ts'
import type { FalseAlert } from './scorer.ts'

type Print = (line: string) => void

const NAME_WIDTH = 50

export function printScores(scores: readonly HomeScore[], print: Print): void {
  print(`${'incident'.padEnd(NAME_WIDTH)} found    recall  delay median   p95  pushes`)
  for (const { name, told } of rowsOf(scores)) {
    const delays = delaysOf(told)
    const pushes = pushesOf(told)
    const mean = pushes.length === 0 ? '-' : (pushes.reduce((sum, one) => sum + one, 0) / pushes.length).toFixed(1)
    print(
      [
        name.padEnd(NAME_WIDTH),
        `${delays.length} of ${told.length}`.padEnd(9),
        shareText(recallOf(told)).padEnd(7),
        seconds(quantile(delays, 0.5)).padStart(12),
        seconds(quantile(delays, 0.95)).padStart(6),
        mean.padStart(7),
      ].join(''),
    )
  }
  print('')
  for (const { name, words, least, of } of GOALS) {
    const told = toldOf(scores, of)
    print(`${name}: ${shareText(recallOf(told))} of ${told.length}, at least ${least} wanted (${words})`)
  }
  const all = toldOf(scores, () => true)
  const pushes = pushesOf(all)
  print(
    `delay of all that were found: median ${seconds(quantile(delaysOf(all), 0.5))}, p95 ${seconds(quantile(delaysOf(all), 0.95))}`,
  )
  print(`pushes per incident: median ${quantile(pushes, 0.5) ?? '-'}, p95 ${quantile(pushes, 0.95) ?? '-'}`)
  printFalse(scores, print)
  print(totalLine(scores))
}

function printFalse(scores: readonly HomeScore[], print: Print): void {
  const line = (name: string, values: readonly number[]): string =>
    `${name}: median ${(quantile(values, 0.5) ?? 0).toFixed(2)}, p95 ${(quantile(values, 0.95) ?? 0).toFixed(2)}`
  print('')
  print(line('false alerts per home and week (at most 1 and 3 wanted)', falsePerWeek(scores)))
  for (const [kind, count] of falseKinds(scores)) print(`  ${line(kind, falsePerWeek(scores, kind))}, ${count} in all`)
  print(line('false alerts in the first week', falseInFirstWeek(scores)))
}

/** What a home missed, and what it was told for nothing. */
export function printList({ home, told, falseAlerts }: HomeScore, companies: CompanyTable, print: Print): void {
  print(`home ${home.seed}: ${home.isLookupsOnly ? 'look-ups only, ' : ''}${home.story}`)
  for (const { incident, delay } of told)
    if (delay === null) print(`  missed ${moment(incident.begin)} ${incidentText(incident, home)}`)
  for (const one of falseAlerts) print(`  false ${moment(one.at)} ${alertText(one, home, companies)}`)
}

function incidentText(
  { kind, size, target, device, bytes, endpoints, begin, end }: Incident,
  home: HomeScore['home'],
): string {
  const to = endpoints.map((number) => home.endpoints[number - 1]).map((one) => one.host ?? one.company ?? one.address)
  const where = to.length === 0 ? '' : ` to ${to.join(', ')}${target === null ? '' : ` (${target})`}`
  const much = bytes === 0 ? (size ?? '') : amount(bytes)
  return `${kind}: ${home.devices[device].name}${where} ${much} in ${end - begin + 1} s`
}

function alertText({ alert }: FalseAlert, home: HomeScore['home'], companies: CompanyTable): string {
  const facts = home.devices.find(({ id }) => id === alert.device)
  const [to] = alert.destinations
  const company =
    (alert.company === null ? null : (companies.describe(alert.company)?.name ?? alert.company)) ??
    to?.host ??
    to?.address ??
    null
  const reason = typeof alert.reason === 'string' ? ` (${alert.reason})` : ''
  return `${alert.kind}${reason}: ${messageOf(alert, { device: facts?.name ?? null, company })}`
}

/** "day 9, 14:05:10": days are counted from 1. */
function moment(at: number): string {
  const second = at - START
  const clock = new Date(at * 1_000).toISOString().slice(11, 19)
  return `day ${Math.floor(second / DAY) + 1}, ${clock}:`
}

function seconds(value: number | null): string {
  return value === null ? '-' : value < 7_200 ? `${Math.round(value)} s` : `${(value / 3_600).toFixed(1)} h`
}
