// Hands over a recording's packets up to a moment, and no further: the one reader behind replay, seeking and the sample
// home.
import { open, type FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { timeOfFile } from '../../capture/sources/file.ts'
import { readCaptureStream } from '../../capture/sources/stream.ts'
import { Frame, timeOf } from '../../capture/frame.ts'
import type { Problem } from '../../capture/formats/problem.ts'
import { type RecordingFeed, RecordingTooLargeError } from './recording-feed.ts'

export interface FeedOptions {
  path: string
  /** Added to each packet's time, in whole seconds: the sample's day becomes today. */
  shiftSeconds?: number
  onPacket: (frame: Frame) => void
  /** Bytes after unpacking beyond which a recording is refused: a small packed file can hold terabytes. */
  maxUnpackedBytes: number
}

/** Read at a time: much where packets go straight on, little where they have to wait their turn. */
const LONG_PIECE = 1 << 20
const SHORT_PIECE = 1 << 15

interface WaitingPacket {
  time: number
  bytes: Uint8Array
  originalLength: number
  linkType: number
  link: number
  number: number
  seconds: number
  nanos: number
  timed: boolean
}

/** One pass over a capture; see RecordingFeed. */
export class PacketFeed implements RecordingFeed {
  readonly reader: CaptureReader
  bytesTaken = 0
  packets = 0
  lastTime = Number.NaN
  hasEnded = false

  private readonly options: FeedOptions
  private readonly shift: number
  private readonly abort = new AbortController()
  private readonly waiting: WaitingPacket[] = []
  private nextWaiting = 0
  private until = Number.NEGATIVE_INFINITY
  private readonly replayed = new Frame()
  private open: Promise<void> | null = null
  private failure: unknown = null
  private gate = deferred()
  private pieceTaken = deferred()
  private drained = deferred()

  constructor(options: FeedOptions) {
    this.options = options
    this.shift = options.shiftSeconds ?? 0
    this.reader = new CaptureReader((frame) => this.observe(frame), { fileTime: timeOfFile(options.path) })
  }

  get nextTime(): number | null {
    return this.waiting[this.nextWaiting]?.time ?? null
  }

  async advance(until: number, milliseconds: number): Promise<boolean> {
    const start = performance.now()
    this.until = until
    for (;;) {
      this.drain()
      if (this.failure !== null) throw this.failure as Error
      if (this.nextTime !== null || this.hasEnded) return true
      if (performance.now() - start >= milliseconds) return false
      await this.readPiece()
    }
  }

  problems(): Problem[] {
    return this.reader.allProblems()
  }

  async close(): Promise<void> {
    this.abort.abort()
    this.gate.resolve()
    this.drained.resolve()
    await this.open
  }

  private drain(): void {
    while (this.nextWaiting < this.waiting.length) {
      const packet = this.waiting[this.nextWaiting]
      if (packet.time > this.until) return
      this.nextWaiting++
      this.deliver(this.frameOf(packet))
    }
    this.waiting.length = 0
    this.nextWaiting = 0
  }

  private frameOf({ bytes, ...record }: WaitingPacket): Frame {
    const frame = this.replayed
    frame.bytes = bytes
    frame.at = 0
    frame.end = bytes.length
    Object.assign(frame, record)
    return frame
  }

  private observe(frame: Frame): void {
    frame.seconds += this.shift
    const time = frame.timed ? timeOf(frame) : this.lastTime
    if (this.waiting.length === 0 && !(time > this.until)) return this.deliver(frame)
    const { originalLength, linkType, link, number, seconds, nanos, timed } = frame
    this.waiting.push({
      time,
      bytes: frame.bytes.slice(frame.at, frame.end),
      originalLength,
      linkType,
      link,
      number,
      seconds,
      nanos,
      timed,
    })
  }

  private deliver(frame: Frame): void {
    this.packets++
    if (frame.timed) this.lastTime = timeOf(frame)
    this.options.onPacket(frame)
  }

  /** Lets one more piece of the file through and waits until it was read. */
  private async readPiece(): Promise<void> {
    this.open ??= this.read()
    this.pieceTaken = deferred()
    const { promise } = this.pieceTaken
    this.gate.resolve()
    this.drained.resolve()
    await promise
    await setImmediate()
  }

  private async read(): Promise<void> {
    try {
      await readCaptureStream(this.pieces(), this.reader, {
        signal: this.abort.signal,
        onPiece: () => this.checkLength(),
        pace: () => this.pace(),
      })
    } catch (error) {
      this.failure = error
    }
    this.hasEnded = true
    this.pieceTaken.resolve()
  }

  /** What a piece of the file unpacks to waits here until it was handed over, however much more there is in it. */
  private async pace(): Promise<void> {
    this.pieceTaken.resolve()
    while (this.nextTime !== null && !this.abort.signal.aborted) {
      this.drained = deferred()
      await this.drained.promise
    }
  }

  private checkLength(): void {
    if (this.reader.bytesRead > this.options.maxUnpackedBytes) {
      this.failure = new RecordingTooLargeError(
        `The recording holds more than ${Math.round(this.options.maxUnpackedBytes / 1e6)} MB when unpacked; what was read before that is shown`,
      )
      this.abort.abort()
    }
  }

  private async *pieces(): AsyncGenerator<Uint8Array> {
    let file: FileHandle | null = null
    try {
      await this.pass()
      file = await open(this.options.path, 'r')
      while (!this.abort.signal.aborted) {
        const piece = new Uint8Array(this.until === Number.POSITIVE_INFINITY ? LONG_PIECE : SHORT_PIECE)
        const { bytesRead } = await file.read(piece, 0, piece.length, null)
        if (bytesRead === 0) return
        this.bytesTaken += bytesRead
        yield piece.subarray(0, bytesRead)
        this.pieceTaken.resolve()
        await this.pass()
      }
    } finally {
      await file?.close()
    }
  }

  private async pass(): Promise<void> {
    await this.gate.promise
    this.gate = deferred()
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
