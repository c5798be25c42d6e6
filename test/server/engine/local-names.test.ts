// Names by NetBIOS and LLMNR: what a host registers or answers is its own, what it passes on is not.
import type { Answer } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { BROADCAST_MAC } from '../../../server/sample/packets/addresses.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'
import { udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { netbiosDatagram, netbiosName, netbiosStatus, OPERATION } from '../../support/wire/netbios.ts'
import { analysisOf, deviceOf, type Host, SERVER, udpOut } from './lab.ts'

const LAPTOP: Host = { mac: '3c:22:fb:00:01:50', address: '192.168.1.50' }
const up = (from: Host): Uint8Array => udpOut(from, SERVER, { payload: new Uint8Array(100) })
const nameOf = (analysis: Analysis, { mac }: Host): string | null => deviceOf(analysis, mac).name
const a = (name: string, address: string): Answer => ({ name, type: 'A', ttl: 120, data: address })

describe('NetBIOS', () => {
  const said = (payload: Uint8Array, port = 137, from = LAPTOP): Uint8Array =>
    udpFrame({
      sourceMac: from.mac,
      destinationMac: BROADCAST_MAC,
      source: from.address,
      destination: '192.168.1.255',
      sourcePort: port,
      destinationPort: port,
      payload,
    })
  const address = LAPTOP.address

  test.each<[string, Uint8Array[], string | null]>([
    ['a registration', [said(netbiosName({ name: 'ANNA-PC', address }))], 'ANNA-PC'],
    ['of the file server', [said(netbiosName({ name: 'NAS-1', address, suffix: 0x20 }))], 'NAS-1'],
    ['a refresh', [said(netbiosName({ name: 'ANNA-PC', address, operation: OPERATION.refresh }))], 'ANNA-PC'],
    [
      'of several addresses',
      [said(netbiosName({ name: 'ANNA-PC', address, operation: OPERATION.multihomed }))],
      'ANNA-PC',
    ],
    ['a browser’s datagram', [said(netbiosDatagram({ name: 'ANNA-PC', address }), 138)], 'ANNA-PC'],
    [
      'letters of western Europe',
      [said(netbiosName({ name: Uint8Array.of(0x4b, 0x9a, 0x43, 0x48, 0x45), address }))],
      'KÜCHE',
    ],
    [
      'the status of a host',
      [
        said(
          netbiosStatus([
            ['WORKGROUP', 0, true],
            ['MAX-PC', 0, false],
            ['MAX', 3, false],
          ]),
        ),
      ],
      'MAX-PC',
    ],
    [
      'the answer of one host',
      [said(netbiosName({ name: 'MAX-PC', address, operation: OPERATION.query, isResponse: true }))],
      'MAX-PC',
    ],
    ['a group', [said(netbiosName({ name: 'WORKGROUP', address, isGroup: true }))], null],
    ['a user', [said(netbiosName({ name: 'ANNA', address, suffix: 3 }))], null],
    [
      'a master browser',
      [said(netbiosName({ name: Uint8Array.of(1, 2, ...text('__MSBROWSE__'), 2), address, suffix: 1 }))],
      null,
    ],
    ['what is given up', [said(netbiosName({ name: 'ANNA-PC', address, operation: OPERATION.release }))], null],
    ['the name of another host', [said(netbiosName({ name: 'OTHER-PC', address: '192.168.1.77' }))], null],
    [
      'answers to every name',
      ['FILES', 'WPAD', 'INTRANET'].map((name) =>
        said(netbiosName({ name, address, operation: OPERATION.query, isResponse: true })),
      ),
      null,
    ],
  ])('%s', (_, frames, expected) => {
    expect(nameOf(analysisOf([...frames, up(LAPTOP)]), LAPTOP)).toBe(expected)
  })

  test('an answer by LLMNR names who answers', () => {
    const payload = dns({
      type: 'response',
      id: 3,
      flags: 0,
      questions: [{ name: 'max-pc', type: 'A' }],
      answers: [a('max-pc', address)],
    })
    expect(nameOf(analysisOf([said(payload, 5355), up(LAPTOP)]), LAPTOP)).toBe('max-pc')
  })
})
