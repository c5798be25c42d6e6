// What the devices of a simulated home send and receive, second by second, in whatever order it is written down.
import type { Random } from '../sample/packets/random.ts'

export const DAY = 86_400
export const HOUR = 3_600
/** A Monday, 2026-06-01, 00:00 UTC; homes live in UTC. */
export const START = 1_780_272_000
/** Numbers per cell: second, device, endpoint, sent, received. */
const CELL = 5
/** Numbers per look-up: second, device, endpoint, count. */
const LOOKUP = 4

/** A device that sends nothing for a while, by seconds since the start. */
interface Pause {
  device: number
  from: number
  until: number
}

/** Seconds are since the start of the home. What lies outside its days is not written. */
export class Tape {
  readonly days: number
  private readonly hours: number[][]
  private readonly lookups: number[][]
  private readonly sent = new Map<number, Float64Array>()
  private readonly endpoints = new Map<number, Set<number>>()
  private readonly pauses: Pause[] = []
  private readonly outages: Omit<Pause, 'device'>[] = []

  constructor(days: number) {
    this.days = days
    this.hours = Array.from({ length: days * 24 }, () => [])
    this.lookups = Array.from({ length: days * 24 }, () => [])
  }

  get hourCount(): number {
    return this.hours.length
  }

  add(device: number, endpoint: number, at: number, sent: number, received: number): void {
    const second = Math.floor(at)
    const hour = Math.floor(second / HOUR)
    if (hour < 0 || hour >= this.hours.length) return
    this.hours[hour].push(START + second, device, endpoint, sent, received)
    let sums = this.sent.get(device)
    if (sums === undefined) this.sent.set(device, (sums = new Float64Array(this.hours.length)))
    sums[hour] += sent
    let known = this.endpoints.get(device)
    if (known === undefined) this.endpoints.set(device, (known = new Set()))
    known.add(endpoint)
  }

  /** Look-ups beside those that the traffic itself needs. */
  addLookups(device: number, endpoint: number, at: number, count: number): void {
    const second = Math.floor(at)
    const hour = Math.floor(second / HOUR)
    if (hour >= 0 && hour < this.lookups.length) this.lookups[hour].push(START + second, device, endpoint, count)
  }

  /** Exactly these bytes over so many seconds, with a little unrest. */
  spread(
    random: Random,
    device: number,
    endpoint: number,
    at: number,
    seconds: number,
    sent: number,
    received: number,
  ): void {
    const count = Math.max(1, Math.round(seconds))
    let sentBefore = 0
    let receivedBefore = 0
    for (let index = 0; index < count; index++) {
      const place = index === count - 1 ? 1 : (index + 1 + (random.next() - 0.5) * 0.5) / count
      const sentNow = Math.round(sent * place)
      const receivedNow = Math.round(received * place)
      this.add(device, endpoint, at + index, sentNow - sentBefore, receivedNow - receivedBefore)
      sentBefore = sentNow
      receivedBefore = receivedNow
    }
  }

  /** The device sends nothing from then on until then: what is written there is left out when the hours are read. */
  pause(device: number, from: number, until: number): void {
    this.pauses.push({ device, from: START + from, until: START + until })
  }

  /** Nothing moves in the whole home; names may be asked for. */
  cutOff(from: number, until: number): void {
    this.outages.push({ from: START + from, until: START + until })
  }

  /** The most that the device sends within an hour of the clock. */
  busiestHour(device: number): number {
    return Math.max(0, ...(this.sent.get(device) ?? []))
  }

  endpointsOf(device: number): ReadonlySet<number> {
    return this.endpoints.get(device) ?? new Set()
  }

  /** Cells of an hour in the order of time. */
  cells(hour: number): Float64Array {
    const first = START + hour * HOUR
    const outages = this.outages.filter(({ from, until }) => until > first && from < first + HOUR)
    const isCut = (second: number): boolean => outages.some(({ from, until }) => second >= from && second < until)
    return this.inOrder(this.hours[hour], hour, CELL, outages.length > 0 ? isCut : () => false)
  }

  /** Look-ups of an hour that were written down, in the order of time. */
  extraLookups(hour: number): Float64Array {
    return this.inOrder(this.lookups[hour], hour, LOOKUP)
  }

  private inOrder(
    numbers: readonly number[],
    hour: number,
    length: number,
    isCut: (second: number) => boolean = () => false,
  ): Float64Array {
    const isLost = (second: number, device: number): boolean => isCut(second) || this.isPaused(second, device)
    const first = START + hour * HOUR
    // Places by second: counting is faster than comparing, and keeps the order within a second.
    const places = new Uint32Array(HOUR + 1)
    let left = 0
    for (let at = 0; at < numbers.length; at += length) {
      if (isLost(numbers[at], numbers[at + 1])) continue
      places[numbers[at] - first + 1]++
      left++
    }
    for (let second = 1; second <= HOUR; second++) places[second] += places[second - 1]
    const sorted = new Float64Array(left * length)
    for (let at = 0; at < numbers.length; at += length) {
      if (isLost(numbers[at], numbers[at + 1])) continue
      const to = places[numbers[at] - first]++ * length
      for (let field = 0; field < length; field++) sorted[to + field] = numbers[at + field]
    }
    return sorted
  }

  private isPaused(second: number, device: number): boolean {
    for (const pause of this.pauses)
      if (pause.device === device && second >= pause.from && second < pause.until) return true
    return false
  }
}
