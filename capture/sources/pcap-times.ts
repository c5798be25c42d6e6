// Moves the times of a capture's packets as it passes, in pieces of any length (classic pcap, as tcpdump writes it).

const FILE_HEADER = 24
const RECORD_HEADER = 16
const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d
/** Longer than tcpdump's longest packet: what claims to be is damaged, and the reader's to judge. */
const LONGEST_RECORD = 1 << 18

export class PcapTimes {
  /** In seconds, what is added to each packet's time from here on. */
  shift = 0
  /** Packets from before this time, in seconds by the times that they get, are left out; and how many were. */
  earliest = 0
  late = 0
  private pending: Buffer = Buffer.alloc(0)
  /** Bytes of a packet that are still to come. */
  private left = 0
  private isLeftOut = false
  /** Units of a second; 0 before the file's header. */
  private units = 0
  private isLittle = true
  /** What cannot be read passes as it is. */
  private passes = false

  /** What can be handed on now: the piece itself, changed in its place, or with what was held back before it. */
  push(piece: Buffer): Buffer {
    if (this.passes) return piece
    const bytes = this.pending.length === 0 ? piece : Buffer.concat([this.pending, piece])
    const kept: Buffer[] = []
    const at = this.change(bytes, kept)
    this.pending = Buffer.from(bytes.subarray(at))
    return kept.length === 1 ? kept[0] : Buffer.concat(kept)
  }

  /** Adds the pieces to be handed on to `kept`; returns up to where all is changed. */
  private change(bytes: Buffer, kept: Buffer[]): number {
    let [at, start] = [0, 0]
    if (this.units === 0) {
      if (bytes.length < FILE_HEADER) return 0
      if (!this.readHeader(bytes)) return this.passOn(bytes, start, kept)
      at = FILE_HEADER
    }
    for (;;) {
      const step = Math.min(this.left, bytes.length - at)
      at += step
      this.left -= step
      if (this.isLeftOut) start = at
      if (bytes.length - at < RECORD_HEADER) break
      const length = this.isLittle ? bytes.readUInt32LE(at + 8) : bytes.readUInt32BE(at + 8)
      if (length > LONGEST_RECORD) return this.passOn(bytes, start, kept)
      this.isLeftOut = this.secondsAt(bytes, at) + this.shift < this.earliest
      if (this.isLeftOut) {
        this.late++
        kept.push(bytes.subarray(start, at))
      } else this.move(bytes, at)
      at += RECORD_HEADER
      this.left = length
    }
    kept.push(bytes.subarray(start, at))
    return at
  }

  private secondsAt(bytes: Buffer, at: number): number {
    return this.isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
  }

  private readHeader(bytes: Buffer): boolean {
    const [little, big] = [bytes.readUInt32LE(0), bytes.readUInt32BE(0)]
    this.isLittle = little === MICROSECONDS || little === NANOSECONDS
    const magic = this.isLittle ? little : big
    if (magic !== MICROSECONDS && magic !== NANOSECONDS) return false
    this.units = magic === MICROSECONDS ? 1e6 : 1e9
    return true
  }

  private passOn(bytes: Buffer, start: number, kept: Buffer[]): number {
    this.passes = true
    kept.push(bytes.subarray(start))
    return bytes.length
  }

  private move(bytes: Buffer, at: number): void {
    if (this.shift === 0) return
    const seconds = this.secondsAt(bytes, at)
    const parts = this.isLittle ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4)
    const whole = Math.floor(this.shift)
    const moved = parts + Math.round((this.shift - whole) * this.units)
    const carried = Math.floor(moved / this.units)
    const to = seconds + whole + carried
    if (parts >= this.units || to < 0 || to > 0xffff_ffff) return
    if (this.isLittle) {
      bytes.writeUInt32LE(to, at)
      bytes.writeUInt32LE(moved - carried * this.units, at + 4)
    } else {
      bytes.writeUInt32BE(to, at)
      bytes.writeUInt32BE(moved - carried * this.units, at + 4)
    }
  }
}
