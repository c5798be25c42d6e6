// What a session keeps in memory, at its limits: credits, cells, look-ups reported twice, devices.
import { describe, expect, test } from 'vitest'
import type { LogQuery } from '../../../capture/logs/record.ts'
import type { Tick } from '../../../server/engine/tick.ts'
import { Cells } from '../../../server/session/cells.ts'
import { DeviceRegistry, type KnownDevice, type OwnerChoices } from '../../../server/session/device-registry.ts'
import { RecentCredits } from '../../../server/session/recent-credits.ts'
import { haveDuplicates, DuplicateLogs } from '../../../server/session/duplicate-logs.ts'

const tick = (second: number, rows: number[], bindings: number[] = []): Tick => ({
  second,
  rows: Int32Array.from(rows),
  sent: Float64Array.from(rows, (row) => row * 10),
  received: Float64Array.from(rows, (row) => row * 100),
  bindings: Int32Array.from(bindings),
  sentLocal: Float64Array.from(bindings, (binding) => binding * 2),
  receivedLocal: Float64Array.from(bindings, (binding) => binding * 3),
})

describe('the latest credits', () => {
  const rowsOf = (recentCredits: RecentCredits): number[][] => {
    const found: number[][] = []
    recentCredits.forEachRow(
      (row) => row !== 9,
      (...credit) => found.push(credit),
    )
    return found
  }

  test('are handed on with what was sent and received, of the rows and bindings that are wanted', () => {
    const recentCredits = new RecentCredits()
    expect(recentCredits.oldestSecond).toBeNaN()
    recentCredits.add(tick(5, [1, 9], [4]))
    recentCredits.add(tick(6, [2], [5, 6]))
    expect(rowsOf(recentCredits)).toEqual([
      [5, 1, 10, 100],
      [6, 2, 20, 200],
    ])
    const local: number[][] = []
    recentCredits.forEachBinding(
      (binding) => binding !== 5,
      (...credit) => local.push(credit),
    )
    expect(local).toEqual([
      [5, 4, 8, 12],
      [6, 6, 12, 18],
    ])
    expect(recentCredits.oldestSecond).toBe(5)
  })

  test('reach ten minutes back', () => {
    const recentCredits = new RecentCredits()
    recentCredits.add(tick(1_000, [1]))
    recentCredits.add(tick(1_600, [2]))
    expect(recentCredits.oldestSecond).toBe(1_000)
    recentCredits.add(tick(1_601, [3]))
    expect(recentCredits.oldestSecond).toBe(1_600)
  })

  test('are two hundred thousand at most, rows and bindings together; the newest tick always stays', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => index)
    const recentCredits = new RecentCredits()
    recentCredits.add(tick(1, many))
    recentCredits.add(tick(2, [], many))
    expect(recentCredits.oldestSecond).toBe(1)
    recentCredits.add(tick(3, [1]))
    expect(recentCredits.oldestSecond).toBe(2)
    recentCredits.add(tick(4, [...many, ...many, 1]))
    expect(recentCredits.oldestSecond).toBe(4)
  })
})

describe('a list of cells', () => {
  test('grows, leaves out what is nothing, and begins anew', () => {
    const cells = new Cells()
    cells.add(1, 2, 3, 0, 0)
    expect(cells.drain()).toHaveLength(0)
    for (let index = 0; index < 1_000; index++) cells.add(index, 2, 3, index, -1)
    cells.add(7, 8, 9, 5, 0)
    const taken = cells.drain()
    expect([taken.length, cells.drain().length]).toEqual([5_005, 0])
    for (let index = 0; index < 1_000; index++)
      expect([...taken.subarray(index * 5, index * 5 + 5)]).toEqual([index, 2, 3, index, -1])
    expect([...taken.subarray(5_000)]).toEqual([7, 8, 9, 5, 0])
    cells.add(1, 2, 3, 4, 5)
    expect([...cells.drain()]).toEqual([1, 2, 3, 4, 5])
  })
})

