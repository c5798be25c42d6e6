// A camera that sends ever larger bursts, one each 50 minutes: none of them becomes large without being told.
import { expect, test } from 'vitest'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { endpoint } from '../../support/alert-home.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'
import { Householder, TEN_TIMES } from './told.ts'

const LEARNED_DAYS = 20
const EACH = 50 * 60
const BURSTS = Math.ceil((3 * DAY) / EACH)
const BURST_SECONDS = 5
const FIRST_BYTES = 100_000
const GROWTH = 1.1
/** An incident that goes on for longer is told anew. */
const LONGEST = 6 * HOUR

interface Burst {
  begins: number
  bytes: number
  /** What was told last before it. */
  toldBefore: number
  pushes: number
}

function play(): { bursts: Burst[]; householder: Householder } {
  const householder = new Householder()
  const engine = new AlertEngine({
    settings: DEFAULT_SETTINGS,
    timeZone: 'UTC',
    onAlert: (alert) => householder.take(alert),
  })
  engine.addEndpoints([
    endpoint(1, { host: 'fw.ring.com', address: '203.0.113.9', company: 'ring', purpose: 'control', namedBy: 'tls' }),
  ])
  engine.setDevice(0, { id: 'cam', name: 'camera', kind: 'camera', firstSeen: START })
  const send = (second: number, sent: number, received: number): void => {
    householder.second = second
    engine.add(Float64Array.from([second, 0, 1, sent, received]))
  }
  for (let at = START; at < START + LEARNED_DAYS * DAY; at += 600) send(at, 2_000, 2_000)
  expect([...householder.alerts]).toEqual([])
  const bursts: Burst[] = []
  let isDecided = false
  for (let number = 0; number < BURSTS; number++) {
    const begins = START + LEARNED_DAYS * DAY + number * EACH
    const bytes = FIRST_BYTES * GROWTH ** number
    const { pushes } = householder
    const [before, toldBefore] = [pushes.length, pushes.at(-1)?.bytes ?? 0]
    for (let second = begins; second < begins + BURST_SECONDS; second++) send(second, bytes / BURST_SECONDS, 100)
    for (let second = begins + BURST_SECONDS; second < begins + EACH; second++) {
      householder.second = second
      engine.mark(second)
    }
    bursts.push({ begins, bytes, toldBefore, pushes: pushes.length - before })
    // The first one was the householder; what comes then was not.
    const [alert] = engine.alerts
    if (isDecided || alert === undefined) continue
    engine.itWasMe(alert.id)
    isDecided = true
  }
  return { bursts, householder }
}

test('is told whenever ten times what was last told was sent, and begins at most one alert for a decision, six hours or a habit', () => {
  const { bursts, householder } = play()
  const alerts = [...householder.alerts.values()]
  const { pushes } = householder
  console.log(
    `${bursts.length} bursts up to ${(bursts.at(-1)!.bytes / 1e6).toFixed(0)} MB: ${alerts.length} alerts, ${pushes.length} pushes: ${['start', 'ten times', 'end'].map((why) => `${pushes.filter((push) => push.why === why).length} × ${why}`).join(', ')}`,
  )
  const missed = bursts.filter(
    ({ bytes, toldBefore, pushes }) => toldBefore > 0 && bytes >= TEN_TIMES * toldBefore && pushes === 0,
  )
  expect(missed).toEqual([])
  // What was told last is less than ten times below the largest burst.
  expect(pushes.at(-1)!.bytes).toBeGreaterThan(bursts.at(-1)!.bytes / TEN_TIMES)
  const sorted = alerts.toSorted((one, other) => one.from - other.from)
  const tooSoon = sorted.filter(
    (alert, index) => index > 0 && sorted[index - 1].state === 'open' && alert.from - sorted[index - 1].from < LONGEST,
  )
  expect(tooSoon).toEqual([])
  expect(alerts.filter(({ state }) => state === 'it-was-me')).toHaveLength(1)
  expect(alerts.length).toBeGreaterThan(1)
})
