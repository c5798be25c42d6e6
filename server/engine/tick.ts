// What moved in one second of capture time?

/** One second's traffic, in columns. `rows` and `claims` are numbers of the engine's tables. */
export interface Tick {
  /** Seconds since 1970-01-01 UTC. */
  second: number
  /** Bytes to and from the internet per row; negative where a late name moved earlier bytes to another row. */
  rows: Int32Array
  sent: Float64Array
  received: Float64Array
  /** Bytes to and from others at home per claim. */
  claims: Int32Array
  sentLocal: Float64Array
  receivedLocal: Float64Array
}

/** Sums two columns per id until they are taken. */
class Sums {
  private readonly places = new Map<number, number>()
  private readonly ids: number[] = []
  private readonly first: number[] = []
  private readonly second: number[] = []

  add(id: number, first: number, second: number): void {
    const place = this.places.get(id)
    if (place === undefined) {
      this.places.set(id, this.ids.length)
      this.ids.push(id)
      this.first.push(first)
      this.second.push(second)
    } else {
      this.first[place] = (this.first[place] as number) + first
      this.second[place] = (this.second[place] as number) + second
    }
  }

  take(): [Int32Array, Float64Array, Float64Array] {
    const taken: [Int32Array, Float64Array, Float64Array] = [
      new Int32Array(this.ids),
      new Float64Array(this.first),
      new Float64Array(this.second),
    ]
    this.places.clear()
    this.ids.length = this.first.length = this.second.length = 0
    return taken
  }
}

/** Gathers what one second moved. */
export class TickRecorder {
  private readonly internet = new Sums()
  private readonly local = new Sums()

  addRow(row: number, sent: number, received: number): void {
    this.internet.add(row, sent, received)
  }

  addLocal(claim: number, sent: number, received: number): void {
    this.local.add(claim, sent, received)
  }

  take(second: number): Tick {
    const [rows, sent, received] = this.internet.take()
    const [claims, sentLocal, receivedLocal] = this.local.take()
    return { second, rows, sent, received, claims, sentLocal, receivedLocal }
  }
}
