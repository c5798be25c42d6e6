// The meter of flows that are told late and by the minute: their uploads as those of the upload meter, once they are
// told.
//
// The upload meter takes seconds in their order, and an upload is over 20 s after its last one. Here an upload goes on
// until no record can tell more of it, and it begins when its first record says.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { ACKNOWLEDGEMENT_SHARE, UPLOAD_PAUSE_SECONDS, USE_BYTES } from '../../capture/core/activity/activity-limits.ts'
import { AT_HOME } from '../model/batch.ts'
import { FLOW_LENGTH } from '../model/flows.ts'
import type { Report, Upload, Use } from './upload-report.ts'

/** Devices × endpoints; beyond, the one opened first is reported and begins anew. */
const MAX_ROWS = 16_384
const PERIOD = 600
/** A flow that sent less a second is no part of an upload. */
const SMALLEST_RATE = 500
/** An upload of note is one of so many seconds. */
const WINDOW = 10
/** What a row sent before it is reported at once; of new ones less is soon worth knowing. */
const NOTICEABLE = 10_000
const NOTICEABLE_AT_FIRST = 1_000

/** What a device and an endpoint moved. */
interface Row {
  device: number
  endpoint: number
  /** What is not reported yet, and its first second; the last second of all. */
  first: number
  second: number
  sent: number
  received: number
  isNew: boolean
  upload: Upload | null
  /** What of the upload is not reported yet. */
  partSent: number
  partReceived: number
  /** The upload is one of note. */
  isLoud: boolean
  /** Bytes are known so long after they moved, at most. */
  late: number
}

const REPORTED = { sent: 0, received: 0, partSent: 0, partReceived: 0, isNew: false }

export class FlowMeter {
  private readonly floor: () => number
  private readonly onReport: (report: Report) => void
  private readonly onUse: Use
  private readonly rows = new BoundedMap<string, Row>('rows of flow records', MAX_ROWS, (row) => this.close(row))
  private readonly loud = new Set<Row>()
  private period = Number.NaN

  /** See UploadMeter. */
  constructor(floor: () => number, onReport: (report: Report) => void, onUse: Use) {
    this.floor = floor
    this.onReport = onReport
    this.onUse = onUse
  }

  /** Records as in `AccountedFlows`. Each whose device `isKnown` is metered. */
  add(records: Float64Array, isKnown: (second: number, device: number) => boolean): void {
    const touched = new Set<Row>()
    for (let at = 0; at < records.length; at += FLOW_LENGTH) {
      const [from, to, device, endpoint, sent, received, late] = records.subarray(at, at + FLOW_LENGTH)
      if (!isKnown(to, device) || endpoint === AT_HOME) continue
      const row = this.rowOf(device, endpoint, from)
      row.late = late
      this.meter(row, from, to, sent, received)
      touched.add(row)
      if ((sent + received) / (to - from + 1) >= USE_BYTES) this.onUse(device, endpoint, to)
    }
    for (const row of touched) {
      const isDue = row.isLoud || row.sent >= (row.isNew ? NOTICEABLE_AT_FIRST : NOTICEABLE)
      if (isDue) this.report(row, false)
    }
  }

  /** It is now `second`: uploads of which no record can come any more have ended, and small things are reported. */
  mark(second: number): void {
    for (const row of this.loud)
      if (row.upload !== null && second - row.upload.last >= UPLOAD_PAUSE_SECONDS + row.late) this.end(row)
    const period = Math.floor(second / PERIOD)
    if (period === this.period) return
    this.period = period
    for (const [key, row] of this.rows) {
      if (row.sent !== 0 || row.received !== 0) this.report(row, false)
      if (!row.isLoud && second - row.second >= PERIOD + row.late) this.rows.delete(key)
    }
  }

  /** Everything that was not reported yet. */
  finish(): void {
    for (const row of this.rows.values()) this.close(row)
    this.rows.clear()
  }

  forget(device: number): void {
    for (const [key, row] of this.rows) {
      if (row.device !== device) continue
      this.rows.delete(key)
      this.loud.delete(row)
    }
  }

