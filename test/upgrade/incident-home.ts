// The made-up home of the kept state with incidents: what its devices do every day, what stood out, and what comes
// after the upgrade.
import { httpRequest, tlsHello } from '../server/engine/lab.ts'
import { arpFrom, dnsQuery, type Host, ROUTER, tcpIn, tcpOut } from '../server/engine/lab.ts'
import { ETHERTYPE, ethernet, ipv4, PROTOCOL, tcp, TCP_FLAG } from '../../server/sample/packets/packet-builder.ts'
import { type CapturedPacket, pcapFile } from '../../server/sample/packets/pcap-writer.ts'

export const HOUR = 3_600
const DAY = 24 * HOUR
/** Monday, 2 February 2026, 00:00 UTC; the home lives in UTC. */
export const FIRST_DAY = Date.UTC(2026, 1, 2) / 1000
const dayOf = (number: number, hour: number): number => FIRST_DAY + number * DAY + hour * HOUR
/** The learned days are over, and the owner decides. */
export const DECIDED_AT = dayOf(12, 0)
/** When the older version was stopped, on a Saturday. */
export const STOPPED_AT = dayOf(12, 12)
/**
 * When the traffic after the upgrade is read, and is over: less than a day later, or the clock is not believed. Sums of
 * ten minutes are handed on at ten and at twenty minutes past.
 */
export const AFTERWARDS_AT = dayOf(13, 10) + 3_540
export const AFTERWARDS_OVER = dayOf(13, 10) + 3_000

export const DEVICES = {
  camera: { mac: '02:00:5e:00:53:10', address: '192.168.1.10', kind: 'camera', name: 'Yard camera' },
  plug: { mac: '02:00:5e:00:53:11', address: '192.168.1.11', kind: 'plug', name: 'Lamp plug' },
  speaker: { mac: '02:00:5e:00:53:12', address: '192.168.1.12', kind: 'speaker', name: 'Kitchen speaker' },
  vacuum: { mac: '02:00:5e:00:53:13', address: '192.168.1.13', kind: 'vacuum', name: 'Vacuum' },
  sensor: { mac: '02:00:5e:00:53:14', address: '192.168.1.14', kind: 'sensor', name: 'Garden sensor' },
  station: { mac: '02:00:5e:00:53:16', address: '192.168.1.16', kind: 'sensor', name: 'Weather station' },
  phone: { mac: '02:00:5e:00:53:15', address: '192.168.1.15', kind: 'phone', name: 'Phone' },
} as const
export const GUEST: Host = { mac: '02:00:5e:00:53:20', address: '192.168.1.20' }
/** An address that no name leads to. */
export const NAMELESS = '203.0.113.66'

interface Peer {
  address: string
  /** Null: nothing names it. */
  host: string | null
  isReadable?: boolean
}
const PEERS = {
  clips: { address: '203.0.113.10', host: 'wyze-mars-7.wyzecam.com' },
  cameraMaker: { address: '203.0.113.11', host: 'api.wyzecam.com' },
  plugMaker: { address: '203.0.113.12', host: 'a.tuyaeu.com' },
  voice: { address: '203.0.113.13', host: 'avs-alexa-4-na.amazon.com' },
  vacuumMaker: { address: '203.0.113.14', host: 'mqtt-eu-2.roborock.com' },
  sensorMaker: { address: '203.0.113.15', host: 'api.netatmo.net' },
  weather: { address: '203.0.113.17', host: 'upload.weather.example' },
  backup: { address: '203.0.113.16', host: 'cvws.icloud-content.com' },
  tracker: { address: '203.0.113.18', host: 'log.byteoversea.com' },
  stranger: { address: '203.0.113.19', host: 'data.mistat.xiaomi.com' },
  readable: { address: '203.0.113.20', host: 'firmware.camera.example', isReadable: true },
  otherReadable: { address: '203.0.113.21', host: 'upload.camera.example', isReadable: true },
  site: { address: '203.0.113.22', host: 'www.site.example' },
  nameless: { address: NAMELESS, host: null },
} satisfies Record<string, Peer>

/** Bytes that a device sends, spread evenly over some seconds. */
interface Upload {
  at: number
  from: Host
  to: Peer
  seconds: number
  bytes: number
}
/** A question to another resolver than the home's. */
interface Question {
  at: number
  from: Host
  resolver: string
}
export type Doing = Upload | Question

