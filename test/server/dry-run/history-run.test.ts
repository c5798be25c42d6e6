// A dry run over the traffic history finds the alerts that the home had, and those of other settings.
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import { type AlertSettings, DEFAULT_SETTINGS, detectorSettings } from '../../../server/alerts/settings.ts'
import { historyInThread } from '../../../server/history/answer.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { compareAlerts } from '../../../server/dry-run/compare.ts'
import { dryRunBegin, dryRunOverHistory, type HistoryDryRun } from '../../../server/dry-run/history-run.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import type { Endpoint } from '../../../server/model/batch.ts'
import type { DeviceEvent } from '../../../server/detection/activity.ts'
import type { WatchedDevice } from '../../../server/alerts/watched-device.ts'

const HOUR = 3_600
const DAY = 24 * HOUR
/** 2026-05-01, 00:00 UTC. */
const START = 1_777_593_600
const DAYS = 20
const END = START + DAYS * DAY
const rules = openRules(compiledRulesFolder())
const [CAMERA, PLUG, GUEST] = ['2c:aa:8e:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03']
const devices: WatchedDevice[] = [
  { id: CAMERA, name: 'Hall camera', kind: 'camera', firstSeen: START + 30 },
  { id: PLUG, name: 'Plug', kind: 'plug', firstSeen: START + 30 },
  { id: GUEST, name: null, kind: 'unknown', firstSeen: START + 12 * DAY + 5 * HOUR },
]
const endpoint = (number: number, host: string, company: string, purpose: string): Endpoint => ({
  number,
  host,
  address: `203.0.113.${number}`,
  company,
  purpose,
  country: null,
  network: null,
  labels: [],
  namedBy: 'tls',
  ech: false,
})
const endpoints = [
  endpoint(1, 'device-api.wyzecam.com', 'wyze', 'control'),
  endpoint(2, 'a.tuyaeu.com', 'tuya', 'control'),
  endpoint(3, 'log.byteoversea.com', 'bytedance', 'web'),
]

type Cell = [second: number, device: number, endpoint: number, sent: number, received: number]

/** Everybody speaks every five minutes; the camera brings clips in the afternoon; then what is worth telling. */
function homeCells(): Cell[] {
  const cells: Cell[] = []
  for (let at = START + 30; at < END; at += 300)
    cells.push([at, 0, 1, 400, 300], [at + 1, 1, 2, 200, 100], [at + 2, 1, 0, 90, 90])
  for (let day = 0; day < DAYS; day++)
    for (let second = 0; second < 20; second++) cells.push([START + day * DAY + 15 * HOUR + second, 0, 1, 40_000, 900])
  for (let second = 0; second < 100; second++)
    cells.push([START + 10 * DAY + 3 * HOUR + 600 + second, 0, 1, 60_000, 900])
  cells.push([START + 12 * DAY + 5 * HOUR, 2, 2, 800, 800])
  for (let second = 0; second < 4; second++) cells.push([START + 13 * DAY + 9 * HOUR + second, 1, 3, 2_000, 500])
  for (let second = 0; second < 300; second++)
    cells.push([START + 19 * DAY + 15 * HOUR + 600 + second, 0, 1, 220_000, 900])
  return cells.sort((one, other) => one[0] - other[0])
}

/** What the home was reported as it happened, second by second, and the traffic history of it. */
function livedThrough(settings: AlertSettings): {
  reported: Alert[]
  database: HistoryDatabase
  memory: HistoryDryRun['memory']
} {
  const reported = new Map<string, Alert>()
  const engine = new AlertEngine({
    settings,
    timeZone: 'UTC',
    onAlert: (alert) => reported.set(alert.id, { ...alert }),
    familyOf: (slug) => rules.companies.parentOf(slug),
  })
  const database = new HistoryDatabase({ path: ':memory:', timeZone: 'UTC' })
  database.capturing(START, true)
  database.add({
    endpoints,
    devices: devices.map(({ id }, index) => ({ index, id })),
    cells: new Float64Array(0),
    names: [],
  })
  engine.addEndpoints(endpoints)
  devices.forEach((device, index) => engine.setDevice(index, device))
  for (const cell of homeCells()) {
    engine.addCell(...cell)
    database.add({ endpoints: [], devices: [], cells: Float64Array.from(cell), names: [] })
    database.tick(cell[0] + 1)
  }
  return {
    reported: [...reported.values()],
    database,
    memory: JSON.parse(JSON.stringify(engine.toJSON())) as HistoryDryRun['memory'],
  }
}

