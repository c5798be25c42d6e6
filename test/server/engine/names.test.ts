// Names of flows: source by source, for this device, at this time.
import { describe, expect, test } from 'vitest'
import type { Answer } from 'dns-packet'
import { ip, PROTOCOL, TCP_FLAG, udp } from '../../../server/sample/packets/packet-builder.ts'
import { LINK_TYPE } from '../../../server/sample/packets/pcap-writer.ts'
import {
  analysisOf,
  CAMERA,
  deviceOf,
  dnsAnswerA,
  type Host,
  httpRequest,
  ipLength,
  namesOf,
  newLab,
  OTHER_SERVER,
  PHONE,
  SERVER,
  SPEAKER,
  tcpIn,
  tcpOut,
  tlsHello,
  udpOut,
} from './lab.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'

const opaque = new Uint8Array(100).fill(0xee)
/** A flow that carries no name. */
const silent = (sourcePort = 41_000, to = SERVER, from = CAMERA): Uint8Array =>
  udpOut(from, to, { sourcePort, destinationPort: 9000, payload: opaque })
const hello = (name: string, sourcePort = 40_000, to = SERVER): Uint8Array =>
  tcpOut(CAMERA, to, { sourcePort, payload: tlsHello(name) })
const a = (name: string, data: string): Answer => ({ name, type: 'A', ttl: 60, data })

