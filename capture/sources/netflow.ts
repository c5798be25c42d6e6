// Source kind netflow: the flow records that routers send in datagrams, as NetFlow v5, v9 or IPFIX.
import { FlowDecoder } from '../flows/flow-decoder.ts'
import type { RecordSource, RecordSourceDefinition, RecordSourceOptions, RecordSourceStatus } from './definition.ts'
import {
  type ListenerDetails,
  type ListenerNaming,
  parseListenerArgument,
  parseListenerLine,
} from './listener-address.ts'
import { flowNote, flowProblem, setUpSentence, silentSentence } from './netflow-sentences.ts'
import { type DatagramSender, type ListenerOptions, UdpListener } from './udp-listener.ts'

const NAMING: ListenerNaming = { kind: 'netflow', title: 'NetFlow', defaultPort: 2055 }
/**
 * Exporters are heard whenever a flow is over. Of one that is not, what follows is a gap: after twice the pause that it
 * made twice so far, within these bounds. A pause that it made once may have been an outage.
 */
export const SILENT_SECONDS = 60
const LONGEST_SILENCE = 600
/** A pause that is longer is no habit of the exporter's. */
const LONGEST_PAUSE = 300

export class NetflowSource implements RecordSource {
  private readonly details: ListenerDetails
  private readonly guard: NonNullable<RecordSourceOptions['guard']>
  private readonly listener: UdpListener
  private readonly decoder: FlowDecoder
  private readonly now: () => number
  private startedAt = 0
  /** When a named sender last sent anything. */
  private heardAt: number | null = null
  /** The longest pause so far, and the one that was as long twice. */
  private longestPause = 0
  private usualPause = 0

  constructor(
    details: ListenerDetails,
    { onRecord, guard = (_line, read) => read() }: Pick<RecordSourceOptions, 'onRecord' | 'guard'>,
    options: ListenerOptions & { now?: () => number } = {},
  ) {
    this.details = details
    this.guard = guard
    this.now = options.now ?? ((): number => Date.now() / 1000)
    this.decoder = new FlowDecoder(onRecord)
    this.listener = new UdpListener(
      details,
      { onDatagram: (bytes, sender, at, port) => this.take(bytes, { address: sender, port }, at) },
      options,
    )
  }

  start(): void {
    this.startedAt = this.now()
    this.listener.start()
  }

  async stop(): Promise<void> {
    await this.listener.stop()
  }

  /** As of UdpListener. */
  receive(bytes: Buffer, from: DatagramSender, at?: number): void {
    this.listener.receive(bytes, from, at)
  }

  /** An exporter sends nothing twice. */
  position(): null {
    return null
  }

  status(): RecordSourceStatus {
    const { state, dropped, problem } = this.listener.status()
    const isSilent = state === 'running' && this.silence >= this.longestSilence
    // Before the first datagram nothing shows that there would be any.
    const isFirstAwaited = state === 'running' && this.heardAt === null
    const sentences = [problem, isSilent ? this.silenceSentence() : null, flowProblem(this.decoder, this.now())]
    const wrong = sentences.filter((sentence) => sentence !== null)
    return {
      state: isFirstAwaited ? 'starting' : isSilent ? 'failed' : state,
      skipped: this.decoder.lost + dropped,
      lastRecord: this.heardAt,
      problem: wrong.length === 0 ? null : wrong.join(' '),
      note: flowNote(this.decoder),
      seenUntil: this.heardAt,
    }
  }

  /** Seconds since anything came. A clock that was set back makes none. */
  private get silence(): number {
    return Math.max(0, this.now() - (this.heardAt ?? this.startedAt))
  }

  private get longestSilence(): number {
    return Math.min(LONGEST_SILENCE, Math.max(SILENT_SECONDS, 2 * this.usualPause))
  }

  private silenceSentence(): string {
    return this.heardAt === null ? setUpSentence(this.details) : silentSentence(this.details, this.silence)
  }

  private take(bytes: Buffer, sender: { address: string; port: number }, at: number): void {
    const now = this.now()
    const pause = this.heardAt === null ? 0 : now - this.heardAt
    if (pause <= LONGEST_PAUSE) {
      this.usualPause = Math.max(this.usualPause, Math.min(pause, this.longestPause))
      this.longestPause = Math.max(this.longestPause, pause)
    }
    this.heardAt = now
    this.guard(textOf(bytes), () => this.decoder.take(bytes, sender, at))
  }
}

/** What stands for a datagram where one at which the program fails is set aside. */
function textOf(bytes: Buffer): string {
  return `netflow ${bytes.toString('base64')}`
}

export const source: RecordSourceDefinition<'netflow', ListenerDetails, 'netflowListeners'> = {
  kind: 'netflow',
  delivers: 'records',
  counts: 'flow records',
  setting: {
    field: 'netflowListeners',
    title: 'Flow records (NetFlow, IPFIX)',
    description:
      'Addresses of this machine to which routers send NetFlow v5, v9 or IPFIX, and which routers may: ' +
      '192.168.1.10:2055 from 192.168.1.1. Without an address it listens on this machine alone.',
    maxItems: 4,
    format: 'netflow-listener',
    wanted: 'addresses of this machine and of routers, such as 192.168.1.10:2055 from 192.168.1.1',
    add: {
      title: 'A router that sends NetFlow or IPFIX',
      example: '192.168.1.10:2055 from 192.168.1.1',
      hint: 'This machine’s address and a port, “from”, and the router’s address.',
    },
  },
  argument: 'netflow:192.168.1.10:2055,from=192.168.1.1',
  readme: {
    what: 'a router that sends NetFlow v5, v9 or IPFIX',
    argument: '`netflow:192.168.1.10:2055,from=192.168.1.1`',
    needs:
      'the router’s export to this machine, flows that go on sent each minute ([limits](#flow-records)). It tells bytes and no names: those come from a resolver’s log beside it',
  },
  tellsBytes: () => true,
  parseLine: (line) => parseListenerLine(NAMING, line),
  parseArgument: (text) => parseListenerArgument(NAMING, text),
  open: (details, options) => new NetflowSource(details, options),
}
