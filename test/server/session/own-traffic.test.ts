// Tests of the detection of an interface that shows only this machine.
import { beforeEach, describe, expect, test } from 'vitest'
import { decode } from '../../../capture/decode.ts'
import { Frame } from '../../../capture/frame.ts'
import { OwnTraffic, ownTrafficSentence } from '../../../server/session/own-traffic.ts'
import { udpFrame } from '../../../server/sample/packets/packet-builder.ts'

const SELF = '192.168.7.20'
const SELF_V6 = 'fd00::20'
let traffic: OwnTraffic
let addresses: string[]
let reads: number

beforeEach(() => {
  addresses = ['127.0.0.1', SELF, `${SELF_V6}%eth0`]
  reads = 0
  traffic = new OwnTraffic({ addresses: () => (reads++, addresses) })
  traffic.check(0)
})

function send(source: string, destination: string, count = 1, destinationMac = '02:00:00:00:00:01'): void {
  const bytes = udpFrame({
    sourceMac: '02:00:00:00:00:02',
    destinationMac,
    source,
    destination,
    sourcePort: 1000,
    destinationPort: 443,
    payload: new Uint8Array(8),
  })
  const frame = new Frame()
  Object.assign(frame, { bytes, end: bytes.length, originalLength: bytes.length, linkType: 1 })
  decode(frame)
  for (let index = 0; index < count; index++) traffic.observe(frame)
}

describe("only this machine's own traffic", () => {
  test('is reported after three minutes of it, in both families and both directions', () => {
    send(SELF, '203.0.113.5', 30)
    send('203.0.113.5', SELF, 30)
    send(SELF_V6, '2001:db8::5', 30)
    traffic.check(179)
    expect(traffic.isOnlyOwn).toBe(false)
    traffic.check(180)
    expect(traffic.isOnlyOwn).toBe(true)
  })

  test('is not reported on a gateway, which every packet has for an end by its MAC, but not by its address', () => {
    send('192.168.7.31', '203.0.113.5', 5)
    send(SELF, '203.0.113.5', 100)
    traffic.check(180)
    expect(traffic.isOnlyOwn).toBe(false)
  })

  test('is reported in spite of what is sent to all, and of a stray packet now and then', () => {
    send(SELF, '203.0.113.5', 1000)
    send('192.168.7.31', '224.0.0.251', 500, '01:00:5e:00:00:fb')
    send('192.168.7.31', '192.168.7.255', 500, 'ff:ff:ff:ff:ff:ff')
    send('192.168.7.31', '203.0.113.5', 12)
    traffic.check(180)
    expect(traffic.isOnlyOwn).toBe(true)
  })

  test('ends with the first packets of others', () => {
    send(SELF, '203.0.113.5', 10)
    traffic.check(180)
    expect(traffic.isOnlyOwn).toBe(true)
    send('192.168.7.31', '203.0.113.5', 10)
    traffic.check(181)
    expect(traffic.isOnlyOwn).toBe(false)
  })

  test('is reported later where others were seen before: a quiet night is no change of cables', () => {
    send('192.168.7.31', '203.0.113.5', 10)
    traffic.check(1)
    for (let second = 60; second < 3600; second += 60) {
      send(SELF, '203.0.113.5')
      traffic.check(second)
      expect(traffic.isOnlyOwn).toBe(false)
    }
    traffic.check(3601)
    expect(traffic.isOnlyOwn).toBe(true)
  })

  test('is not reported where nothing comes at all', () => {
    traffic.check(1000)
    expect(traffic.isOnlyOwn).toBe(false)
  })

  test('holds for an address that this machine got meanwhile', () => {
    send(SELF, '203.0.113.5', 10)
    addresses = ['192.168.9.9']
    traffic.check(20)
    send('192.168.9.9', '203.0.113.5', 100)
    traffic.check(180)
    expect(traffic.isOnlyOwn).toBe(true)
    expect(reads).toBe(2)
  })
})

test('the sentence gives the remedy, and another one for a gateway that listens on the wrong side', () => {
  expect(ownTrafficSentence('eth0', false)).toMatch(
    /on eth0: .*gateway, use a mirror port .* over ssh\. See README › Where to put it\.$/,
  )
  expect(ownTrafficSentence('eth1', true)).toMatch(/listen on the side of the home, such as br-lan/)
})