const { camera, plug, speaker, vacuum, sensor, station, phone } = DEVICES
const upload = (at: number, from: Host, to: Peer, seconds: number, bytes: number): Upload => ({
  at,
  from,
  to,
  seconds,
  bytes,
})
const kilobytes = 1e3
const megabytes = 1e6

/** What the devices always do, within a time. Sizes differ from day to day, by a fixed sequence. */
export function routine(from: number, to: number): Doing[] {
  const doings: Doing[] = []
  for (let at = FIRST_DAY; at < to; at += DAY) {
    const unrest = 0.8 + 0.4 * ((((at - FIRST_DAY) / DAY) * 7) % 10) * 0.1
    for (let minute = 0; minute < 1440; minute += 10) doings.push(...beats(at + minute * 60))
    for (const hour of [8, 9, 10, 12, 13, 15, 17, 18, 20])
      doings.push(upload(at + hour * HOUR + 1200, camera, PEERS.clips, 6, 700 * kilobytes * unrest))
    for (const minute of [8 * 60 + 7, 8 * 60 + 31, 18 * 60 + 5, 18 * 60 + 20, 18 * 60 + 44, 21 * 60 + 3])
      doings.push(spoken(at + minute * 60))
    doings.push(upload(at + 10 * HOUR + 300, vacuum, PEERS.vacuumMaker, 4, 300 * kilobytes * unrest))
    doings.push(upload(at + 6 * HOUR + 1800, station, PEERS.weather, 5, 400 * kilobytes * unrest))
    doings.push(upload(at + 2 * HOUR + 700, phone, PEERS.backup, 60, 20 * megabytes * unrest))
  }
  return doings.filter((doing) => doing.at >= from && doing.at < to)
}

/** The sensor falls silent at night before the upgrade. */
const SILENT_FROM = dayOf(12, 3)

function beats(at: number): Doing[] {
  return [
    upload(at + 11, camera, PEERS.cameraMaker, 1, 300),
    upload(at + 12, plug, PEERS.plugMaker, 1, 200),
    upload(at + 13, speaker, PEERS.voice, 1, 350),
    upload(at + 14, vacuum, PEERS.vacuumMaker, 1, 250),
    ...(at < SILENT_FROM ? [upload(at + 15, sensor, PEERS.sensorMaker, 1, 200)] : []),
  ]
}

const spoken = (at: number): Upload => upload(at, speaker, PEERS.voice, 4, 90 * kilobytes)
/** More than were ever asked in an hour. */
const manySpoken = (at: number, count: number): Upload[] =>
  Array.from({ length: count }, (_, place) => spoken(at + place * 240))

/** What stood out before the owner decided. */
export const STOOD_OUT: Doing[] = [
  upload(dayOf(8, 3) + 600, camera, PEERS.clips, 60, 12 * megabytes),
  upload(dayOf(9, 14), vacuum, PEERS.vacuumMaker, 30, 6 * megabytes),
  upload(dayOf(9, 15), GUEST, PEERS.site, 2, 3 * kilobytes),
  upload(dayOf(10, 11), plug, PEERS.tracker, 4, 20 * kilobytes),
  { at: dayOf(10, 16), from: speaker, resolver: '8.8.8.8' },
  upload(dayOf(11, 11), camera, PEERS.readable, 3, 30 * kilobytes),
  ...manySpoken(dayOf(11, 14), 12),
  upload(dayOf(10, 4), vacuum, PEERS.vacuumMaker, 2_400, 5 * megabytes),
  upload(dayOf(11, 22), phone, PEERS.backup, 240, 900 * megabytes),
]

/** What the older version saw last: the camera's upload lies within the hour before its stop. */
export const LATEST: Doing[] = [
  upload(dayOf(12, 8), camera, PEERS.otherReadable, 3, 30 * kilobytes),
  upload(dayOf(12, 11) + 2_400, camera, PEERS.clips, 300, 90 * megabytes),
]

/**
 * After the upgrade: what goes on, what was decided about, within it and beyond, what the home knows, and what it does
 * not.
 */
