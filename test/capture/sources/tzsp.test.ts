// The source of TZSP: frames of routers count as those of a capture, once, and the stream's own state is told.
import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { READ_TO_ENGINE } from '../../../capture/core/constants.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { LinkType } from '../../../capture/formats/link-types.ts'
import { planOfArgument } from '../../../capture/sources/sources.ts'
import { SILENT_MS } from '../../../capture/sources/tzsp.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { RowNumber } from '../../../server/engine/row-table.ts'
import { concat, hex, u32 } from '../../../server/sample/packets/bytes.ts'
import { ethernet, ETHERTYPE, ip, ipv4Fragments, PROTOCOL, udp } from '../../../server/sample/packets/packet-builder.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { bytesOf, CAMERA, GATEWAY, onEthernet, talk } from '../../support/link-home.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'
import { STRANGER, TzspStream } from '../../support/tzsp-stream.ts'
import { avs, prism, snap, wifi } from '../../support/wire/link-headers.ts'
import { inFrame, overUdp, tzsp } from '../../support/wire/tunnels.ts'

const [ROUTER, POINT] = ['127.0.0.1', '127.0.0.2']
/** A busy machine takes its time. */
const patiently = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000 })
let stream: TzspStream
let later = 0

beforeEach(async () => {
  later = 0
  const real = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => real() + later)
  stream = await TzspStream.open([ROUTER, POINT])
})
afterEach(async () => {
  await stream.close()
  vi.restoreAllMocks()
})

const packets = (): number => stream.source.status().packets
const counted = (number: number): Promise<unknown> => patiently(() => expect(packets()).toBe(number))
/** Counts in the other direction as well: each datagram before has been taken. */
async function takenAfter(): Promise<void> {
  const before = packets()
  await stream.send(tzsp(ethernet(CAMERA.mac, GATEWAY.mac, 0x88cc, new Uint8Array(46))))
  await counted(before + 1)
}

describe('frames of a router', () => {
  test('count as those of a capture on its interface', async () => {
    const spoken = talk()
    for (const one of spoken) await stream.send(tzsp(onEthernet(one)))
    await counted(spoken.length)
    const { sent, received } = bytesOf(spoken)
    expect(stream.sums()).toEqual({ ip: sent + received, internet: sent + received, local: 0, copied: 0 })
    expect(stream.source.status()).toMatchObject({ state: 'running', dropped: 0, problem: null })
    expect(stream.source.status().lastPacket).toBeCloseTo(Date.now() / 1000, -2)
  })

  test('may be Wi-Fi with each header', async () => {
    const spoken = talk().filter(({ isUp }) => isUp)
    const [one, two, three] = spoken.map(({ packet }) =>
      wifi({ source: CAMERA.mac, destination: GATEWAY.mac }, snap(ETHERTYPE.ipv4, packet)),
    )
    await stream.send(tzsp(one, { protocol: 18 }))
    await stream.send(tzsp(prism(two), { protocol: 119 }))
    await stream.send(tzsp(avs(three), { protocol: 127 }))
    await counted(3)
    expect(stream.sums().internet).toBe(bytesOf(spoken).sent)
  })

  test('that were cut count with the lengths of their headers', async () => {
    const spoken = talk()
    for (const one of spoken) await stream.send(tzsp(onEthernet(one).subarray(0, 70), { tags: hex('290205dc') }))
    await counted(spoken.length)
    const { sent, received } = bytesOf(spoken)
    expect(stream.sums().internet).toBe(sent + received)
  })

  test('that two routers on the way both send count once, whichever was first', async () => {
    const spoken = talk()
    for (const one of spoken) {
      await stream.send(tzsp(onEthernet(one)), ROUTER)
      await stream.send(tzsp(onEthernet(one)), POINT)
    }
    await counted(2 * spoken.length)
    const { sent, received } = bytesOf(spoken)
    expect(stream.sums()).toMatchObject({ internet: sent + received, copied: spoken.length })
  })

  test('of a sender that is not named are not read, counted or booked', async () => {
    for (const one of talk()) await stream.send(tzsp(onEthernet(one)), STRANGER)
    await takenAfter()
    expect(packets()).toBe(1)
    expect(stream.sums()).toMatchObject({ ip: 0, internet: 0 })
    expect(stream.source.status().problem).toBe(`6 datagrams from ${STRANGER} were left out: it is not named.`)
  })
})

