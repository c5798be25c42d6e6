// What moved in one second of capture time.
import { grown } from './key-table.ts'

/** One second's traffic, in columns. `rows` and `bindings` are numbers of the engine's tables. */
export interface Tick {
  /** Seconds since 1970-01-01 UTC. */
  second: number
  /** Bytes to and from the internet per row; negative where a late name moved earlier bytes to another row. */
  rows: Int32Array
  sent: Float64Array
  received: Float64Array
  /** Bytes to and from others at home per binding. */
  bindings: Int32Array
  sentLocal: Float64Array
  receivedLocal: Float64Array
}

const FIRST_PLACES = 64
const NO_IDS = new Int32Array(0)
const NO_BYTES = new Float64Array(0)

/**
 * Sums two columns per id until they are taken. Ids are dense numbers: an array by id finds an id's place without a
 * hash.
 */
class Sums {
  /** By id: its place and one, 0 where it has none. */
  private places = new Int32Array(1024)
  private ids = new Int32Array(FIRST_PLACES)
  private first = new Float64Array(FIRST_PLACES)
  private second = new Float64Array(FIRST_PLACES)
  private used = 0

  add(id: number, first: number, second: number): void {
    if (id >= this.places.length) this.places = grown(this.places, id + 1)
    const place = this.places[id] - 1
    if (place >= 0) {
      this.first[place] += first
      this.second[place] += second
      return
    }
    const { used } = this
    if (used >= this.ids.length) this.makeRoom()
    this.ids[used] = id
    this.first[used] = first
    this.second[used] = second
    this.places[id] = ++this.used
  }

  drain(): [Int32Array, Float64Array, Float64Array] {
    const { used, ids, places } = this
    if (used === 0) return [NO_IDS, NO_BYTES, NO_BYTES]
    for (let place = 0; place < used; place++) places[ids[place]] = 0
    this.used = 0
    return [ids.slice(0, used), this.first.slice(0, used), this.second.slice(0, used)]
  }

  private makeRoom(): void {
    this.ids = grown(this.ids, 2 * this.used)
    this.first = grown(this.first, 2 * this.used)
    this.second = grown(this.second, 2 * this.used)
  }
}

/** Collects what one second moved. */
export class TickRecorder {
  private readonly internet = new Sums()
  private readonly local = new Sums()

  addRow(row: number, sent: number, received: number): void {
    this.internet.add(row, sent, received)
  }

  addLocal(binding: number, sent: number, received: number): void {
    this.local.add(binding, sent, received)
  }

  drain(second: number): Tick {
    const [rows, sent, received] = this.internet.drain()
    const [bindings, sentLocal, receivedLocal] = this.local.drain()
    return { second, rows, sent, received, bindings, sentLocal, receivedLocal }
  }
}
