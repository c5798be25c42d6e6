// Every question that the page asks, and what must hold for the answers.
import type { ActivityLog } from '../../server/detection/activity-log.ts'
import { historyInThread } from '../../server/history/answer.ts'
import type { HistoryDatabase } from '../../server/history/database.ts'
import type { Range } from '../../server/history/history.ts'
import { LocalTime } from '../../server/model/local-time.ts'
import { alertAnswers, alertRow, alertSeries, eventRow } from '../../server/queries/activity.ts'
import { overview } from '../../server/queries/overview.ts'
import { companyPage, devicePage } from '../../server/queries/pages.ts'
import { search } from '../../server/queries/search.ts'
import { totals } from '../../server/queries/totals.ts'
import { AT_HOME_ID, type TrafficView } from '../../server/queries/traffic-view.ts'
import type { Rules } from '../../server/rulebook/open.ts'
import type { DeviceRegistry } from '../../server/session/device-registry.ts'
import { addBytes, type Bytes, checkJson, checkValue, expectSameBytes, noBytes } from './checks.ts'
import { type Features, magnitude } from './features.ts'
import { TIME_ZONE } from './time-zone.ts'

/** Later than any second that the traffic history keeps. */
const FOREVER = 2 ** 39
const ASKED_DEVICES = 3
/** Costly to make, and without a memory of what was asked. */
const LOCAL_TIME = new LocalTime(TIME_ZONE)

export interface ViewParts {
  rules: Rules
  database: HistoryDatabase
  registry: DeviceRegistry
  now: () => number
}

export function viewOf({ rules, database, registry, now }: ViewParts): TrafficView {
  return {
    history: historyInThread(database),
    rules,
    localTime: LOCAL_TIME,
    now,
    devices: () => registry.devices(null),
    rootOf: (id) => registry.rootOf(id),
    membersOf: (id) => registry.membersOf(id),
    endpointCache: new Map(),
    remainder: () => [],
    learningUntil: () => null,
  }
}

/** Everything that the traffic history keeps, by device. */
export function historyTotals(database: HistoryDatabase): Map<string, Bytes> {
  const sums = new Map<string, Bytes>()
  for (const { device, endpoint, sent, received } of database.sums({ from: 0, to: FOREVER })) {
    const sum = sums.get(device) ?? noBytes()
    addBytes(
      sum,
      endpoint === AT_HOME_ID
        ? { ...noBytes(), sentLocal: sent, receivedLocal: received }
        : { ...noBytes(), sent, received },
    )
    sums.set(device, sum)
  }
  return sums
}

interface Asked {
  activity: ActivityLog
  features: Features
  range: Range
}

export async function askEverything(view: TrafficView, { activity, features, range }: Asked): Promise<void> {
  const checked = <Answer>(answer: Answer, where: string): Answer => {
    checkValue(answer, where)
    if (!(answer instanceof Map)) checkJson(answer, where)
    return answer
  }
  const whole = checked(await overview(view, range), 'overview')
  const sum = noBytes()
  for (const row of [...whole.devices, whole.moreDevices ?? noBytes()]) addBytes(sum, row)
  expectSameBytes(whole, sum, 'the overview and its devices')
  features.add(`overview ${magnitude(whole.devices.length)} ${magnitude(whole.companies.length)}`)
  checked(await overview(view, { from: range.to - 60, to: range.to }), 'overview of a minute')
  for (const { id } of whole.devices.slice(0, ASKED_DEVICES)) {
    checked(await devicePage(view, id, range), 'device page')
    checked(await view.history.grid(view.membersOf(id), 7, view.now()), 'grid')
    checked(await view.history.series({ ...range, devices: view.membersOf(id) }), 'series')
  }
  for (const { slug } of whole.companies.slice(0, ASKED_DEVICES))
    checked(await companyPage(view, slug ?? '-', range), 'company page')
  for (const period of ['day', 'week', 'month'] as const) checked(await totals(view, period), 'totals')
  checked(await search(view, 'a'), 'search')
  checked(await view.history.sparklines({ ...range, parts: 30 }), 'sparklines')
  checked(await view.history.facts(), 'facts')
  await askActivity(view, activity, checked)
}

async function askActivity(
  view: TrafficView,
  activity: ActivityLog,
  checked: <Answer>(answer: Answer, where: string) => Answer,
): Promise<void> {
  for (const event of activity.allEvents().slice(-50)) checked(eventRow(view, event), 'event')
  const alerts = activity.allAlerts()
  for (const alert of alerts) checked(alertRow(view, alert, activity.mutes), 'alert')
  for (const alert of alerts.slice(-2)) {
    checked(await alertSeries(view, alert), 'series of an alert')
    checked(await alertAnswers(view, alert), 'answers about an alert')
  }
}
