// A flood of QUIC Initials is counted but not all read, and the Initials of others still are.
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../server/engine/limits.ts'
import { u32, concat, hex } from '../../../server/sample/packets/bytes.ts'
import { buildQuicInitial, cryptoFrame, QUIC_VERSION_1 } from '../../../server/sample/packets/quic-builder.ts'
import { buildClientHello } from '../../../server/sample/packets/tls-hello-builder.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'
import { InitialBudget } from '../../support/initial-budget.ts'
import { arpFrom, CAMERA, type Host, namesOf, newLab, PHONE, SERVER, trafficOf, udpOut } from './lab.ts'

const START = 1_790_000_000
const random = seededRandom(5)

function initialOf(host: Host, serverName: string, port: number): Uint8Array {
  const hello = buildClientHello({ random: random.bytes(32), serverName, alpn: ['h3'], sessionIdBytes: 0 })
  return udpOut(host, SERVER, {
    sourcePort: port,
    payload: buildQuicInitial({
      version: QUIC_VERSION_1,
      destinationConnectionId: concat(hex('01020304'), u32(port)),
      sourceConnectionId: new Uint8Array(0),
      packetNumber: 0,
      frames: cryptoFrame(0, hello),
      minLength: 1200,
    }),
  })
}

/** What looks like an Initial until its keys were derived. */
function junkOf(host: Host, port: number): Uint8Array {
  const payload = concat(hex('c3 00000001 08'), random.bytes(8), hex('00 00 4096'), random.bytes(150))
  return udpOut(host, SERVER, { sourcePort: port, payload })
}

function stranger(index: number): Host {
  return {
    mac: `02:66:00:00:${hexByte(index >> 8)}:${hexByte(index)}`,
    address: `192.168.${2 + (index >> 8)}.${index & 255}`,
  }
}

function hexByte(value: number): string {
  return (value & 255).toString(16).padStart(2, '0')
}

describe('a flood of QUIC Initials', () => {
  test('by one device is read up to its share of each second, and the names of another are found', () => {
    const lab = newLab()
    lab.add(START, arpFrom(CAMERA))
    lab.add(START, arpFrom(PHONE))
    let flooded = 0
    for (let second = 0; second < 3; second++) {
      for (let index = 0; index < 2_000; index++) {
        const frame = junkOf(PHONE, 20_000 + second * 2_000 + index)
        flooded += frame.length - 14
        lab.add(START + second + index / 2_000, frame)
      }
      lab.add(START + second + 0.9999, initialOf(CAMERA, `second${second}.example.com`, 50_000 + second))
    }
    expect(lab.engine.limits.reached.get('quicInitialsPerDevice')).toBe(3 * (2_000 - LIMITS.quicInitialsPerDevice))
    expect(lab.engine.limits.reached.has('quicInitialsOfUnread')).toBe(false)
    const analysis = lab.analyze()
    expect(namesOf(analysis, CAMERA).sort()).toEqual([0, 1, 2].map((second) => `second${second}.example.com quic`))
    // All of it is counted.
    expect(trafficOf(analysis, PHONE.mac)[0]).toBe(flooded)
  })

  test('by ever new devices leaves the one that was read before its names', () => {
    const lab = newLab()
    // Whoever has no place is not read at all: these have theirs from before.
    for (let index = 0; index < 3_000; index++) lab.engine.know(stranger(index).mac)
    lab.engine.know(PHONE.mac)
    lab.add(START, initialOf(CAMERA, 'before.example.com', 50_000))
    for (let index = 0; index < 3_000; index++) lab.add(START + 1 + index / 3_001, junkOf(stranger(index), 40_000))
    lab.add(START + 1.9999, initialOf(CAMERA, 'during.example.com', 50_001))
    lab.add(START + 1.9999, initialOf(PHONE, 'never.example.com', 50_002))
    // The camera had its name read in the second before; the phone never, and shares with the strangers.
    expect(lab.engine.limits.reached.get('quicInitialsOfUnread')).toBe(3_001 - LIMITS.quicInitialsOfUnread)
    lab.add(START + 2, initialOf(PHONE, 'after.example.com', 50_003))
    const analysis = lab.analyze()
    expect(namesOf(analysis, CAMERA).sort()).toEqual(['before.example.com quic', 'during.example.com quic'])
    expect(namesOf(analysis, PHONE)).toContain('after.example.com quic')
  })
})

describe('the share of a second', () => {
  const taken = (budget: InitialBudget, now: number, tries: number): number =>
    Array.from({ length: tries }, () => budget.take(7, now)).filter((isTaken) => isTaken).length

  test('begins anew with the next second, and not for packets a little out of order', () => {
    const budget = new InitialBudget()
    const share = LIMITS.quicInitialsPerDevice
    expect(taken(budget, START + 0.5, share + 9)).toBe(share)
    expect(taken(budget, START + 0.99, 9)).toBe(0)
    expect(taken(budget, START - 3, 9)).toBe(0)
    expect(taken(budget, START + 1, share + 9)).toBe(share)
    // A recording that was taken up at another time.
    expect(taken(budget, START - 1_000, share + 9)).toBe(share)
  })

  test('holds where no packet has a time', () => {
    const budget = new InitialBudget()
    expect(taken(budget, 0, LIMITS.quicInitialsPerDevice + 9)).toBe(LIMITS.quicInitialsPerDevice)
  })
})
