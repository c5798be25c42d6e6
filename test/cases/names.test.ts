// Names of devices: each belongs to the address in the record that tells it, whoever sends the record.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Answer } from 'dns-packet'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { BROADCAST_MAC, ipBytes, macBytes, multicastMac } from '../../server/sample/packets/addresses.ts'
import { concat, text, u16, u8 } from '../../server/sample/packets/bytes.ts'
import { dhcp, DHCP_MESSAGE, DHCP_OPTION } from '../../server/sample/packets/dhcp-builder.ts'
import { dns } from '../../server/sample/packets/dns-builder.ts'
import { arp, ETHERTYPE, ethernet, udpFrame } from '../../server/sample/packets/packet-builder.ts'
import { analysisOf, deviceOf, type Host, ROUTER, SERVER, trafficOf, udpIn, udpOut } from '../server/engine/lab.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'

const TV: Host = { mac: 'a4:da:22:00:01:30', address: '192.168.20.30' }
const LAMP_BRIDGE: Host = { mac: 'b8:27:eb:00:01:44', address: '192.168.1.44' }
const EXTENDER: Host = { mac: '50:c7:bf:00:01:99', address: '192.168.1.9' }
const ECHO: Host = { mac: 'a4:da:22:00:01:71', address: '192.168.1.71' }
const LAPTOP: Host = { mac: '3c:22:fb:00:01:50', address: '192.168.1.50' }
const AIRPLAY = '_airplay._tcp.local'

const cases = ((): string | null => {
  const folder = realDataFolder()
  const path = folder === null ? '' : join(folder, 'cases')
  if (existsSync(path)) return path
  console.log(`skipped: ${NO_REAL_DATA}`)
  return null
})()

async function analysisOfCase(name: string): Promise<Analysis> {
  const folder = join(cases ?? '', name)
  const file = readdirSync(folder).find((one) => one.endsWith('.pcap')) ?? ''
  return analyzeFile(join(folder, file), { rules: openRules(compiledRulesFolder()) })
}

const up = (from: Host): Uint8Array => udpOut(from, SERVER, { payload: new Uint8Array(100) })
const nameOf = (analysis: Analysis, { mac }: Host): string | null => deviceOf(analysis, mac).name

function mdns(from: Host, answers: Answer[], additionals: Answer[] = []): Uint8Array {
  return udpFrame({
    sourceMac: from.mac,
    destinationMac: multicastMac('224.0.0.251'),
    source: from.address,
    destination: '224.0.0.251',
    sourcePort: 5353,
    destinationPort: 5353,
    payload: dns({ type: 'response', id: 0, flags: 0x0400, answers, additionals }),
  })
}
const ptr = (service: string, instance: string): Answer => ({
  name: service,
  type: 'PTR',
  ttl: 120,
  data: `${instance}.${service}`,
})
const a = (name: string, address: string): Answer => ({ name, type: 'A', ttl: 120, data: address })
const srv = (instance: string, target: string): Answer => ({
  name: instance,
  type: 'SRV',
  ttl: 120,
  data: { port: 7000, target },
})
const txt = (instance: string, ...data: string[]): Answer => ({ name: instance, type: 'TXT', ttl: 120, data })

