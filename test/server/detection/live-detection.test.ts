// Detection in a live home where its tables begin anew: nothing of an upload is lost, and it is over.
import { expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { LiveDetection } from '../../../server/detection/live-detection.ts'
import type { Engine } from '../../../server/engine/engine.ts'
import type { Batch, Endpoint } from '../../../server/model/batch.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { START } from '../../support/detector-samples.ts'

const STRANGER: Endpoint = {
  number: 1,
  host: null,
  address: '203.0.113.9',
  company: null,
  purpose: 'unknown',
  country: null,
  network: null,
  labels: [],
  namedBy: 'none',
  ech: false,
}

class Live {
  readonly alerts = new Map<string, Alert>()
  readonly detection = new LiveDetection({
    rules: openRules(compiledRulesFolder()),
    timeZone: 'UTC',
    settings: DEFAULT_SETTINGS,
    memory: null,
    policy: { levels: {}, newDeviceLevel: 'everything', kinds: { aa: 'plug' }, ignored: { salt: '', hashes: [] } },
  })
  private isNew = true

  send(second: number, sent: number): void {
    const batch: Batch = {
      endpoints: this.isNew ? [STRANGER] : [],
      devices: this.isNew ? [{ index: 0, id: 'aa' }] : [],
      cells: Float64Array.from([second, 0, 1, sent, 0]),
      names: [],
    }
    this.isNew = false
    const nothing = { described: [], gone: [], sources: [], limits: {}, flood: null, drainConflicts: () => [] }
    this.detection.add({ batch, now: second + 1, ...nothing })
    this.take()
  }

  renew(forgotten: readonly string[] = []): void {
    this.detection.renew({} as Engine, forgotten)
    this.isNew = true
    this.take()
  }

  private take(): void {
    for (const alert of this.detection.drainUpdate()?.alerts ?? []) this.alerts.set(alert.id, alert)
  }
}

test('an upload that goes on is over when the tables begin anew, and goes on with what comes then', () => {
  const home = new Live()
  for (let at = 0; at < 10; at++) home.send(START + at, 1e6)
  // Too little to be told each second.
  home.send(START + 10, 1_500)
  expect([...home.alerts.values()]).toMatchObject([{ reason: 'nameless', isOver: false, bytes: 10e6 }])
  home.renew()
  expect([...home.alerts.values()]).toMatchObject([{ isOver: true, bytes: 10e6 + 1_500 }])
  for (let at = 40; at < 50; at++) home.send(START + at, 1e6)
  expect([...home.alerts.values()]).toMatchObject([{ isOver: false, bytes: 20e6 + 1_500 }])
})

test('nothing is told of a device that is forgotten with them', () => {
  const home = new Live()
  for (let at = 0; at < 10; at++) home.send(START + at, 9_000)
  home.renew(['aa'])
  expect(home.alerts.size).toBe(0)
  expect(JSON.stringify(home.detection.memory())).not.toContain('203.0.113.9')
})