  private rowOf(device: number, endpoint: number, first: number): Row {
    const key = `${device} ${endpoint}`
    const known = this.rows.get(key)
    if (known !== undefined) return known
    const none = {
      sent: 0,
      received: 0,
      partSent: 0,
      partReceived: 0,
      isNew: true,
      upload: null,
      isLoud: false,
      late: 0,
    }
    const row: Row = { device, endpoint, first, second: first, ...none }
    this.rows.set(key, row)
    return row
  }

  private meter(row: Row, from: number, to: number, sent: number, received: number): void {
    const { upload } = row
    const isPart = sent >= SMALLEST_RATE * (to - from + 1)
    // What ended before the upload began is none of it, however late it is told.
    const isBefore = upload !== null && to <= upload.from - UPLOAD_PAUSE_SECONDS
    const goesOn = upload !== null && !isBefore && from - upload.last < UPLOAD_PAUSE_SECONDS
    if (isPart && !goesOn && !isBefore) this.begin(row, from, to)
    if (row.upload !== null && (goesOn || (isPart && !isBefore)))
      this.addPart(row, row.upload, from, to, sent, received, isPart)
    row.first = Math.min(row.first, from)
    row.second = Math.max(row.second, to)
    row.sent += sent
    row.received += received
    if (!row.isLoud && row.upload !== null && row.upload.peak >= this.floor()) this.becomeLoud(row, row.upload)
  }

  private begin(row: Row, from: number, to: number): void {
    if (row.upload !== null) this.end(row)
    row.upload = { from, last: to, sent: 0, received: 0, peak: 0 }
    row.partSent = 0
    row.partReceived = 0
  }

  private addPart(
    row: Row,
    upload: Upload,
    from: number,
    to: number,
    sent: number,
    received: number,
    isPart: boolean,
  ): void {
    upload.sent += sent
    upload.received += received
    row.partSent += sent
    row.partReceived += received
    if (!isPart) return
    upload.from = Math.min(upload.from, from)
    upload.last = Math.max(upload.last, to)
    const whole = peakOf(upload.sent, upload.received, upload.last - upload.from + 1)
    upload.peak = Math.max(upload.peak, whole, peakOf(sent, received, to - from + 1))
  }

  private becomeLoud(row: Row, upload: Upload): void {
    this.reportBefore(row, upload)
    row.isLoud = true
    this.loud.add(row)
  }

  /** What was moved before the upload is no part of it. */
  private reportBefore(row: Row, upload: Upload): void {
    const { device, endpoint, first } = row
    const sent = row.sent - row.partSent
    const received = row.received - row.partReceived
    if (first >= upload.from || (sent === 0 && received === 0)) return
    this.onReport({
      from: first,
      second: upload.from - 1,
      device,
      endpoint,
      sent,
      received,
      upload: null,
      isEnd: false,
    })
    Object.assign(row, { first: upload.from, sent: row.partSent, received: row.partReceived, isNew: false })
  }

  private end(row: Row): void {
    if (row.isLoud) this.report(row, true)
    row.upload = null
    row.isLoud = false
    this.loud.delete(row)
  }

  private close(row: Row): void {
    if (row.isLoud) this.end(row)
    else if (row.sent !== 0 || row.received !== 0) this.report(row, false)
    this.loud.delete(row)
  }

  private report(row: Row, isEnd: boolean): void {
    const { device, endpoint, sent, received, upload, isLoud } = row
    const second = isEnd && upload !== null ? Math.max(row.second, upload.last + UPLOAD_PAUSE_SECONDS) : row.second
    const from = Math.min(row.first, second)
    Object.assign(row, { ...REPORTED, first: Number.POSITIVE_INFINITY })
    const told = isLoud && upload !== null ? { ...upload } : null
    this.onReport({ from, second, device, endpoint, sent, received, upload: told, isEnd })
  }
}

/** Most within ten seconds, as far as is known of bytes in `seconds`: spread evenly. Acknowledgements are no upload. */
function peakOf(sent: number, received: number, seconds: number): number {
  const net = sent - ACKNOWLEDGEMENT_SHARE * received
  return Math.max(0, net) * Math.min(1, WINDOW / seconds)
}
