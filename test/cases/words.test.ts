// Sentences in place of silence: on real files, and on captures of the same kinds that are made here.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeOtherFile } from '../../capture/formats/other-files.ts'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import { captureView } from '../../server/engine/capture-view.ts'
import { ipFrame, tcpFrame, udpFrame } from '../../server/sample/packets/packet-builder.ts'
import { u16, concat } from '../../server/sample/packets/bytes.ts'
import { viewSentence } from '../../server/text/en/capture-view.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import {
  CAMERA,
  type Host,
  newLab,
  OTHER_SERVER,
  PHONE,
  ROUTER,
  SERVER,
  tcpIn,
  tcpOut,
  udpIn,
  udpOut,
  udpWithin,
} from '../server/engine/lab.ts'

const folder = realDataFolder()
if (folder === null) console.log(`skipped: ${NO_REAL_DATA}`)
const fileOf = (path: string): string => join(folder ?? '', 'cases', path)
const messages = async (path: string): Promise<string[]> =>
  (await analyzeFile(fileOf(path))).capture.problems.map(({ message }) => message)

describe.skipIf(folder === null)('of real files', () => {
  test('the side of the internet is named, with the address to name', async () => {
    expect(await messages('10-wan-side-says-nothing/wan-side.pcap')).toEqual([
      'the capture is from the internet side: one public address (198.51.100.77) and no address of a home. Take the LAN/Wi-Fi side, or name it with --home 198.51.100.77/32',
    ])
  })

  test.each([
    ['fritz-login.eth', /web page, a login page: the router's session had ended; log in again/],
    ['tcpdump.txt', /text that tcpdump prints.*-w/],
    ['pihole.log', /log of Pi-hole; give it as --source dns:pihole:PATH/],
    ['netmon.cap', /NetMon.*Wireshark.*pcapng/],
    ['omnipeek.pkt', /OmniPeek.*Wireshark.*pcapng/],
  ])('%s is named', async (name, sentence) => {
    const path = fileOf(`16-not-a-capture-words/${name}`)
    expect(describeOtherFile(readFileSync(path))).toMatch(sentence)
    await expect(analyzeFile(path)).rejects.toThrow(sentence)
  })

  test('a clock that jumped is told, with the times that hold packets', async () => {
    const said = await messages('25-clock-1970-all/clock-1970.pcap')
    expect(said).toEqual([
      expect.stringMatching(
        /^the clock of the capture jumped by 56\.9 years forward: packets are of 1970-01-01 00:00:20 to 1970-01-01 00:00:24, and of 2026-11-29 10:00:00 \(UTC\)/,
      ),
    ])
  })
})

const data = new Uint8Array(1_000)
const WAN: Host = { mac: '02:00:00:00:00:77', address: '198.51.100.77' }
const NEIGHBOUR = '198.51.100.90'

/** The sentences on frames a tenth of a second apart. */
function viewsOf(frames: readonly Uint8Array[], linkType?: number): string[] {
  const lab = newLab(linkType === undefined ? {} : { linkType })
  frames.forEach((frame, index) => lab.add(1_795_946_400 + index / 10, frame))
  lab.analyze()
  return captureView(lab.engine.core).map(viewSentence)
}

function times<Item>(count: number, make: (index: number) => Item[]): Item[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat()
}

/** A download and its requests between two hosts. */
const talk = (host: Host, far: string, count = 10): Uint8Array[] =>
  times(count, () => [tcpOut(host, far, { payload: data.subarray(0, 100) }), tcpIn(host, far, { payload: data })])

const pppoe = (frame: Uint8Array): Uint8Array => {
  const packet = frame.subarray(14)
  return concat(
    frame.subarray(0, 12),
    u16(0x8864),
    Uint8Array.of(0x11, 0, 0, 1),
    u16(packet.length + 2),
    u16(0x0021),
    packet,
  )
}

describe('the side of the internet', () => {
  const SIDE = /from the internet side: one public address \(198\.51\.100\.77\).*--home 198\.51\.100\.77\/32$/

  test.each<[string, Uint8Array[]]>([
    ['several servers', [...talk(WAN, SERVER), ...talk(WAN, '203.0.113.200')]],
    ['PPPoE', [...talk(WAN, SERVER), ...talk(WAN, OTHER_SERVER)].map(pppoe)],
    ['one server, told by its port', talk(WAN, SERVER)],
    [
      'a little between neighbours of the provider',
      [...talk(WAN, SERVER, 40), ...talk({ mac: ROUTER.mac, address: NEIGHBOUR }, '203.0.113.1', 2)],
    ],
    [
      "a little of the modem's own address at home",
      [...talk(WAN, SERVER, 40), ...talk({ mac: WAN.mac, address: '192.168.100.2' }, '192.168.100.1', 1)],
    ],
  ])('is named: %s', (_, frames) => {
    expect(viewsOf(frames)).toEqual([expect.stringMatching(SIDE)])
  })

  test('names both ends where either may be the home', () => {
    const frames = times(10, () => [
      udpOut(WAN, SERVER, { sourcePort: 40_000, destinationPort: 40_001, payload: data }),
    ])
    expect(viewsOf(frames)).toEqual([
      expect.stringMatching(/internet side.*--home (?:198\.51\.100\.77|203\.0\.113\.5)\/32 or --home/),
    ])
  })

  test('names no address where several have the most', () => {
    const hosts = ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4']
    const frames = hosts.flatMap((address, index) => talk({ mac: WAN.mac, address }, `203.0.113.${index + 1}`))
    expect(viewsOf(frames)).toEqual([expect.stringMatching(/^there is no address of a home in the capture: .*--home$/)])
  })

  test('names a prefix of IPv6 beside the address', () => {
    const far = ['2001:db8:ffff::1', '2001:db8:eeee::1']
    const frames = times(10, (index) => [
      tcpFrame({
        sourceMac: WAN.mac,
        destinationMac: ROUTER.mac,
        source: `2001:db8:1:2::${index + 1}`,
        destination: far[index % 2],
        sourcePort: 40_000,
        destinationPort: 443,
        payload: data,
        timeToLive: 63,
      }),
    ])
    const [sentence, ...more] = viewsOf([...talk(WAN, SERVER), ...frames])
    expect(more).toEqual([])
    expect(sentence).toMatch(/one public address \(198\.51\.100\.77\) and one public prefix \(2001:db8:1:2::\/64\)/)
    expect(sentence).toMatch(/--home 198\.51\.100\.77\/32 --home 2001:db8:1:2::\/64$/)
  })

  test('is likely where the only address is one that providers share', () => {
    expect(viewsOf([...talk({ mac: WAN.mac, address: '100.64.3.7' }, SERVER, 20)])).toEqual([
      expect.stringMatching(/seems to be from the internet side: .*100\.64\.3\.7.*carrier-grade NAT/),
    ])
  })

  test.each<[string, Uint8Array[]]>([
    ['a home', [...talk(CAMERA, SERVER), ...talk(PHONE, OTHER_SERVER)]],
    ['a home of one device', talk(CAMERA, SERVER, 30)],
    ['a home with some traffic that passes by', [...talk(CAMERA, SERVER, 20), ...talk(WAN, SERVER, 20)]],
    ['the outer network of two routers', talk({ mac: WAN.mac, address: '192.168.178.20' }, SERVER, 30)],
    [
      'a home with shared addresses for its devices',
      [100, 101].flatMap((last) =>
        talk({ mac: `02:00:00:00:01:${last.toString(16)}`, address: `100.64.0.${last}` }, SERVER, 20),
      ),
    ],
    ['a handful of bytes', talk(WAN, SERVER, 1)],
  ])('is not said of %s', (_, frames) => {
    expect(viewsOf(frames)).toEqual([])
  })
})

describe('one direction', () => {
  test.each<[string, Uint8Array[], RegExp]>([
    [
      'uploads over TCP',
      times(30, () => [tcpOut(CAMERA, SERVER, { payload: data })]),
      /one direction.*what devices send \(31 kB sent to the internet, 0 B received\)/,
    ],
    [
      'downloads over TCP',
      times(30, () => [tcpIn(CAMERA, SERVER, { payload: data })]),
      /one direction.*what devices receive \(0 B sent to the internet, 31 kB received\)/,
    ],
    ['acknowledgements of a download', times(40, () => [tcpOut(CAMERA, SERVER)]), /one direction.*what devices send/],
    [
      'downloads over QUIC',
      times(40, () => [udpIn(CAMERA, SERVER, { payload: data })]),
      /one direction.*what devices receive/,
    ],
    [
      'several devices, and talk at home both ways',
      [
        ...times(30, () => [tcpOut(CAMERA, SERVER, { payload: data }), tcpOut(PHONE, OTHER_SERVER, { payload: data })]),
        ...times(10, () => [udpWithin(CAMERA, PHONE, { payload: data }), udpWithin(PHONE, CAMERA, { payload: data })]),
      ],
      /one direction.*what devices send/,
    ],
  ])('is told with its figures: %s', (_, frames, sentence) => {
    expect(viewsOf(frames)).toEqual([expect.stringMatching(sentence)])
  })

  test.each<[string, Uint8Array[]]>([
    [
      'an upload with its acknowledgements',
      times(60, (index) => (index % 3 === 0 ? [tcpIn(CAMERA, SERVER)] : [tcpOut(CAMERA, SERVER, { payload: data })])),
    ],
    [
      'a server that does not answer',
      times(40, (index) => [tcpOut(CAMERA, SERVER, { flags: 2, sourcePort: 40_000 + index })]),
    ],
    [
      'a syslog that nobody answers',
      times(40, () => [udpOut(CAMERA, SERVER, { destinationPort: 514, payload: data })]),
    ],
    ['few packets', times(5, () => [tcpOut(CAMERA, SERVER, { payload: data })])],
  ])('is not said of %s', (_, frames) => {
    expect(viewsOf(frames)).toEqual([])
  })
})

describe('a tunnel', () => {
  const ends = { sourceMac: ROUTER.mac, destinationMac: PHONE.mac, source: ROUTER.address, destination: PHONE.address }
  const inside = tcpOut({ mac: CAMERA.mac, address: '198.18.7.9' }, SERVER, { payload: data })

  test.each<[string, Uint8Array[], RegExp]>([
    [
      'Geneve',
      times(20, () => [udpFrame({ ...ends, sourcePort: 50_000, destinationPort: 6_081, payload: data })]),
      /Geneve/,
    ],
    [
      'L2TP',
      times(20, () => [udpFrame({ ...ends, sourcePort: 1_701, destinationPort: 1_701, payload: data })]),
      /L2TP/,
    ],
    ['EtherIP', times(20, () => [ipFrame(ends, 97, concat(u16(0x3000), inside))]), /EtherIP/],
  ])('is named with its share and its ends: %s', (_, frames, name) => {
    const [sentence, ...more] = viewsOf([...frames, ...talk(CAMERA, SERVER, 2)])
    expect(more).toEqual([])
    expect(sentence).toMatch(name)
    expect(sentence).toMatch(/^[89]\d\.\d % of the bytes .* are a tunnel .* between 192\.168\.1\.1 and 192\.168\.1\.11/)
  })

  test.each<[string, Uint8Array[], RegExp]>([
    [
      'WireGuard',
      times(20, () => [
        udpOut(PHONE, SERVER, { destinationPort: 51_820, payload: data }),
        udpIn(PHONE, SERVER, { sourcePort: 51_820, payload: data }),
      ]),
      /WireGuard/,
    ],
    [
      'OpenVPN',
      times(20, () => [
        tcpOut(PHONE, SERVER, { destinationPort: 1_194, payload: data }),
        tcpIn(PHONE, SERVER, { sourcePort: 1_194, payload: data }),
      ]),
      /OpenVPN/,
    ],
    [
      'IPsec',
      times(20, () => [
        udpOut(PHONE, SERVER, { sourcePort: 4_500, destinationPort: 4_500, payload: data }),
        udpIn(PHONE, SERVER, { sourcePort: 4_500, destinationPort: 4_500, payload: data }),
      ]),
      /IPsec/,
    ],
    [
      'ESP',
      times(20, () => [
        ipFrame({ ...ends, sourceMac: PHONE.mac, source: PHONE.address, destination: SERVER }, 50, data),
        ipFrame({ ...ends, source: SERVER, destination: PHONE.address }, 50, data),
      ]),
      /IPsec/,
    ],
  ])('that is encrypted is named, and cannot be looked into: %s', (_, frames, name) => {
    const [sentence, ...more] = viewsOf(frames)
    expect(more).toEqual([])
    expect(sentence).toMatch(name)
    expect(sentence).toMatch(/^100 % of the bytes .* go through a VPN .*192\.168\.1\.11.*cannot be seen/)
  })

  test('of less than half of the bytes is not told', () => {
    const frames = times(5, () => [udpOut(PHONE, SERVER, { destinationPort: 51_820, payload: data })])
    expect(viewsOf([...frames, ...talk(CAMERA, SERVER, 20)])).toEqual([])
  })
})

describe('the clock', () => {
  const sentencesAt = (...seconds: number[]): string[] => {
    const lab = newLab()
    for (const second of seconds) lab.add(second, tcpOut(CAMERA, SERVER))
    return lab.engine.clockJumps.sentences()
  }
  const DAY = 86_400

  test.each<[string, number[], RegExp]>([
    ['from 1970 on', [20, 21, 1_795_946_400, 1_795_946_401], /jumped by 56\.9 years forward/],
    [
      'from the day that the system was built on',
      [1_700_000_000, 1_700_000_060, 1_795_946_400],
      /jumped by 3\.0 years forward/,
    ],
    ['from the time of the last shutdown on', [1_790_000_000, 1_795_946_400], /jumped by 69 days forward/],
    ['back, and forward again', [1_795_946_400, 1_000, 1_795_946_500], /jumped 2 times, first by 56\.9 years back/],
  ])('that is set %s is told', (_, seconds, sentence) => {
    expect(sentencesAt(...seconds)).toEqual([expect.stringMatching(sentence)])
  })

  test.each<[string, number[]]>([
    ['goes on', [1_795_946_400, 1_795_946_401]],
    ['was quiet for a holiday', [1_795_946_400, 1_795_946_400 + 20 * DAY]],
    ['is of 1970 all the time', [20, 21, 5_000]],
    ['comes a little out of order', [1_795_946_400, 1_795_946_000, 1_795_946_401]],
  ])('that %s is not told', (_, seconds) => {
    expect(sentencesAt(...seconds)).toEqual([])
  })
})
