// The meter of uploads: cells of traffic in, sums and ten-second upload windows of each device and endpoint out.
//
// A row is reported once in ten minutes with what it moved; each minute where it sends noticeably; and while the last
// ten seconds hold as much as an upload of note, each second. What is reported is added up nowhere else.
import { BoundedMap } from '../../capture/bounded-map.ts'

const WINDOW_SECONDS = 10
const MINUTE = 60
const PERIOD = 600
/** Less in a second is no part of an upload. */
const SMALLEST_PART = 500
/** Nor is less than this once it is one of note: keep-alives must not hold it open. */
const SMALLEST_LOUD_PART = 2_000
/** A pause as long as this ends an upload. */
export const UPLOAD_PAUSE_SECONDS = 20
/** What is sent to acknowledge what is received is at most this part of it. */
export const ACKNOWLEDGEMENT_SHARE = 0.05
/** Rows that sent so much in a minute are reported each minute; of new ones less is soon worth knowing. */
const NOTICEABLE = 10_000
const NOTICEABLE_AT_FIRST = 1_000
/** Rows of the last ten minutes; beyond, the one opened first is reported and begins anew. */
const MAX_ROWS = 65_536
const MAX_ENDPOINTS = 2 ** 26

/** An upload: what a row sent without a pause of 20 s. */
export interface Upload {
  /** First and last second in which a part of it was sent. */
  from: number
  last: number
  sent: number
  received: number
  /** Most within ten seconds. */
  peak: number
}

/** What a row moved since its last report. */
export interface Report {
  /** The first second of what it holds. */
  from: number
  /** The last second in which it moved something; of an upload that has ended, 20 s after its last part. */
  second: number
  device: number
  endpoint: number
  sent: number
  received: number
  /** The upload that goes on; null where what is sent is no upload of note. */
  upload: Upload | null
  /** The upload has ended. */
  isEnd: boolean
}

interface Row {
  device: number
  endpoint: number
  /** First second of what is not reported yet, and last second in which it moved something. */
  first: number
  second: number
  sent: number
  received: number
  isTouched: boolean
  isNew: boolean
  upload: Upload | null
  /** The upload's last ten seconds have held as much as an upload of note. */
  isLoud: boolean
  /** Sent beyond acknowledgements by second modulo ten, and the second of each place; null before the first upload. */
  window: Float64Array | null
  seconds: Float64Array | null
}

export class UploadMeter {
  private readonly rows = new BoundedMap<number, Row>('rows of the upload meter', MAX_ROWS, (row) => this.flush(row))
  /** Rows with something that is not reported yet. */
  private readonly touched = new Set<Row>()
  private readonly loud = new Set<Row>()
  private minute = Number.NaN
  private readonly floor: () => number
  private readonly onReport: (report: Report) => void

  /** `floor`: bytes beyond acknowledgements within ten seconds that make an upload of note. */
  constructor(floor: () => number, onReport: (report: Report) => void) {
    this.floor = floor
    this.onReport = onReport
  }

  /** What a row moved in a second; negative bytes take back what turned out to be another row's. */
  add(second: number, device: number, endpoint: number, sent: number, received: number): void {
    const key = device * MAX_ENDPOINTS + endpoint
    let row = this.rows.get(key)
    if (row === undefined) this.rows.set(key, (row = newRow(device, endpoint, second)))
    if (!row.isTouched) {
      row.isTouched = true
      this.touched.add(row)
    }
    if (second > row.second) row.second = second
    if (second < row.first) row.first = second
    row.sent += sent
    row.received += received
    if (sent >= (row.isLoud ? SMALLEST_LOUD_PART : SMALLEST_PART)) this.addPart(row, second, sent, received)
    else if (row.upload !== null && second - row.upload.last < UPLOAD_PAUSE_SECONDS) {
      row.upload.sent += sent
      row.upload.received += received
    }
  }

  /** It is now `second`: reports what is due. To be called before the cells of a later second. */
  mark(second: number): void {
    const minute = Math.floor(second / MINUTE)
    if (minute !== this.minute) {
      const isPeriod = Math.floor((minute * MINUTE) / PERIOD) !== Math.floor((this.minute * MINUTE) / PERIOD)
      this.minute = minute
      this.drain(isPeriod, second)
    }
    for (const row of this.loud) if (second - (row.upload as Upload).last >= UPLOAD_PAUSE_SECONDS) this.end(row)
  }

