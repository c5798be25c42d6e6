// The throttle holds against many addresses, and its table stays small.
import { describe, expect, test } from 'vitest'
import { isLoopback } from '../../../capture/ip-address.ts'
import { addressGroup } from '../../../server/access/address-group.ts'
import { createThrottle, TRIES_IN_ALL } from '../../../server/access/throttle.ts'

describe('the throttle', () => {
  test('pauses everyone for a while when very many addresses guess', () => {
    const clock = { now: 0 }
    const throttle = createThrottle(() => clock.now)
    for (let time = 0; time < TRIES_IN_ALL; time++) expect(throttle.begin(`10.0.${time}.1`)).toBe(0)
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

test('loopback is told from everything else', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual([true, true, true, true])
  expect(['128.0.0.1', '::2', '192.168.1.1', '::ffff:10.0.0.1', ''].map(isLoopback)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ])
})
