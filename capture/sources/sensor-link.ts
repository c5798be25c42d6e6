// One connection to a sensor, as a stream of a capture: clocks are compared first, then packets come with this
// machine's times. Over TLS with the key that both share, or over ssh.
import type { Duplex } from 'node:stream'
import { notedEnds } from './capture-ends.ts'
import {
  ASK_BEGIN,
  ASK_DROPS,
  ASK_TIME,
  ASK_UNWATCHED,
  ASK_WATCHED,
  FRAME_BYTES,
  FRAME_DROPPED,
  FRAME_FLUSHED,
  FRAME_HELD_BACK,
  FRAME_HELLO,
  FRAME_PROBLEM,
  FRAME_TIME,
  FrameSplitter,
} from './frames.ts'
import { PcapTimes } from './pcap-times.ts'
import type { RunningStream, StreamEvents } from './restarting-source.ts'
import type { ClockOffset } from './sensor-clock.ts'
import { SENSOR_VERSION } from './sensor-run.ts'

/** Questions for the time before the capture begins, and between them (milliseconds). */
const FIRST_QUESTIONS = 5
const FIRST_EVERY_MS = 20
const ASK_EVERY_MS = 1_000
/** Nothing at all from the sensor for so long: the link is lost. */
const SILENT_MS = 4_000
/** A smaller change of the clocks' difference is left: times of neighbours keep their order. */
const SMALL = 0.001
const LONGEST_SENTENCE = 300
/**
 * What comes later, in seconds, is left out: the core compares packets of several sources for 8 s, and what another one
 * saw, too, would count twice.
 */
export const LATE = 6

export interface SensorLinkOptions {
  /** "192.168.1.7:7443", as it is shown. */
  name: string
  offset: ClockOffset
  /** Seconds that the sensor held packets back for its limit, in this run. */
  onHeldBack: (seconds: number) => void
  /** Packets came so late that they were left out. */
  onLate: () => void
  /** What ended the connection, before it was said by the sensor itself: a sentence. `hasSpoken`: it was a sensor. */
  explain: (error: NodeJS.ErrnoException | null, hasSpoken: boolean) => string
}

export class SensorLink implements RunningStream {
  private readonly stream: Duplex
  private readonly events: StreamEvents
  private readonly options: SensorLinkOptions
  private readonly times = new PcapTimes()
  private readonly closed: Promise<void>
  private timer: NodeJS.Timeout | null = null
  private answers = 0
  private kernelDropped = 0
  private hasBegun = false
  private hasSpoken = false
  private isWatched = false
  private heardAt = performance.now()
  private aliveUntil: number | undefined
  private problem: string | null = null
  private error: NodeJS.ErrnoException | null = null

  /** `stream` may still be connecting: `begin` is called once it is open. */
  constructor(stream: Duplex, events: StreamEvents, options: SensorLinkOptions) {
    this.stream = stream
    this.events = events
    this.options = options
    const frames = new FrameSplitter()
    stream.on('data', (piece: Buffer) => {
      this.heardAt = performance.now()
      const isInOrder = frames.add(piece, (kind, payload) => this.take(kind, payload))
      if (!isInOrder) this.end('What the sensor sends is damaged.')
    })
    stream.on('error', (error: NodeJS.ErrnoException) => (this.error ??= error))
    stream.on('end', () => stream.destroy())
    this.closed = new Promise((resolve) =>
      stream.on('close', () => {
        if (this.timer !== null) clearTimeout(this.timer)
        const problem = this.problem ?? options.explain(this.error, this.hasSpoken)
        events.onEnd(problem, this.aliveUntil)
        resolve()
      }),
    )
  }

  begin(): void {
    this.heardAt = performance.now()
    this.say(JSON.stringify({ telltale: SENSOR_VERSION, ends: notedEnds() }))
    this.plan(SILENT_MS)
  }

  async stop(): Promise<void> {
    this.stream.destroy()
    await this.closed
  }