describe.skipIf(cases === null)('in recordings of others', () => {
  test('a router that reflects multicast DNS has none of the names', async () => {
    const { devices } = await analysisOfCase('17-mdns-reflector-names-router')
    expect(devices.map(({ id, name }) => [id, name]).sort()).toEqual([
      ['02:00:00:00:00:01', null],
      ['a4:da:22:00:00:20', 'Living-Room-TV'],
    ])
  })

  test('only who announced a name has it, not the router that repeats the packet', async () => {
    const { devices } = await analysisOfCase('18-mdns-reflector-both')
    expect(devices.filter(({ name }) => name === 'Living-Room-TV').map(({ id }) => id)).toEqual(['a4:da:22:00:00:30'])
  })

  test('a bridge is not called like one of its accessories', async () => {
    const { devices } = await analysisOfCase('20-mdns-homebridge')
    expect(devices.map(({ name }) => name)).toEqual(['Homebridge 0E3D'])
  })

  test('the clients of a repeater are rows of their own with their own bytes', async () => {
    const { devices } = await analysisOfCase('21-repeater-one-mac')
    const rows = devices.map(({ id, name, addresses, sent }) => [id, name, addresses, sent])
    expect(rows).toContainEqual(['a4:da:22:00:00:71', 'Bedroom-Echo', ['192.168.1.71'], 1638])
    expect(rows).toContainEqual(['a4:da:22:00:00:72', 'Nursery-Cam', ['192.168.1.72'], 1638])
    expect(rows).toContainEqual(['50:c7:bf:00:00:99', null, [], 0])
  })

  test("makers' names say the kind", async () => {
    const { devices } = await analysisOfCase('23-kasa-plug-is-a-router')
    const kinds = new Map(devices.map(({ name, kind }) => [name, kind]))
    const asked = ['TP-LINK_Smart Plug_1A2B', 'FireTVStick', 'Kuche-Echo', 'WYZEC1-2CAA8E'].map((name) =>
      kinds.get(name),
    )
    expect(asked).toEqual(['plug', 'streamer', 'speaker', 'camera'])
    const unknown = devices.filter(({ kind }) => kind === 'unknown').map(({ name }) => name)
    expect(unknown.sort()).toEqual(['Samsung', 'amazon-3f2b1c0d9', 'wall-e'])
  })

  test('a name registered by NetBIOS is the name', async () => {
    const { devices } = await analysisOfCase('24-nbns-name')
    expect(devices.map(({ name, kind }) => [name, kind])).toEqual([['ANNA-PC', 'computer']])
  })
})

describe('a reflector', () => {
  const announced = [ptr(AIRPLAY, 'TV'), srv(`TV.${AIRPLAY}`, 'tv.local'), a('tv.local', TV.address)]

  test('gives a device of another network its name, also before that sends anything', () => {
    const analysis = analysisOf([mdns(ROUTER, announced), up(ROUTER), up(TV)])
    expect([nameOf(analysis, ROUTER), nameOf(analysis, TV)]).toEqual([null, 'TV'])
    expect(analysis.conflicts).toEqual([])
  })

  test('has no name of a record that it repeats without the address', () => {
    const repeated = [
      mdns(ROUTER, [ptr(AIRPLAY, 'TV')]),
      mdns(ROUTER, [srv(`TV.${AIRPLAY}`, 'tv.local'), txt(`TV.${AIRPLAY}`, 'fn=TV')]),
    ]
    const address = mdns(ROUTER, [a('tv.local', TV.address)])
    for (const frames of [
      [...repeated, address],
      [address, ...repeated],
    ])
      expect(nameOf(analysisOf([...frames, up(ROUTER)]), ROUTER)).toBeNull()
    const original = [mdns(TV, [ptr(AIRPLAY, 'TV')]), mdns(ROUTER, [ptr(AIRPLAY, 'TV')])]
    const analysis = analysisOf([...original, up(ROUTER), up(TV)])
    expect([nameOf(analysis, ROUTER), nameOf(analysis, TV)]).toEqual([null, 'TV'])
  })

  test('keeps the name that it announces with its own address', () => {
    const own = mdns(ROUTER, [
      ptr('_http._tcp.local', 'gateway-1'),
      srv('gateway-1._http._tcp.local', 'gw.local'),
      a('gw.local', ROUTER.address),
    ])
    for (const frames of [
      [own, mdns(ROUTER, announced)],
      [mdns(ROUTER, announced), own],
    ])
      expect(nameOf(analysisOf([...frames, up(ROUTER)]), ROUTER)).toBe('gateway-1')
  })

  test('has no name where it repeats by IPv6 what holds an IPv4 address', () => {
    const link: Host = { mac: ROUTER.mac, address: 'fe80::1' }
    const frame = udpFrame({
      sourceMac: link.mac,
      destinationMac: '33:33:00:00:00:fb',
      source: link.address,
      destination: 'ff02::fb',
      sourcePort: 5353,
      destinationPort: 5353,
      payload: dns({ type: 'response', id: 0, flags: 0x0400, answers: announced }),
    })
    expect(nameOf(analysisOf([up(ROUTER), frame]), ROUTER)).toBeNull()
  })

  test('of the same network names nobody else: a neighbour cannot be renamed', () => {
    const other: Host = { mac: '02:ba:d0:00:00:66', address: '192.168.1.66' }
    const analysis = analysisOf([up(LAPTOP), up(other), mdns(other, [a('evil.local', LAPTOP.address)])])
    expect([nameOf(analysis, LAPTOP), nameOf(analysis, other)]).toEqual([null, null])
    expect(analysis.conflicts.map(({ kind }) => kind)).toEqual(['foreign-name'])
  })
})

