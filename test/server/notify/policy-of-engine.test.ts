// What is told of incidents as the alert engine finds them, second by second.
import { expect, test } from 'vitest'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { NotificationPolicy } from '../../../server/notify/policy.ts'
import { newPolicyMemory } from '../../../server/notify/policy-memory.ts'

const START = 1_700_000_000
const MB = 1e6

/** A home with a camera and an address without a name, whose alerts go to two channels. */
class Home {
  second = START
  readonly channels = [true, false].map((updates) => ({
    policy: new NotificationPolicy(newPolicyMemory(), { updates }),
    told: [] as string[],
  }))
  readonly engine = new AlertEngine({
    settings: DEFAULT_SETTINGS,
    timeZone: 'UTC',
    onAlert: (alert) => {
      const now = this.second * 1_000
      for (const { policy, told } of this.channels) {
        const message = policy.update({ alert: { ...alert }, who: 'Camera', now, waits: false }).told
        if (message !== null)
          told.push(`${alert.id} ${message.phase} ${Math.round(alert.bytes / MB)} MB after ${this.second - START} s`)
      }
    },
  })

  constructor() {
    const nobody = { host: null, company: null, purpose: 'unknown', country: null, network: null, labels: [] }
    const endpoint = { ...nobody, number: 1, address: '203.0.113.9', namedBy: 'address', ech: false }
    this.engine.addEndpoints([endpoint as unknown as Parameters<AlertEngine['addEndpoints']>[0][0]])
    this.engine.setDevice(0, { id: 'camera', name: 'Camera', kind: 'camera', firstSeen: START })
  }

  upload(bytes: number, seconds: number): void {
    for (let count = 0; count < seconds; count++) this.pass(1, bytes / seconds)
  }

  pass(seconds: number, sent = 0): void {
    for (let count = 0; count < seconds; count++) {
      this.second++
      if (sent > 0) this.engine.add(Float64Array.from([this.second, 0, 1, sent, 0]))
      this.engine.mark(this.second)
    }
  }
}

test('5 MB, three minutes later 300 MB, "it was me", and 100 MB: each is told, with its total at its end', () => {
  const home = new Home()
  home.upload(5 * MB, 5)
  home.pass(180)
  home.upload(300 * MB, 60)
  home.pass(120)
  home.engine.itWasMe('alert-1')
  home.pass(5)
  home.upload(100 * MB, 20)
  home.pass(120)
  const [replacing, adding] = home.channels.map(({ told }) => told)
  expect(replacing).toEqual([
    'alert-1 start 5 MB after 5 s',
    expect.stringMatching(/^alert-1 end 5 MB after 2[45] s$/),
    'alert-1 growth 50 MB after 194 s',
    expect.stringMatching(/^alert-1 end 305 MB after 26[45] s$/),
    expect.stringMatching(/^alert-2 start [5-9] MB /),
    expect.stringMatching(/^alert-2 growth [5-9]\d MB /),
    expect.stringMatching(/^alert-2 end 100 MB /),
  ])
  // Where each is a notification of its own: three at most, and the totals all the same.
  expect(adding?.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    'alert-1 start 5',
    'alert-1 end 5',
    'alert-1 end 305',
    expect.stringMatching(/^alert-2 start/),
    'alert-2 end 100',
  ])
})

test('clips of 2 MB every five minutes to a stranger are one notification, and three where none is replaced', () => {
  const home = new Home()
  for (let clip = 0; clip < 60; clip++) {
    home.upload(2 * MB, 5)
    home.pass(295)
  }
  const [replacing = [], adding = []] = home.channels.map(({ told }) => told)
  const incidents = new Set(replacing.map((line) => line.split(' ')[0]))
  expect(incidents.size).toBe(1)
  expect(replacing.length).toBeLessThanOrEqual(9)
  expect(adding.length).toBeLessThanOrEqual(4)
})