describe('the name sources', () => {
  test('a TLS ClientHello names its flow', () => {
    expect(namesOf(analysisOf([hello('api.example.com')]), CAMERA)).toEqual(['api.example.com tls'])
  })

  test('an HTTP Host names its flow', () => {
    expect(
      namesOf(
        analysisOf([tcpOut(CAMERA, SERVER, { destinationPort: 80, payload: httpRequest('www.example.com:80') })]),
        CAMERA,
      ),
    ).toEqual(['www.example.com http'])
  })

  test("a ClientHello is better than this device's DNS answer", () => {
    expect(
      namesOf(analysisOf([dnsAnswerA(CAMERA, 'front.example.net', SERVER), hello('api.example.com')]), CAMERA),
    ).toEqual(['api.example.com tls'])
  })

  test("without a ClientHello this device's DNS answer names the flow", () => {
    expect(namesOf(analysisOf([dnsAnswerA(CAMERA, 'api.example.com', SERVER), silent()]), CAMERA)).toEqual([
      'api.example.com dns',
    ])
  })

  test("the device's latest answer for the address counts", () => {
    const frames = [
      dnsAnswerA(CAMERA, 'one.example', SERVER),
      silent(1),
      dnsAnswerA(CAMERA, 'two.example', SERVER),
      silent(2),
    ]
    expect(namesOf(analysisOf(frames), CAMERA).sort()).toEqual(['one.example dns', 'two.example dns'])
  })

  test('an answer that comes after the flow began does not name it', () => {
    expect(namesOf(analysisOf([silent(), dnsAnswerA(CAMERA, 'late.example', SERVER), silent()]), CAMERA)).toEqual([
      '- none',
    ])
  })

  test("the device's own answer is better than another's", () => {
    const frames = [
      dnsAnswerA(PHONE, 'phone.example', SERVER),
      dnsAnswerA(CAMERA, 'camera.example', SERVER),
      dnsAnswerA(PHONE, 'phone.example', SERVER),
      silent(),
    ]
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['camera.example dns'])
  })

  test("another device's answer names the flow where the device asked nothing", () => {
    expect(namesOf(analysisOf([dnsAnswerA(PHONE, 'cdn.example', SERVER), silent()]), CAMERA)).toEqual([
      'cdn.example dns-other',
    ])
  })

  test("other devices' answers count where all agree", () => {
    const frames = [dnsAnswerA(PHONE, 'cdn.example', SERVER), dnsAnswerA(SPEAKER, 'CDN.example.', SERVER), silent()]
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['cdn.example dns-other'])
  })

  test('where two other devices mean two services by one address, neither counts', () => {
    const frames = [dnsAnswerA(PHONE, 'one.example', SERVER), dnsAnswerA(SPEAKER, 'two.example', SERVER), silent()]
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['- none'])
  })

  test('what the device called the address before is remembered', () => {
    expect(namesOf(analysisOf([hello('api.example.com'), silent()]), CAMERA)).toEqual([
      'api.example.com tls',
      'api.example.com remembered',
    ])
  })

  test('what another device called the address is not', () => {
    const frames = [tcpOut(PHONE, SERVER, { payload: tlsHello('phone.example') }), silent()]
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['- none'])
  })

  describe('what devices of the same maker called the address', () => {
    const [one, two, three, foreign, made, alsoMade] = [
      '0c:47:c9:00:00:01',
      '0c:47:c9:00:00:02',
      '0c:47:c9:00:00:03',
      '0c:47:ca:00:00:04',
      '0e:47:c9:00:00:05',
      '0e:47:c9:00:00:06',
    ].map((mac, index) => ({ mac, address: `192.168.1.${30 + index}` }))
    const says = (host: Host, name: string): Uint8Array => tcpOut(host, SERVER, { payload: tlsHello(name) })
    const asks = (host: Host): Uint8Array => silent(41_000, SERVER, host)

    test('names it for one that knows no name, where all agree', () => {
      const named = [says(one, 'api.acme.com'), says(two, 'api.acme.com')]
      expect(namesOf(analysisOf([...named, asks(three)]), three)).toEqual(['api.acme.com remembered'])
      expect(namesOf(analysisOf([says(one, 'api.acme.com'), says(two, 'b.acme.com'), asks(three)]), three)).toEqual([
        '- none',
      ])
    })

    test('does not for a device of another maker, or with a MAC that was made up', () => {
      expect(namesOf(analysisOf([says(one, 'api.acme.com'), asks(foreign)]), foreign)).toEqual(['- none'])
      expect(namesOf(analysisOf([says(made, 'api.acme.com'), asks(alsoMade)]), alsoMade)).toEqual(['- none'])
      expect(namesOf(analysisOf([says(one, 'api.acme.com'), asks(made)]), made)).toEqual(['- none'])
    })

    test('says less than what the device itself called it, or a look-up', () => {
      const own = [says(one, 'api.acme.com'), says(two, 'own.acme.com'), asks(two)]
      expect(namesOf(analysisOf(own), two)).toEqual(['own.acme.com tls', 'own.acme.com remembered'])
      const asked = [says(one, 'api.acme.com'), dnsAnswerA(PHONE, 'asked.acme.com', SERVER), asks(two)]
      expect(namesOf(analysisOf(asked), two)).toEqual(['asked.acme.com dns-other'])
    })

    test('counts also where it was before a restart', () => {
      const lab = newLab()
      lab.engine.recall(one.mac, SERVER, 'api.acme.com')
      lab.add(1, asks(two))
      expect(namesOf(lab.analyze(), two)).toEqual(['api.acme.com remembered'])
    })
  })

  test('without anything there is no name, and each address stands for itself', () => {
    const endpoints = deviceOf(analysisOf([silent(1), silent(2, OTHER_SERVER)]), CAMERA.mac).endpoints
    expect(endpoints.map(({ host, namedBy, addresses }) => [host, namedBy, addresses])).toEqual([
      [null, 'none', [SERVER]],
      [null, 'none', [OTHER_SERVER]],
    ])
  })

  test('local flows have no endpoint, whatever they carry', () => {
    const within = tcpOut(CAMERA, PHONE.address, { payload: tlsHello('printer.local') })
    expect(deviceOf(analysisOf([within]), CAMERA.mac).endpoints).toEqual([])
  })

  test('two devices on one address keep their own names', () => {
    const frames = [
      dnsAnswerA(CAMERA, 'one.example', SERVER),
      dnsAnswerA(PHONE, 'two.example', SERVER),
      silent(1),
      silent(1, SERVER, PHONE),
    ]
    const analysis = analysisOf(frames)
    expect([namesOf(analysis, CAMERA), namesOf(analysis, PHONE)]).toEqual([['one.example dns'], ['two.example dns']])
  })

  test("a device's answers go with it when it takes another address", () => {
    const later = { ...CAMERA, address: '192.168.1.99' }
    const frames = [silent(1, OTHER_SERVER), dnsAnswerA(CAMERA, 'api.example', SERVER), silent(1, SERVER, later)]
    expect(namesOf(analysisOf(frames), CAMERA)).toContain('api.example dns')
  })

  test("an answer that came before the device showed its MAC is the device's own", () => {
    const frames = [dnsAnswerA(CAMERA, 'api.example', SERVER), dnsAnswerA(PHONE, 'phone.example', SERVER), silent()]
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['api.example dns'])
  })

  test('without MACs the address is the device, for names too', () => {
    const raw = (
      source: string,
      destination: string,
      sourcePort: number,
      destinationPort: number,
      payload: Uint8Array,
    ): Uint8Array =>
      ip(source, destination, PROTOCOL.udp, udp({ source, destination, sourcePort, destinationPort, payload }))
    const answer = dns({
      type: 'response',
      id: 1,
      questions: [{ name: 'api.example', type: 'A' }],
      answers: [a('api.example', SERVER)],
    })
    const frames = [
      raw('192.168.1.1', CAMERA.address, 53, 5000, answer),
      raw(CAMERA.address, SERVER, 5001, 9000, opaque),
      raw(PHONE.address, SERVER, 5001, 9000, opaque),
    ]
    const analysis = analysisOf(frames, { linkType: LINK_TYPE.raw })
    expect(deviceOf(analysis, CAMERA.address).endpoints.map(({ namedBy }) => namedBy)).toEqual(['dns'])
    expect(deviceOf(analysis, PHONE.address).endpoints.map(({ namedBy }) => namedBy)).toEqual(['dns-other'])
  })
})