describe('a capture of this machine beside it', () => {
  const MIRROR = { source: '192.168.1.1', destination: '192.168.1.2' }

  test('shows the datagrams as what they are, and nothing counts twice', async () => {
    const spoken = talk()
    const datagrams = spoken.map((one) => overUdp(MIRROR, 37_008, tzsp(onEthernet(one))))
    for (const one of spoken) await stream.send(tzsp(onEthernet(one)))
    await counted(spoken.length)
    const { sent, received } = bytesOf(spoken)
    const beside = stream.reader(1)
    // A second later or at once: it does not depend on clocks.
    const now = Date.now() / 1000
    for (const seconds of [Math.floor(now), Math.floor(now) + 1])
      beside.push(
        pcapFile(
          {},
          datagrams.map((datagram) => ({ seconds, bytes: inFrame(datagram) })),
        ).subarray(seconds > now ? 24 : 0),
      )
    const outside = 2 * datagrams.reduce((sum, { length }) => sum + length, 0)
    expect(stream.sums()).toMatchObject({ internet: sent + received, ip: sent + received + outside })
  })

  test('looks into the datagrams once the source is stopped', async () => {
    const beside = stream.reader(1)
    await stream.source.stop()
    const [one] = talk()
    const datagram = overUdp(MIRROR, 37_008, tzsp(onEthernet(one)))
    beside.push(pcapFile({}, [{ seconds: 1_767_600_000, bytes: inFrame(datagram) }]))
    expect(stream.sums().internet).toBe(one.packet.length)
  })
})

describe('a router that captures its own stream', () => {
  function own(source: string, length: number, port = stream.port): Uint8Array[] {
    const ends = { source, destination: '192.168.1.2' }
    const payload = tzsp(new Uint8Array(length))
    const datagram = udp({ ...ends, sourcePort: 40_000, destinationPort: port, payload })
    const parts = ipv4Fragments({ ...ends, protocol: PROTOCOL.udp, identification: 7, payload: datagram }, 1480)
    return parts.map((packet) => inFrame(packet))
  }

  test('is told which filter to set, and the stream is left out with all its fragments', async () => {
    const frames = [...own(ROUTER, 100), ...own(ROUTER, 3000)]
    expect(frames).toHaveLength(1 + 3)
    for (const frame of frames) await stream.send(tzsp(frame))
    await takenAfter()
    expect(packets()).toBe(1)
    expect(stream.sums().ip).toBe(0)
    expect(stream.source.status().problem).toBe(
      `${ROUTER} captures its own stream to 192.168.1.2 and sends it once more: 4 frames of it were left out. ` +
        'On a MikroTik: /tool sniffer set filter-stream=yes; in a mangle rule with action=sniff-tzsp: dst-address=!192.168.1.2.',
    )
  })

  test('over IPv6, with a VLAN tag, is recognised', async () => {
    const named = await TzspStream.open(['::1', ROUTER])
    const ends = { source: '::1', destination: 'fd00::2' }
    const payload = tzsp(new Uint8Array(80))
    const packet = ip(
      ends.source,
      ends.destination,
      PROTOCOL.udp,
      udp({ ...ends, sourcePort: 9, destinationPort: named.port, payload }),
    )
    const frame = ethernet('02:00:00:00:00:01', '02:00:00:00:00:02', 0x8100, concat(hex('0007 86dd'), packet))
    await named.send(tzsp(frame))
    await patiently(() => expect(named.source.status().problem).toContain('::1 captures its own stream to fd00::2'))
    expect(named.sums().ip).toBe(0)
    await named.close()
  })

  test('is not what others send, what goes to another port, or an answer', async () => {
    const frames = [...own('192.168.1.77', 100), ...own(ROUTER, 100, stream.port ^ 1)]
    for (const frame of frames) await stream.send(tzsp(frame))
    await counted(2)
    expect(stream.source.status().problem).toBeNull()
  })
})

