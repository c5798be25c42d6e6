// State files of a home that has lived for a while.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import type { AlertMemory } from '../../server/alerts/memory.ts'
import { historyInThread } from '../../server/history/answer.ts'
import { HistoryDatabase } from '../../server/history/database.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { text } from '../../server/sample/packets/bytes.ts'
import { Pipeline } from '../../server/session/pipeline.ts'
import { alertSettingsOf } from '../../server/settings/alert-settings.ts'
import { defaults } from '../../server/settings/settings.ts'
import type { StateFileName, Step } from './input.ts'
import { SENSITIVE_ALERTS } from './sensitive.ts'
import { TIME_ZONE } from './time-zone.ts'

const START = Date.UTC(2026, 0, 5, 8) / 1000

/** State of a home of two devices, as the files hold it; what is learned and moved is that of the capture. */
export function stateSteps(capture: Uint8Array): Step[] {
  const { history, memory } = lived(capture)
  const device = '02:00:00:00:00:0a'
  const event = {
    id: 'a.1',
    at: START,
    device,
    kind: 'heartbeat',
    company: null,
    host: 'a.example',
    purpose: 'unknown',
    sent: 100,
    received: 200,
    seconds: 30,
    confidence: 0.5,
    reasons: [],
  }
  const known = {
    id: device,
    name: 'Lamp',
    kind: 'bulb',
    vendor: null,
    why: ['its name'],
    confidence: 0.7,
    mac: device,
    privateMac: true,
    addresses: ['192.168.1.10'],
    firstSeen: START - 86_400,
    lastSeen: START - 60,
  }
  const series = { from: START, step: 60, sent: [1], received: [2], usual: null }
  const answers = {
    triggered: { people: [device], local: 0 },
    makers: 'unknown',
    vendor: null,
    countries: [],
    hosts: [],
  }
  const files: Partial<Record<StateFileName, unknown>> = {
    'settings.json': withSensitiveAlerts(),
    'decisions.json': {
      devices: { [device]: { name: 'My lamp', kind: 'bulb', level: 'companies' } },
      merges: { '02:00:00:00:00:0b': device },
      ignored: { salt: '00', hashes: ['11'] },
    },
    'devices.json': { devices: [known, { ...known, id: '192.168.1.20', mac: null, name: null }] },
    'access.json': {
      admin: 'scrypt$x',
      viewer: null,
      sessions: [{ key: 'k', role: 'admin', expires: START + 86_400 }],
      log: [],
    },
    'alerts.json': { memory },
    'events.json': { events: [event, { ...event, id: 'a.2', kind: 'voice-request' }] },
    'alert-evidence.json': { evidence: { 'new-device-1': { device, at: START, series, answers } } },
    'channels.json': { waiting: { ntfy: [] }, told: { ntfy: ['a'] } },
  }
  const documents = Object.entries(files).map(([file, value]): Step => ({
    kind: 'state',
    file: file as StateFileName,
    bytes: text(JSON.stringify(value)),
  }))
  return [...documents, { kind: 'state', file: 'history.db', bytes: history }]
}

function withSensitiveAlerts(): unknown {
  const settings = defaults()
  return {
    ...settings,
    home: { ...settings.home, learningDays: 0 },
    alerts: { ...settings.alerts, ...SENSITIVE_ALERTS },
  }
}

/** A home in which the capture was read: its traffic history as a file, and what its detectors learned. */
function lived(capture: Uint8Array): { history: Uint8Array; memory: AlertMemory } {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-fuzz-state-'))
  try {
    const path = join(folder, 'history.db')
    const database = new HistoryDatabase({ path, timeZone: TIME_ZONE })
    const memories: AlertMemory[] = []
    const pipeline = new Pipeline(
      openRules(compiledRulesFolder()),
      {
        source: { kind: 'live', sources: [] },
        home: [],
        timeZone: TIME_ZONE,
        policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
        accountedUntil: null,
        names: [],
        ownHistory: true,
        alerts: { settings: alertSettingsOf(defaults(), false), memory: null },
      },
      historyInThread(database),
      (message) => void (message.type === 'memory' && memories.push(message.memory)),
    )
    const reader = new CaptureReader(pipeline.packet)
    reader.push(capture)
    reader.end()
    pipeline.mark(START - 3_600)
    pipeline.flush(START - 3_600, [])
    pipeline.sendMemory()
    database.close()
    return { history: new Uint8Array(readFileSync(path)), memory: memories[0] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