describe('a sleep proxy', () => {
  const PROXY: Host = { mac: '3c:22:fb:00:01:09', address: '192.168.1.9' }
  const offer = mdns(PROXY, [
    ptr('_sleep-proxy._udp.local', '70-35-60-63.1 Living Room'),
    a('Living-Room.local', PROXY.address),
  ])
  const claim = ethernet(
    PROXY.mac,
    BROADCAST_MAC,
    ETHERTYPE.arp,
    arp({ operation: 'reply', senderMac: PROXY.mac, senderAddress: LAPTOP.address, targetAddress: LAPTOP.address }),
  )
  const forSleeper = mdns(PROXY, [
    ptr('_smb._tcp.local', 'Annas MacBook'),
    srv('Annas MacBook._smb._tcp.local', 'annas.local'),
    a('annas.local', LAPTOP.address),
  ])

  test('keeps its own name while it answers for a computer asleep', () => {
    expect(nameOf(analysisOf([up(PROXY), offer, claim, forSleeper]), PROXY)).toBe('Living-Room')
  })

  test('leaves the sleeper the name that it repeats', () => {
    const analysis = analysisOf([up(LAPTOP), up(PROXY), offer, forSleeper])
    expect([nameOf(analysis, PROXY), nameOf(analysis, LAPTOP)]).toEqual(['Living-Room', 'Annas MacBook'])
  })

  test('that says for whose hardware address it speaks has no name of it', () => {
    const owner = concat(u16(4), u16(8), u8(0), u8(1), macBytes(LAPTOP.mac))
    const option = {
      name: '.',
      type: 'OPT',
      udpPayloadSize: 1440,
      options: [{ code: 4, data: Buffer.from(owner.subarray(4)) }],
    }
    const frame = mdns(PROXY, [ptr('_smb._tcp.local', 'Annas MacBook')], [option as unknown as Answer])
    expect(nameOf(analysisOf([up(PROXY), frame]), PROXY)).toBeNull()
  })
})

describe('a host that announces many things', () => {
  const own = a('raspberrypi-5.local', LAMP_BRIDGE.address)
  const many = (service: string, ...names: string[]): Uint8Array[] =>
    names.map((name) => mdns(LAMP_BRIDGE, [ptr(service, name), own]))

  test.each([
    ['accessories of HomeKit', '_hap._tcp.local', ['Kitchen Lamp 1A2B', 'Front Door Cam 77FF'], 'raspberrypi-5'],
    [
      'accessories and their bridge',
      '_hap._tcp.local',
      ['Kitchen Lamp 1A2B', 'HASS Bridge 1C2D', 'Heating'],
      'HASS Bridge 1C2D',
    ],
    ['printers', '_ipp._tcp.local', ['HP LaserJet @ office-pi', 'Canon MG @ office-pi'], 'office-pi'],
    ['one printer of a server', '_ipp._tcp.local', ['HP LaserJet @ office-pi'], 'office-pi'],
    ['speakers that it plays for', '_raop._tcp.local', ['A1B2C3D4E5F6@Bath', 'A1B2C3D4E5F7@Kitchen'], 'raspberrypi-5'],
    ['one thing', '_airplay._tcp.local', ['Living Room'], 'Living Room'],
    ['keys of Matter', '_matter._tcp.local', ['A1B2C3D4E5F60718-0000000000000001'], 'raspberrypi-5'],
  ])('%s', (_, service, names, expected) => {
    expect(nameOf(analysisOf([...many(service, ...names), up(LAMP_BRIDGE)]), LAMP_BRIDGE)).toBe(expected)
  })

  test('with accessories that have hosts of their own has none of these names', () => {
    const frames = ['Kitchen Lamp', 'Front Door'].map((name) =>
      mdns(LAMP_BRIDGE, [ptr('_hap._tcp.local', name), a(`${name.replace(' ', '-')}.local`, LAMP_BRIDGE.address)]),
    )
    expect(nameOf(analysisOf([...frames, up(LAMP_BRIDGE)]), LAMP_BRIDGE)).toBeNull()
  })

  test('with a group of speakers keeps its own name', () => {
    const service = '_googlecast._tcp.local'
    const speaker = mdns(LAMP_BRIDGE, [
      ptr(service, 'Google-Home-1'),
      txt(`Google-Home-1.${service}`, 'fn=Kitchen speaker'),
      own,
    ])
    const group = mdns(LAMP_BRIDGE, [
      ptr(service, 'Google-Cast-Group-2'),
      txt(`Google-Cast-Group-2.${service}`, 'fn=Upstairs'),
      own,
    ])
    expect(nameOf(analysisOf([group, speaker, up(LAMP_BRIDGE)]), LAMP_BRIDGE)).toBe('Kitchen speaker')
  })
})

