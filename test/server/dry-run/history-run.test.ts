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
const burst = (at: number, sent: number): DeviceEvent => ({
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
const brief = (alerts: readonly Alert[]): [string, string | null, string | null, number][] =>
  alerts
    .map(
      ({ kind, device, company, from }) =>
        [kind, device, company, Math.floor(from / HOUR)] as [string, string | null, string | null, number],
    )
    .sort((one, other) => one[3] - other[3])

describe('a dry run over the traffic history', () => {
  test('tells with the same settings what the home was reported, but for what needs seconds', async () => {
    const {
      alerts: [today],
    } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS]))
    const expected = brief(lived.reported.filter(({ kind }) => kind !== 'upload-spike'))
    expect(expected.map(([kind]) => kind)).toEqual(expect.arrayContaining(['new-device', 'new-company']))
    expect(brief(today ?? [])).toEqual(expect.arrayContaining(expected))
    // A sudden upload at night was reported as such; without seconds it is the loud hour that stands out.
    expect(
      brief(today ?? [])
        .filter((row) => !expected.some((other) => String(other) === String(row)))
        .map(([kind]) => kind)
        .filter((kind) => kind !== 'quiet-hours' && kind !== 'large-upload'),
    ).toEqual([])
  })

  test('tells what other settings would have reported, and what not any more', async () => {
    const loud = {
      ...DEFAULT_SETTINGS,
      ...detectorSettings({ largeUploadMegabytes: 500, quietFloorMegabytes: 100, newDevice: false }),
    }
    const {
      alerts: [today = [], tried = []],
    } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS, loud]))
    expect(tried.map(({ kind }) => kind)).toEqual(['new-company'])
    const changes = compareAlerts(today, tried)
    expect(changes.filter(({ change }) => change === 'same').map(({ alert }) => alert.kind)).toEqual(['new-company'])
    expect(changes.filter(({ change }) => change === 'gone').map(({ alert }) => alert.kind)).toEqual(
      expect.arrayContaining(['large-upload', 'new-device', 'quiet-hours']),
    )
    expect(changes.filter(({ change }) => change === 'new')).toEqual([])
    const strict = { ...DEFAULT_SETTINGS, ...detectorSettings({ away: ['09:00-17:00'] }) }
    const {
      alerts: [, away = []],
    } = await dryRunOverHistory(dryRunOf([DEFAULT_SETTINGS, strict]))
    expect(
      new Set(away.filter(({ kind }) => kind === 'camera-away').map(({ from }) => Math.floor((from - START) / DAY)))
        .size,
    ).toBe(DAYS)
  })

  test('tries sudden uploads on the bursts of events, against what was usual before them', async () => {
    const events = [
      ...Array.from({ length: 10 }, (_, day) => burst(START + (10 + day) * DAY + 15 * HOUR, 200_000)),
      burst(START + 19 * DAY + 2 * HOUR, 900_000),
    ].sort((one, other) => one.at - other.at)
    const {
      alerts: [today = [], tried = []],
      reach,
    } = await dryRunOverHistory(
      dryRunOf([DEFAULT_SETTINGS, { ...DEFAULT_SETTINGS, ...detectorSettings({ spikeFloorKilobytes: 1_000 }) }], {
        events,
      }),
    )
    const spikes = (alerts: readonly Alert[]): number[] =>
      alerts.filter(({ kind }) => kind === 'upload-spike').map(({ seen }) => Math.round(seen))
    expect(spikes(today)).toEqual([900_000])
    expect(spikes(tried)).toEqual([])
    expect(reach.find(({ kind }) => kind === 'upload-spike')).toEqual({
      kind: 'upload-spike',
      title: 'Sudden upload',
      grain: 'event',
      from: START + 10 * DAY + 15 * HOUR,
    })
    expect(reach.find(({ kind }) => kind === 'flood')).toEqual({
      kind: 'flood',
      title: 'Flood',
      grain: null,
      from: null,
    })
    expect(reach.find(({ kind }) => kind === 'large-upload')?.from).toBeGreaterThan(END - 3 * DAY)
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