  askForDrops(): void {
    if (this.hasBegun) this.say(ASK_DROPS)
  }

  setWatched(isWatched: boolean): void {
    this.isWatched = isWatched
    if (this.hasBegun) this.say(isWatched ? ASK_WATCHED : ASK_UNWATCHED)
  }

  private end(problem: string): void {
    this.problem ??= problem
    this.stream.destroy()
  }

  private say(line: string): void {
    if (!this.stream.destroyed && this.stream.writable) this.stream.write(`${line}\n`)
  }

  private take(kind: number, payload: Buffer): void {
    this.aliveUntil = Date.now() / 1000
    if (kind === FRAME_HELLO) this.meet(payload)
    else if (kind === FRAME_PROBLEM) this.problem ??= `On ${this.options.name}: ${printable(payload)}`
    else if (!this.hasSpoken) this.end(`What answers at ${this.options.name} is no sensor of Telltale.`)
    else if (kind === FRAME_BYTES) this.takeBytes(payload)
    else if (payload.length < 8) return
    else if (kind === FRAME_DROPPED) {
      this.kernelDropped = Number(payload.readBigUInt64BE())
      this.events.onDropped(this.kernelDropped + this.times.late)
    } else if (kind === FRAME_HELD_BACK) this.options.onHeldBack(Number(payload.readBigUInt64BE()))
    else if (kind === FRAME_FLUSHED) this.events.onFlushed?.(payload.readDoubleBE() + this.times.shift)
    else if (kind === FRAME_TIME && payload.length === 16)
      this.takeTime(payload.readDoubleBE(), payload.readDoubleBE(8))
  }

  private meet(payload: Buffer): void {
    const version = versionOf(payload)
    if (version !== SENSOR_VERSION)
      return this.end(`The sensor at ${this.options.name} is of another version: install the same Telltale on both.`)
    this.hasSpoken = true
    this.askTime()
  }

  private takeBytes(payload: Buffer): void {
    if (!this.hasBegun) return
    const { late } = this.times
    this.times.earliest = Date.now() / 1000 - LATE
    const bytes = this.times.push(payload)
    if (bytes.length > 0) this.events.onBytes(bytes)
    if (this.times.late === late) return
    this.options.onLate()
    this.events.onDropped(this.kernelDropped + this.times.late)
  }

  private takeTime(asked: number, other: number): void {
    const now = Date.now() / 1000
    // A made-up question would be one of a clock that was set.
    if (!(Math.abs(now - asked) < SILENT_MS / 500)) return
    const { offset } = this.options
    offset.add(asked, other, now)
    const shift = -(offset.offset ?? 0)
    if (Math.abs(shift - this.times.shift) > SMALL) this.times.shift = shift
    if (++this.answers < FIRST_QUESTIONS) this.plan(FIRST_EVERY_MS)
    else if (!this.hasBegun) {
      this.hasBegun = true
      this.say(ASK_BEGIN)
      this.setWatched(this.isWatched)
    }
  }

  private askTime(): void {
    this.say(`${ASK_TIME} ${Date.now() / 1000}`)
    this.plan(ASK_EVERY_MS)
  }

  private plan(wait: number): void {
    if (this.timer !== null) clearTimeout(this.timer)
    if (this.stream.destroyed) return
    this.timer = setTimeout(() => {
      if (performance.now() - this.heardAt >= SILENT_MS)
        return this.end(`Nothing comes from the sensor at ${this.options.name}. Is its machine on, and its network?`)
      if (this.hasSpoken) this.askTime()
      else this.plan(ASK_EVERY_MS)
    }, wait)
  }
}

function versionOf(payload: Buffer): unknown {
  try {
    return ((JSON.parse(payload.toString('utf8')) ?? {}) as { version?: unknown }).version
  } catch {
    return null
  }
}

/** Another machine's words: of one line, and short. */
function printable(payload: Buffer): string {
  return payload
    .toString('utf8')
    .slice(0, LONGEST_SENTENCE)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
}
