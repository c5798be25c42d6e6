// What fills the core's tables up to their limits: each flood is one long input of its own, too rare a thing to be met
// by chance.
import { CELL_NUMBERS } from '../../../capture/core/activity/activity-layout.ts'
import { MAX_METER_ROWS, MAX_OPEN, MAX_PAIRS } from '../../../capture/core/activity/activity-limits.ts'
import {
  MAX_ASSEMBLIES,
  MAX_BINDINGS,
  MAX_DNS_OUTSTANDING,
  MAX_FLOWS,
  MAX_HOME_PREFIXES,
  MAX_MACS,
  MAX_NAME_MEMORY,
  MAX_NAMES_PER_DEVICE,
  MAX_QUIC_HANDSHAKES,
  MAX_QUIC_INITIALS_OF_UNREAD,
  MAX_ROWS_PER_DEVICE,
} from '../../../capture/core/limits.ts'
import { hex } from '../../../server/sample/packets/bytes.ts'
import { dns } from '../../../server/sample/packets/dns-builder.ts'
import { routerAdvertisement } from '../../../server/sample/packets/ndp-builder.ts'
import { ETHERTYPE, ethernet, TCP_FLAG, tcpFrame, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import { quicDatagramTarget } from '../../support/fuzz-hellos.ts'
import { LAMP, ROUTER, UP } from '../../support/valid-ends.ts'
import type { CoreUnderTest } from './core-under-test.ts'

const START = 1_767_600_000
/** Places in an Ethernet frame with IPv4 and a transport header. */
const MAC_AT = 8
const SOURCE_AT = 26
const DESTINATION_AT = 30
const SOURCE_PORT_AT = 34
const SEQUENCE_AT = 38
const PAYLOAD_OF_UDP_AT = 42

type Flood = (core: CoreUnderTest) => void

/** By name. */
export function floods(): Record<string, Flood> {
  return {
    'flows of one device': flows,
    'addresses on the internet': destinations,
    'senders at home': senders,
    'names that are asked for': names,
    'names of addresses': nameMemory,
    'answers with many addresses': answers,
    'names of flows': flowNames,
    'TCP streams without their beginning': streams,
    'a TCP stream beyond its room': fullStream,
    'QUIC handshakes': handshakes,
    'prefixes of the home': prefixes,
    'cells of traffic': cells,
  }
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  put16(bytes, at + 2, value)
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

function send(core: CoreUnderTest, bytes: Uint8Array, seconds = START): void {
  core.packet({
    linkType: 1,
    seconds,
    nanos: 0,
    timed: true,
    originalLength: bytes.length,
    bytes,
    networkAt: 14,
    payloadAt: 42,
  })
}

/** More of them than there is room for, by their ports; then the first ones again. */
function flows(core: CoreUnderTest): void {
  const frame = udpFrame({ ...UP, payload: hex('00') })
  for (let flow = 0; flow < MAX_FLOWS + 3_000; flow++) {
    put16(frame, SOURCE_PORT_AT, flow)
    put32(frame, DESTINATION_AT, 0x08080000 + (flow >>> 15))
    send(core, frame, START + (flow >>> 12))
  }
}

/** Five devices, each with more far ends than it may have. */
function destinations(core: CoreUnderTest): void {
  const frame = udpFrame({ ...UP, payload: hex('00') })
  for (let device = 0; device < 5; device++) {
    put32(frame, MAC_AT, device + 1)
    put32(frame, SOURCE_AT, 0xc0a80120 + device)
    for (let end = 0; end < MAX_ROWS_PER_DEVICE + 1_000; end++) {
      put32(frame, DESTINATION_AT, 0x08000000 + device * 0x40000 + end)
      send(core, frame, START + (end >>> 13))
    }
  }
  // Rows beyond the table's end, each with what has a name of its own.
  const { exports } = core
  for (let row = 0; row < 200_000; row++) exports.creditRow(exports.rowOf(-row, 0, 0, 1, row % 4_000), 0, 0, 0, 0, 0)
}

/** Each MAC from three addresses: more MACs and bindings than there is room for. */
function senders(core: CoreUnderTest): void {
  const frame = udpFrame({ ...UP, destination: ROUTER.ip, payload: hex('00') })
  const { exports } = core
  const last = Math.ceil(MAX_BINDINGS / 2) + 100
  for (let mac = 0; mac < last; mac++) {
    put32(frame, MAC_AT, 0x100 + Math.min(mac, MAX_MACS + 10))
    for (let address = 0; address < 3; address++) {
      put32(frame, SOURCE_AT, 0x0a000000 + mac * 3 + address)
      send(core, frame, START + (mac >>> 10))
    }
  }
  for (let address = 2; address < 3_000; address++) exports.claimAddress(address, 0x0200, 0x100 + (address & 7), -1)
}

/** Queries for ever new names, of nine devices. */
function names(core: CoreUnderTest): void {
  const question = dns({ type: 'query', id: 1, questions: [{ type: 'A', name: 'aaaaaaaa.example' }] })
  const frame = udpFrame({ ...UP, destination: ROUTER.ip, destinationPort: 53, payload: question })
  const nameAt = PAYLOAD_OF_UDP_AT + 13
  for (let device = 0; device < 9; device++) {
    put32(frame, MAC_AT, device + 1)
    put32(frame, SOURCE_AT, 0xc0a80120 + device)
    for (let name = 0; name < MAX_NAMES_PER_DEVICE + 100; name++) {
      for (let letter = 0; letter < 4; letter++) frame[nameAt + letter] = 0x61 + ((name >>> (4 * letter)) & 15)
      frame[nameAt + 5] = 0x61 + device
      // Within the time in which an answer is waited for, and beyond it.
      send(core, frame, START + Math.floor((40 * name) / (device < 2 ? MAX_DNS_OUTSTANDING / 4 : 100_000)))
    }
  }
  for (let name = 1; name < 4_000; name++) {
    core.exports.countTlsName(name)
    core.exports.noteAsked(-1, name)
  }
  for (let count = 0; count < 140_000; count++) {
    core.exports.addQuery(2, 1 + (count % 4_000), count)
    core.exports.noteAsked(count, 1)
  }
}

function nameMemory(core: CoreUnderTest): void {
  const { exports } = core
  for (let device = 0; device < 80; device++) exports.rememberAnswer(-device - 1, 7, 1)
  core.note(exports.othersName(-1, 7))
  for (let address = 0; address < MAX_NAME_MEMORY / 40; address++)
    for (let device = 0; device < 42; device++) exports.rememberAnswer(-1 - (device % 42), address, 1 + (device & 1))
  core.note(exports.othersName(-1, 7))
}

/** An answer with more addresses than are learned from one, and names behind it that grow a table. */
function answers(core: CoreUnderTest): void {
  const question = { type: 'A', name: 'www.example' } as const
  const many = Array.from({ length: 600 }, (_, index) => ({
    type: 'A' as const,
    name: 'www.example',
    ttl: 5,
    data: `198.51.${index >> 8}.${index & 255}`,
  }))
  const ends = { ...UP, destination: ROUTER.ip, destinationPort: 53 }
  const back = {
    sourceMac: ROUTER.mac,
    destinationMac: LAMP.mac,
    source: ROUTER.ip,
    destination: LAMP.ip,
    sourcePort: 53,
    destinationPort: UP.sourcePort,
  }
  for (let times = 0; times < 2; times++) {
    send(core, udpFrame({ ...ends, payload: dns({ type: 'query', id: 7, questions: [question] }) }))
    const answer = dns({ type: 'response', id: 7, questions: [question], answers: many.slice(times) })
    send(core, udpFrame({ ...back, payload: answer }))
  }
  const { exports } = core
  for (let address = 2_000; address < 5_000; address++) exports.addressOfIpv4(0x08080000 + address)
}

/** Flows without a name, whose names are told later, in one second that touches more of them than it has room for. */
function flowNames(core: CoreUnderTest): void {
  const frame = udpFrame({ ...UP, payload: hex('00') })
  const { exports } = core
  for (let flow = 0; flow < 3_000; flow++) {
    put16(frame, SOURCE_PORT_AT, 1_000 + flow)
    put32(frame, DESTINATION_AT, 0x08080800 + flow)
    send(core, frame)
  }
  const at = core.place(new TextEncoder().encode('late.example'))
  const name = exports.internName(at, at + 12)
  for (let address = 2; address < 2_500; address++) {
    exports.rememberAnswer(exports.deviceKey(exports.bindingOn(exports.findIpv4(0xc0a80114 | 0))), address, name)
  }
  exports.nameSince(START)
  exports.markTime(START + 1)
  exports.nameSince(START)
}

function streams(core: CoreUnderTest): void {
  const hello = hex('16 0301 0200 01 0001fc 0303')
  const frame = tcpFrame({ ...UP, flags: TCP_FLAG.ack, sequence: 1, payload: hello })
  for (let flow = 0; flow < MAX_ASSEMBLIES + 50; flow++) {
    put16(frame, SOURCE_PORT_AT, 1_000 + flow)
    send(core, frame)
  }
  // One stream in more pieces, another one in larger ones, than are kept.
  const syn = tcpFrame({ ...UP, sourcePort: 900, flags: TCP_FLAG.syn, sequence: 0, payload: hex('') })
  for (const [port, length, stride] of [
    [900, 8, 16],
    [901, 1_400, 1_400],
    [902, 1_400, 2_000],
    [903, 4_096, 4_096],
  ]) {
    put16(syn, SOURCE_PORT_AT, port)
    send(core, syn)
    const piece = tcpFrame({ ...UP, sourcePort: port, flags: TCP_FLAG.ack, payload: new Uint8Array(length) })
    for (let sequence = 40; sequence < 40 + 60 * stride; sequence += stride) {
      put32(piece, SEQUENCE_AT, sequence)
      send(core, piece)
    }
  }
}

/** What waited is more than has room once its beginning is there. */
function fullStream(core: CoreUnderTest): void {
  const ends = { ...UP, sourcePort: 910 }
  const tcp = (flags: number, sequence: number, length: number): void =>
    send(core, tcpFrame({ ...ends, flags, sequence, payload: new Uint8Array(length) }))
  tcp(TCP_FLAG.syn, 0, 0)
  for (let piece = 0; piece < 15; piece++) tcp(TCP_FLAG.ack, 1_401 + 4_096 * piece, 4_096)
  for (let piece = 0; piece < 20; piece++) tcp(TCP_FLAG.ack, 1_401 + 15 * 4_096 + 200 * piece, 200)
  tcp(TCP_FLAG.ack, 1, 1_400)
}

function handshakes(core: CoreUnderTest): void {
  const [initial] = quicDatagramTarget().seeds
  // Cut short: it stays a handshake that waits.
  const frame = udpFrame({ ...UP, payload: initial })
  frame[frame.length - 1] ^= 1
  const { exports } = core
  for (let flow = 0; flow < MAX_QUIC_HANDSHAKES + 60; flow++) {
    put16(frame, SOURCE_PORT_AT, 1_000 + flow)
    send(core, frame, START + (flow >> 6))
  }
  for (let sender = 0; sender < MAX_QUIC_INITIALS_OF_UNREAD + 100; sender++) {
    put32(frame, MAC_AT, 0x100 + sender)
    put32(frame, SOURCE_AT, 0xc0a80200 + (sender % 3_000))
    send(core, frame, START + 100)
  }
  for (let sender = 0; sender < MAX_MACS + 10; sender++) exports.hasReadInitial(-sender)
  for (let sender = 0; sender < MAX_MACS + 10; sender++) exports.takeInitial(-sender, START + 200)
  for (let times = 0; times < 300; times++) exports.takeInitial(-1, START + 201)
}

function prefixes(core: CoreUnderTest): void {
  for (let prefix = 0; prefix < MAX_HOME_PREFIXES + 4; prefix++) {
    const ends = { source: LAMP.ip6, destination: 'ff02::1' }
    const prefixLength = prefix === 0 ? 24 : 64
    const packet = routerAdvertisement({
      ...ends,
      mac: ROUTER.mac,
      prefix: `2001:${(0xdb8 + prefix).toString(16)}::`,
      prefixLength,
    })
    send(core, ethernet(ROUTER.mac, '33:33:00:00:00:01', ETHERTYPE.ipv6, packet))
  }
  for (let network = 0; network < 40; network++) core.exports.nameHome(0, 0, 0xffff, 0x0a000000 + network, 128)
}

/** More channels, pairs and rows than there is room for; uploads among them. */
function cells(core: CoreUnderTest): void {
  const { exports } = core
  exports.setUploadFloor(1_000)
  for (let device = 0; device < 6_000; device += 1_500) exports.countDevice(device, 1)
  for (let at = 0; at < MAX_METER_ROWS + 2_000; at += 1_000) {
    const block = exports.roomForCells(1_000)
    for (let index = 0; index < 1_000; index++) {
      const cell = (block >> 3) + index * CELL_NUMBERS
      const { numbers } = core
      numbers[cell] = START
      numbers[cell + 1] = (at + index) % 7
      numbers[cell + 2] = 1 + at + index
      numbers[cell + 3] = index % 50 === 0 ? 60_000 : 300
      numbers[cell + 4] = index % 7 === 0 ? 0 : 300
      exports.meterCell(START, (at + index) % 7, 1 + at + index, numbers[cell + 3], numbers[cell + 4])
    }
    exports.cutCells(block, 1_000)
  }
  // Quiet pairs make room for others too: each burst is over before the next ones come.
  for (let second = 0; second < 4; second++) {
    exports.markBursts(START + 10 * (second + 1))
    const count = Math.min(MAX_OPEN, MAX_PAIRS) - 1
    const block = exports.roomForCells(count)
    for (let index = 0; index < count; index++) {
      const cell = (block >> 3) + index * CELL_NUMBERS
      core.numbers.set([START + 10 * (second + 1), 9, 1 + (index + second * count) * 3, 300, 300], cell)
    }
    exports.cutCells(block, count)
  }
  core.note(exports.finishBursts())
  core.note(exports.finishMeter())
  exports.clearBursts()
  exports.clearReports()
}
