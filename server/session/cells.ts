// A list of cells that grows without an object per cell.
import { CELL_LENGTH } from '../model/batch.ts'

export class Cells {
  private numbers = new Float64Array(256 * CELL_LENGTH)
  private used = 0

  add(second: number, device: number, endpoint: number, sent: number, received: number): void {
    if (sent === 0 && received === 0) return
    if (this.used === this.numbers.length) {
      const larger = new Float64Array(this.numbers.length * 2)
      larger.set(this.numbers)
      this.numbers = larger
    }
    const { numbers, used } = this
    numbers[used] = second
    numbers[used + 1] = device
    numbers[used + 2] = endpoint
    numbers[used + 3] = sent
    numbers[used + 4] = received
    this.used += CELL_LENGTH
  }

  /** The cells so far, in an array of their own; the list begins anew. */
  drain(): Float64Array {
    const drained = this.numbers.slice(0, this.used)
    this.used = 0
    return drained
  }
}