describe('what else a router sends', () => {
  test('is no traffic: it is alive', async () => {
    for (const message of ['01040000', '01050000', '01030000 01']) await stream.send(hex(message))
    await patiently(() => expect(stream.source.status().state).toBe('running'))
    expect(stream.source.status()).toMatchObject({ packets: 0, problem: null })
  })

  test('and cannot be read is said', async () => {
    await stream.send(hex('0002fffe'))
    await stream.send(tzsp(new Uint8Array(60), { protocol: 2 }))
    await stream.send(tzsp(new Uint8Array(60), { protocol: 18, tags: hex('110101') }))
    await takenAfter()
    expect(stream.source.status()).toMatchObject({
      packets: 1,
      problem:
        '1 datagram could not be read: no TZSP, or cut off. Does another program send to this port? ' +
        '1 frame of another link layer than Ethernet and Wi-Fi could not be read.',
    })
  })

  test('with numbers tells what is missing, for each router', async () => {
    const frame = onEthernet(talk()[0])
    const numbers: [number, string][] = [
      [5, ROUTER],
      [0xffff_fffe, POINT],
      [6, ROUTER],
      [9, ROUTER],
      [8, ROUTER],
      [1, POINT],
      [0, POINT],
      [10, ROUTER],
      // It began anew.
      [2_000_000, ROUTER],
      [2_000_001, ROUTER],
    ]
    for (const [number, from] of numbers)
      await stream.send(tzsp(frame, { tags: concat(hex('2804'), u32(number)) }), from)
    await counted(numbers.length)
    // 7 of the router; 0xffffffff of the other.
    expect(stream.source.status().dropped).toBe(2)
  })
})

describe('a router that falls silent', () => {
  test('is a gap from its last packet to its return', async () => {
    const spoken = talk()
    await stream.send(tzsp(onEthernet(spoken[0])))
    await counted(1)
    const { lastPacket } = stream.source.status()
    later += SILENT_MS + 2000
    const silent = stream.source.status()
    expect(silent).toMatchObject({ state: 'failed', seenUntil: lastPacket })
    expect(silent.problem).toMatch(
      /^Nothing for 17 s\. Does the router still send\? On a MikroTik: \/tool sniffer start/,
    )
    await stream.send(tzsp(onEthernet(spoken[1])))
    await counted(2)
    expect(stream.source.status()).toMatchObject({ state: 'running', problem: null })
    expect(stream.gaps).toEqual([[lastPacket, stream.source.status().lastPacket]])
    const { sent, received } = bytesOf(spoken.slice(0, 2))
    expect(stream.sums().internet).toBe(sent + received)
  })

  test('and never sent is no capture', () => {
    later += SILENT_MS
    expect(stream.source.status()).toMatchObject({ state: 'starting', seenUntil: null })
    expect(stream.source.status().problem).toMatch(/^Nothing for 15 s\./)
  })

  test('but keeps its stream alive is quiet', async () => {
    await stream.send(tzsp(onEthernet(talk()[0])))
    await counted(1)
    later += 12_000
    await stream.send(hex('01040000'))
    await patiently(() => expect(stream.source.status().problem).toBeNull())
    expect(stream.source.status().state).toBe('quiet')
  })
})

test('its argument is no interface', () => {
  expect(planOfArgument('tzsp:37008')).toMatchObject({ kind: 'tzsp', port: 37_008 })
  expect(planOfArgument('eth0:1')).toMatchObject({ kind: 'interface' })
})

const sample = `${realDataFolder() ?? ''}/exporters/tzsp.pcap`
const isHere = existsSync(sample)
if (!isHere) console.log(NO_REAL_DATA)

test.skipIf(!isHere)('a real stream gives the hosts and bytes that its capture gives', async () => {
  const capture = readFileSync(sample)
  const engine = new Engine()
  const reader = new CaptureReader({ core: engine.core, mode: READ_TO_ENGINE })
  reader.push(capture)
  reader.end()
  engine.finish()
  const datagrams: Uint8Array[] = []
  const payloads = new CaptureReader(({ bytes, at, end, linkType }) => {
    expect(linkType).toBe(LinkType.Ethernet)
    datagrams.push(bytes.slice(at + 14 + 20 + 8, end))
  })
  payloads.push(capture)
  for (const datagram of datagrams) await stream.send(datagram)
  await counted(datagrams.length)
  const total = stream.sums().internet
  const hosts = (from: Engine): [string, number][] =>
    Array.from({ length: from.rows.used }, (_, row): [string, number] => [
      from.names.text(from.rows.name(row)),
      from.rows.number(row, RowNumber.Sent) + from.rows.number(row, RowNumber.Received),
    ]).sort()
  expect(hosts(stream.engine)).toEqual(hosts(engine))
  expect(total).toBeGreaterThan(50_000)
})