const lived = livedThrough(DEFAULT_SETTINGS)
const clip = (at: number, sent: number): DeviceEvent => ({
  id: `event-${at}`,
  at,
  device: CAMERA,
  kind: 'motion-upload',
  company: 'wyze',
  host: null,
  purpose: 'video',
  sent,
  received: 900,
  seconds: 5,
  confidence: 0.8,
  reasons: [],
})

const voice = (at: number): DeviceEvent => ({
  ...clip(at, 60_000),
  id: `voice-${at}`,
  device: PLUG,
  kind: 'voice-request',
  company: 'alexa',
  purpose: 'voice',
})

function dryRunOf(settings: readonly AlertSettings[], changes: Partial<HistoryDryRun> = {}): HistoryDryRun {
  return {
    history: historyInThread(lived.database),
    rules,
    settings,
    timeZone: 'UTC',
    memory: lived.memory,
    devices,
    events: [],
    from: dryRunBegin(START, END, 35),
    to: END,
    progress: () => {},
    signal: new AbortController().signal,
    ...changes,
  }
}
/** An upload by its device and destination, anything else by its kind; and the day. */
const subject = ({ kind, device, destination, from }: Alert): string =>
  `${destination ?? kind} of ${device} on day ${Math.floor((from - START) / DAY)}`
const subjects = (alerts: readonly Alert[] = []): string[] => alerts.map(subject).sort()
const onDay = (alerts: readonly Alert[] = [], day: number): Alert[] =>
  alerts.filter(({ from }) => Math.floor((from - START) / DAY) === day)