  /** Everything that was not reported yet. */
  finish(): void {
    for (const row of this.loud) this.end(row)
    this.drain(true, Number.POSITIVE_INFINITY)
  }

  /** Nothing of the devices stays. */
  forget(isGone: (device: number) => boolean): void {
    for (const row of this.rows.values())
      if (isGone(row.device)) {
        this.rows.delete(row.device * MAX_ENDPOINTS + row.endpoint)
        this.loud.delete(row)
      }
    for (const row of this.touched) if (isGone(row.device)) this.touched.delete(row)
  }

  private addPart(row: Row, second: number, sent: number, received: number): void {
    const upload = row.upload
    if (upload === null || second - upload.last >= UPLOAD_PAUSE_SECONDS) {
      if (row.isLoud) this.end(row)
      row.upload = { from: second, last: second, sent, received, peak: 0 }
    } else {
      upload.last = Math.max(upload.last, second)
      upload.sent += sent
      upload.received += received
    }
    const net = sent - ACKNOWLEDGEMENT_SHARE * received
    if (net <= 0) return
    const inWindow = slide(row, second, net)
    const current = row.upload as Upload
    if (inWindow > current.peak) current.peak = inWindow
    if (inWindow < this.floor()) return
    if (!row.isLoud) {
      this.reportBefore(row, current)
      row.isLoud = true
      this.loud.add(row)
    }
    this.report(row, row.second, false)
  }

  /** What was moved before the upload, which is no part of it. */
  private reportBefore(row: Row, upload: Upload): void {
    const { device, endpoint, first: from } = row
    if (from >= upload.from) return
    const sent = row.sent - upload.sent
    const received = row.received - upload.received
    row.sent = upload.sent
    row.received = upload.received
    row.first = upload.from
    this.onReport({ from, second: upload.from - 1, device, endpoint, sent, received, upload: null, isEnd: false })
  }

  /** However late it is known: an upload has ended that long after its last part. */
  private end(row: Row): void {
    this.loud.delete(row)
    row.isLoud = false
    this.report(row, Math.max(row.second, (row.upload as Upload).last + UPLOAD_PAUSE_SECONDS), true)
    row.upload = null
  }

  private drain(isPeriod: boolean, now: number): void {
    for (const row of this.touched) {
      const isDue = isPeriod || row.sent >= (row.isNew ? NOTICEABLE_AT_FIRST : NOTICEABLE)
      if (isDue && (row.sent !== 0 || row.received !== 0)) this.report(row, row.second, false)
      if (isPeriod) row.isTouched = false
    }
    if (!isPeriod) return
    this.touched.clear()
    // Insertion order is of no use here: a row that is quiet for ten minutes is opened anew.
    for (const [key, row] of this.rows) if (now - row.second >= PERIOD && !row.isLoud) this.rows.delete(key)
  }

  private flush(row: Row): void {
    this.loud.delete(row)
    this.touched.delete(row)
    if (row.isLoud || row.sent !== 0 || row.received !== 0) this.report(row, row.second, row.isLoud)
    row.isLoud = false
  }

  private report(row: Row, second: number, isEnd: boolean): void {
    const { device, endpoint, sent, received } = row
    row.sent = 0
    row.received = 0
    const from = Math.min(row.first, second)
    row.first = Number.POSITIVE_INFINITY
    row.isNew = false
    const upload = row.isLoud || isEnd ? row.upload : null
    this.onReport({ from, second, device, endpoint, sent, received, upload, isEnd })
  }
}

function newRow(device: number, endpoint: number, second: number): Row {
  return {
    device,
    endpoint,
    first: second,
    second,
    sent: 0,
    received: 0,
    isTouched: false,
    isNew: true,
    upload: null,
    isLoud: false,
    window: null,
    seconds: null,
  }
}

/** Adds to the row's window and returns what it holds. */
function slide(row: Row, second: number, net: number): number {
  const window = (row.window ??= new Float64Array(WINDOW_SECONDS))
  const seconds = (row.seconds ??= new Float64Array(WINDOW_SECONDS).fill(Number.NEGATIVE_INFINITY))
  const place = ((second % WINDOW_SECONDS) + WINDOW_SECONDS) % WINDOW_SECONDS
  if (seconds[place] !== second) {
    if (seconds[place] > second) return 0
    seconds[place] = second
    window[place] = 0
  }
  window[place] += net
  let sum = 0
  for (let at = 0; at < WINDOW_SECONDS; at++)
    if (seconds[at] > second - WINDOW_SECONDS && seconds[at] <= second) sum += window[at]
  return sum
}
