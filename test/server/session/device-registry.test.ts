// Tests of the device registry: name, kind and level after restarts, merges and floods.
import { describe, expect, test } from 'vitest'
import { MAX_DEVICES } from '../../../server/model/others.ts'
import { DeviceRegistry, type KnownDevice, type OwnerChoices } from '../../../server/session/device-registry.ts'

const seen = (id: string, facts: Partial<KnownDevice> = {}): KnownDevice => ({
  id,
  name: null,
  kind: 'unknown',
  vendor: null,
  why: [],
  confidence: 0,
  mac: id,
  privateMac: false,
  addresses: [],
  firstSeen: 100,
  lastSeen: 200,
  ...facts,
})

function registryWith(choices: Partial<OwnerChoices> = {}): DeviceRegistry {
  return new DeviceRegistry(
    () => ({ devices: {}, merges: {}, ...choices }),
    () => 'everything',
  )
}

describe('the known devices', () => {
  test('keep what was known better before a restart', () => {
    const registry = registryWith()
    registry.see(seen('a', { name: 'Kitchen', kind: 'speaker', confidence: 0.9, vendor: 'Amazon', firstSeen: 100 }))
    registry.see(seen('a', { confidence: 0.1, firstSeen: 500, lastSeen: 600 }))
    expect(registry.devices(null)).toMatchObject([
      { name: 'Kitchen', kind: 'speaker', vendor: 'Amazon', firstSeen: 100, lastSeen: 600 },
    ])
  })

  test('grow surer of the kind that was said, and change it only for one that is clearly surer', () => {
    const registry = registryWith()
    const after = (kind: string, confidence: number): unknown => {
      registry.see(seen('a', { kind, confidence, vendor: 'Acme' }))
      const [{ kind: shown, confidence: sure }] = registry.devices(null)
      return [shown, sure]
    }
    expect(after('camera', 0.5)).toEqual(['camera', 0.5])
    expect(after('camera', 0.6)).toEqual(['camera', 0.6])
    expect(after('camera', 0.45)).toEqual(['camera', 0.6])
    expect(after('doorbell', 0.65)).toEqual(['camera', 0.6])
    expect(after('unknown', 0)).toEqual(['camera', 0.6])
    expect(after('doorbell', 0.9)).toEqual(['doorbell', 0.9])
    expect(after('camera', 0.9)).toEqual(['doorbell', 0.9])
  })

  test('show guesses until the kind is known, or the owner says it', () => {
    const choices: OwnerChoices = { devices: {}, merges: {} }
    const registry = registryWith(choices)
    registry.see(seen('a', { guesses: ['plug', 'bulb'] }))
    registry.see(seen('a'))
    expect(registry.devices(null)[0].guesses).toEqual(['plug', 'bulb'])
    choices.devices['a'] = { kind: 'switch' }
    registry.refresh()
    expect(registry.devices(null)[0]).not.toHaveProperty('guesses')
    delete choices.devices['a']
    registry.see(seen('a', { kind: 'plug', confidence: 0.5 }))
    expect(registry.devices(null)[0]).not.toHaveProperty('guesses')
  })

  test('keep evidence for after a restart, for no page, and no longer than the level lets hosts be kept', () => {
    const choices: OwnerChoices = { devices: {}, merges: {} }
    const registry = registryWith(choices)
    registry.see(seen('a', { evidence: { dhcpHostnames: ['hall-cam'] } }))
    expect(registry.all()[0].evidence).toEqual({ dhcpHostnames: ['hall-cam'] })
    expect(registry.devices(null)[0]).not.toHaveProperty('evidence')
    choices.devices['a'] = { level: 'companies' }
    registry.refresh()
    expect(registry.all()[0]).not.toHaveProperty('evidence')
  })

  test('of the version before, which kept neither evidence nor guesses, stay as they were', () => {
    const registry = registryWith()
    const before = seen('a', { name: 'Hall', kind: 'camera', confidence: 0.7, vendor: 'Acme', why: ['DHCP name hall'] })
    registry.see(before)
    expect(registry.all()).toEqual([before])
    registry.see(seen('a', { confidence: 0.1, evidence: { ports: ['serves tcp 554'] } }))
    expect(registry.devices(null)).toMatchObject([{ name: 'Hall', kind: 'camera', vendor: 'Acme', confidence: 0.7 }])
  })

  test('keep what was doubtful before a restart, and nothing of a forgotten device in it', () => {
    const registry = registryWith()
    registry.see(seen('a', { doubts: ['b uses its address', 'c uses its address'] }))
    registry.see(seen('a'))
    registry.see(seen('b', { doubts: ['It uses the address of a'] }))
    registry.forget('b')
    expect(registry.devices(null).map(({ doubts }) => doubts)).toEqual([['c uses its address']])
  })

  test("show the owner's choices first", () => {
    const registry = registryWith({ devices: { a: { name: 'Mine', kind: 'tv', level: 'totals' } } })
    registry.see(seen('a', { name: 'Theirs', kind: 'speaker', confidence: 1 }))
    expect(registry.devices(null)).toMatchObject([
      { name: 'Mine', namedByOwner: true, kind: 'tv', kindByOwner: true, level: 'totals' },
    ])
  })

  test('stand under the one they were merged into, through any chain', () => {
    const registry = registryWith({ merges: { a: 'b', b: 'c' } })
    for (const id of ['a', 'b', 'c', 'd']) registry.see(seen(id, { addresses: [`10.0.0.${id}`] }))
    expect(registry.devices(null).map(({ id, merged, addresses }) => [id, merged, addresses.length])).toEqual([
      ['c', ['a', 'b'], 3],
      ['d', [], 1],
    ])
    expect(registry.membersOf('c')).toEqual(['c', 'a', 'b'])
  })

  test('survive merges that go in a circle', () => {
    const registry = registryWith({ merges: { a: 'b', b: 'a' } })
    registry.see(seen('a'))
    registry.see(seen('b'))
    expect(registry.devices(null)).toHaveLength(2)
  })

  test("keep those with an owner's name in a flood of made-up MACs", () => {
    const registry = registryWith({ devices: { mine: { name: 'Mine' } } })
    registry.see(seen('mine', { lastSeen: 0 }))
    for (let index = 0; index < MAX_DEVICES + 500; index++) registry.see(seen(`m${index}`, { lastSeen: index + 1 }))
    expect(registry.has('mine')).toBe(true)
    expect(registry.all()).toHaveLength(MAX_DEVICES)
  })

  test('are new when first seen after the learning time', () => {
    const registry = registryWith()
    registry.see(seen('old', { firstSeen: 100 }))
    registry.see(seen('new', { firstSeen: 900 }))
    expect(registry.devices(500).map(({ id, isNew }) => [id, isNew])).toEqual([
      ['old', false],
      ['new', true],
    ])
  })

  test('are new though they were shown before it was known when the learning ends', () => {
    const registry = registryWith()
    registry.see(seen('late', { firstSeen: 900 }))
    expect(registry.devices(null).map(({ isNew }) => isNew)).toEqual([false])
    expect(registry.devices(500).map(({ isNew }) => isNew)).toEqual([true])
  })

  test('keep their number while the server runs', () => {
    const registry = registryWith()
    for (const id of ['a', 'b']) registry.see(seen(id))
    registry.see(seen('a', { name: 'again' }))
    expect(registry.indexOf('b')).toBe(1)
    expect(registry.indexOf('a')).toBe(0)
  })
})