describe('look-ups that two logs tell', () => {
  const query = (facts: Partial<LogQuery> = {}): LogQuery =>
    ({ client: '192.168.1.5', name: 'a.example', type: 'A', time: 600, ...facts }) as LogQuery

  test.each([
    [['pihole-ftl', 'pihole'], true],
    [['dnsmasq', 'pihole-ftl'], true],
    [['pihole-ftl'], false],
    [['pihole', 'dnsmasq'], false],
    [['pihole-ftl', 'unbound'], false],
  ] as const)('are possible of %o: %s', (formats, duplicates) => {
    expect(haveDuplicates(formats)).toBe(duplicates)
  })

  test('count once, each as often as the log that has more of them', () => {
    const logs = new DuplicateLogs()
    const reported = (format: 'pihole' | 'pihole-ftl', facts: Partial<LogQuery> = {}): boolean =>
      logs.isRepeat(format, query(facts), 0)
    expect([
      reported('pihole'),
      reported('pihole'),
      reported('pihole-ftl'),
      reported('pihole-ftl'),
      reported('pihole-ftl'),
    ]).toEqual([false, false, true, true, false])
    expect([reported('pihole'), reported('pihole')]).toEqual([true, false])
  })

  test.each([
    ['another minute', { time: 660 }],
    ['another client', { client: '192.168.1.6' }],
    ['another type', { type: 'AAAA' }],
    ['another name', { name: 'b.example' }],
  ])('are others in %s', (_what, facts) => {
    const logs = new DuplicateLogs()
    logs.isRepeat('pihole', query(), 0)
    expect(logs.isRepeat('pihole-ftl', query(facts as Partial<LogQuery>), 0)).toBe(false)
    expect(logs.isRepeat('pihole-ftl', query({ time: 659 }), 0)).toBe(true)
  })

  test('without a time are of now, and of other formats never reported twice', () => {
    const logs = new DuplicateLogs()
    const timeless = query()
    delete (timeless as Partial<LogQuery>).time
    const untimed = { ...timeless, time: null } as LogQuery
    expect([
      logs.isRepeat('dnsmasq', untimed, 1_205),
      logs.isRepeat('pihole-ftl', query({ time: 1_200 }), 0),
      logs.isRepeat('unbound', query({ time: 1_200 }), 0),
      logs.isRepeat('unbound', query({ time: 1_200 }), 0),
    ]).toEqual([false, true, false, false])
  })

  test('are remembered a hundred thousand times; the oldest goes first', () => {
    const logs = new DuplicateLogs()
    for (let index = 0; index < 100_000; index++) logs.isRepeat('pihole', query({ name: `n${index}` }), 0)
    expect(logs.isRepeat('pihole-ftl', query({ name: 'n0' }), 0)).toBe(true)
    logs.isRepeat('pihole', query({ name: 'one more' }), 0)
    expect(logs.isRepeat('pihole-ftl', query({ name: 'n1' }), 0)).toBe(true)
    expect(logs.isRepeat('pihole-ftl', query({ name: 'n0' }), 0)).toBe(false)
  })
})

