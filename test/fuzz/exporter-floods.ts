// Floods of hostile exporters: made-up senders, frames that fill each table, connections without end. Each answers what
// is left of it.
import { READ_TO_ENGINE } from '../../capture/core/constants.ts'
import { ConnectionReader } from '../../capture/connections/connection-reader.ts'
import { FlowDecoder } from '../../capture/flows/flow-decoder.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { RefusedSenders } from '../../capture/sources/refused-senders.ts'
import { NetflowSource } from '../../capture/sources/netflow.ts'
import { TzspSource } from '../../capture/sources/tzsp.ts'
import { Engine } from '../../server/engine/engine.ts'
import { concat, hex, u32 } from '../../server/sample/packets/bytes.ts'
import { ipv4Fragments, PROTOCOL, udp } from '../../server/sample/packets/packet-builder.ts'
import { dataSet, field, flowFields, ipfix, NOW, templateSet } from '../support/flow-exports.ts'
import { onEthernet, talk } from '../support/link-home.ts'
import { inFrame, tzsp } from '../support/wire/tunnels.ts'

const ROUTER = { address: '192.168.1.1', port: 40_000 }
const PORT = 37_008
const AT_ONCE = 5_000

export interface Left {
  /** IP bytes that the engine counted. */
  bytes: number
  /** By how much the process grew. */
  growth: number
  /** What else is asked about. */
  kept: Record<string, number>
  problem: string | null
}

class Flooded {
  readonly engine = new Engine()
  readonly source: TzspSource
  private readonly before = process.memoryUsage.rss()

  constructor() {
    const openReader = (): CaptureReader => new CaptureReader({ core: this.engine.core, mode: READ_TO_ENGINE })
    this.source = new TzspSource(
      { address: '127.0.0.1', port: PORT, senders: [ROUTER.address] },
      { openReader },
      { isClosed: true },
    )
    this.source.start()
  }