export const AFTERWARDS = {
  goesOn: [upload(dayOf(12, 12) + 600, camera, PEERS.clips, 120, 60 * megabytes)],
  expected: [
    upload(dayOf(12, 14), vacuum, PEERS.vacuumMaker, 30, 6 * megabytes),
    ...manySpoken(dayOf(12, 14), 10),
    upload(dayOf(13, 4), vacuum, PEERS.vacuumMaker, 2_400, 5 * megabytes),
  ],
  muted: [upload(dayOf(12, 15), camera, { ...PEERS.readable, host: 'third.camera.example' }, 3, 30 * kilobytes)],
  known: [
    upload(dayOf(12, 15) + 600, plug, PEERS.tracker, 4, 20 * kilobytes),
    { at: dayOf(12, 15) + 900, from: speaker, resolver: '8.8.8.8' },
    upload(dayOf(12, 15) + 1200, GUEST, PEERS.site, 2, 3 * kilobytes),
  ],
  nameless: [upload(dayOf(12, 16), camera, PEERS.nameless, 1_200, 5e9)],
  beyond: [upload(dayOf(12, 19), vacuum, PEERS.vacuumMaker, 60, 150 * megabytes)],
  stranger: [upload(dayOf(12, 21), plug, PEERS.stranger, 4, 20 * kilobytes)],
  again: [upload(dayOf(13, 3) + 600, camera, PEERS.clips, 60, 60 * megabytes)],
} satisfies Record<string, Doing[]>

/** Of a packet so much is kept; its lengths say how long it was. */
const KEPT_PAYLOAD = new Uint8Array(12)
/** As segmentation offload hands it to a capture. */
const LONGEST_PACKET = 60_000
const HEADERS = 40

/** A capture file of it. */
export function captureOf(doings: readonly Doing[]): Uint8Array {
  const packets = doings.flatMap((doing, place) =>
    'resolver' in doing ? asked(doing) : sent(doing, 20_000 + (place % 40_000)),
  )
  packets.sort((one, other) => one.seconds - other.seconds || (one.nanos ?? 0) - (other.nanos ?? 0))
  return pcapFile({}, packets)
}

function asked({ at, from, resolver }: Question): CapturedPacket[] {
  const frame = dnsQuery(from, 'www.site.example')
  // The question goes to the router's MAC as before, and to another address.
  const packet = ethernetTo(from, resolver, frame.subarray(34), PROTOCOL.udp)
  return [
    { seconds: at, bytes: arpFrom(from) },
    { seconds: at, nanos: 1000, bytes: packet },
  ]
}

function sent({ at, from, to, seconds, bytes }: Upload, port: number): CapturedPacket[] {
  const ends = { sourcePort: port, destinationPort: to.isReadable === true ? 80 : 443 }
  const packets: CapturedPacket[] = [
    { seconds: at, bytes: arpFrom(from) },
    { seconds: at, nanos: 500, bytes: tcpOut(from, to.address, { ...ends, flags: TCP_FLAG.syn }) },
  ]
  let sequence = 1
  if (to.host !== null) {
    const payload = to.isReadable === true ? httpRequest(to.host) : tlsHello(to.host)
    packets.push({ seconds: at, nanos: 1000, bytes: tcpOut(from, to.address, { ...ends, sequence, payload }) })
    sequence += payload.length
  }
  for (let second = 0; second < seconds; second++) {
    for (let left = Math.round(bytes / seconds), nanos = 2000; left > 0; left -= LONGEST_PACKET, nanos += 1000) {
      const length = Math.max(HEADERS + KEPT_PAYLOAD.length, Math.min(left, LONGEST_PACKET))
      packets.push({ seconds: at + second, nanos, ...long(from, to.address, { ...ends, sequence }, length) })
      sequence = (sequence + length - HEADERS) % 2 ** 32
    }
    packets.push({
      seconds: at + second,
      nanos: 900_000_000,
      bytes: tcpIn(from, to.address, { sourcePort: ends.destinationPort, destinationPort: port }),
    })
  }
  return packets
}

/** A segment of which only the beginning is kept. */
function long(
  from: Host,
  to: string,
  ends: { sourcePort: number; destinationPort: number; sequence: number },
  totalLength: number,
): Pick<CapturedPacket, 'bytes' | 'originalLength'> {
  const payload = tcp({ source: from.address, destination: to, ...ends, payload: KEPT_PAYLOAD })
  return { bytes: ethernetTo(from, to, payload, PROTOCOL.tcp, totalLength), originalLength: totalLength + 14 }
}

function ethernetTo(from: Host, to: string, payload: Uint8Array, protocol: number, totalLength?: number): Uint8Array {
  const fields = { source: from.address, destination: to, protocol, payload }
  const packet = ipv4(totalLength === undefined ? fields : { ...fields, totalLength })
  return ethernet(from.mac, ROUTER.mac, ETHERTYPE.ipv4, packet)
}