describe('the registry of devices', () => {
  const seen = (id: string, facts: Partial<KnownDevice> = {}): KnownDevice => ({
    id,
    mac: id,
    name: null,
    kind: 'unknown',
    vendor: null,
    why: [],
    confidence: 0,
    privateMac: false,
    addresses: [],
    firstSeen: 1_000,
    lastSeen: 1_000,
    ...facts,
  })
  const registryOf = (words: Partial<OwnerChoices> = {}): DeviceRegistry =>
    new DeviceRegistry(
      () => ({ devices: {}, merges: {}, ...words }),
      () => 'companies',
    )

  test('holds 4,096; the one seen longest ago that the owner did not name or merge makes room', () => {
    const registry = registryOf({ devices: { d0: { name: 'Mine' } }, merges: { d1: 'd0' } })
    for (let index = 0; index < 4_096; index++) registry.see(seen(`d${index}`, { lastSeen: 1_000 + index }))
    registry.saw('d2', 9_000)
    expect(registry.all()).toHaveLength(4_096)
    registry.see(seen('d5', { lastSeen: 9_000 }))
    expect(registry.all()).toHaveLength(4_096)
    registry.see(seen('new'))
    expect([
      registry.all().length,
      registry.has('d3'),
      registry.has('d0'),
      registry.has('d1'),
      registry.has('d2'),
    ]).toEqual([4_096, false, true, true, true])
  })

  test('keeps what it knew where the packets say less, and the first of two kinds but for one that is clearly surer', () => {
    const registry = registryOf()
    const known = (): Partial<KnownDevice> | undefined => registry.all()[0]
    registry.see(
      seen('a', { name: 'Cam', kind: 'camera', vendor: 'Ring', why: ['x'], confidence: 0.8, firstSeen: 500 }),
    )
    registry.see(seen('a', { firstSeen: 700, lastSeen: 1_200, addresses: ['192.168.1.5'] }))
    expect(known()).toMatchObject({
      name: 'Cam',
      kind: 'camera',
      vendor: 'Ring',
      why: ['x'],
      confidence: 0.8,
      firstSeen: 500,
      lastSeen: 1_200,
      addresses: ['192.168.1.5'],
    })
    registry.see(seen('a', { kind: 'plug', confidence: 0.79, lastSeen: 1_100 }))
    expect(known()).toMatchObject({ kind: 'camera', confidence: 0.8, lastSeen: 1_200 })
    registry.see(seen('a', { kind: 'plug', confidence: 0.95, name: 'Plug' }))
    expect(known()).toMatchObject({ kind: 'plug', vendor: 'Ring', name: 'Plug' })
  })

  test('moves the time of a known device on, never back', () => {
    const registry = registryOf()
    registry.see(seen('a'))
    const lastSeen = (): number | undefined => registry.devices(null)[0]?.lastSeen
    expect(lastSeen()).toBe(1_000)
    registry.saw('a', 1_001)
    expect(lastSeen()).toBe(1_001)
    registry.saw('a', 900)
    registry.saw('b', 5_000)
    expect([lastSeen(), registry.all().length]).toEqual([1_001, 1])
  })

  test('shows merged devices as one, with the words of the owner', () => {
    const registry = registryOf({
      devices: { a: { name: 'Mine', kind: 'tv', level: 'totals' } },
      merges: { b: 'a', c: 'b' },
    })
    registry.see(seen('b', { addresses: ['x', 'y'], firstSeen: 800, lastSeen: 2_000 }))
    registry.see(seen('a', { addresses: ['x'], kind: 'plug' }))
    registry.see(seen('c', { addresses: ['z'] }))
    registry.see(seen('d', { name: 'Other' }))
    expect(registry.devices(800)).toMatchObject([
      {
        id: 'a',
        name: 'Mine',
        namedByOwner: true,
        kind: 'tv',
        kindByOwner: true,
        level: 'totals',
        addresses: ['x', 'y', 'z'],
        merged: ['b', 'c'],
        firstSeen: 800,
        lastSeen: 2_000,
        isNew: false,
      },
      { id: 'd', name: 'Other', namedByOwner: false, kindByOwner: false, level: 'companies', merged: [], isNew: true },
    ])
    expect([registry.rootOf('c'), registry.membersOf('a'), registry.indexOf('c'), registry.indexOf('none')]).toEqual([
      'a',
      ['a', 'b', 'c'],
      1,
      -1,
    ])
  })

  test('is new from the second after the learning on', () => {
    const registry = registryOf()
    registry.see(seen('a'))
    const isNew = (until: number | null): boolean | undefined => {
      registry.refresh()
      return registry.devices(until)[0]?.isNew
    }
    expect([isNew(null), isNew(1_000), isNew(999)]).toEqual([false, false, true])
  })

  test('forgets one, or all, and shows it at once', () => {
    const registry = registryOf()
    registry.see(seen('a'))
    registry.see(seen('b'))
    registry.devices(null)
    registry.forget('a')
    expect(registry.devices(null).map(({ id }) => id)).toEqual(['b'])
    registry.clear()
    expect(registry.devices(null)).toEqual([])
    registry.see(seen('c'))
    expect(registry.indexOf('c')).toBe(0)
  })

  test('a circle of merges ends', () => {
    const registry = registryOf({ merges: { a: 'b', b: 'a' } })
    expect([registry.rootOf('a'), registry.rootOf('b')]).toEqual(['b', 'a'])
  })
})
