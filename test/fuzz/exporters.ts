// The listeners of a home that is fuzzed: datagrams go through the sender check into the source, without a socket.
import { ConnectionReader } from '../../capture/connections/connection-reader.ts'
import { MAX_CONNECTIONS } from '../../capture/connections/connection-table.ts'
import { READ_TO_HOST } from '../../capture/core/constants.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import type { Frame } from '../../capture/frame.ts'
import type { PacketCore } from '../../capture/packet-core.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import type { ListenerDetails } from '../../capture/sources/listener-address.ts'
import { NetflowSource } from '../../capture/sources/netflow.ts'
import { TzspSource } from '../../capture/sources/tzsp.ts'
import type { DatagramSender, ListenerOptions } from '../../capture/sources/udp-listener.ts'
import { checkValue, expectThat } from './checks.ts'
import { type ExporterKind, NAMED_SENDERS, SENDERS, splitDatagrams } from './datagrams.ts'
import { type Features, magnitude, shape } from './features.ts'

/** What the sources need of the home. */
export interface ExporterHome {
  features: Features
  core(): PacketCore
  packet(frame: Frame): void
  log(record: LogRecord): void
  /** All that was counted so far, in a number that grows with anything that is. */
  counted(): number
  now(): number
  pass(seconds: number): void
}

interface Listening {
  receive(bytes: Buffer, from: DatagramSender, at: number): void
  /** What was received is handed over. */
  settle(): Promise<void>
  status(): object
  stop(): Promise<void>
}

const PORTS: Record<ExporterKind, number> = { tzsp: 37_008, netflow: 2_055 }
/** Nothing is bound. */
const CLOSED: ListenerOptions = { isClosed: true }
const PAUSE = 1
/** Of the source among those of the home; captures have the first ones. */
const TZSP_NUMBER = 20
/** Of what a gateway writes, between two looks at the clock. */
const PIECE = 2_000
let madeUp = 0
/** Seconds. A clock that differs by less than the second is taken as right. */
const LONGEST_FLOW = 367 * 86_400
const CLOCK_SLACK = 10

export class Exporters {
  private readonly home: ExporterHome
  private readonly open = new Map<ExporterKind, Listening>()
  /** Of the home's clock. */
  private latest = Number.NEGATIVE_INFINITY

  constructor(home: ExporterHome) {
    this.home = home
  }

  async take(kind: ExporterKind, bytes: Uint8Array): Promise<void> {
    const { home } = this
    const source = this.open.get(kind) ?? this.start(kind)
    for (const datagram of splitDatagrams(bytes)) {
      this.latest = Math.max(this.latest, home.now())
      if (datagram.pause > 0) home.pass(datagram.pause)
      const isNamed = datagram.sender < NAMED_SENDERS.length
      if (!isNamed) await source.settle()
      const before = home.counted()
      const address = SENDERS[datagram.sender] || madeUpAddress()
      source.receive(Buffer.from(datagram.bytes), { address, port: 40_000 + datagram.sender }, home.now())
      if (isNamed) continue
      await source.settle()
      expectThat(home.counted() === before, `something of ${address}, which is not named, was counted`)
    }
    await source.settle()
    home.pass(PAUSE)
    const status = source.status()
    checkValue(status, `the status of ${kind}`)
    const { problem = null, dropped = 0 } = status as { problem?: string | null; dropped?: number }
    if (problem !== null) home.features.add(`${kind} ${shape(problem)}`)
    home.features.add(`${kind} dropped ${magnitude(dropped)}`)
  }

  /** A run of the script on a gateway. */
  takeConnections(bytes: Uint8Array): void {
    const { home } = this
    const reader = new ConnectionReader(
      {
        core: () => home.core(),
        clock: () => home.now(),
        countsBytes: true,
        onLease: (lease) => home.log(lease),
        guard: (_, take) => take(),
      },
      { onLook: () => {}, onStranger: () => {} },
    )
    for (let at = 0; at < bytes.length; at += PIECE) {
      reader.push(bytes.subarray(at, at + PIECE))
      home.pass(PAUSE)
    }
    reader.end()
    const { counts, timeProblem, packets } = reader
    expectThat(counts.connections <= MAX_CONNECTIONS, `${counts.connections} connections are kept`)
    checkValue({ counts, timeProblem, packets }, 'what is known of connections')
    if (timeProblem !== null) home.features.add(`connections ${shape(timeProblem)}`)
    home.features.add(`connections ${magnitude(counts.connections)} ${magnitude(packets)}`)
    home.pass(PAUSE)
  }

  async close(): Promise<void> {
    for (const source of this.open.values()) await source.stop()
    this.open.clear()
  }

  private start(kind: ExporterKind): Listening {
    const details = { address: '127.0.0.1', port: PORTS[kind], senders: [...NAMED_SENDERS] }
    const source = kind === 'tzsp' ? this.tzsp(details) : this.netflow(details)
    this.open.set(kind, source)
    return source
  }

  private tzsp(details: ListenerDetails): Listening {
    const { home } = this
    const openReader = (): CaptureReader =>
      new CaptureReader({
        core: () => home.core(),
        mode: READ_TO_HOST,
        source: TZSP_NUMBER,
        onPacket: (frame) => home.packet(frame),
      })
    const source = new TzspSource(details, { openReader }, CLOSED)
    source.start()
    return {
      receive: (bytes, from, at) => source.receive(bytes, from, at),
      settle: () => new Promise((resolve) => setImmediate(resolve)),
      status: () => source.status(),
      stop: () => source.stop(),
    }
  }

  private netflow(details: ListenerDetails): Listening {
    const { home } = this
    const onRecord = (record: LogRecord): void => {
      // What waits for its template may be from before the clock was set back.
      this.latest = Math.max(this.latest, home.now())
      checkRecord(record, home.now(), this.latest)
      home.features.add(`flow ${'lateSeconds' in record} ${magnitude('bytesUp' in record ? record.bytesUp : 0)}`)
      home.log(record)
    }
    const source = new NetflowSource(details, { onRecord }, { ...CLOSED, now: () => home.now() })
    source.start()
    return {
      receive: (bytes, from, at) => source.receive(bytes, from, at),
      settle: () => Promise.resolve(),
      status: () => source.status(),
      stop: () => source.stop(),
    }
  }
}

/** Whole bytes, of a time that has been. */
function checkRecord(record: LogRecord, now: number, latest: number): void {
  checkValue(record, 'a flow')
  if (record.kind !== 'connection') return
  const { bytesUp, bytesDown, time, seconds } = record
  for (const bytes of [bytesUp, bytesDown])
    expectThat(Number.isSafeInteger(bytes) && bytes >= 0, `a flow moved ${bytes} bytes`)
  expectThat(seconds >= 0 && seconds <= LONGEST_FLOW, `a flow took ${seconds} s`)
  if (time !== null)
    expectThat(
      time <= latest + CLOCK_SLACK && time >= now - LONGEST_FLOW,
      `a flow began ${Math.round(now - time)} s ago`,
    )
}

/** Another one each time. */
function madeUpAddress(): string {
  madeUp = (madeUp + 1) % 0xffff
  return `10.66.${madeUp >> 8}.${madeUp & 255}`
}
