// A sensor's side of one connection: tcpdump's packets go out in frames, no faster than the limit and the other side
// allow. What is not sent stays in the kernel, which counts what it drops: nothing piles up here.
import type { Duplex } from 'node:stream'
import { readEnds, usableFilter } from './capture-ends.ts'
import {
  ASK_BEGIN,
  ASK_DROPS,
  ASK_TIME,
  ASK_UNWATCHED,
  ASK_WATCHED,
  countOf,
  doublesOf,
  FRAME_BYTES,
  FRAME_DROPPED,
  FRAME_FLUSHED,
  FRAME_HELD_BACK,
  FRAME_HELLO,
  FRAME_PROBLEM,
  FRAME_TIME,
  frameOf,
  HEAD_LENGTH,
} from './frames.ts'
import { LineSplitter } from './line-splitter.ts'
import type { FarEnd } from './own-connections.ts'
import type { RunningStream } from './restarting-source.ts'
import { openTcpdump } from './tcpdump.ts'

export const SENSOR_VERSION = 1
/** Telltale asks for the time once a second: one that says nothing for so long is gone. */
const SILENT_MS = 10_000
/** It begins within this time. */
const BEGIN_MS = 5_000
const LONGEST_LINE = 16_384
/** Times and drop counters asked for in one second. */
const MOST_ASKED = 50
const SECOND_MS = 1000

export interface SensorOptions {
  interfaceName: string
  /** Frames' bytes in a second, at most. */
  bytesPerSecond: number
  /** This machine's ends of the connection, which the capture leaves out. */
  own: readonly FarEnd[]
  /** Stands in for tcpdump in tests. */
  command?: string
}

/** What the first line of the other side says. */
interface Opening {
  version: number
  ends: FarEnd[]
}

export class SensorRun {
  private readonly stream: Duplex
  private readonly options: SensorOptions
  private child: RunningStream | null = null
  private opening: Opening | null = null
  private heardAt = performance.now()
  private readonly watching: NodeJS.Timeout
  private readonly asked: LineSplitter
  private askedInSecond = 0
  /** Up to when all was flushed, as of the flush before: what was flushed last may not have been read yet. */
  private flushedAt = Number.NaN
  private sentInSecond = 0
  private secondAt = performance.now()
  private limitTimer: NodeJS.Timeout | null = null
  private isFull = false
  private heldBack = 0

  constructor(stream: Duplex, options: SensorOptions) {
    this.stream = stream
    this.options = options
    this.asked = new LineSplitter((line) => this.take(line))
    this.watching = setInterval(() => this.watch(), SECOND_MS)
    stream.on('data', (piece: Buffer) => {
      this.heardAt = performance.now()
      this.asked.addBytes(piece)
      if (this.asked.pendingBytes > LONGEST_LINE) stream.destroy()
    })
    stream.on('drain', () => {
      this.isFull = false
      this.regulate()
    })
    stream.on('error', () => {})
    stream.on('end', () => stream.destroy())
    stream.on('close', () => {
      clearInterval(this.watching)
      if (this.limitTimer !== null) clearTimeout(this.limitTimer)
      void this.child?.stop()
    })
  }

  stop(): void {
    this.stream.destroy()
  }

  private watch(): void {
    this.askedInSecond = 0
    if (performance.now() - this.heardAt > (this.child === null ? BEGIN_MS : SILENT_MS)) this.stream.destroy()
  }

  private take(line: string): void {
    if (this.opening === null) return this.open(line)
    if (++this.askedInSecond > MOST_ASKED) return
    const [word, value] = line.split(' ', 2)
    if (word === ASK_TIME) this.send(FRAME_TIME, doublesOf(Number(value), Date.now() / 1000))
    else if (word === ASK_BEGIN) this.begin()
    else if (word === ASK_DROPS) {
      this.child?.askForDrops?.()
      this.send(FRAME_HELD_BACK, countOf(this.heldBack))
    } else if (word === ASK_WATCHED || word === ASK_UNWATCHED) this.child?.setWatched?.(word === ASK_WATCHED)
  }

  private open(line: string): void {
    this.opening = readOpening(line)
    const { interfaceName } = this.options
    if (this.opening === null) this.stream.destroy()
    else this.send(FRAME_HELLO, Buffer.from(JSON.stringify({ version: SENSOR_VERSION, interface: interfaceName })))
  }

  private begin(): void {
    const { interfaceName, own, command = 'tcpdump' } = this.options
    if (this.child !== null || this.opening === null || this.stream.destroyed) return
    const filter = usableFilter(interfaceName, [...own, ...this.opening.ends], command)
    this.child = openTcpdump(
      interfaceName,
      {
        onBytes: (piece) => this.sendBytes(piece),
        onDropped: (count) => this.send(FRAME_DROPPED, countOf(count)),
        onFlushed: (at) => {
          if (!Number.isNaN(this.flushedAt) && !this.isHeld) this.send(FRAME_FLUSHED, doublesOf(this.flushedAt))
          this.flushedAt = at
        },
        onEnd: (problem) => {
          if (this.stream.destroyed) return
          this.send(FRAME_PROBLEM, Buffer.from(problem))
          this.stream.end()
        },
      },
      command,
      undefined,
      filter,
    )
  }

  private sendBytes(piece: Uint8Array): void {
    this.sentInSecond += piece.length + HEAD_LENGTH
    this.send(FRAME_BYTES, piece)
    this.regulate()
  }

  private send(kind: number, payload: Uint8Array): void {
    if (this.stream.destroyed || this.stream.writableEnded) return
    if (!this.stream.write(frameOf(kind, payload))) this.isFull = true
  }

  private get isHeld(): boolean {
    return this.isFull || this.limitTimer !== null
  }

  /** Reads on from tcpdump only while there is room. */
  private regulate(): void {
    const now = performance.now()
    const { bytesPerSecond } = this.options
    const passed = (now - this.secondAt) / SECOND_MS
    this.sentInSecond = Math.max(0, this.sentInSecond - passed * bytesPerSecond)
    this.secondAt = now
    // A tenth of a second's worth may come at once.
    const over = this.sentInSecond - bytesPerSecond / 10
    if (over > 0 && this.limitTimer === null) {
      const wait = (over / bytesPerSecond) * SECOND_MS
      this.heldBack += wait / SECOND_MS
      this.limitTimer = setTimeout(() => {
        this.limitTimer = null
        this.regulate()
      }, wait)
    }
    this.child?.hold?.(this.isHeld)
  }
}

function readOpening(line: string): Opening | null {
  try {
    const { telltale, ends } = (JSON.parse(line) ?? {}) as { telltale?: unknown; ends?: unknown }
    return typeof telltale === 'number' ? { version: telltale, ends: readEnds(ends) } : null
  } catch {
    return null
  }
}
