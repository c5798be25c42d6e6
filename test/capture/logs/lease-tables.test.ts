// Lease files of Kea, ISC dhcpd and odhcpd: who holds which address now, and what each device calls itself.
import { describe, expect, test } from 'vitest'
import { parseIscLeases } from '../../../capture/logs/isc-leases.ts'
import { parseKeaLeases } from '../../../capture/logs/kea-leases.ts'
import { parseOdhcpdLeases } from '../../../capture/logs/odhcpd-leases.ts'
import type { LogLease } from '../../../capture/logs/record.ts'
import { DEVICE_TABLES, NAMED_LEASES } from '../../../capture/logs/tables.ts'

const words = (leases: LogLease[]): string[] => leases.map(({ mac, address, name }) => `${mac} ${address} ${name}`)

const KEA4 = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context'
const KEA6 =
  'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id'
const ISC = `# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

lease 192.168.1.5 {
  starts 4 2026/11/26 10:00:00;
  ends 4 2026/11/26 22:00:00;
  binding state active;
  next binding state free;
  hardware ethernet 02:00:00:00:00:05;
  uid "\\001\\002}{";
  client-hostname "kitchen-cam";
}
`
const ODHCPD = `# br-lan 02000000000a ipv4 lamp 1795390000 c0a8010a 32 192.168.1.10/32
192.168.1.10\tlamp.lan\tlamp
# br-lan 00010001263c4e5b02000000000b 7 tv 1795390000 b 128 fd00::b/128
# br-lan 02000000000c ipv4 - -1 c0a8010c 32 192.168.1.12/32
`

describe("Kea's leases", () => {
  test.each([
    ['of today', `${KEA4},pool_id`, ',0'],
    ['of version 1', KEA4.replace(',user_context', ''), null],
  ])('%s: the last row of an address counts', (_, head, more) => {
    const row = (address: string, mac: string, lifetime: number, name: string, state: number): string =>
      `${address},${mac},,${lifetime},1795390000,1,0,0,${name},${state}${more === null ? '' : `,${more}`}`
    const text = [
      head,
      row('192.168.1.5', '02:00:00:00:00:05', 3600, 'cam.lan.', 0),
      row('192.168.1.6', '02:00:00:00:00:06', 3600, '', 0),
      row('192.168.1.7', '02:00:00:00:00:07', 3600, 'gone', 0),
      row('192.168.1.7', '02:00:00:00:00:07', 0, 'gone', 0),
      row('192.168.1.8', '02:00:00:00:00:08', 3600, 'declined', 1),
      row('192.168.1.5', '02:00:00:00:00:15', 3600, 'tv', 0),
      'not,a,row',
    ].join('\n')
    expect(words(parseKeaLeases(text))).toEqual([
      '02:00:00:00:00:15 192.168.1.5 tv',
      '02:00:00:00:00:06 192.168.1.6 null',
    ])
  })

  test('of IPv6 count where they hold the MAC, and prefixes do not', () => {
    const row = (address: string, type: number, mac: string): string =>
      `${address},00:01:00:01:2c:5f:aa:bb:02:00:00:00:00:99,3600,1795390000,1,3000,${type},7,128,0,0,nas,${mac},0,,1,0,0`
    const text = [
      KEA6,
      row('fd00::5', 0, '02:00:00:00:00:05'),
      row('fd00::6', 0, ''),
      row('fd00:1::', 2, '02:00:00:00:00:05'),
    ]
    expect(words(parseKeaLeases(text.join('\n')))).toEqual(['02:00:00:00:00:05 fd00::5 nas'])
  })
})

describe("ISC dhcpd's leases", () => {
  test('are read out of their blocks, whatever stands in quotes', () => {
    expect(words(parseIscLeases(ISC))).toEqual(['02:00:00:00:00:05 192.168.1.5 kitchen-cam'])
  })

  test.each(['free', 'expired', 'released', 'abandoned', 'backup'])('that are %s now are nobody’s', (state) => {
    expect(parseIscLeases(ISC + ISC.replace('binding state active', `binding state ${state}`))).toEqual([])
  })

  test('go to the last holder, with inner blocks, octal letters and a state of old versions', () => {
    const later = `lease 192.168.1.5 {
  starts never;
  on expiry or release {
    set x = "}";
  }
  hardware ethernet 2:0:0:0:0:6;
  client-hostname "K\\303\\274che";
}
`
    expect(words(parseIscLeases(ISC + later))).toEqual(['02:00:00:00:00:06 192.168.1.5 Küche'])
  })

  test('of IPv6, and a block that is never closed, are left out', () => {
    expect(parseIscLeases('ia-na "\\001" {\n  iaaddr fd00::5 {\n    binding state active;\n  }\n}\n')).toEqual([])
    expect(parseIscLeases('lease 192.168.1.5 {\n  hardware ethernet 02:00:00:00:00:05;\n')).toEqual([])
  })
})

describe("odhcpd's leases", () => {
  test('are read with MACs as older and as newer versions write them', () => {
    const wanted = ['02:00:00:00:00:0a 192.168.1.10 lamp', '02:00:00:00:00:0c 192.168.1.12 null']
    expect(words(parseOdhcpdLeases(ODHCPD))).toEqual(wanted)
    expect(words(parseOdhcpdLeases(ODHCPD.replace(/02000000000([ac]) ipv4/g, '2:0:0:0:0:$1 ipv4')))).toEqual(wanted)
  })

  test('that are over, and names that are none, say nothing', () => {
    expect(parseOdhcpdLeases(ODHCPD.replace('1795390000 c0', '0 c0')).map(({ address }) => address)).toEqual([
      '192.168.1.12',
    ])
    expect(words(parseOdhcpdLeases(ODHCPD.replace('lamp 17', 'broken\\x20lamp 17')))[0]).toBe(
      '02:00:00:00:00:0a 192.168.1.10 null',
    )
  })
})

test('a file that the owner names is of one kind, by what it holds', () => {
  const dnsmasq = '1795390000 02:00:00:00:00:05 192.168.1.5 cam *\n'
  for (const [text, mac] of [
    [dnsmasq, '02:00:00:00:00:05'],
    [`${KEA4}\n192.168.1.5,02:00:00:00:00:06,,3600,1,1,0,0,cam,0,\n`, '02:00:00:00:00:06'],
    [ISC, '02:00:00:00:00:05'],
    [ODHCPD, '02:00:00:00:00:0a'],
  ]) {
    expect(NAMED_LEASES.parse(text)[0].mac).toBe(mac)
    expect(DEVICE_TABLES.filter(({ recognises }) => recognises(text))).toHaveLength(1)
  }
  expect(NAMED_LEASES.parse('')).toEqual([])
})
