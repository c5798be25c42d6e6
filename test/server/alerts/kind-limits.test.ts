// Each kind of device has limits on purpose, and larger classes have larger ones.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { isPersonal, type LimitClass, limitClassOf, limitsOf } from '../../../server/alerts/kind-limits.ts'

const KINDS = Object.keys(
  parse(readFileSync(new URL('../../../rules/kinds.yaml', import.meta.url), 'utf8')) as Record<string, unknown>,
)

/** A kind that is added to rules/kinds.yaml is decided about here and in server/alerts/kind-limits.ts. */
const DECIDED: Record<string, LimitClass> = {
  speaker: 'speaker',
  display: 'camera',
  camera: 'camera',
  doorbell: 'camera',
  tv: 'screen',
  streamer: 'screen',
  phone: 'personal',
  tablet: 'personal',
  computer: 'personal',
  console: 'personal',
  printer: 'small',
  hub: 'small',
  plug: 'small',
  bulb: 'small',
  switch: 'small',
  thermostat: 'small',
  lock: 'small',
  sensor: 'small',
  appliance: 'small',
  vacuum: 'speaker',
  health: 'small',
  reader: 'personal',
  router: 'small',
  storage: 'personal',
  toy: 'small',
  vehicle: 'personal',
  unknown: 'unknown',
}

describe('the limits of a kind', () => {
  it.each(KINDS)('of %s are decided', (kind) => {
    expect(DECIDED[kind], `${kind} is new in rules/kinds.yaml: decide which limits it has`).toBeDefined()
    expect(limitClassOf(kind)).toBe(DECIDED[kind])
    expect(isPersonal(kind)).toBe(DECIDED[kind] === 'personal')
  })

  it('are of no kind that there is not', () => expect(Object.keys(DECIDED).sort()).toEqual([...KINDS].sort()))

  it('of what is no kind at all are the least', () => {
    for (const kind of ['', 'constructor', '__proto__', 'robot']) expect(limitClassOf(kind)).toBe('small')
  })

  it.each(KINDS)('of %s grow with the time that they are about', (kind) => {
    const { strange, ceiling } = limitsOf(kind)
    expect(strange[0]).toBeLessThanOrEqual(strange[1])
    expect(ceiling.ten).toBeLessThan(ceiling.hour)
    expect(ceiling.hour).toBeLessThan(ceiling.day)
    // More than sixfold an hour's would never be reached before it.
    expect(ceiling.hour).toBeLessThanOrEqual(6 * ceiling.ten)
    expect(ceiling.day).toBeLessThanOrEqual(24 * ceiling.hour)
  })

  it('of an appliance tell of 5 MB to a strange destination, and of a person from 200 MB on', () => {
    for (const kind of KINDS)
      if (isPersonal(kind)) expect(limitsOf(kind).strange[0]).toBeGreaterThanOrEqual(200e6)
      else expect(limitsOf(kind).strange[1]).toBeLessThan(5e6)
  })
})
