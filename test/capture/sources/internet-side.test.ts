// Which interface of a machine is the side of the internet, by routes and addresses as machines have them.
import { describe, expect, test } from 'vitest'
import {
  defaultInterfaces,
  interfacesBySide,
  internetSideSentence,
  type Machine,
} from '../../../capture/sources/internet-side.ts'
import type { NetworkInterface } from '../../../capture/sources/interfaces.ts'

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const route4 = (name: string, destination = '00000000', mask = '00000000', flags = '0003'): string =>
  `${name}\t${destination}\t0101A8C0\t${flags}\t0\t0\t100\t${mask}\t0\t0\t0\n`
const zeros = '0'.repeat(32)
const route6 = (name: string, length = '00', flags = '00450003'): string =>
  `${zeros} ${length} ${zeros} 00 fe80000000000000000000000000000${'1'} 00000400 00000001 00000000 ${flags} ${name}\n`

const at = (address: string, netmask = '255.255.255.0'): { address: string; netmask: string } => ({ address, netmask })
type Port = Machine['interfaces'][number]
const port = (name: string, kind: Port['kind'] = 'ethernet', bridge: string | null = null): Port => ({
  name,
  kind,
  isUp: true,
  bridge,
})

const LAN = [port('br-lan', 'bridge'), port('lan1', 'bridge-port', 'br-lan')]
const DOCKER = [port('docker0', 'bridge'), port('veth1a2b', 'bridge-port', 'docker0')]

function machine(part: Partial<Machine>): Machine {
  return { interfaces: [], addresses: {}, ipv4Routes: '', ipv6Routes: '', forwards: false, ...part }
}

describe('the interface of the default route', () => {
  test('is one that is up, of either family, and no route that refuses', () => {
    const names = defaultInterfaces({
      ipv4Routes:
        HEAD + route4('wan') + route4('lan', '0001A8C0', '00FFFFFF') + route4('down', '00000000', '00000000', '0002'),
      ipv6Routes:
        route6('wwan0') + route6('lo', '00', '00200200') + route6('eth5', '40') + route6('eth6', '00', '00000201'),
    })
    expect([...names]).toEqual(['wan', 'wwan0'])
  })

  test('is none where the tables are missing or something else', () => {
    expect([...defaultInterfaces({ ipv4Routes: '', ipv6Routes: 'nonsense\n\n' })]).toEqual([])
  })
})

