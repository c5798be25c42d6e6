// The host of each request of an HTTP connection, and its bytes.
import { describe, expect, test } from 'vitest'
import { TCP_FLAG } from '../../../server/sample/packets/packet-builder.ts'
import {
  analysisOf,
  CAMERA,
  deviceOf,
  endpointOf,
  httpRequest,
  ipLength,
  namesOf,
  SERVER,
  tcpIn,
  tcpOut,
  tlsHello,
} from './lab.ts'
import { text } from '../../../server/sample/packets/bytes.ts'

const PORTS = { sourcePort: 40_000, destinationPort: 80 }
const BACK = { sourcePort: 80, destinationPort: 40_000 }
const syn = tcpOut(CAMERA, SERVER, { ...PORTS, flags: TCP_FLAG.syn, sequence: 999 })

/** Client segments one behind the other, with the answer of so many bytes after each. */
function exchange(requests: Uint8Array[], answerLength: number): Uint8Array[] {
  let sequence = 1000
  return requests.flatMap((payload, index) => {
    const request = tcpOut(CAMERA, SERVER, { ...PORTS, sequence, payload })
    sequence += payload.length
    return [
      request,
      tcpIn(CAMERA, SERVER, {
        ...BACK,
        sequence: index * answerLength,
        payload: new Uint8Array(answerLength).fill(0x2e),
      }),
    ]
  })
}

describe('HTTP', () => {
  test('two requests to two hosts on one connection split its bytes at the second request', () => {
    const frames = exchange([httpRequest('one.example'), httpRequest('two.example', '/longer/path')], 700)
    const analysis = analysisOf([syn, ...frames])
    expect(endpointOf(analysis, CAMERA, 'one.example')).toMatchObject({
      namedBy: 'http',
      sent: ipLength(syn, frames[0]),
      received: ipLength(frames[1]),
      packets: 3,
    })
    expect(endpointOf(analysis, CAMERA, 'two.example')).toMatchObject({
      namedBy: 'http',
      sent: ipLength(frames[2]),
      received: ipLength(frames[3]),
      packets: 2,
    })
  })

  test("the same without the connection's beginning", () => {
    const frames = exchange([httpRequest('one.example'), httpRequest('two.example')], 700)
    const analysis = analysisOf(frames)
    expect(endpointOf(analysis, CAMERA, 'one.example').sent).toBe(ipLength(frames[0]))
    expect(endpointOf(analysis, CAMERA, 'two.example').sent).toBe(ipLength(frames[2]))
  })

  test('a hundred requests in turn to two hosts each go to their own', () => {
    const requests = Array.from({ length: 100 }, (_, index) =>
      httpRequest(index % 2 === 0 ? 'one.example' : 'two.example', `/${index}`),
    )
    const frames = exchange(requests, 300)
    const analysis = analysisOf([syn, ...frames])
    const sentTo = (parity: number): number => ipLength(...frames.filter((_, index) => index % 4 === 2 * parity))
    expect(endpointOf(analysis, CAMERA, 'one.example').sent).toBe(ipLength(syn) + sentTo(0))
    expect(endpointOf(analysis, CAMERA, 'two.example').sent).toBe(sentTo(1))
    expect(analysis.observed.httpHosts).toEqual({ 'one.example': 50, 'two.example': 50 })
  })

  test('further requests to the same host stay one endpoint', () => {
    const analysis = analysisOf([syn, ...exchange([httpRequest('one.example'), httpRequest('ONE.example.')], 100)])
    expect(namesOf(analysis, CAMERA)).toEqual(['one.example http'])
  })

  test('the host of an absolute target counts more than Host', () => {
    const payload = text('GET http://target.example/x HTTP/1.1\r\nHost: host.example\r\n\r\n')
    expect(namesOf(analysisOf([tcpOut(CAMERA, SERVER, { ...PORTS, payload })]), CAMERA)).toEqual([
      'target.example http',
    ])
  })

  test('TLS inside CONNECT names the flow by its ClientHello', () => {
    const frames = exchange(
      [text('CONNECT tunnel.example:443 HTTP/1.1\r\nHost: tunnel.example:443\r\n\r\n'), tlsHello('inside.example')],
      60,
    )
    const endpoints = deviceOf(analysisOf([syn, ...frames]), CAMERA.mac).endpoints
    expect(endpoints).toMatchObject([
      {
        host: 'inside.example',
        namedBy: 'tls',
        sent: ipLength(syn, frames[0], frames[2]),
        received: ipLength(frames[1], frames[3]),
      },
    ])
  })

  test('CONNECT with something else inside is named by its target', () => {
    const frames = exchange(
      [text('CONNECT tunnel.example:22 HTTP/1.1\r\nHost: proxy.example\r\n\r\n'), text('SSH-2.0-OpenSSH')],
      60,
    )
    expect(namesOf(analysisOf([syn, ...frames]), CAMERA)).toEqual(['tunnel.example http'])
  })

  test('a word that is no method begins no request', () => {
    expect(
      namesOf(analysisOf([syn, ...exchange([text('HELLO / HTTP/1.1\r\nHost: one.example\r\n\r\n')], 10)]), CAMERA),
    ).toEqual(['- none'])
  })

  test("a browser's name is kept as evidence of the device", () => {
    const payload = text('GET / HTTP/1.1\r\nHost: one.example\r\nUser-Agent: Hallway/2.0\r\n\r\n')
    const analysis = analysisOf([tcpOut(CAMERA, SERVER, { ...PORTS, payload })])
    expect(namesOf(analysis, CAMERA)).toEqual(['one.example http'])
  })
})
