// A company whose owner became known after it was met is no new company to the device.
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { underOwners } from '../../../server/alerts/owners-of-today.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import type { EventEndpoint } from '../../../server/events/event.ts'

const DAY = 86_400
const START = 1_777_593_600
const CAMERA = '02:00:00:00:00:01'
const OWNERS: Record<string, string> = { vizio: 'walmart', inscape: 'walmart', twilio: 'twilio-inc' }
const familyNow = (company: string): string => OWNERS[company] ?? company
const alone = (company: string): string => company

function endpoint(number: number, company: string, purpose: string): EventEndpoint {
  return {
    number,
    host: `${company}.example`,
    address: `203.0.113.${number}`,
    company,
    purpose,
    network: null,
    labels: [],
    namedBy: 'tls',
  }
}

/** Days of a camera that sends to some companies. */
function run(memory: AlertMemory | null, familyOf: (company: string) => string, days: number[], numbers: number[]) {
  const alerts: Alert[] = []
  const engine = new AlertEngine({
    settings: DEFAULT_SETTINGS,
    timeZone: 'UTC',
    memory,
    familyOf,
    onAlert: (alert) => alerts.push({ ...alert }),
  })
  engine.setDevice(1, { id: CAMERA, name: 'Camera', kind: 'camera', firstSeen: START })
  engine.addEndpoints([
    endpoint(1, 'vizio', 'control'),
    endpoint(2, 'inscape', 'tracking'),
    endpoint(3, 'stranger', 'control'),
  ])
  for (const day of days)
    for (let minute = 0; minute < 30; minute++)
      for (const number of numbers)
        engine.add(Float64Array.of(START + day * DAY + 12 * 3_600 + minute * 60, 1, number, 4_000, 4_000))
  engine.finish()
  return {
    memory: structuredClone(engine.toJSON()),
    kinds: [...new Set(alerts.map(({ kind, company }) => `${kind} ${company}`))],
  }
}

const TEN_DAYS = Array.from({ length: 10 }, (_, day) => day)

describe('a memory of before an owner was known', () => {
  const before = run(null, alone, TEN_DAYS, [1, 2]).memory

  test('tells of no new company or tracker where only the owner is new', () => {
    expect(run(underOwners(structuredClone(before), familyNow), familyNow, [10], [1, 2]).kinds).toEqual([])
    // Without it the companies would be strangers.
    expect(run(structuredClone(before), familyNow, [10], [1, 2]).kinds).not.toEqual([])
  })

  test('still tells of a company that is new', () => {
    expect(run(underOwners(structuredClone(before), familyNow), familyNow, [10], [1, 2, 3]).kinds).toEqual([
      'new-company stranger',
    ])
  })

  test('keeps each family once, and the day on which it was met first', () => {
    const memory = structuredClone(before)
    memory.devices[CAMERA].uploads.families = { vizio: 20_001, inscape: 20_005, other: 20_003 }
    underOwners(memory, familyNow)
    expect(memory.devices[CAMERA].uploads.families).toEqual({ walmart: 20_001, other: 20_003 })
    expect((memory.devices[CAMERA]['companies'] as { known: string[] }).known).toEqual(['walmart'])
  })

  test('is as it was where every company stands alone', () => {
    expect(underOwners(structuredClone(before), alone)).toEqual(before)
  })
})
