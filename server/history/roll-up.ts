// Rolling up the traffic history: pending minutes into the tables, minutes into hours, hours into days. Each function
// is part of a commit.
import { addToBuckets, CHUNK, MINUTE, type Bucket, type BucketCells } from './cells.ts'
import { orNever, type HistoryState, type TrafficStore } from './traffic-store.ts'

/** Start → device → cells. */
type Buckets = Map<number, Map<number, BucketCells>>

/**
 * Minutes go where minutes are kept; and, where they come after the roll-up of their hour or day, into those as well.
 * `next` is the state after the commit, `dayFloor` the time before which days are dropped.
 */
export function writePending(store: TrafficStore, next: HistoryState, dayFloor: number): void {
  const { state, calendar, rows, pending } = store
  const hourDone = orNever(state.hourDone)
  const minuteFloor = orNever(next.minuteFloor)
  const hourFloor = orNever(next.hourFloor)
  const dayDone = orNever(state.dayDone)
  const hours: Buckets = new Map()
  const days: Buckets = new Map()
  for (const [chunk, devices] of pending.chunks) {
    if (chunk < minuteFloor) continue
    for (const [device, cells] of devices) rows.addMinutes(chunk, device, cells)
  }
  pending.visit(-Infinity, Infinity, (minute, device, endpoint, sent, received) => {
    if (minute >= hourDone && Math.floor(minute / CHUNK) * CHUNK >= minuteFloor) return
    const bucket: Bucket = { sent, received, first: minute, last: minute + MINUTE }
    const hour = calendar.hourStart(minute)
    if (hour >= hourFloor) addTo(hours, hour, device, endpoint, bucket)
    const day = calendar.dayStart(hour)
    if ((hour < dayDone || hour < hourFloor) && day >= dayFloor) addTo(days, day, device, endpoint, bucket)
  })
  writeBuckets(store, 'hours', hours)
  writeBuckets(store, 'days', days)
}

export function rollUpHours(store: TrafficStore, from: number, to: number): void {
  if (from >= to) return
  const hours: Buckets = new Map()
  store.rows.visitMinutes(from, to, null, (minute, device, endpoint, sent, received) => {
    const bucket: Bucket = { sent, received, first: minute, last: minute + MINUTE }
    addTo(hours, store.calendar.hourStart(minute), device, endpoint, bucket)
  })
  writeBuckets(store, 'hours', hours)
}

export function rollUpDays(store: TrafficStore, from: number, to: number): void {
  if (from >= to) return
  const days: Buckets = new Map()
  store.rows.visitBuckets('hours', from, to, null, (hour, device, endpoint, bucket) => {
    addTo(days, store.calendar.dayStart(hour), device, endpoint, bucket)
  })
  writeBuckets(store, 'days', days)
}

function addTo(buckets: Buckets, start: number, device: number, endpoint: number, bucket: Bucket): void {
  let devices = buckets.get(start)
  if (devices === undefined) buckets.set(start, (devices = new Map<number, BucketCells>()))
  let cells = devices.get(device)
  if (cells === undefined) devices.set(device, (cells = new Map<number, Bucket>()))
  addToBuckets(cells, endpoint, bucket)
}

function writeBuckets(store: TrafficStore, table: 'hours' | 'days', buckets: Buckets): void {
  for (const start of [...buckets.keys()].sort((left, right) => left - right)) {
    for (const [device, cells] of buckets.get(start) as Map<number, BucketCells>)
      store.rows.addBuckets(table, start, device, cells)
  }
}
