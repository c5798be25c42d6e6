// Sums of each row by the minute. Habits need no seconds: a minute's sums are a small part of the work.
import { grown } from '../engine/key-table.ts'

const MINUTE = 60

export type MinuteVisitor = (row: number, second: number, sent: number, received: number) => void

/** Sums by small whole numbers: rows of the engine, or bindings. */
export class Minutes {
  private sent = new Float64Array(1024)
  private received = new Float64Array(1024)
  /** By row: the last second of the minute in which it moved something. */
  private last = new Float64Array(1024)
  /** By row: the number of the minute that its sums are of, and one. */
  private minuteOf = new Float64Array(1024)
  private rows = new Int32Array(1024)
  private used = 0
  private minute = Number.NaN

  /** True where a second is the first of another minute: then the sums are to be drained before more is added. */
  isNext(second: number): boolean {
    return Math.floor(second / MINUTE) !== this.minute
  }

  begin(second: number): void {
    this.minute = Math.floor(second / MINUTE)
  }

  add(row: number, second: number, sent: number, received: number): void {
    if (row >= this.sent.length) this.makeRoom(row + 1)
    if (this.minuteOf[row] !== this.minute + 1) this.open(row)
    this.sent[row] = this.sent[row] + sent
    this.received[row] = this.received[row] + received
    this.last[row] = second
  }

  /** Hands on each row of the minute once, in the order in which they were first added. */
  drain(visit: MinuteVisitor): void {
    const { used, rows } = this
    this.used = 0
    for (let place = 0; place < used; place++) {
      const row = rows[place]
      visit(row, this.last[row], this.sent[row], this.received[row])
      this.minuteOf[row] = 0
    }
  }

  private open(row: number): void {
    this.minuteOf[row] = this.minute + 1
    this.sent[row] = 0
    this.received[row] = 0
    if (this.used >= this.rows.length) this.rows = grown(this.rows, 2 * this.used)
    this.rows[this.used++] = row
  }

  private makeRoom(size: number): void {
    this.sent = grown(this.sent, size)
    this.received = grown(this.received, size)
    this.last = grown(this.last, size)
    this.minuteOf = grown(this.minuteOf, size)
  }
}
