// What programs say of themselves in the clear is evidence of the device that runs them, and of no other.
import { describe, expect, test } from 'vitest'
import { concat, hex, text, u16, u8 } from '../../../server/sample/packets/bytes.ts'
import { TCP_FLAG, tcpFrame } from '../../../server/sample/packets/packet-builder.ts'
import type { Evidence, EvidenceKind } from '../../../server/engine/evidence.ts'
import { CAMERA, type Host, type Lab, newLab, PHONE, SERVER, tcpIn, tcpOut, udpIn, udpOut } from './lab.ts'

/** What the device at the address is known to have said. */
function saidBy(address: string, frames: Uint8Array[]): Evidence {
  const lab = newLab()
  frames.forEach((frame, index) => lab.add(1 + index / 10, frame))
  return evidenceOf(lab, address)
}

function evidenceOf(lab: Lab, address: string): Evidence {
  const { addresses, ownership, evidence } = lab.engine
  const words = address.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0)
  return evidence.ofBinding(ownership.bindingOn(addresses.ofIpv4(words))) ?? {}
}

function valuesOf(kind: EvidenceKind, frames: Uint8Array[], address = CAMERA.address): string[] {
  return [...(saidBy(address, frames)[kind] ?? [])]
}

const START = 0x1000

/** A device's stream to a server, cut behind so many bytes; its SYN first. */
function streamOf(from: Host, stream: Uint8Array, cuts: number[]): Uint8Array[] {
  const edges = [0, ...cuts, stream.length]
  const part = (at: number, end: number): Uint8Array =>
    tcpOut(from, SERVER, { sequence: START + at, payload: stream.subarray(at, end) })
  const syn = tcpOut(from, SERVER, { flags: TCP_FLAG.syn, sequence: START - 1 })
  return [syn, ...edges.slice(1).map((end, index) => part(edges[index], end))]
}

function sent(stream: Uint8Array, ...cuts: number[]): Uint8Array[] {
  return streamOf(CAMERA, stream, cuts)
}

/** What devices said of whom each sends other frames: numbered from 0, by one engine. */
function saidByEach(framesOf: readonly ((from: Host) => Uint8Array[])[]): Evidence[] {
  const lab = newLab()
  const hosts = framesOf.map((_, index) => {
    const end = (10 + index).toString(16).padStart(2, '0')
    return { mac: `02:00:00:00:01:${end}`, address: `192.168.1.${10 + index}` }
  })
  framesOf.forEach((frames, index) => frames(hosts[index]).forEach((frame) => lab.add(1 + index, frame)))
  lab.analyze()
  return hosts.map(({ address }) => evidenceOf(lab, address))
}

/** The same of one stream, cut in two behind each of its bytes, in both orders. */
function saidWhereCut(stream: Uint8Array): Evidence[] {
  const cuts = Array.from({ length: stream.length - 1 }, (_, index) => index + 1)
  return saidByEach(
    cuts.flatMap((cut) => [
      (from: Host) => streamOf(from, stream, [cut]),
      (from: Host) => {
        const [syn, first, second] = streamOf(from, stream, [cut])
        return [syn, second, first]
      },
    ]),
  )
}

/** The same of each of the beginnings of a stream. */
function saidWhereEnded(stream: Uint8Array, before: number): Evidence[] {
  const ends = Array.from({ length: before - 1 }, (_, index) => index + 1)
  return saidByEach(ends.map((end) => (from: Host) => streamOf(from, stream.subarray(0, end), [])))
}

function behindLength(value: string): Uint8Array {
  return concat(u16(value.length), text(value))
}

/** MQTT CONNECT with a user name and a password (MQTT 3.1.1 section 3.1). */
function mqttConnect(id: string, name = 'MQTT', version = 4, properties = hex('')): Uint8Array {
  const rest = [behindLength(id), behindLength('the-user'), behindLength('the-password')]
  const body = concat(behindLength(name), u8(version), hex('c2 003c'), properties, ...rest)
  return concat(
    hex('10'),
    body.length < 128 ? u8(body.length) : concat(u8(body.length | 0x80), u8(body.length >> 7)),
    body,
  )
}

