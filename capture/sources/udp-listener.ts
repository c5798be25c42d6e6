// A UDP socket that takes datagrams of named senders only: bound again after errors, with counts and its health.
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { type ListenerDetails, NamedSenders, ownAddresses, placeText, unreachableSentence } from './listener-address.ts'
import { RefusedSenders } from './refused-senders.ts'
import { readSocketDrops } from './socket-drops.ts'
import type { SourceState } from './source.ts'

/** Waiting before the first try again, and at most: never longer than the 5 s that a gap may take. */
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 4000
const ASK_EVERY_MS = 5000
/** Of the kernel, for what comes while this process is busy; it gives as much as net.core.rmem_max allows. */
const WANTED_BUFFER = 8 << 20
/** So long after the last one drops are reported. */
const REPORTED_FOR_MS = 600_000

export interface ListenerEvents {
  /**
   * A datagram of a named sender; `sender` is its canonical address without a zone, `at` the arrival in seconds since
   * 1970-01-01 UTC, `port` the one that it came from. The bytes are the receiver's to keep. It throws nothing.
   */
  onDatagram: (bytes: Buffer, sender: string, at: number, port: number) => void
  /** The socket is bound: from here on datagrams arrive. */
  onBound?: () => void
  /** The socket failed, and is bound again later. */
  onLost?: () => void
  /** The state or the problem changed. */
  onChange?: () => void
}

/** As of a socket: the address may have a zone, or be IPv4 within IPv6. */
export interface DatagramSender {
  address: string
  port: number
}

export interface ListenerStatus {
  /** `running`: bound. `failed`: bound again soon. */
  state: Extract<SourceState, 'off' | 'starting' | 'running' | 'failed'>
  /** Datagrams of named senders. */
  datagrams: number
  /** Datagrams of others, none of which was looked into. */
  refused: number
  /** Datagrams that the kernel dropped; 0 where it cannot be read. */
  dropped: number
  /** Sentences on what is wrong, the gravest first; null where nothing is. */
  problem: string | null
}

/** For tests: where files of the kernel are; `isClosed`: no socket is bound. */
export interface ListenerOptions {
  isClosed?: boolean
  procFolder?: string
  ownAddresses?: () => string[]
}

export class UdpListener {
  datagrams = 0
  readonly refused = new RefusedSenders()
  private readonly details: ListenerDetails
  private readonly events: ListenerEvents
  private readonly options: ListenerOptions
  private readonly senders: NamedSenders
  private state: ListenerStatus['state'] = 'off'
  private failure: string | null = null
  private unreachable: string | null = null
  private socket: Socket | null = null
  private wait = FIRST_WAIT_MS
  private retryTimer: NodeJS.Timeout | null = null
  private askTimer: NodeJS.Timeout | null = null
  /** Of the sockets before this one, and of this one as far as was read. */
  private droppedBefore = 0
  private droppedNow = 0
  private droppedAt = -Infinity

  constructor(details: ListenerDetails, events: ListenerEvents, options: ListenerOptions = {}) {
    this.details = details
    this.events = events
    this.options = options
    this.senders = new NamedSenders(details.senders)
  }

  start(): void {
    if (this.state !== 'off') return
    this.setState('starting', null)
    this.bind()
    this.askTimer = setInterval(() => void this.askForDrops(), ASK_EVERY_MS)
  }

  /** Resolves when the port is free again. */
  async stop(): Promise<void> {
    if (this.retryTimer !== null) clearTimeout(this.retryTimer)
    if (this.askTimer !== null) clearInterval(this.askTimer)
    const { socket } = this
    this.socket = null
    this.setState('off', null)
    if (socket !== null) await closed(socket)
  }

  status(): ListenerStatus {
    const { state, datagrams, refused } = this
    const sentences = [
      this.failure,
      this.dropSentence(),
      datagrams === 0 && state === 'running' ? this.unreachable : null,
      refused.sentence(),
    ].filter((sentence) => sentence !== null)
    return {
      state,
      datagrams,
      refused: refused.datagrams,
      dropped: this.droppedBefore + this.droppedNow,
      problem: sentences.length === 0 ? null : sentences.join(' '),
    }
  }