describe('the internet side', () => {
  test.each<[string, string, Machine, RegExp]>([
    [
      'a router with a public address',
      'wan',
      machine({
        interfaces: [port('wan'), ...LAN],
        addresses: { wan: [at('198.51.100.77')], 'br-lan': [at('192.168.1.1')] },
        ipv4Routes: HEAD + route4('wan'),
        forwards: true,
      }),
      /^wan is the internet side: .*public \(198\.51\.100\.77\)\. Take the LAN\/Wi-Fi side, such as br-lan \(192\.168\.1\.1\), or name the address as the home with --home 198\.51\.100\.77\/32\.$/,
    ],
    [
      'PPPoE on a router',
      'ppp0',
      machine({
        interfaces: [port('ppp0', 'tunnel'), port('eth1')],
        addresses: { ppp0: [at('203.0.113.9', '255.255.255.255')], eth1: [at('10.0.0.254')] },
        ipv4Routes: HEAD + route4('ppp0'),
        forwards: true,
      }),
      /ppp0 is the internet side.*eth1 \(10\.0\.0\.254\)/,
    ],
    [
      "a router behind the provider's shared addresses",
      'eth0',
      machine({
        interfaces: [port('eth0'), port('wlan0', 'wifi')],
        addresses: { eth0: [at('100.64.3.7', '255.192.0.0')], wlan0: [at('192.168.4.1')] },
        ipv4Routes: HEAD + route4('eth0'),
        forwards: true,
      }),
      /eth0 seems to be the internet side.*gateway of wlan0 \(192\.168\.4\.1\)/,
    ],
    [
      'a router behind another router',
      'wan',
      machine({
        interfaces: [port('wan'), ...LAN, ...DOCKER],
        addresses: {
          wan: [at('192.168.178.20')],
          'br-lan': [at('192.168.1.1')],
          docker0: [at('172.17.0.1', '255.255.0.0')],
        },
        ipv4Routes: HEAD + route4('wan'),
        forwards: true,
      }),
      /wan seems to be the internet side.*br-lan/,
    ],
    [
      'a router whose way out is IPv6 alone',
      'wan',
      machine({
        interfaces: [port('wan'), ...LAN],
        addresses: { wan: [at('2001:db8::5', 'ffff:ffff:ffff:ffff::')], 'br-lan': [at('192.168.1.1')] },
        ipv6Routes: route6('wan'),
        forwards: true,
      }),
      /wan seems to be the internet side.*br-lan/,
    ],
    [
      'a machine on the open internet',
      'eth0',
      machine({
        interfaces: [port('eth0')],
        addresses: { eth0: [at('203.0.113.20')] },
        ipv4Routes: HEAD + route4('eth0'),
      }),
      /eth0 is the internet side.*Take the LAN\/Wi-Fi side, or name/,
    ],
  ])('is %s', (_, name, here, sentence) => {
    expect(internetSideSentence(name, here)).toMatch(sentence)
  })

  test.each<[string, string, Machine]>([
    [
      'a laptop on the LAN',
      'wlan0',
      machine({
        interfaces: [port('wlan0', 'wifi')],
        addresses: { wlan0: [at('192.168.1.30'), at('2001:db8::30', 'ffff:ffff:ffff:ffff::')] },
        ipv4Routes: HEAD + route4('wlan0'),
        ipv6Routes: route6('wlan0'),
      }),
    ],
    [
      'one with containers, which forwards packets',
      'eth0',
      machine({
        interfaces: [port('eth0'), ...DOCKER, port('br-0123456789ab', 'bridge'), port('virbr0', 'bridge')],
        addresses: {
          eth0: [at('192.168.1.30')],
          docker0: [at('172.17.0.1', '255.255.0.0')],
          'br-0123456789ab': [at('172.18.0.1', '255.255.0.0')],
          virbr0: [at('192.168.122.1')],
        },
        ipv4Routes: HEAD + route4('eth0'),
        forwards: true,
      }),
    ],
    [
      'one with a second cable to the same home',
      'eth0',
      machine({
        interfaces: [port('eth0'), port('eth1')],
        addresses: { eth0: [at('192.168.1.30')], eth1: [at('192.168.1.1')] },
        ipv4Routes: HEAD + route4('eth0'),
        forwards: true,
      }),
    ],
    [
      'one with a second cable to another network of the home',
      'eth0',
      machine({
        interfaces: [port('eth0'), port('eth1')],
        addresses: { eth0: [at('192.168.1.30')], eth1: [at('10.0.0.30')] },
        ipv4Routes: HEAD + route4('eth0'),
        forwards: true,
      }),
    ],
    [
      'the LAN of a router',
      'br-lan',
      machine({
        interfaces: [port('wan'), ...LAN],
        addresses: { wan: [at('198.51.100.77')], 'br-lan': [at('192.168.1.1')] },
        ipv4Routes: HEAD + route4('wan'),
        forwards: true,
      }),
    ],
    ['one without routes', 'eth0', machine({ interfaces: [port('eth0')], addresses: { eth0: [at('192.168.1.30')] } })],
    [
      'a mirror port without an address',
      'eth1',
      machine({
        interfaces: [port('eth0'), port('eth1')],
        addresses: { eth0: [at('192.168.1.30')] },
        ipv4Routes: HEAD + route4('eth0'),
      }),
    ],
  ])('is not %s', (_, name, here) => {
    expect(internetSideSentence(name, here)).toBeNull()
  })

  test('stands last in the list of interfaces, and says why', () => {
    const list = ['wan', 'br-lan'].map((name): NetworkInterface => ({
      ...port(name),
      mac: null,
      addresses: [],
      packets: 0,
      sees: `what ${name} sees`,
    }))
    const here = machine({
      interfaces: [port('wan'), ...LAN],
      addresses: { wan: [at('198.51.100.77')], 'br-lan': [at('192.168.1.1')] },
      ipv4Routes: HEAD + route4('wan'),
    })
    const said = interfacesBySide(list, here).map(({ name, sees }) => [name, sees])
    expect(said).toEqual([
      ['br-lan', 'what br-lan sees'],
      ['wan', expect.stringContaining('Not the devices of the home: wan is the internet side')],
    ])
  })
})