describe('behind a repeater that puts its own MAC into every frame', () => {
  const carried = (client: Host): Host => ({ mac: EXTENDER.mac, address: client.address })
  const CAM: Host = { mac: 'a4:da:22:00:01:72', address: '192.168.1.72' }
  const request = (client: Host, name: string, fields: { clientAddress?: string } = {}): Uint8Array =>
    udpFrame({
      sourceMac: EXTENDER.mac,
      destinationMac: BROADCAST_MAC,
      source: fields.clientAddress ?? '0.0.0.0',
      destination: '255.255.255.255',
      sourcePort: 68,
      destinationPort: 67,
      payload: dhcp({
        message: DHCP_MESSAGE.request,
        transaction: 5,
        clientMac: client.mac,
        ...fields,
        options: [
          ...(fields.clientAddress === undefined
            ? [[DHCP_OPTION.requestedAddress, ipBytes(client.address)] as [number, Uint8Array]]
            : []),
          [DHCP_OPTION.hostName, text(name)],
        ],
      }),
    })
  const claim = (host: Host): Uint8Array =>
    ethernet(
      host.mac,
      BROADCAST_MAC,
      ETHERTYPE.arp,
      arp({ operation: 'request', senderMac: host.mac, senderAddress: host.address, targetAddress: ROUTER.address }),
    )
  const bytes = up(ECHO).length - 14

  test('clients keep their bytes though ARP names the repeater', () => {
    const frames = [
      request(ECHO, 'echo'),
      claim(carried(ECHO)),
      up(carried(ECHO)),
      request(CAM, 'cam'),
      up(carried(CAM)),
      claim(carried(CAM)),
      up(carried(CAM)),
    ]
    const analysis = analysisOf([...frames, claim(EXTENDER), up(EXTENDER)])
    expect(analysis.devices.map(({ id, name, sent }) => [id, name, sent])).toEqual(
      expect.arrayContaining([
        [ECHO.mac, 'echo', bytes],
        [CAM.mac, 'cam', 2 * bytes],
        [EXTENDER.mac, null, bytes],
      ]),
    )
    expect(analysis.conflicts).toEqual([])
  })

  test('a client has what came before its DHCP, too', () => {
    const frames = [
      claim(carried(ECHO)),
      up(carried(ECHO)),
      request(ECHO, 'echo', { clientAddress: ECHO.address }),
      up(carried(ECHO)),
    ]
    const analysis = analysisOf(frames)
    expect(trafficOf(analysis, ECHO.mac)[0]).toBe(2 * bytes)
    expect(nameOf(analysis, ECHO)).toBe('echo')
  })

  test('answers from the internet are the client’s', () => {
    const answer = udpIn(carried(ECHO), SERVER, { payload: new Uint8Array(300) })
    const analysis = analysisOf([request(ECHO, 'echo'), up(carried(ECHO)), answer])
    expect(trafficOf(analysis, ECHO.mac).slice(0, 2)).toEqual([bytes, answer.length - 14])
  })

  test('a client that comes near and sends itself stays one device', () => {
    const analysis = analysisOf([request(ECHO, 'echo'), up(carried(ECHO)), up(ECHO)])
    expect(trafficOf(analysis, ECHO.mac)[0]).toBe(2 * bytes)
  })

  test('a made-up client takes no address from who sends from it', () => {
    const fake: Host = { mac: '02:fa:ce:00:00:01', address: LAPTOP.address }
    const analysis = analysisOf([up(LAPTOP), request(fake, 'evil'), up(LAPTOP)])
    expect(trafficOf(analysis, LAPTOP.mac)[0]).toBe(2 * bytes)
    expect(nameOf(analysis, LAPTOP)).toBeNull()
  })
})