describe('the id of an MQTT client', () => {
  test.each([
    ['3.1', mqttConnect('cam-1a2b', 'MQIsdp', 3)],
    ['3.1.1', mqttConnect('cam-1a2b')],
    ['5', mqttConnect('cam-1a2b', 'MQTT', 5, hex('05 11 00000e10'))],
  ])('is evidence, in version %s, and user name and password are not', (_, message) => {
    expect(saidBy(CAMERA.address, sent(message))).toEqual({ mqttClientIds: new Set(['cam-1a2b']) })
  })

  test('is read however it is cut', () => {
    const message = mqttConnect('cam-1a2b', 'MQTT', 5, hex('00'))
    const found = saidWhereCut(message)
    expect(found).toEqual(
      Array.from({ length: 2 * message.length - 2 }, () => ({ mqttClientIds: new Set(['cam-1a2b']) })),
    )
  })

  test('of a message that ends early, or is another one, is none', () => {
    const message = mqttConnect('cam-1a2b')
    const idEnd = message.length - 'the-user'.length - 'the-password'.length - 4
    expect(saidWhereEnded(message, idEnd)).toEqual(Array.from({ length: idEnd - 1 }, () => ({})))
    const changed = (at: number, value: number): Uint8Array => {
      const copy = Uint8Array.from(message)
      copy[at] = value
      return copy
    }
    for (const [at, value] of [
      [0, 0x20],
      [1, 9],
      [3, 5],
      [4, 0x51],
      [8, 9],
      [8, 2],
      [9, 0xc3],
      [12, 0xff],
    ])
      expect([at, value, valuesOf('mqttClientIds', sent(changed(at, value)))]).toEqual([at, value, []])
    const endless = concat(hex('10 ffffffff 7f'), message)
    expect(valuesOf('mqttClientIds', sent(endless))).toEqual([])
  })

  test('that the server chooses is none', () => {
    expect(saidBy(CAMERA.address, sent(mqttConnect('')))).toEqual({})
  })

  test('is of the device at home, whoever it talks to', () => {
    const within = tcpFrame({
      sourceMac: CAMERA.mac,
      destinationMac: PHONE.mac,
      source: CAMERA.address,
      destination: PHONE.address,
      sourcePort: 40_000,
      destinationPort: 1883,
      payload: mqttConnect('cam-1a2b'),
    })
    expect([CAMERA, PHONE].map(({ address }) => valuesOf('mqttClientIds', [within], address))).toEqual([
      ['cam-1a2b'],
      [],
    ])
    const foreign = tcpIn(CAMERA, SERVER, { payload: mqttConnect('server') })
    expect(valuesOf('mqttClientIds', [foreign])).toEqual([])
  })
})

describe('an RTSP server', () => {
  const answer = text('RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Hipcam RealServer/V1.0\r\n\r\n')

  test('is evidence of the camera that is the server', () => {
    const frames = sent(answer)
    expect(saidBy(CAMERA.address, frames)).toEqual({ rtspServers: new Set(['Hipcam RealServer/V1.0']) })
    expect(saidBy(CAMERA.address, [tcpIn(CAMERA, SERVER, { payload: answer })])).toEqual({})
  })

  test('is read however it is cut, and where an answer before did not say it', () => {
    const found = saidWhereCut(answer)
    const all = Array.from(found, () => ({ rtspServers: new Set(['Hipcam RealServer/V1.0']) }))
    expect(found).toEqual(all)
    const silent = text('RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n')
    expect(valuesOf('rtspServers', sent(concat(silent, answer), silent.length))).toEqual(['Hipcam RealServer/V1.0'])
  })

  test('is asked by a program that names itself', () => {
    for (const method of ['OPTIONS', 'DESCRIBE', 'GET_PARAMETER', 'SETUP'])
      expect(
        saidBy(
          CAMERA.address,
          sent(text(`${method} rtsp://192.168.1.9/live RTSP/1.0\r\nUser-Agent: LibVLC/3\r\n\r\n`)),
        ),
      ).toEqual({ userAgents: new Set(['LibVLC/3']) })
  })

  test('whose first line has no end is none', () => {
    expect(saidBy(CAMERA.address, sent(text(`RTSP/1.0 200 ${'x'.repeat(2_000)}`), 700, 1_400))).toEqual({})
  })
})

describe('an SSH identification', () => {
  const banner = text('SSH-2.0-dropbear_2019.78\r\n')

  test('is evidence of its sender, however it is cut', () => {
    const found = saidWhereCut(banner)
    expect(found).toEqual(Array.from(found, () => ({ sshBanners: new Set(['SSH-2.0-dropbear_2019.78']) })))
    expect(saidBy(CAMERA.address, [tcpIn(CAMERA, SERVER, { payload: banner })])).toEqual({})
  })

  test('without an end is none', () => {
    expect(saidBy(CAMERA.address, sent(banner.subarray(0, -1)))).toEqual({})
    expect(saidBy(CAMERA.address, sent(text(`SSH-${'x'.repeat(2_000)}`), 700, 1_400))).toEqual({})
  })
})

describe('the software of a STUN message', () => {
  const attribute = (type: number, value: string): Uint8Array =>
    concat(u16(type), u16(value.length), text(value), new Uint8Array((4 - (value.length % 4)) % 4))
  const message = (...attributes: Uint8Array[]): Uint8Array => {
    const body = concat(...attributes)
    return concat(u16(1), u16(body.length), hex('2112a442 000102030405060708090a0b'), body)
  }
  const stun = message(attribute(0x0006, 'user1'), attribute(0x8022, 'libjuice'))

  test('is evidence of the device that sent it, and its user is none', () => {
    expect(saidBy(CAMERA.address, [udpOut(CAMERA, SERVER, { payload: stun })])).toEqual({
      stunSoftware: new Set(['libjuice']),
    })
    expect(saidBy(CAMERA.address, [udpIn(CAMERA, SERVER, { payload: stun })])).toEqual({})
  })

  test('is none where an attribute runs over the end', () => {
    const wrong = message(concat(hex('0006 0100'), text('user')), attribute(0x8022, 'libjuice'))
    expect(saidBy(CAMERA.address, [udpOut(CAMERA, SERVER, { payload: wrong })])).toEqual({})
    const ends = Array.from({ length: stun.length - 1 }, (_, index) => index + 1)
    const found = saidByEach(ends.map((end) => (from) => [udpOut(from, SERVER, { payload: stun.subarray(0, end) })]))
    expect(found).toEqual(ends.map(() => ({})))
  })
})