describe('a dry run over the traffic history', () => {
  test('tells with the same settings what the home was told, with the same totals', async () => {
    const {
      alerts: [today = []],
    } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS]))
    expect(subjects(lived.reported)).toEqual([
      `company:bytedance of ${PLUG} on day 13`,
      `company:wyze of ${CAMERA} on day 10`,
      `company:wyze of ${CAMERA} on day 19`,
      `new-device of ${GUEST} on day 12`,
    ])
    expect(subjects(today)).toEqual(subjects(lived.reported))
    for (const alert of lived.reported) {
      const same = today.find((one) => subject(one) === subject(alert))
      // Of an hour or a minute all is counted, also what came before the upload.
      expect(Math.abs((same?.bytes ?? 0) - alert.bytes), subject(alert)).toBeLessThanOrEqual(0.02 * alert.bytes)
    }
  })

  test('tells what other settings would have reported, and what not any more', async () => {
    const calm = {
      ...DEFAULT_SETTINGS,
      ...detectorSettings({ uploadSpike: false, longUpload: false, quietFloorMegabytes: 100, newDevice: false }),
    }
    const {
      alerts: [today = [], tried = []],
    } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS, calm]))
    expect(tried.map(({ kind }) => kind)).toEqual(['new-company'])
    const changes = compareAlerts(today, tried)
    const changed = (which: string): string[] =>
      subjects(changes.filter(({ change }) => change === which).map(({ alert }) => alert))
    expect(changed('same')).toEqual([`company:bytedance of ${PLUG} on day 13`])
    expect(changed('gone')).toEqual(subjects(today.filter(({ kind }) => kind !== 'new-company')))
    expect(changed('new')).toEqual([])
  })

  test('tells of cameras in the hours in which nobody is home', async () => {
    const away = { ...DEFAULT_SETTINGS, ...detectorSettings({ away: ['09:00-17:00'] }) }
    const {
      alerts: [today = [], tried = []],
    } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS, away]))
    const kinds = (alerts: readonly Alert[]): Alert[] => alerts.filter(({ kind }) => kind === 'camera-away')
    expect(kinds(today)).toEqual([])
    expect(new Set(kinds(tried).map(({ from }) => Math.floor((from - START) / DAY))).size).toBe(DAYS)
    expect(subjects(onDay(tried, DAYS - 1))).toEqual(subjects(onDay(today, DAYS - 1)))
  })

  test('holds an hour to what is allowed within an hour, and minutes to what is within ten', async () => {
    const strict = { ...DEFAULT_SETTINGS, ...detectorSettings({ largeUploadMegabytes: 1 }) }
    const { alerts, reach } = await dryRunOverHistory(dryRunOf([strict]))
    // 6 MB, of which an hour is known, and 66 MB in minutes: a camera may send 6 MB in ten minutes, 30 MB in an hour.
    expect(onDay(alerts[0], 10).map(({ reason }) => reason)).toEqual(['known'])
    expect(onDay(alerts[0], 19).map(({ reason }) => reason)).toEqual(['ceiling'])
    const reachOf = (kind: string): unknown => reach.find((one) => one.kind === kind)
    expect(reachOf('upload-spike')).toMatchObject({ grain: 'hour', from: START })
    expect(reachOf('flood')).toEqual({ kind: 'flood', title: 'Flood', grain: null, from: null })
  })

  test('takes the clips that were kept as events for what they explain, and no more', async () => {
    const clips = [
      ...Array.from({ length: DAYS }, (_, day) => clip(START + day * DAY + 15 * HOUR, 800_000)),
      ...[600, 630, 660].map((second) => clip(START + 10 * DAY + 3 * HOUR + second, 2_000_000)),
    ].sort((one, other) => one.at - other.at)
    const [told, explained] = await Promise.all(
      [[], clips].map(async (events) => {
        const { alerts } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS], { events }))
        return alerts[0]
      }),
    )
    expect(onDay(told, 10).map(({ kind }) => kind)).toEqual(['upload-spike'])
    // Three clips that are not too large; that they came at night, and so many on a day, is another matter.
    expect(onDay(explained, 10).map(({ kind }) => kind)).not.toContain('upload-spike')
    expect(subjects(onDay(explained, 19))).toEqual(subjects(onDay(told, 19)))
  })

  test('tries voice requests on the events that are kept', async () => {
    const evening = (day: number): number => START + day * DAY + 18 * HOUR
    const events = [
      ...Array.from({ length: 10 }, (_, day) => voice(evening(8 + day))),
      ...Array.from({ length: 12 }, (_, place) => voice(evening(19) + place * 200)),
    ]
    const calm = { ...DEFAULT_SETTINGS, ...detectorSettings({ voiceFloor: 20 }) }
    const {
      alerts: [today = [], tried = []],
      reach,
    } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS, calm], { events }))
    const busy = (alerts: readonly Alert[]): number[] =>
      alerts.filter(({ kind }) => kind === 'voice-busy').map(({ seen }) => seen)
    expect([busy(today), busy(tried)]).toEqual([[12], []])
    expect(reach.find(({ kind }) => kind === 'voice-busy')).toEqual({
      kind: 'voice-busy',
      title: 'Many voice requests',
      grain: 'event',
      from: evening(8),
    })
  })

  test('holds to what was decided, and changes nothing of what was learned', async () => {
    const before = JSON.stringify(lived.memory)
    const memory = structuredClone(lived.memory)
    memory?.incidents.mutes.push({ device: PLUG, company: null, kind: 'new-company', until: null })
    const {
      alerts: [today = []],
    } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS], { memory }))
    expect(today.filter(({ kind }) => kind === 'new-company')).toEqual([])
    await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS]))
    expect(JSON.stringify(lived.memory)).toBe(before)
  })

  test('tells how far it is, and ends where it is given up', async () => {
    const shares: number[] = []
    await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS], { progress: (share) => shares.push(share) }))
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual([...shares].sort((one, other) => one - other))
    const stop = new AbortController()
    await expect(
      dryRunOverHistory(
        dryRunOf([DEFAULT_SETTINGS], { signal: stop.signal, progress: () => stop.abort(new Error('enough')) }),
      ),
    ).rejects.toThrow('enough')
  })
})
