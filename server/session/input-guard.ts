// The guard between the sources and the engine: one packet or line at which the engine fails is left out, and costs
// nothing but itself.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { Frame } from '../../capture/frame.ts'
import {
  faultOf,
  glanceAt,
  HASHED_BYTES,
  hashOfInput,
  type InputFault,
  type InputKind,
  type InputMark,
  MOST_FAULTS,
} from '../model/input-fault.ts'
import type { InHand } from './in-hand.ts'

/** Different pieces of input whose faults are counted. */
const MAX_COUNTED = 256
/** Faults handed over; a flood of them is counted only. */
const MAX_REPORTED = 64
/** The tables are renewed after a fault, but not more often: who can send one such packet can send many. */
const RENEWAL_SECONDS = 60
/** After a thread was lost the next one notes each packet before it handles it, for an hour. */
const CAREFUL_SECONDS = 3_600

const encoder = new TextEncoder()

export interface InputGuardOptions {
  /** Input that is not to be handled any more. */
  failedInput: readonly InputMark[]
  inHand: InHand
  /** The thread before this one was lost, and nobody knows at what. */
  isCareful: boolean
  onFault: (fault: InputFault) => void
  /** The machine's clock in seconds. */
  clock: () => number
}

/**
 * An exception leaves the engine's tables half changed at worst for the one flow at hand, so going on is safe for the
 * moment; they are renewed soon all the same. A loop without end cannot be caught here: the thread is ended from
 * outside, and its successor knows by `InHand` what it was at.
 */
export class InputGuard {
  /** Pieces of input that were left out. */
  leftOut = 0
  private readonly options: InputGuardOptions
  private readonly failedInput: Set<string>
  private readonly glances: Set<number>
  private readonly counts = new BoundedMap<string, number>('input that failed', MAX_COUNTED)
  private readonly carefulUntil: number
  private isCareful: boolean
  /** Nothing is set aside and nothing is noted: packets pass without a look. */
  private isEasy: boolean
  private lastCause = ''
  private reported = 0
  private needsRenewal = false
  private renewedAt = Number.NEGATIVE_INFINITY

  constructor(options: InputGuardOptions) {
    this.options = options
    this.failedInput = new Set(options.failedInput.map(({ hash }) => hash))
    this.glances = new Set(options.failedInput.map(({ glance }) => glance))
    this.carefulUntil = options.isCareful ? options.clock() + CAREFUL_SECONDS : Number.NEGATIVE_INFINITY
    this.isCareful = options.isCareful
    this.isEasy = !options.isCareful && this.failedInput.size === 0
  }

  /** Packets pass without a look: they need not come here one by one. */
  get passesPackets(): boolean {
    return this.isEasy
  }

  /** The engine failed at a packet that passed so. */
  failedPacket(frame: Frame, error: unknown): void {
    this.failed('packet', frame.bytes.slice(frame.at, Math.min(frame.end, frame.at + HASHED_BYTES)), error)
  }

  packet(frame: Frame, handle: (frame: Frame) => void): void {
    if (!this.isEasy && !this.begin('packet', frame.bytes, frame.at, frame.end)) return
    try {
      handle(frame)
    } catch (error) {
      this.failedPacket(frame, error)
    }
    if (!this.isEasy) this.options.inHand.putDown()
  }

  line(line: string, handle: () => void): void {
    const bytes = this.isEasy ? null : encoder.encode(line)
    if (bytes !== null && !this.begin('line', bytes, 0, bytes.length)) return
    try {
      handle()
    } catch (error) {
      this.failed('line', bytes ?? encoder.encode(line), error)
    }
    if (bytes !== null) this.options.inHand.putDown()
  }

  /** Whether a file that begins so may be read. */
  mayRead(head: Uint8Array): boolean {
    return this.failedInput.size === 0 || !this.failedInput.has(hashOfInput('file', head))
  }

  /** Called behind each second: the time to go back to passing packets without a look. */
  rest(): void {
    if (!this.isCareful || this.options.clock() <= this.carefulUntil) return
    this.isCareful = false
    this.isEasy = this.failedInput.size === 0
  }

  /** True where something failed since the last renewal of the tables, and that is long enough ago. */
  isRenewalDue(): boolean {
    const now = this.options.clock()
    if (!this.needsRenewal || Math.abs(now - this.renewedAt) < RENEWAL_SECONDS) return false
    this.needsRenewal = false
    this.renewedAt = now
    return true
  }

  /** One sentence for the page; null where nothing was left out. */
  get sentence(): string | null {
    if (this.leftOut === 0) return null
    const what = this.leftOut === 1 ? '1 packet or line was' : `${this.leftOut} packets or lines were`
    const why = this.lastCause === '' ? '' : `: an error in the program (${this.lastCause})`
    return `${what} left out, as the engine fails at it${why}.`
  }

  /** False where the piece is set aside. */
  private begin(kind: 'packet' | 'line', bytes: Uint8Array, from: number, to: number): boolean {
    if (
      this.failedInput.size > 0 &&
      this.glances.has(glanceAt(bytes, from, to)) &&
      this.failedInput.has(hashOfInput(kind, bytes.subarray(from, to)))
    ) {
      this.leftOut++
      return false
    }
    if (this.isCareful) this.options.inHand.take(kind, bytes, from, to)
    return true
  }

  private failed(kind: InputKind, bytes: Uint8Array, error: unknown): void {
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const fault = faultOf(kind, bytes, cause, false)
    const { hash, glance } = fault
    const count = (this.counts.get(hash) ?? 0) + 1
    this.counts.renew(hash, count)
    this.leftOut++
    this.needsRenewal = true
    this.lastCause = error instanceof Error ? error.message.slice(0, 100) : String(error).slice(0, 100)
    if (count >= MOST_FAULTS && this.failedInput.size < MAX_COUNTED) {
      this.failedInput.add(hash)
      this.glances.add(glance)
      this.isEasy = false
    }
    if (this.reported++ < MAX_REPORTED) this.options.onFault(fault)
  }
}
