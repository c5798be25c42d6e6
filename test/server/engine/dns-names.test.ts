// Names of flows from DNS answers: chains, hints, other clients, and messages over TCP.
import { describe, expect, test } from 'vitest'
import type { Answer } from 'dns-packet'
import { ethernet, ETHERTYPE, ip, PROTOCOL, udp } from '../../../server/sample/packets/packet-builder.ts'
import {
  analysisOf,
  CAMERA,
  dnsAnswer,
  dnsAnswerFrame,
  dnsQuery,
  endpointOf,
  namesOf,
  OTHER_SERVER,
  PHONE,
  SERVER,
  udpIn,
  udpOut,
} from './lab.ts'
import { u16, text, concat } from '../../../server/sample/packets/bytes.ts'
import { dnsName, httpsRecord, dns, HTTPS_TYPE } from '../../../server/sample/packets/dns-builder.ts'

/** A flow that carries no name. */
const opaque = new Uint8Array(100).fill(0xee)
const silent = (sourcePort = 41_000, to = SERVER, from = CAMERA): Uint8Array =>
  udpOut(from, to, { sourcePort, destinationPort: 9000, payload: opaque })
const cname = (name: string, data: string): Answer => ({ name, type: 'CNAME', ttl: 60, data })
const a = (name: string, data: string): Answer => ({ name, type: 'A', ttl: 60, data })

