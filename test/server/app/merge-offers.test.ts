// Offers to merge: whose, and what becomes of the owner's answer.
import { describe, expect, test } from 'vitest'
import { type DecisionData, Decisions, noDecisions, readDecisions } from '../../../server/app/decisions.ts'
import { mergeOffers } from '../../../server/app/merge-offers.ts'
import type { KnownDevice } from '../../../server/session/device-registry.ts'

const HOUR = 3_600
const DAY = 24 * HOUR

function phone(last: string, from: number, to: number, changes: Partial<KnownDevice> = {}): KnownDevice {
  const id = `b6:00:00:00:00:${last}`
  return {
    id,
    mac: id,
    name: 'Annas-iPhone',
    kind: 'phone',
    vendor: 'Apple',
    why: [],
    confidence: 0.7,
    privateMac: true,
    addresses: [],
    firstSeen: from,
    lastSeen: to,
    evidence: { dhcpHostnames: ['Annas-iPhone'] },
    ...changes,
  }
}

const named = (name: string): Partial<KnownDevice> => ({ evidence: { dhcpHostnames: [name] } })
const offersOf = (devices: KnownDevice[], merges: Record<string, string> = {}, apart = false): unknown =>
  mergeOffers(
    devices,
    (id) => merges[id] ?? id,
    () => apart,
  )

describe('devices are offered as one', () => {
  const first = phone('01', 0, HOUR)
  const second = phone('02', DAY, DAY + HOUR)
  const third = phone('03', 9 * DAY, 9 * DAY + HOUR)

  test('where they have one DHCP name, private addresses, and were there in turn', () => {
    expect(offersOf([third, first, second])).toEqual([
      { name: 'Annas-iPhone', devices: [first.id, second.id], into: third.id },
    ])
  })

  test('where the name differs in its domain and capital letters only', () => {
    const other = phone('04', DAY, DAY + HOUR, named('annas-iphone.fritz.box'))
    expect(offersOf([first, other])).toHaveLength(1)
  })

  test('together with those that are merged already, as one', () => {
    expect(offersOf([first, second, third], { [first.id]: second.id })).toEqual([
      { name: 'Annas-iPhone', devices: [second.id], into: third.id },
    ])
    expect(offersOf([first, second], { [first.id]: second.id })).toEqual([])
  })

  test.each<[string, KnownDevice[]]>([
    ['that were there at the same time', [first, phone('05', HOUR - 1, 2 * HOUR)]],
    ['one of which has an address of its maker', [first, phone('05', DAY, DAY + 1, { privateMac: false })]],
    ['of different names', [first, phone('05', DAY, DAY + 1, named('Toms-iPhone'))]],
    ['of different kinds', [first, phone('05', DAY, DAY + 1, { kind: 'tablet' })]],
    ['of which no name is kept', [first, phone('05', DAY, DAY + 1, { evidence: {} })]],
    ['without a name', [phone('01', 0, 1, named('*')), phone('02', 5, 6, named('*'))]],
    ['with half a year in between', [first, phone('05', 180 * DAY, 180 * DAY + 1)]],
    [
      'of a name that many have, a week apart',
      [phone('01', 0, 1, named('iPhone')), phone('02', 7 * DAY, 8 * DAY, named('iPhone'))],
    ],
  ])('but not those %s', (_, devices) => {
    expect(offersOf(devices)).toEqual([])
  })

  test('but not those that the owner keeps apart', () => {
    expect(offersOf([first, second], {}, true)).toEqual([])
  })
})

describe("the owner's answer", () => {
  const open = (data: DecisionData): Decisions =>
    new Decisions({ data, save: async () => {}, change: async (work) => work(data), purge: async () => 1 })

  test('is kept over a restart, is taken back whole, and leaves no trace after Forget', async () => {
    const data = noDecisions()
    const decisions = open(data)
    const undo = await decisions.mergeAll(['aa', 'bb'], 'cc')
    expect(decisions.words.merges).toEqual({ aa: 'cc', bb: 'cc' })
    await decisions.undo(undo)
    expect(decisions.words.merges).toEqual({})
    const kept = await decisions.keepApart(['dd', 'ee'])
    await decisions.undo(kept)
    expect(decisions.areApart('dd', 'ee')).toBe(false)
    await decisions.keepApart(['canary-1', 'canary-2', 'canary-3'])
    const stored = readDecisions(JSON.parse(JSON.stringify(data)))
    const again = open(stored)
    expect([again.areApart('canary-1', 'canary-3'), again.areApart('canary-1', 'aa')]).toEqual([true, false])
    await again.forget(['canary-1', 'canary-2'], false)
    expect(JSON.stringify(stored)).not.toContain('canary')
  })

  test('is none in decisions of the version before, which stay as they are', () => {
    const before = { devices: { aa: { name: 'Phone' } }, merges: { bb: 'aa' }, ignored: { salt: 's', hashes: [] } }
    expect(readDecisions(before)).toEqual(before)
  })
})