  /**
   * What the socket calls; `from` is the sender as it gives it. Nothing of a datagram is read before its sender is
   * known to be named.
   */
  receive(bytes: Buffer, from: DatagramSender, at = Date.now() / 1000): void {
    const sender = this.senders.nameOf(from.address)
    if (sender === null) {
      this.refused.count(from.address)
      return
    }
    this.datagrams++
    this.events.onDatagram(bytes, sender, at, from.port)
  }

  /** Reads the kernel's count; called every few seconds while it runs. */
  async askForDrops(): Promise<void> {
    const { socket } = this
    if (socket === null || this.state !== 'running') return
    const { address, port } = this.details
    const drops = await readSocketDrops(address, port, this.options.procFolder)
    if (drops === null || socket !== this.socket || drops <= this.droppedNow) return
    this.droppedNow = drops
    this.droppedAt = performance.now()
    this.events.onChange?.()
  }

  private bind(): void {
    if (this.options.isClosed === true) return this.setState('running', null)
    const { address, port } = this.details
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', reuseAddr: false })
    this.socket = socket
    socket.on('message', (bytes, from) => this.receive(bytes, from))
    socket.on('error', (error: NodeJS.ErrnoException) => this.fail(socket, error))
    socket.bind({ address, port, exclusive: true }, () => this.run(socket))
  }

  private run(socket: Socket): void {
    if (socket !== this.socket) return
    try {
      socket.setRecvBufferSize(WANTED_BUFFER)
    } catch {
      // A smaller buffer drops earlier, and its drops are counted.
    }
    this.wait = FIRST_WAIT_MS
    this.unreachable = unreachableSentence(this.details, this.options.ownAddresses?.())
    this.setState('running', null)
    this.events.onBound?.()
  }

  private fail(socket: Socket, error: NodeJS.ErrnoException): void {
    if (socket !== this.socket) return
    const wasBound = this.state === 'running'
    this.socket = null
    this.droppedBefore += this.droppedNow
    this.droppedNow = 0
    void closed(socket)
    this.setState('failed', failureSentence(this.details, error))
    if (wasBound) this.events.onLost?.()
    this.retryTimer = setTimeout(() => this.bind(), this.wait)
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS)
  }

  private dropSentence(): string | null {
    if (performance.now() - this.droppedAt > REPORTED_FOR_MS) return null
    const count = this.droppedBefore + this.droppedNow
    return (
      `The kernel dropped ${count} datagrams, because its buffer was full. ` +
      'A larger one helps: sudo sysctl -w net.core.rmem_max=8388608, then restart Telltale.'
    )
  }

  private setState(state: ListenerStatus['state'], failure: string | null): void {
    const isSame = state === this.state && failure === this.failure
    this.state = state
    this.failure = failure
    if (!isSame) this.events.onChange?.()
  }
}

/** An error may have closed it before. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve())
    } catch {
      resolve()
    }
  })
}

function failureSentence(details: ListenerDetails, error: NodeJS.ErrnoException): string {
  const { address, port } = details
  switch (error.code) {
    case 'EADDRINUSE':
      return (
        `UDP port ${port} of ${address} is in use by another program (which one: sudo ss -ulpn sport = ${port}). ` +
        'It is tried again.'
      )
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
    case 'ENODEV': {
      const own = ownAddresses().join(', ')
      return `This machine has no address ${address} (it has ${own || 'none'}). It is tried again.`
    }
    case 'EACCES':
      return `Telltale may not listen on UDP port ${port}: choose one of 1024 and more. It is tried again.`
    case 'EAFNOSUPPORT':
      return `This machine has no IPv6, and ${address} is an IPv6 address. It is tried again.`
    default:
      return `Nothing can be received at ${placeText(details)} (${error.message}). It is tried again.`
  }
}
