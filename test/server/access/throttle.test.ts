// The pause after wrong passwords: by address, over all addresses, and the size of its table.
import { describe, expect, test } from 'vitest'
import { isLoopback } from '../../../capture/ip-address.ts'
import { addressGroup } from '../../../server/access/address-group.ts'
import { createThrottle } from '../../../server/access/throttle.ts'

describe('the throttle', () => {
  test('pauses everyone for a while when very many addresses guess', () => {
    const clock = { now: 0 }
    const throttle = createThrottle(() => clock.now)
    for (let time = 0; time < 100; time++) expect(throttle.begin(`10.0.${time}.1`)).toBe(0)
    expect(throttle.begin('10.1.1.1')).toBe(3600)
    clock.now = 3600
    expect(throttle.begin('10.1.1.1')).toBe(0)
  })

  test('does not count what was right', () => {
    const throttle = createThrottle(() => 0)
    for (let time = 0; time < 500; time++) {
      expect(throttle.begin('10.0.0.1')).toBe(0)
      throttle.right('10.0.0.1')
    }
  })

  test('gives an address five tries, and five more a quarter of an hour after the last', () => {
    const clock = { now: 50 }
    const throttle = createThrottle(() => clock.now)
    for (let time = 0; time < 5; time++) {
      clock.now = 50 + time
      expect(throttle.begin('10.0.0.1')).toBe(0)
    }
    expect(throttle.begin('10.0.0.1')).toBe(900)
    clock.now = 54 + 899
    expect(throttle.begin('10.0.0.1')).toBe(1)
    clock.now = 54 + 899.5
    expect(throttle.begin('10.0.0.1')).toBe(1)
    clock.now = 54 + 900
    for (let time = 0; time < 5; time++) expect(throttle.begin('10.0.0.1')).toBe(0)
    expect(throttle.begin('10.0.0.1')).toBe(900)
  })

  test('does not lengthen the pause by tries within it', () => {
    const clock = { now: 0 }
    const throttle = createThrottle(() => clock.now)
    for (let time = 0; time < 5; time++) throttle.begin('10.0.0.1')
    clock.now = 600
    for (let time = 0; time < 5; time++) expect(throttle.begin('10.0.0.1')).toBe(300)
  })

  test('counts the tries of all addresses anew each hour, and holds each hour against them', () => {
    const clock = { now: 0 }
    const throttle = createThrottle(() => clock.now)
    let address = 0
    const another = (): number => throttle.begin(`10.${address >> 8}.${address++ & 255}.1`)
    for (const [start, within] of [
      [0, 3_599],
      [7_200, 10_799],
      [10_800, 14_399],
      [20_000, 23_599],
    ] as const) {
      clock.now = start
      for (let time = 0; time < 100; time++) expect(another()).toBe(0)
      expect(another()).toBe(3_600)
      clock.now = within
      expect(another()).toBe(1)
    }
  })

  test('gives one address its five tries and no more, two hours after many addresses were paused', () => {
    const clock = { now: 0 }
    const throttle = createThrottle(() => clock.now)
    for (let time = 0; time < 100; time++) throttle.begin(`10.0.${time}.1`)
    clock.now = 7_200
    expect(Array.from({ length: 7 }, () => throttle.begin('10.1.1.1'))).toEqual([0, 0, 0, 0, 0, 900, 900])
  })

  test('takes one try off the count of all for one right password, not all of them', () => {
    const throttle = createThrottle(() => 0)
    for (let time = 0; time < 60; time++) expect(throttle.begin(`10.0.${time}.1`)).toBe(0)
    expect(throttle.begin('192.168.1.5')).toBe(0)
    throttle.right('192.168.1.5')
    for (let time = 60; time < 100; time++) expect(throttle.begin(`10.0.${time}.1`)).toBe(0)
    expect(throttle.begin('10.1.1.1')).toBe(3_600)
    expect(throttle.begin('192.168.1.5')).toBe(3_600)
  })

  test('gives nobody more tries for a right password that was not counted', () => {
    const throttle = createThrottle(() => 0)
    for (let time = 0; time < 50; time++) throttle.right('192.168.1.5')
    for (let time = 0; time < 100; time++) expect(throttle.begin(`10.0.${time}.1`)).toBe(0)
    expect(throttle.begin('10.1.1.1')).toBe(3_600)
  })

  test('a right password gives its own address five tries again, and no other', () => {
    const throttle = createThrottle(() => 0)
    for (let time = 0; time < 4; time++) throttle.begin('10.0.0.1')
    for (let time = 0; time < 5; time++) throttle.begin('10.0.0.2')
    throttle.right('10.0.0.1')
    expect(Array.from({ length: 6 }, () => throttle.begin('10.0.0.1'))).toEqual([0, 0, 0, 0, 0, 900])
    expect(throttle.begin('10.0.0.2')).toBe(900)
  })

  test('remembers two thousand addresses; the one that tried longest ago goes first', () => {
    const clock = { now: 0 }
    const throttle = createThrottle(() => clock.now)
    const addressOf = (number: number): string => `10.${number >> 8}.${number & 255}.1`
    const paused = (number: number): boolean => throttle.begin(addressOf(number)) === 900
    const pause = (number: number): void => {
      for (let time = 0; time < 5; time++) {
        throttle.begin(addressOf(number))
        // What the others try is right, so that the count of all stays away from its limit.
        throttle.right('192.168.1.5')
      }
    }
    for (let number = 0; number < 2_000; number++) pause(number)
    expect([0, 1, 1_999].map(paused)).toEqual([true, true, true])
    pause(2_000)
    expect([1, 2, 2_000].map(paused)).toEqual([true, true, true])
    expect(throttle.begin(addressOf(0))).toBe(0)
    // Number 0 was let in again, and number 1 made room for it.
    expect(throttle.begin(addressOf(1))).toBe(0)
  })

  test('keeps tries of this machine and of known browsers, by account, apart from those of strangers', () => {
    const throttle = createThrottle(() => 0)
    const all = (lane: 'stranger' | 'known-viewer'): void => {
      for (let time = 0; time < 100; time++) expect(throttle.begin(`10.0.${time}.1`, lane)).toBe(0)
      expect(throttle.begin('10.1.1.1', lane)).toBe(3_600)
    }
    all('stranger')
    all('known-viewer')
    // A right password in one lane gives the others nothing.
    throttle.right('10.0.0.1', 'known-admin')
    throttle.right('127.0.0.1', 'local')
    expect([throttle.begin('10.1.1.1'), throttle.begin('10.1.1.1', 'known-viewer')]).toEqual([3_600, 3_600])
    for (const lane of ['local', 'known-admin'] as const)
      expect(Array.from({ length: 6 }, () => throttle.begin('10.1.1.1', lane))).toEqual([0, 0, 0, 0, 0, 900])
  })

  test('counts known browsers by themselves and together', () => {
    const throttle = createThrottle(() => 0)
    for (let browser = 0; browser < 20; browser++)
      for (let time = 0; time < 5; time++) expect(throttle.begin(`browser ${browser}`, 'known-admin')).toBe(0)
    expect([throttle.begin('browser 0', 'known-admin'), throttle.begin('browser 20', 'known-admin')]).toEqual([
      900, 3_600,
    ])
  })

  test('counts an IPv6 home as one address', () => {
    const throttle = createThrottle(() => 0)
    for (let time = 0; time < 5; time++) throttle.begin(`2001:db8:1:2::${time}`)
    expect(throttle.begin('2001:db8:1:2:3::9')).toBe(900)
    expect(throttle.begin('2001:db8:1:3::9')).toBe(0)
  })
})

test.each([
  ['192.168.1.5', '192.168.1.5'],
  ['::ffff:192.168.1.5', '192.168.1.5'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['2001:0DB8:0001:2::', '2001:db8:1:2'],
])('%s belongs to %s', (address, group) => {
  expect(addressGroup(address)).toBe(group)
})

test('loopback is reported from everything else', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual([true, true, true, true])
  expect(['128.0.0.1', '::2', '192.168.1.1', '::ffff:10.0.0.1', ''].map(isLoopback)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ])
})