describe('a ClientHello that comes after the first packets', () => {
  const syn = tcpOut(CAMERA, SERVER, { flags: TCP_FLAG.syn, sequence: 99 })
  const synAck = tcpIn(CAMERA, SERVER, { flags: TCP_FLAG.syn | TCP_FLAG.ack })
  const late = tcpOut(CAMERA, SERVER, { sequence: 100, payload: tlsHello('api.example.com') })

  test('names the whole flow', () => {
    const endpoints = deviceOf(analysisOf([syn, synAck, late]), CAMERA.mac).endpoints
    expect(endpoints).toMatchObject([
      {
        host: 'api.example.com',
        namedBy: 'tls',
        sent: ipLength(syn, late),
        received: ipLength(synAck),
        packets: 3,
        first: '1970-01-01T00:16:40.000Z',
      },
    ])
  })

  test('takes what was counted under the DNS name along, though seconds have passed', () => {
    const lab = newLab({ onTick: () => {} })
    lab.add(100, dnsAnswerA(CAMERA, 'front.example.net', SERVER))
    lab.add(101, syn)
    lab.add(111, synAck)
    lab.add(121, late)
    const endpoints = deviceOf(lab.analyze(), CAMERA.mac).endpoints
    expect(endpoints).toMatchObject([
      { host: 'api.example.com', sent: ipLength(syn, late), received: ipLength(synAck), packets: 3 },
    ])
  })
})

describe('how names are written', () => {
  test('mixed case and a trailing dot fold, in hellos, answers and requests alike', () => {
    const frames = [hello('API.Example.com', 1), hello('api.example.COM', 2), hello('api.example.com.', 3)]
    expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['api.example.com tls'])
    const http = [tcpOut(CAMERA, SERVER, { payload: httpRequest('WWW.Example.COM.') })]
    expect(namesOf(analysisOf(http), CAMERA)).toEqual(['www.example.com http'])
    expect(namesOf(analysisOf([dnsAnswerA(CAMERA, 'API.eXample.com', SERVER), silent()]), CAMERA)).toEqual([
      'api.example.com dns',
    ])
  })

  test.each(['203.0.113.5', '[2001:db8::1]', '2001:db8::1', '192.0.2.1:8080'])(
    'a Host that is the address %s is no name',
    (host) => {
      const frames = [dnsAnswerA(CAMERA, 'api.example', SERVER), tcpOut(CAMERA, SERVER, { payload: httpRequest(host) })]
      expect(namesOf(analysisOf(frames), CAMERA)).toEqual(['api.example dns'])
    },
  )

  test('a server name that is an address is seen, but names nothing', () => {
    const analysis = analysisOf([hello('203.0.113.5')])
    expect(namesOf(analysis, CAMERA)).toEqual(['- none'])
    expect(analysis.observed.tlsServerNames).toEqual({ '203.0.113.5': 1 })
  })

  test('a server name with control characters names nothing', () => {
    expect(namesOf(analysisOf([hello('evil\u001b[31m.example')]), CAMERA)).toEqual(['- none'])
  })
})
