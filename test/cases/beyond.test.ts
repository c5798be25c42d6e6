// Private addresses behind a router: which are devices of this home, and where the bytes of the others are.
import { describe, expect, test } from 'vitest'
import { Engine } from '../../server/engine/engine.ts'
import { DeviceTable } from '../../server/session/device-table.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import {
  analysisOf,
  arpFrom,
  CAMERA,
  deviceOf,
  type Host,
  newLab,
  PHONE,
  ROUTER,
  SERVER,
  trafficOf,
  udpIn,
  udpOut,
  udpWithin,
} from '../server/engine/lab.ts'

const payload = new Uint8Array(200)
const idsOf = ({ devices }: Analysis): string[] => devices.map(({ id }) => id).sort()
/** What comes from behind the router has its MAC, and a hop less to go. */
const behind = (address: string): Host => ({ mac: ROUTER.mac, address })
const known = [
  arpFrom(CAMERA),
  arpFrom(ROUTER),
  udpOut(CAMERA, SERVER, { payload }),
  udpIn(CAMERA, SERVER, { payload }),
]
const bytes = udpWithin(CAMERA, ROUTER, { payload }).length - 14
const talk = (address: string, port = 7000): Uint8Array[] => [
  udpWithin(CAMERA, behind(address), { payload, destinationPort: port }),
  udpWithin(behind(address), CAMERA, { payload, sourcePort: port, destinationPort: 40_000 }),
]

describe('no device is', () => {
  test.each([
    ['a host of the provider', '10.20.30.40'],
    ['a host of a VPN', '172.30.5.9'],
    ['a carrier’s address', '100.72.1.2'],
  ])('%s: its bytes are those of the device that talks to it', (_, address) => {
    const analysis = analysisOf([...known, ...talk(address)])
    expect(idsOf(analysis)).toEqual([ROUTER.mac, CAMERA.mac].sort())
    expect(trafficOf(analysis, CAMERA.mac).slice(2)).toEqual([bytes, bytes])
  })

  test('an address that never answers, where packets for it go to the gateway', () => {
    for (const address of ['10.20.30.40', '192.168.100.1'])
      expect(idsOf(analysisOf([...known, talk(address)[0]]))).toEqual([ROUTER.mac, CAMERA.mac].sort())
    const oneWay = [arpFrom(CAMERA), udpOut(CAMERA, SERVER, { payload }), talk('10.20.30.40')[0]]
    expect(idsOf(analysisOf(oneWay))).toEqual([CAMERA.mac])
  })

  test('either, with all bytes counted once', () => {
    const { coverage, capture } = analysisOf([...known, ...talk('10.20.30.40'), ...talk('172.30.5.9', 53)])
    const { internet, local, remainder } = coverage.bytes
    expect(remainder.reduce((sum, one) => sum + one.bytes, internet + local)).toBe(capture.ipBytes)
    expect(local).toBe(4 * bytes)
  })
})

describe('a device is', () => {
  test('an address of a neighbouring network that answers: with a word on how it is seen', () => {
    const analysis = analysisOf([...known, ...talk('192.168.20.30')])
    expect(idsOf(analysis)).toContain('192.168.20.30')
    expect(deviceOf(analysis, '192.168.20.30').doubts?.[0]).toContain(`come through ${ROUTER.mac}`)
  })

  test('an address in whose network some device was seen itself', () => {
    const other: Host = { mac: '02:00:00:00:00:2a', address: '10.20.30.1' }
    const analysis = analysisOf([...known, arpFrom(other), udpOut(other, SERVER), ...talk('10.20.30.40')])
    expect(idsOf(analysis)).toContain('10.20.30.40')
  })

  test('an address that talks to the internet by way of the home', () => {
    const analysis = analysisOf([...known, ...talk('10.20.30.40'), udpOut(behind('10.20.30.40'), SERVER, { payload })])
    expect(idsOf(analysis)).toContain('10.20.30.40')
  })

  test('an address of the home itself, whoever is asked for it, and any in a capture without hardware addresses', () => {
    expect(idsOf(analysisOf([...known, udpOut(PHONE, SERVER), udpWithin(CAMERA, behind('192.168.1.99'))]))).toContain(
      '192.168.1.99',
    )
    const packets = talk('10.20.30.40').map((frame) => frame.subarray(14))
    expect(idsOf(analysisOf(packets, { linkType: 101 }))).toEqual(['10.20.30.40', CAMERA.address].sort())
  })

  test('what was none before, from the moment on that it talks to the internet', () => {
    const lab = newLab({ onTick: () => undefined })
    const table = new DeviceTable(lab.engine satisfies Engine)
    const ids = (): string[] => table.groups.filter((group) => group !== undefined).map(({ id }) => id)
    const frames = [...known, ...talk('10.20.30.40')]
    frames.forEach((frame, index) => lab.add(1_000 + index, frame))
    table.regroup(true)
    expect(ids()).not.toContain('10.20.30.40')
    lab.add(1_100, udpOut(behind('10.20.30.40'), SERVER, { payload }))
    lab.add(1_101, known[0])
    table.regroup(false)
    expect(ids()).toContain('10.20.30.40')
  })
})
