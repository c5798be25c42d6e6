// Ports by which devices ask and are asked, as evidence of their kinds; and how they move bytes.
import { describe, expect, test } from 'vitest'
import { PORTS_PER_BINDING, TCP_ACK, TCP_SYN } from '../../../capture/core/constants.ts'
import { udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { saidBy } from '../../../server/resolve/describe-devices.ts'
import { groupBindings } from '../../../server/resolve/devices.ts'
import { arpFrom, CAMERA, type Host, newLab, PHONE, SERVER, tcpIn, tcpOut, udpIn, udpOut, udpWithin } from './lab.ts'

const BROADCAST = 'ff:ff:ff:ff:ff:ff'
const known = [arpFrom(CAMERA), arpFrom(PHONE)]

/** What the device's ports and habits are after these frames, so many seconds apart. */
function seenOf(host: Host, frames: readonly Uint8Array[], apart = 0.1): { ports: string[]; habits: string[] } {
  const lab = newLab()
  ;[...known, ...frames].forEach((frame, index) => lab.add(1000 + index * apart, frame))
  lab.analyze()
  const device = groupBindings(lab.engine).find(({ id }) => id === host.mac)
  if (device === undefined) throw new Error(`${host.mac} is no device`)
  const { ports = [], habits = [] } = saidBy(lab.engine, device, host.mac)
  return { ports, habits }
}

const syn = (port: number): Uint8Array => tcpOut(CAMERA, SERVER, { destinationPort: port, flags: TCP_SYN })

describe('ports', () => {
  test('are those that a device asks the internet, but for names and web pages', () => {
    const frames = [syn(8883), syn(443), syn(80), udpOut(CAMERA, SERVER, { destinationPort: 3478 })]
    expect(seenOf(CAMERA, frames).ports).toEqual(['internet tcp 8883', 'internet udp 3478'])
  })

  test('are found in the middle of a connection by the lower one', () => {
    expect(seenOf(CAMERA, [tcpIn(CAMERA, SERVER, { sourcePort: 8883, payload: Uint8Array.of(1) })]).ports).toEqual([
      'internet tcp 8883',
    ])
  })

  test('name nothing where neither is a service of old', () => {
    expect(seenOf(CAMERA, [udpOut(CAMERA, SERVER, { sourcePort: 40_000, destinationPort: 50_000 })]).ports).toEqual([])
  })

  test('are those that it calls to everyone at home', () => {
    const call = udpFrame({
      sourceMac: CAMERA.mac,
      destinationMac: BROADCAST,
      source: CAMERA.address,
      destination: '255.255.255.255',
      sourcePort: 49_154,
      destinationPort: 6667,
      payload: Uint8Array.of(1, 2, 3),
    })
    expect(seenOf(CAMERA, [call]).ports).toEqual(['home udp 6667'])
  })

  test('are served by who answers on them, not by who is asked in vain', () => {
    const ask = (flags: number, from: Host, to: Host, ports: [number, number]): Uint8Array =>
      tcpOut(from, to.address, { flags, sourcePort: ports[0], destinationPort: ports[1] })
    const asked = ask(TCP_SYN, PHONE, CAMERA, [41_000, 554])
    expect(seenOf(CAMERA, [asked]).ports).toEqual([])
    const answered = [asked, ask(TCP_SYN | TCP_ACK, CAMERA, PHONE, [554, 41_000])]
    expect(seenOf(CAMERA, answered).ports).toEqual(['serves tcp 554'])
    expect(seenOf(PHONE, answered).ports).toEqual(['home tcp 554'])
  })

  test('of a conversation that began before are served by the end that has the lower one', () => {
    expect(seenOf(CAMERA, [udpWithin(CAMERA, PHONE, { sourcePort: 9999, destinationPort: 41_000 })]).ports).toEqual([
      'serves udp 9999',
    ])
  })

  test('are as many as are kept, the first ones', () => {
    const frames = Array.from({ length: 40 }, (_, index) => syn(1000 + index))
    const { ports } = seenOf(CAMERA, frames)
    expect(ports).toHaveLength(PORTS_PER_BINDING)
    expect(ports[0]).toBe('internet tcp 1000')
  })
})

describe('habits', () => {
  const large = new Uint8Array(1400)
  const repeated = (frame: Uint8Array, times: number): Uint8Array[] => Array.from({ length: times }, () => frame)
  const out = tcpOut(CAMERA, SERVER, { payload: large })
  const back = tcpIn(CAMERA, SERVER, { payload: large })

  test('of a camera are long uploads', () => {
    expect(seenOf(CAMERA, [...repeated(out, 300), ...repeated(back, 10)]).habits).toEqual(['uploads', 'answers'])
  })

  test('of a speaker are answers as long as its requests', () => {
    expect(seenOf(CAMERA, [...repeated(out, 100), ...repeated(back, 100)]).habits).toEqual(['answers'])
  })

  test('of a player are downloads', () => {
    expect(seenOf(CAMERA, [...repeated(out, 10), ...repeated(back, 1500)]).habits).toEqual(['takes'])
  })

  test('of a camera watched at home are streams to others', () => {
    const within = udpWithin(CAMERA, PHONE, { payload: large })
    expect(seenOf(CAMERA, repeated(within, 400)).habits).toEqual(['streams-home'])
    expect(seenOf(PHONE, repeated(within, 400)).habits).toEqual([])
  })

  test('of a plug are a few bytes in a long time', () => {
    const beat = udpIn(CAMERA, SERVER, { payload: Uint8Array.of(1) })
    expect(seenOf(CAMERA, repeated(beat, 30), 60).habits).toEqual(['quiet'])
  })
})
