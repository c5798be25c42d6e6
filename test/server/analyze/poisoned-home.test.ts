// An intruder that claims, forges and answers in the name of others: through analyze, and through a live session.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import type { Alert } from '../../../server/alerts/alert.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { AT_HOME, CELL_LENGTH } from '../../../server/model/batch.ts'
import type { SeenDevice } from '../../../server/model/seen-device.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import type { FromEngine } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import { ATTACKS, captureOf, DHCP_ANSWER, homeOf, minuteOf, type Timed } from '../../support/poisoned-home.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'

const rules = openRules(compiledRulesFolder())
const folder = mkdtempSync(join(tmpdir(), 'telltale-poisoned-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function analysisOf(frames: readonly Timed[]): Promise<Analysis> {
  const path = join(folder, 'minute.pcap')
  writeFileSync(path, captureOf(frames))
  return analyzeFile(path, { rules })
}

interface Told {
  name: string | null
  sent: number
  received: number
  hosts: string[]
}

function toldOf({ devices }: Analysis, mac: string): Told {
  const device = devices.find(({ id }) => id === mac)
  if (device === undefined) throw new Error(`no device ${mac}`)
  const { name, sent, received, endpoints } = device
  return {
    name,
    sent,
    received,
    hosts: endpoints.map(({ host, addresses, namedBy }) => `${host ?? addresses[0]} ${namedBy}`).sort(),
  }
}

/** What a live home knows after the frames, handed over second by second. */
function live(frames: readonly Timed[]): {
  devices: Map<string, SeenDevice>
  alerts: Alert[]
  bytes: Map<string, number[]>
} {
  const devices = new Map<string, SeenDevice>()
  const alerts = new Map<string, Alert>()
  const ids: string[] = []
  const bytes = new Map<string, number[]>()
  const send = (message: FromEngine): void => {
    if (message.type === 'devices') for (const device of message.devices) devices.set(device.id, device)
    if (message.type === 'activity') for (const alert of message.update.alerts) alerts.set(alert.id, alert)
    if (message.type !== 'batch' || message.batch === null) return
    for (const { index, id } of message.batch.devices) ids[index] = id
    const { cells } = message.batch
    for (let at = 0; at < cells.length; at += CELL_LENGTH) {
      if (cells[at + 2] === AT_HOME) continue
      const sum = bytes.get(ids[cells[at + 1]]) ?? [0, 0]
      bytes.set(ids[cells[at + 1]], [sum[0] + cells[at + 3], sum[1] + cells[at + 4]])
    }
  }
  const pipeline = new Pipeline(
    rules,
    {
      source: { kind: 'live', sources: [] },
      home: [],
      timeZone: 'UTC',
      names: [],
      accountedUntil: null,
      ownHistory: false,
      alerts: { settings: DEFAULT_SETTINGS, memory: null },
      policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
    },
    null,
    send,
  )
  const reader = new CaptureReader(pipeline.packet)
  reader.push(pcapHeader({}))
  let second = Math.floor(frames[0]?.[0] ?? 0)
  const flush = (now: number): void => {
    pipeline.mark(now)
    pipeline.flush(now, [], 0)
  }
  for (const [time, frame] of frames) {
    const whole = Math.floor(time)
    while (second < whole) flush(++second)
    reader.push(pcapRecord({ seconds: whole, nanos: Math.round((time - whole) * 1e9), bytes: frame }))
  }
  flush(second + 1)
  flush(second + 2)
  return { devices, alerts: [...alerts.values()], bytes }
}

const within1Percent = (value: number, expected: number): void =>
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(expected / 100)
const conflictAlerts = <Entry extends { kind: string }>(alerts: readonly Entry[]): Entry[] =>
  alerts.filter(({ kind }) => kind === 'address-conflict')

describe.each([4, 6] as const)('over IPv%i', (version) => {
  const home = homeOf(version)
  const { victim } = home
  let quiet: Told
  beforeAll(async () => {
    quiet = toldOf(await analysisOf(minuteOf(home)), victim.mac)
  })

  test('the minute without an attack gives no conflict and no alert', async () => {
    const analysis = await analysisOf(minuteOf(home))
    expect([analysis.conflicts, conflictAlerts(analysis.alerts)]).toEqual([[], []])
    expect(analysis.devices.map(({ doubts }) => doubts)).toEqual(analysis.devices.map(() => undefined))
    expect(conflictAlerts(live(minuteOf(home)).alerts)).toEqual([])
    expect(quiet).toMatchObject({ name: 'kitchen-cam' })
    expect(quiet.hosts[1]).toBe('api.maker.example dns')
  })

  describe.each(Object.keys(ATTACKS))('%s', (attack) => {
    const frames = minuteOf(home, ATTACKS[attack](home))

    test('leaves the victim its bytes, its name and the names of its rows', async () => {
      const told = toldOf(await analysisOf(frames), victim.mac)
      within1Percent(told.sent, quiet.sent)
      within1Percent(told.received, quiet.received)
      expect(told.name).toBe(quiet.name)
      // What a forged answer from the internet brought is a row of its own, without a name.
      expect(told.hosts.filter((host) => !host.startsWith(home.stranger))).toEqual(quiet.hosts)
    })

    test('is told by an alert, and stands in the conflicts and with both devices', async () => {
      const { alerts, conflicts, devices } = await analysisOf(frames)
      expect(conflictAlerts(alerts).length).toBeGreaterThan(0)
      expect(conflicts.map(({ other }) => other)).toContain(home.intruder.mac)
      const doubtful = devices.filter(({ doubts }) => doubts !== undefined).map(({ id }) => id)
      expect(doubtful).toContain(home.intruder.mac)
    })

    test('changes as little in a live home, and is told there as well', () => {
      const { devices, alerts, bytes } = live(frames)
      const [sent, received] = bytes.get(victim.mac) as [number, number]
      within1Percent(sent, quiet.sent)
      within1Percent(received, quiet.received)
      expect(devices.get(victim.mac)?.name).toBe('kitchen-cam')
      expect(conflictAlerts(alerts).length).toBeGreaterThan(0)
      expect(devices.get(home.intruder.mac)?.doubts).toContainEqual(expect.stringMatching(/\S/))
    })
  })
})

test('a server that the victim did not ask gives it no name', async () => {
  const home = homeOf(4)
  const analysis = await analysisOf(minuteOf(home, DHCP_ANSWER(home)))
  expect(toldOf(analysis, home.victim.mac).name).toBe('kitchen-cam')
  const told = { kind: 'foreign-dhcp', device: home.victim.mac, other: home.intruder.mac, name: 'attacker' }
  expect(analysis.conflicts).toContainEqual(expect.objectContaining(told))
  expect(conflictAlerts(analysis.alerts).map(({ device }) => device)).toContain(home.victim.mac)
})

describe('the captures of an attack', () => {
  const data = realDataFolder()
  const hostile = data === null ? null : join(data, 'hostile')
  if (hostile === null || !existsSync(hostile)) test.skip(NO_REAL_DATA, () => {})
  else {
    const VICTIM = '02:aa:00:00:00:20'
    test.each(['arp', 'dns', 'srcip'])(
      'poison-%s leaves the victim what it has without it, and is told',
      async (name) => {
        const quiet = await analyzeFile(join(hostile, 'poison-none.pcap'), { rules })
        const analysis = await analyzeFile(join(hostile, `poison-${name}.pcap`), { rules })
        const [told, expected] = [toldOf(analysis, VICTIM), toldOf(quiet, VICTIM)]
        expect(told).toEqual(expected)
        expect(conflictAlerts(analysis.alerts)).toHaveLength(1)
        expect([quiet.conflicts, conflictAlerts(quiet.alerts)]).toEqual([[], []])
      },
    )
  }
})
