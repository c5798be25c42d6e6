// After "it was me" what is sent next is a new incident, also where it begins at once.
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { endpoint } from '../../support/alert-home.ts'
import { HOUR, START } from '../../support/detector-samples.ts'

const RATE = 5_000_000
const FIRST_SECONDS = 60
const NEXT_SECONDS = 20
/** An upload has ended when this much later nothing of it came. */
const PAUSE = 20

/** 300 MB to an address without a name, "it was me" once they are over, and 100 MB so many seconds later. */
function run(after: number): { begins: number; alerts: Alert[] } {
  const alerts = new Map<string, Alert>()
  const engine = new AlertEngine({
    settings: DEFAULT_SETTINGS,
    timeZone: 'UTC',
    onAlert: (alert) => alerts.set(alert.id, { ...alert }),
  })
  engine.addEndpoints([endpoint(1, { host: null, address: '198.51.100.7', company: null, namedBy: 'none' })])
  engine.setDevice(0, { id: 'cam', name: 'camera', kind: 'camera', firstSeen: START })
  const send = (from: number, seconds: number): void => {
    for (let second = from; second < from + seconds; second++)
      engine.add(Float64Array.from([second, 0, 1, RATE, 1_000]))
    for (let second = from + seconds; second <= from + seconds + PAUSE; second++) engine.mark(second)
  }
  send(START + HOUR, FIRST_SECONDS)
  const decided = START + HOUR + FIRST_SECONDS + PAUSE
  for (const { id } of engine.alerts) engine.itWasMe(id)
  const begins = decided + after
  send(begins, NEXT_SECONDS)
  return { begins, alerts: [...alerts.values()] }
}

describe('100 MB after "it was me"', () => {
  it.each([0, 1, 10, 300])('are an incident of their own, %i seconds later, from their first byte on', (after) => {
    const { begins, alerts } = run(after)
    expect(alerts.map(({ state, bytes }) => [state, bytes])).toEqual([
      ['it-was-me', FIRST_SECONDS * RATE],
      ['open', NEXT_SECONDS * RATE],
    ])
    expect(alerts[1]).toMatchObject({ from: begins, to: begins + NEXT_SECONDS - 1, isOver: true })
  })
})
