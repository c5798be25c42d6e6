// The device that an address belongs to, and from when to when.
import { describe, expect, test } from 'vitest'
import { ethernet, ETHERTYPE, ip, PROTOCOL, udp, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { LINK_TYPE } from '../../../server/sample/packets/pcap-writer.ts'
import {
  analysisOf,
  arpFrom,
  CAMERA,
  deviceOf,
  type Host,
  ipLength,
  OTHER_SERVER,
  PHONE,
  ROUTER,
  SERVER,
  SPEAKER,
  trafficOf,
  udpIn,
  udpOut,
} from './lab.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { multicastMac, solicitedNode, ipBytes, BROADCAST_MAC } from '../../../server/sample/packets/addresses.ts'
import {
  routerAdvertisement,
  neighborAdvertisement,
  neighborSolicitation,
} from '../../../server/sample/packets/ndp-builder.ts'
import { dhcp, DHCP_OPTION, DHCP_MESSAGE } from '../../../server/sample/packets/dhcp-builder.ts'

const payload = new Uint8Array(500)
/** The camera's address in the hands of the phone. */
const moved: Host = { mac: PHONE.mac, address: CAMERA.address }

function dhcpAck(to: Host): Uint8Array {
  const message = dhcp({
    message: DHCP_MESSAGE.acknowledge,
    transaction: 1,
    clientMac: to.mac,
    yourAddress: to.address,
    serverAddress: ROUTER.address,
  })
  return udpFrame({
    sourceMac: ROUTER.mac,
    destinationMac: to.mac,
    source: ROUTER.address,
    destination: to.address,
    sourcePort: 67,
    destinationPort: 68,
    payload: message,
  })
}

function dhcpRenewal(from: Host): Uint8Array {
  const message = dhcp({
    message: DHCP_MESSAGE.request,
    transaction: 1,
    clientMac: from.mac,
    clientAddress: from.address,
    options: [[DHCP_OPTION.hostName, text('hallway-cam')]],
  })
  return udpFrame({
    sourceMac: from.mac,
    destinationMac: ROUTER.mac,
    source: from.address,
    destination: ROUTER.address,
    sourcePort: 68,
    destinationPort: 67,
    payload: message,
  })
}

describe('who holds an address', () => {
  test('without proof: the MAC that sends from it', () => {
    const up = udpOut(CAMERA, SERVER, { payload })
    const analysis = analysisOf([up])
    expect(deviceOf(analysis, CAMERA.mac)).toMatchObject({
      mac: CAMERA.mac,
      addresses: [CAMERA.address],
      sent: ipLength(up),
    })
  })

  test.each([
    ['ARP', arpFrom(CAMERA)],
    ['a DHCP acknowledgement', dhcpAck(CAMERA)],
    ['a DHCP renewal', dhcpRenewal(CAMERA)],
  ])("a frame's own MAC outweighs %s", (_, claim) => {
    const own = udpOut(CAMERA, SERVER, { payload })
    const forged = udpOut(moved, OTHER_SERVER, { payload })
    const analysis = analysisOf([claim, own, forged, own])
    expect(deviceOf(analysis, CAMERA.mac).sent).toBe(ipLength(own, own))
    expect(deviceOf(analysis, PHONE.mac).sent).toBe(ipLength(forged))
  })

  test.each([
    ['ARP', arpFrom(CAMERA)],
    ['a DHCP acknowledgement', dhcpAck(CAMERA)],
    ['a DHCP renewal', dhcpRenewal(CAMERA)],
  ])('%s names the holder where nobody is seen sending from the address', (_, claim) => {
    const down = udpIn(CAMERA, SERVER, { payload })
    expect(deviceOf(analysisOf([claim, down]), CAMERA.mac).received).toBe(ipLength(down))
  })

  test('a DHCP offer proves nothing yet', () => {
    const offer = dhcp({
      message: DHCP_MESSAGE.offer,
      transaction: 1,
      clientMac: PHONE.mac,
      yourAddress: CAMERA.address,
      serverAddress: ROUTER.address,
    })
    const frame = udpFrame({
      sourceMac: ROUTER.mac,
      destinationMac: BROADCAST_MAC,
      source: ROUTER.address,
      destination: '255.255.255.255',
      sourcePort: 67,
      destinationPort: 68,
      payload: offer,
    })
    const up = udpOut(CAMERA, SERVER, { payload })
    expect(deviceOf(analysisOf([frame, up]), CAMERA.mac).sent).toBe(ipLength(up))
  })

  test('an ARP probe from 0.0.0.0 proves nothing', () => {
    const up = udpOut(CAMERA, SERVER, { payload })
    const analysis = analysisOf([arpFrom({ mac: PHONE.mac, address: '0.0.0.0' }), up])
    expect(analysis.devices.map((device) => device.id)).toEqual([CAMERA.mac])
  })

  test('an address that was only written to belongs to whoever shows up with it', () => {
    const down = udpIn(CAMERA, SERVER, { payload })
    const up = udpOut(CAMERA, SERVER)
    expect(trafficOf(analysisOf([down, up]), CAMERA.mac)).toEqual([ipLength(up), ipLength(down), 0, 0])
  })

  test('an address that never shows up stands alone', () => {
    const down = udpIn(CAMERA, SERVER, { payload })
    expect(deviceOf(analysisOf([down]), CAMERA.address)).toMatchObject({ mac: null, received: ipLength(down) })
  })

  test('zeroed MACs are nobody: the addresses are the devices', () => {
    const nobody = '00:00:00:00:00:00'
    const one = udpOut({ mac: nobody, address: CAMERA.address }, SERVER)
    const other = udpOut({ mac: nobody, address: PHONE.address }, SERVER)
    expect(
      analysisOf([one, other])
        .devices.map((device) => device.id)
        .sort(),
    ).toEqual([CAMERA.address, PHONE.address])
  })

  test('a capture without MACs has the addresses as devices', () => {
    const packet = (address: string): Uint8Array => {
      const ends = { source: address, destination: SERVER }
      return ip(address, SERVER, PROTOCOL.udp, udp({ ...ends, sourcePort: 5, destinationPort: 6, payload }))
    }
    const analysis = analysisOf([packet(CAMERA.address), packet(PHONE.address), packet(CAMERA.address)], {
      linkType: LINK_TYPE.raw,
    })
    expect(analysis.devices.map(({ id, mac, sent }) => [id, mac, sent])).toEqual([
      [CAMERA.address, null, 1056],
      [PHONE.address, null, 528],
    ])
  })

  test('a device keeps one id over two IPv4 addresses of its subnet, one after the other', () => {
    const before = udpOut(CAMERA, SERVER, { payload })
    const after = udpOut({ ...CAMERA, address: '192.168.1.77' }, SERVER, { payload })
    const device = deviceOf(analysisOf([before, after]), CAMERA.mac)
    expect(device.addresses).toEqual([CAMERA.address, '192.168.1.77'])
    expect(device.byAddress.map(({ sent }) => sent)).toEqual([528, 528])
  })

  test('one MAC with fifty IPv6 addresses, link-local and IPv4 ones beside them, is one device', () => {
    const addresses = Array.from({ length: 50 }, (_, index) => `2001:db8:1:1::${(index + 1).toString(16)}`)
    const advertisement = routerAdvertisement({
      source: 'fe80::1',
      destination: 'ff02::1',
      mac: ROUTER.mac,
      prefix: '2001:db8:1:1::',
    })
    const frames = [
      ethernet(ROUTER.mac, multicastMac('ff02::1'), ETHERTYPE.ipv6, advertisement),
      arpFrom(CAMERA),
      udpOut(CAMERA, SERVER),
    ]
    for (const address of addresses) frames.push(udpOut({ mac: CAMERA.mac, address }, '2001:db8:ffff::5', { payload }))
    frames.push(udpOut({ mac: CAMERA.mac, address: 'fe80::a' }, 'ff02::fb'))
    const analysis = analysisOf(frames)
    const device = deviceOf(analysis, CAMERA.mac)
    expect(device.addresses).toHaveLength(52)
    expect(device.sent).toBe(28 + 50 * 548)
    expect(analysis.devices.filter(({ id }) => id !== ROUTER.mac)).toHaveLength(1)
  })

  test('fifty IPv6 addresses are one device even before anything teaches the prefix', () => {
    const addresses = Array.from({ length: 50 }, (_, index) => `2001:db8:1:1::${(index + 1).toString(16)}`)
    const frames = [
      arpFrom(CAMERA),
      ...addresses.map((address) => udpOut({ mac: CAMERA.mac, address }, '2001:db8:ffff::5', { payload })),
    ]
    const advertisement = routerAdvertisement({
      source: 'fe80::1',
      destination: 'ff02::1',
      mac: ROUTER.mac,
      prefix: '2001:db8:1:1::',
    })
    frames.push(ethernet(ROUTER.mac, multicastMac('ff02::1'), ETHERTYPE.ipv6, advertisement))
    frames.push(...addresses.map((address) => udpOut({ mac: CAMERA.mac, address }, '2001:db8:ffff::5', { payload })))
    expect(deviceOf(analysisOf(frames), CAMERA.mac).sent).toBe(100 * 548)
  })

  test.each([
    [
      'a neighbour solicitation',
      neighborSolicitation({
        source: 'fe80::b',
        destination: solicitedNode('fe80::1'),
        target: 'fe80::1',
        mac: PHONE.mac,
      }),
    ],
    [
      'a neighbour advertisement',
      neighborAdvertisement({ source: 'fe80::b', destination: 'fe80::1', target: 'fe80::b', mac: PHONE.mac }),
    ],
  ])('%s names the holder of a link-local address, and does not outweigh a frame', (_, packet) => {
    const forged = udpOut({ mac: CAMERA.mac, address: 'fe80::b' }, 'ff02::fb', { payload })
    const analysis = analysisOf([ethernet(PHONE.mac, ROUTER.mac, ETHERTYPE.ipv6, packet), forged])
    expect(deviceOf(analysis, PHONE.mac).addresses).toEqual(['fe80::b'])
    expect(deviceOf(analysis, PHONE.mac).sentLocal).toBe(packet.length)
    expect(deviceOf(analysis, CAMERA.mac).sentLocal).toBe(ipLength(forged))
  })
})

describe('an address that moves', () => {
  const up = udpOut(CAMERA, SERVER, { payload })
  const down = udpIn(CAMERA, SERVER, { payload: new Uint8Array(1000) })
  const upMoved = udpOut(moved, SERVER, { payload: new Uint8Array(70) })
  const downMoved = udpIn(moved, SERVER, { payload: new Uint8Array(1000) })

  test.each([
    ['ARP', arpFrom(CAMERA), arpFrom(moved)],
    ['DHCP', dhcpAck(CAMERA), dhcpAck(moved)],
  ])('splits at the moment %s says so, within one flow too', (_, before, after) => {
    const analysis = analysisOf([before, up, down, up, after, upMoved, downMoved])
    expect(trafficOf(analysis, CAMERA.mac).slice(0, 2)).toEqual([2 * ipLength(up), ipLength(down)])
    expect(trafficOf(analysis, PHONE.mac).slice(0, 2)).toEqual([ipLength(upMoved), ipLength(down)])
  })

  test('splits at the first packet of the next sender where nothing proves anything', () => {
    const analysis = analysisOf([up, up, down, upMoved, downMoved])
    expect(trafficOf(analysis, CAMERA.mac).slice(0, 2)).toEqual([2 * ipLength(up), ipLength(down)])
    expect(trafficOf(analysis, PHONE.mac).slice(0, 2)).toEqual([ipLength(upMoved), ipLength(down)])
  })

  test('back and forth gives each its own', () => {
    const analysis = analysisOf([
      arpFrom(CAMERA),
      up,
      arpFrom(moved),
      upMoved,
      arpFrom(CAMERA),
      up,
      arpFrom(moved),
      upMoved,
    ])
    expect([deviceOf(analysis, CAMERA.mac).sent, deviceOf(analysis, PHONE.mac).sent]).toEqual([
      2 * ipLength(up),
      2 * ipLength(upMoved),
    ])
  })

  test('keeps first and last times apart', () => {
    const analysis = analysisOf([up, up, upMoved])
    expect(deviceOf(analysis, CAMERA.mac).endpoints[0]).toMatchObject({
      first: '1970-01-01T00:16:40.000Z',
      last: '1970-01-01T00:16:40.100Z',
      packets: 2,
    })
    expect(deviceOf(analysis, PHONE.mac).endpoints[0]).toMatchObject({
      first: '1970-01-01T00:16:40.200Z',
      last: '1970-01-01T00:16:40.200Z',
      packets: 1,
    })
  })
})

describe('a router', () => {
  /** What the router passes on from a subnet behind it. */
  const behind = (address: string): Uint8Array => udpOut({ mac: ROUTER.mac, address }, SERVER, { payload })

  test('that brings in packets from the internet does not own the home addresses that it sends on', () => {
    const fromInternet = udpIn(CAMERA, SERVER)
    const analysis = analysisOf([fromInternet, behind('192.168.1.50'), behind('192.168.1.51')])
    expect(deviceOf(analysis, '192.168.1.50')).toMatchObject({ mac: null, sent: 528 })
    expect(deviceOf(analysis, '192.168.1.51')).toMatchObject({ mac: null, sent: 528 })
  })

  test('is one too where it only sends from several subnets', () => {
    const analysis = analysisOf([behind('192.168.1.50'), behind('192.168.2.50')])
    expect(analysis.devices.map(({ id }) => id).sort()).toEqual(['192.168.1.50', '192.168.2.50'])
  })

  test('owns the address that ARP proves to be its own', () => {
    const own = udpOut({ mac: ROUTER.mac, address: ROUTER.address }, SERVER)
    const analysis = analysisOf([arpFrom(ROUTER), udpIn(CAMERA, SERVER), own])
    expect(deviceOf(analysis, ROUTER.mac)).toMatchObject({ addresses: [ROUTER.address], sent: ipLength(own) })
  })

  test("that hands back a device's own packets does not take its address", () => {
    const up = udpOut(SPEAKER, SERVER, { payload })
    const analysis = analysisOf([udpIn(CAMERA, SERVER), arpFrom(SPEAKER), up, behind(SPEAKER.address)])
    expect(deviceOf(analysis, SPEAKER.mac).sent).toBe(ipLength(up) + 528)
  })

  test('is not what a device with a link-local IPv4 address beside its own is', () => {
    const analysis = analysisOf([
      udpOut({ ...CAMERA, address: '169.254.9.9' }, '239.255.255.250'),
      udpOut(CAMERA, SERVER),
    ])
    expect(deviceOf(analysis, CAMERA.mac).addresses).toEqual(['169.254.9.9', CAMERA.address])
  })
})

describe('what devices say of themselves', () => {
  test("a DHCP host name is the device's name", () => {
    const analysis = analysisOf([dhcpRenewal(CAMERA)])
    expect(deviceOf(analysis, CAMERA.mac).name).toBe('hallway-cam')
    expect(analysis.observed.dhcpHostnames).toEqual({ [CAMERA.mac]: ['hallway-cam'] })
  })

  test("an unspecified source address is not listed as the device's", () => {
    const discover = dhcp({ message: DHCP_MESSAGE.discover, transaction: 1, clientMac: CAMERA.mac })
    const frame = udpFrame({
      sourceMac: CAMERA.mac,
      destinationMac: BROADCAST_MAC,
      source: '0.0.0.0',
      destination: '255.255.255.255',
      sourcePort: 68,
      destinationPort: 67,
      payload: discover,
    })
    const up = udpOut(CAMERA, SERVER)
    expect(ipBytes('0.0.0.0')).toHaveLength(4)
    expect(deviceOf(analysisOf([frame, up]), CAMERA.mac)).toMatchObject({
      addresses: [CAMERA.address],
      sentLocal: ipLength(frame),
      sent: ipLength(up),
    })
  })
})
