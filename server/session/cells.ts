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

  /** The cells so far; valid until the next is added. */
  peek(): Float64Array {
    return this.numbers.subarray(0, this.used)
  }

  /** Cells of the same second, device and endpoint become one, and those that cancel each other out none. */
  merge(): void {
    const { numbers } = this
    const places = new Map<string, number>()
    let used = 0
    for (let at = 0; at < this.used; at += CELL_LENGTH) {
      const key = `${numbers[at]} ${numbers[at + 1]} ${numbers[at + 2]}`
      const place = places.get(key)
      if (place === undefined) {
        places.set(key, used)
        numbers.copyWithin(used, at, at + CELL_LENGTH)
        used += CELL_LENGTH
      } else {
        numbers[place + 3] += numbers[at + 3]
        numbers[place + 4] += numbers[at + 4]
      }
    }
    this.used = 0
    for (let at = 0; at < used; at += CELL_LENGTH)
      this.add(numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3], numbers[at + 4])
  }
}
