// QUIC handshakes being put together, by flow.
import { QuicInitialFlow } from '../../capture/wire/quic-initial.ts'
import { LIMITS, type LimitCounter } from './limits.ts'

/** Readers kept for the next handshakes. */
const MAX_IDLE_READERS = 16

export interface QuicHandshake {
  reader: QuicInitialFlow
  /** The client's end, -1 until a packet could be read. */
  clientEnd: number
  /** The ClientHello was read; the server may still ask for another one. */
  isDone: boolean
}

/** The handshake that has waited longest makes room. */
export class QuicHandshakes {
  private readonly handshakes = new Map<number, QuicHandshake>()
  private readonly idleReaders: QuicInitialFlow[] = []
  private readonly limits: LimitCounter

  constructor(limits: LimitCounter) {
    this.limits = limits
  }

  find(flow: number): QuicHandshake | undefined {
    return this.handshakes.get(flow)
  }

  /** The flow's handshake; a new one where there is none. */
  of(flow: number): QuicHandshake {
    const known = this.handshakes.get(flow)
    if (known !== undefined) return known
    if (this.handshakes.size >= LIMITS.quicHandshakes) {
      this.limits.add('quicHandshakes')
      this.release(this.handshakes.keys().next().value as number)
    }
    const handshake = { reader: this.idleReaders.pop() ?? new QuicInitialFlow(), clientEnd: -1, isDone: false }
    this.handshakes.set(flow, handshake)
    return handshake
  }

  release(flow: number): void {
    const handshake = this.handshakes.get(flow)
    if (handshake === undefined) return
    handshake.reader.reset()
    if (this.idleReaders.length < MAX_IDLE_READERS) this.idleReaders.push(handshake.reader)
    this.handshakes.delete(flow)
  }
}