  /** Calls `send` with each number; now and then the loop goes round, as it does between datagrams. */
  async flood(count: number, send: (index: number) => void): Promise<void> {
    for (let from = 0; from < count; from += AT_ONCE) {
      for (let index = from; index < Math.min(count, from + AT_ONCE); index++) send(index)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async left(kept: Record<string, number>): Promise<Left> {
    const { problem, packets, dropped } = this.source.status()
    await this.source.stop()
    this.engine.finish()
    const growth = process.memoryUsage.rss() - this.before
    return { bytes: this.engine.ipBytes, growth, kept: { packets, dropped, ...kept }, problem }
  }
}

/** Each datagram of another made-up sender, with a frame that would be counted. */
export async function floodOfSenders(count: number): Promise<Left> {
  const flooded = new Flooded()
  const datagram = Buffer.from(tzsp(onEthernet(talk()[0])))
  await flooded.flood(count, (index) => {
    const address =
      index % 3 === 2 ? `fd00::${(index & 0xffff).toString(16)}:${(index >>> 16).toString(16)}` : ipv4Of(index)
    flooded.source.receive(datagram, { address, port: index & 0xffff })
  })
  return await flooded.left({})
}

/** Of a named sender: fragments of its own stream that never end, numbers that jump, datagrams of every length. */
export async function floodOfFrames(count: number): Promise<Left> {
  const flooded = new Flooded()
  const ends = { source: ROUTER.address, destination: '192.168.1.2' }
  const payload = udp({ ...ends, sourcePort: 9, destinationPort: PORT, payload: tzsp(new Uint8Array(2_000)) })
  const fragment = (identification: number): Uint8Array =>
    inFrame(ipv4Fragments({ ...ends, protocol: PROTOCOL.udp, identification, payload }, 1_400)[0])
  const fragments = Array.from({ length: 500 }, (_, index) => Buffer.from(tzsp(fragment(1 + index * 131))))
  const frame = tzsp(onEthernet(talk()[0]))
  await flooded.flood(count, (index) => {
    const at = index % 4
    if (at === 0) flooded.source.receive(fragments[index % fragments.length], ROUTER)
    else if (at === 1) flooded.source.receive(Buffer.from(frame.subarray(0, index % frame.length)), ROUTER)
    else if (at === 2) flooded.source.receive(Buffer.from(hex('01000001 2804 ffffffff 00')), ROUTER)
    else {
      const tags = concat(hex('2804'), u32((index * 2_654_435_761) >>> 0))
      flooded.source.receive(Buffer.from(tzsp(new Uint8Array(index % 50), { tags })), ROUTER)
    }
  })
  return await flooded.left({})
}

/**
 * What a hostile gateway writes: `count` connections in each of two looks, the second with counters near the ends of
 * 32, 53 and 64 bits, going back, and of no packets.
 */
export function floodOfConnections(count: number): Left {
  const before = process.memoryUsage.rss()
  const engine = new Engine()
  const reader = new ConnectionReader(
    {
      core: () => engine.core,
      clock: () => 1_767_600_000,
      countsBytes: true,
      onLease: () => {},
      guard: (_, take) => take(),
    },
    { onLook: () => {}, onStranger: () => {} },
  )
  const push = (text: string): void => reader.push(Buffer.from(text))
  const numbers = [
    '4294967295',
    '4294967296',
    '9007199254740991',
    '9007199254740993',
    '18446744073709551615',
    '-1',
    '1e15',
    '0',
  ]
  push('#gateway program 1 none\n')
  for (let look = 0; look < 2; look++) {
    push('#begin\n')
    for (let from = 0; from < count; from += AT_ONCE) {
      const rows: string[] = []
      for (let index = from; index < Math.min(count, from + AT_ONCE); index++)
        rows.push(connection(index, look === 0 ? '500' : numbers[index % numbers.length]))
      push(`${rows.join('\n')}\n`)
    }
    push('#end 0 1\n')
  }
  reader.end()
  engine.finish()
  const { connections } = reader.counts
  const growth = process.memoryUsage.rss() - before
  return { bytes: engine.ipBytes, growth, kept: { connections }, problem: reader.timeProblem }
}

function connection(index: number, bytes: string): string {
  const port = 1_024 + (index % 60_000)
  const far = `203.0.${(index / 60_000) & 255}.9`
  const one = `src=192.168.1.10 dst=${far} sport=${port} dport=443 packets=1 bytes=${bytes}`
  return `ipv4 2 tcp 6 9 ESTABLISHED ${one} src=${far} dst=198.51.100.2 sport=443 dport=${port} packets=1 bytes=60 id=${index}`
}

/** How many senders the check keeps after so many of them. */
export function sendersKept(count: number): number {
  const refused = new RefusedSenders()
  for (let index = 0; index < count; index++) refused.count(ipv4Of(index))
  return refused.kept.length
}

function ipv4Of(index: number): string {
  return `10.${(index >>> 16) & 255}.${(index >>> 8) & 255}.${index & 255}`
}

/**
 * `count` templates of one named sender, 40 in each datagram, over all numbers, observation domains and ports that
 * there are; and records without a template beside them.
 */
export function floodOfTemplates(count: number): Left {
  const before = process.memoryUsage.rss()
  let flows = 0
  const decoder = new FlowDecoder(() => flows++)
  const fields = flowFields()
  const many = 40
  const waiting = dataSet(65_000, fields, fields, fields)
  for (let index = 0; index < count; index += many) {
    const sets = Array.from({ length: many }, (_, at) =>
      templateSet(256 + ((index + at) % 64_000), lengthened(fields, at)),
    )
    const header = { sequence: 0, domain: index / many, exported: NOW }
    decoder.take(ipfix([...sets, waiting], header), { ...ROUTER, port: 1 + ((index * 7) & 0x7fff) }, NOW)
  }
  const streams = [...decoder.heard]
  const kept = {
    streams: streams.length,
    templates: streams.reduce((sum, { templates }) => sum + templates.size, 0),
    pending: decoder.pending.size,
  }
  return { bytes: flows, growth: process.memoryUsage.rss() - before, kept, problem: null }
}

/** Another template each time. */
function lengthened(fields: ReturnType<typeof flowFields>, more: number): ReturnType<typeof flowFields> {
  return [...fields, ...Array.from({ length: more }, (_, at) => field(1_000 + at, 0, 1 + (at % 8)))]
}

/** Flows whose counters are at the ends of their widths, whose times are years off, and that end before they begin. */
export function floodOfCounters(count: number): Left {
  const before = process.memoryUsage.rss()
  let bytes = 0
  let latest = 0
  let earliest = Infinity
  const source = new NetflowSource(
    { address: '127.0.0.1', port: 2_055, senders: [ROUTER.address] },
    {
      onRecord: (record) => {
        if (record.kind !== 'connection') return
        bytes += record.bytesUp + record.bytesDown
        latest = Math.max(latest, record.time ?? 0)
        earliest = Math.min(earliest, record.time ?? Infinity)
      },
    },
    { isClosed: true, now: () => NOW },
  )
  source.start()
  const ends = [0n, 0xffff_ffffn, 0x1_0000_0000n, 0x1f_ffff_ffff_ffffn, 0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn]
  const times = [0, 1, 1e12, (NOW - 10 * 365 * 86_400) * 1000, (NOW + 10 * 365 * 86_400) * 1000, 2 ** 52]
  for (let index = 0; index < count; index++) {
    const wrong = [
      field(1, ends[index % ends.length], 8),
      field(2, ends[(index >>> 3) % ends.length] & 0xffff_ffffn, 4),
      field(152, times[index % times.length], 8),
      field(153, times[(index >>> 2) % times.length], 8),
      field(7, index & 0xffff, 2),
    ]
    const fields = flowFields(wrong)
    const header = { sequence: index, exported: index % 5 === 0 ? (index * 2_654_435_761) >>> 0 : NOW }
    source.receive(Buffer.from(ipfix([templateSet(300, fields), dataSet(300, fields)], header)), ROUTER)
  }
  const { problem } = source.status()
  void source.stop()
  return { bytes, growth: process.memoryUsage.rss() - before, kept: { latest, earliest }, problem }
}