describe('names from DNS answers', () => {
  const chain = [
    cname('www.shop.example', 'shop.cdn.example'),
    cname('shop.cdn.example', 'e1.edge.example'),
    a('e1.edge.example', SERVER),
  ]

  test('a CNAME chain leads back to the asked name', () => {
    expect(namesOf(analysisOf([dnsAnswer(CAMERA, 'www.shop.example', chain), silent()]), CAMERA)).toEqual([
      'www.shop.example dns',
    ])
  })

  test('in whatever order the records stand', () => {
    for (const order of [
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
      [0, 2, 1],
      [1, 0, 2],
    ]) {
      const answers = order.map((index) => chain[index])
      expect(namesOf(analysisOf([dnsAnswer(CAMERA, 'www.shop.example', answers), silent()]), CAMERA)).toEqual([
        'www.shop.example dns',
      ])
    }
  })

  test('a chain that goes round ends', () => {
    const answers = [cname('a.example', 'b.example'), cname('b.example', 'a.example'), a('b.example', SERVER)]
    expect(namesOf(analysisOf([dnsAnswer(CAMERA, 'a.example', answers), silent()]), CAMERA)).toEqual(['a.example dns'])
  })

  test('twenty aliases are followed', () => {
    const names = Array.from({ length: 21 }, (_, index) => `n${index}.example`)
    const answers = [...names.slice(1).map((name, index) => cname(names[index], name)), a('n20.example', SERVER)]
    expect(namesOf(analysisOf([dnsAnswer(CAMERA, 'n0.example', answers), silent()]), CAMERA)).toEqual([
      'n0.example dns',
    ])
  })

  test('a record of another name keeps that name', () => {
    expect(namesOf(analysisOf([dnsAnswer(CAMERA, 'a.example', [a('b.example', SERVER)]), silent()]), CAMERA)).toEqual([
      'b.example dns',
    ])
  })

  test('every address of an answer is named, IPv6 ones too', () => {
    const camera6 = { ...CAMERA, address: 'fd00::a' }
    const frames = [
      dnsQuery(CAMERA, 'a.example'),
      dnsAnswer(CAMERA, 'a.example', [
        a('a.example', SERVER),
        a('a.example', OTHER_SERVER),
        { name: 'a.example', type: 'AAAA', ttl: 60, data: '2001:db8:ffff::5' },
      ]),
      silent(1),
      silent(2, OTHER_SERVER),
      udpOut(camera6, '2001:db8:ffff::5', { payload: opaque, destinationPort: 9000 }),
    ]
    expect(endpointOf(analysisOf(frames), CAMERA, 'a.example').addresses).toEqual([
      SERVER,
      OTHER_SERVER,
      '2001:db8:ffff::5',
    ])
  })

  test('the hints of an HTTPS record count like addresses', () => {
    const record = httpsRecord('shop.example', 1, '', { ipv4Hints: [SERVER], ipv6Hints: ['2001:db8:ffff::5'] })
    const frames = [
      dnsQuery(CAMERA, 'shop.example', HTTPS_TYPE),
      dnsAnswer(CAMERA, 'shop.example', [record], HTTPS_TYPE),
      silent(),
      udpOut({ ...CAMERA, address: 'fd00::a' }, '2001:db8:ffff::5', { destinationPort: 9000, payload: opaque }),
    ]
    expect(endpointOf(analysisOf(frames), CAMERA, 'shop.example').addresses).toEqual([SERVER, '2001:db8:ffff::5'])
  })

  test('an HTTPS record behind a CNAME, and one for a port, lead back to the host', () => {
    const behind = [cname('shop.example', 'edge.example'), httpsRecord('edge.example', 1, '', { ipv4Hints: [SERVER] })]
    expect(namesOf(analysisOf([dnsAnswer(CAMERA, 'shop.example', behind, HTTPS_TYPE), silent()]), CAMERA)).toEqual([
      'shop.example dns',
    ])
    const port = [httpsRecord('_8443._https.shop.example', 1, 'other.example', { ipv4Hints: [SERVER] })]
    expect(
      namesOf(analysisOf([dnsAnswer(CAMERA, '_8443._https.shop.example', port, HTTPS_TYPE), silent()]), CAMERA),
    ).toEqual(['shop.example dns'])
  })

  test('a refused answer teaches nothing', () => {
    const payload = dns({
      type: 'response',
      id: 1,
      flags: 3,
      questions: [{ name: 'a.example', type: 'A' }],
      answers: [a('a.example', SERVER)],
    })
    expect(namesOf(analysisOf([dnsAnswerFrame(CAMERA, payload), silent()]), CAMERA)).toEqual(['- none'])
  })

  test('additional records teach nothing', () => {
    const payload = dns({
      type: 'response',
      id: 1,
      questions: [{ name: 'a.example', type: 'A' }],
      answers: [a('a.example', OTHER_SERVER)],
      additionals: [a('ns.example', SERVER)],
    })
    expect(namesOf(analysisOf([dnsAnswerFrame(CAMERA, payload), silent()]), CAMERA)).toEqual(['- none'])
  })

  test('an answer from a resolver on the internet counts as well', () => {
    const payload = dns({
      type: 'response',
      id: 1,
      questions: [{ name: 'a.example', type: 'A' }],
      answers: [a('a.example', SERVER)],
    })
    const frames = [udpIn(CAMERA, '8.8.8.8', { sourcePort: 53, destinationPort: 5000, payload }), silent()]
    expect(namesOf(analysisOf(frames), CAMERA)).toContain('a.example dns')
  })

  test('what was read before the damage of an answer counts', () => {
    const payload = dns({
      type: 'response',
      id: 1,
      questions: [{ name: 'a.example', type: 'A' }],
      answers: [a('a.example', SERVER), a('a.example', OTHER_SERVER)],
    })
    expect(
      namesOf(analysisOf([dnsAnswerFrame(CAMERA, payload.subarray(0, payload.length - 3)), silent()]), CAMERA),
    ).toEqual(['a.example dns'])
  })

  test('a compression pointer that goes round teaches nothing and ends', () => {
    // RFC 1035 4.1.4: the question's name is a pointer to itself.
    const payload = concat(
      u16(1),
      u16(0x8180),
      u16(1),
      u16(1),
      u16(0),
      u16(0),
      u16(0xc00c),
      u16(1),
      u16(1),
      u16(0xc00c),
      u16(1),
      u16(1),
      u16(0),
      u16(60),
      u16(4),
      Uint8Array.of(203, 0, 113, 5),
    )
    expect(namesOf(analysisOf([dnsAnswerFrame(CAMERA, payload), silent()]), CAMERA)).toEqual(['- none'])
  })

  test('queries are counted by client, name and type', () => {
    const analysis = analysisOf([
      dnsQuery(CAMERA, 'A.example'),
      dnsQuery(CAMERA, 'a.example', 'A', 50_001),
      dnsQuery(CAMERA, 'a.example', 'AAAA'),
      dnsQuery(PHONE, 'a.example'),
    ])
    expect(analysis.observed.dnsQueries).toEqual([
      { client: CAMERA.address, name: 'a.example', type: 1, count: 2 },
      { client: CAMERA.address, name: 'a.example', type: 28, count: 1 },
      { client: PHONE.address, name: 'a.example', type: 1, count: 1 },
    ])
  })

  test('a name with a dot inside a label is not another name', () => {
    const question = concat(Uint8Array.of(9), text('a.example'), Uint8Array.of(0))
    const query = concat(u16(1), u16(0x0100), u16(1), u16(0), u16(0), u16(0), question, u16(1), u16(1))
    const datagram = udp({
      source: CAMERA.address,
      destination: '192.168.1.1',
      sourcePort: 5,
      destinationPort: 53,
      payload: query,
    })
    const frame = ethernet(
      CAMERA.mac,
      '02:00:00:00:00:01',
      ETHERTYPE.ipv4,
      ip(CAMERA.address, '192.168.1.1', PROTOCOL.udp, datagram),
    )
    expect(analysisOf([frame]).observed.dnsQueries[0]?.name).toBe('a\\.example')
    expect(dnsName('a.example')).toHaveLength(11)
  })
})
