// The meter of uploads: cells of traffic in, sums and ten-second upload windows of each device and endpoint out.
//
// A row is reported once in ten minutes with what it moved; each minute where it sends noticeably; and while the last
// ten seconds hold as much as an upload of note, each second. What is reported is added up nowhere else.
import { CELL_BYTES, deviceAt, endpointAt, receivedAt, secondAt, sentAt } from './cells'
import { canBeCounted, noteActive } from './meter-devices'
import { append, following, takeOut } from './linked-list'
import {
  addRow,
  allRows,
  areRowsFull,
  findRow,
  hasUpload,
  loudRows,
  MeterRow,
  meterRow,
  removeRow,
  slide,
  touchedRows,
} from './meter-rows'
import { newRecords, nextRecord, put } from './records-out'
import { ACKNOWLEDGEMENT_SHARE, UPLOAD_PAUSE_SECONDS, USE_BYTES } from './activity-limits'
import {
  ENDPOINT_AT_HOME,
  OUT_END,
  OUT_REPORT,
  OUT_USE,
  REPORT_DEVICE,
  REPORT_ENDPOINT,
  REPORT_FROM,
  REPORT_NUMBERS,
  REPORT_OUT,
  REPORT_RECEIVED,
  REPORT_SECOND,
  REPORT_SENT,
  REPORT_UPLOAD_FROM,
  REPORT_UPLOAD_LAST,
  REPORT_UPLOAD_PEAK,
  REPORT_UPLOAD_RECEIVED,
  REPORT_UPLOAD_SENT,
} from './activity-layout'

const MINUTE: f64 = 60
const PERIOD: f64 = 600
/** Less in a second is no part of an upload. */
const SMALLEST_PART: f64 = 500
/** Nor is less than this once it is one of note: keep-alives must not hold it open. */
const SMALLEST_LOUD_PART: f64 = 2_000
/** Rows that sent so much in a minute are reported each minute; of new ones less is soon worth knowing. */
const NOTICEABLE: f64 = 10_000
const NOTICEABLE_AT_FIRST: f64 = 1_000

const out = newRecords(REPORT_NUMBERS)
/** Bytes beyond acknowledgements within ten seconds that make an upload of note. */
let floor: f64 = 0
let minute: f64 = NaN
/** There is a report since the records were taken. */
let hasReport: bool = false

export function setUploadFloor(bytes: f64): void {
  floor = bytes
}

/** How many records there are since they were taken last, and where. */
export function reportCount(): i32 {
  return out.count
}

export function reportAddress(): usize {
  return out.at
}

export function clearReports(): void {
  out.count = 0
  hasReport = false
}

/**
 * Meters cells at `at`, `count` in number, up to the first one that is later than `now` or whose device the program
 * around the core must see first, and up to the first that is reported. Returns how many were metered.
 */
export function meterCells(at: usize, count: i32, now: f64): i32 {
  for (let index = 0; index < count; index++) {
    const cell = at + <usize>index * CELL_BYTES
    const second = secondAt(cell)
    const device = deviceAt(cell)
    if (second > now || !canBeCounted(device)) return index
    noteActive(device, second)
    const endpoint = endpointAt(cell)
    if (endpoint != ENDPOINT_AT_HOME) meterCell(second, device, endpoint, sentAt(cell), receivedAt(cell))
    if (hasReport) return index + 1
  }
  return count
}

/** What a row moved in a second; negative bytes take back what turned out to be another row's. */
export function meterCell(second: f64, device: i32, endpoint: i32, sent: f64, received: f64): void {
  meter(second, device, endpoint, sent, received)
  if (sent + received < USE_BYTES) return
  const record = nextRecord(out)
  put(record, REPORT_OUT, <f64>OUT_USE)
  put(record, REPORT_DEVICE, <f64>device)
  put(record, REPORT_ENDPOINT, <f64>endpoint)
  put(record, REPORT_SECOND, second)
}

function meter(second: f64, device: i32, endpoint: i32, sent: f64, received: f64): void {
  let id = findRow(device, endpoint)
  if (id < 0) {
    if (areRowsFull()) flush(allRows.first)
    id = addRow(device, endpoint, second)
  }
  const row = meterRow(id)
  if (!row.isTouched) {
    row.isTouched = 1
    append(touchedRows, id)
  }
  if (second > row.second) row.second = second
  if (second < row.first) row.first = second
  row.sent += sent
  row.received += received
  if (sent >= (row.isLoud ? SMALLEST_LOUD_PART : SMALLEST_PART)) addPart(id, second, sent, received)
  else if (hasUpload(row) && second - row.uploadLast < UPLOAD_PAUSE_SECONDS) {
    row.uploadSent += sent
    row.uploadReceived += received
  }
}

/** Rows that are held, and those of them with something that is not reported yet. */
export function meterRowCount(): i32 {
  return allRows.length
}

export function meterTouchedCount(): i32 {
  return touchedRows.length
}

/** It is now `second`: reports what is due. To be called before the cells of a later second. */
export function markMeter(second: f64): i32 {
  const nowMinute = Math.floor(second / MINUTE)
  if (nowMinute != minute) {
    const isPeriod = Math.floor((nowMinute * MINUTE) / PERIOD) != Math.floor((minute * MINUTE) / PERIOD)
    minute = nowMinute
    drain(isPeriod, second)
  }
  let id = loudRows.first
  while (id >= 0) {
    const next = following(loudRows, id)
    if (second - meterRow(id).uploadLast >= UPLOAD_PAUSE_SECONDS) end(id)
    id = next
  }
  return out.count
}

/** Everything that was not reported yet. */
export function finishMeter(): i32 {
  while (loudRows.first >= 0) end(loudRows.first)
  drain(true, Infinity)
  return out.count
}

/** Nothing of the device stays. */
export function forgetMeter(device: i32): void {
  let id = allRows.first
  while (id >= 0) {
    const next = following(allRows, id)
    if (meterRow(id).device == device) removeRow(id)
    id = next
  }
}

function addPart(id: i32, second: f64, sent: f64, received: f64): void {
  const row = meterRow(id)
  if (!hasUpload(row) || second - row.uploadLast >= UPLOAD_PAUSE_SECONDS) {
    if (row.isLoud) end(id)
    row.uploadFrom = second
    row.uploadLast = second
    row.uploadSent = sent
    row.uploadReceived = received
    row.uploadPeak = 0
  } else {
    row.uploadLast = max<f64>(row.uploadLast, second)
    row.uploadSent += sent
    row.uploadReceived += received
  }
  const net = sent - ACKNOWLEDGEMENT_SHARE * received
  if (net <= 0) return
  const inWindow = slide(row, second, net)
  if (inWindow > row.uploadPeak) row.uploadPeak = inWindow
  if (inWindow < floor) return
  if (!row.isLoud) {
    reportBefore(row)
    row.isLoud = 1
    append(loudRows, id)
  }
  report(row, row.second, false)
}

/** What was moved before the upload, which is no part of it. */
function reportBefore(row: MeterRow): void {
  const from = row.first
  if (from >= row.uploadFrom) return
  const sent = row.sent - row.uploadSent
  const received = row.received - row.uploadReceived
  row.sent = row.uploadSent
  row.received = row.uploadReceived
  row.first = row.uploadFrom
  write(row, from, row.uploadFrom - 1, sent, received, false, false)
}

/** However late it is known: an upload has ended that long after its last part. */
function end(id: i32): void {
  const row = meterRow(id)
  takeOut(loudRows, id)
  row.isLoud = 0
  report(row, max<f64>(row.second, row.uploadLast + UPLOAD_PAUSE_SECONDS), true)
  row.uploadFrom = NaN
}

function drain(isPeriod: bool, now: f64): void {
  let id = touchedRows.first
  while (id >= 0) {
    const next = following(touchedRows, id)
    const row = meterRow(id)
    const isDue = isPeriod || row.sent >= (row.isNew ? NOTICEABLE_AT_FIRST : NOTICEABLE)
    if (isDue && (row.sent != 0 || row.received != 0)) report(row, row.second, false)
    if (isPeriod) {
      row.isTouched = 0
      takeOut(touchedRows, id)
    }
    id = next
  }
  if (!isPeriod) return
  // Insertion order is of no use here: a row that is quiet for ten minutes is opened anew.
  id = allRows.first
  while (id >= 0) {
    const next = following(allRows, id)
    const row = meterRow(id)
    if (now - row.second >= PERIOD && !row.isLoud) removeRow(id)
    id = next
  }
}

/** The row makes room: what it holds is reported. */
function flush(id: i32): void {
  const row = meterRow(id)
  const isLoud = row.isLoud != 0
  if (isLoud || row.sent != 0 || row.received != 0) report(row, row.second, isLoud)
  removeRow(id)
}

function report(row: MeterRow, second: f64, isEnd: bool): void {
  const sent = row.sent
  const received = row.received
  row.sent = 0
  row.received = 0
  const from = min<f64>(row.first, second)
  row.first = Infinity
  row.isNew = 0
  write(row, from, second, sent, received, row.isLoud != 0 || isEnd, isEnd)
}

function write(row: MeterRow, from: f64, second: f64, sent: f64, received: f64, isUpload: bool, isEnd: bool): void {
  hasReport = true
  const record = nextRecord(out)
  put(record, REPORT_OUT, <f64>(isEnd ? OUT_END : OUT_REPORT))
  put(record, REPORT_DEVICE, <f64>row.device)
  put(record, REPORT_ENDPOINT, <f64>row.endpoint)
  put(record, REPORT_FROM, from)
  put(record, REPORT_SECOND, second)
  put(record, REPORT_SENT, sent)
  put(record, REPORT_RECEIVED, received)
  put(record, REPORT_UPLOAD_FROM, isUpload ? row.uploadFrom : NaN)
  put(record, REPORT_UPLOAD_LAST, row.uploadLast)
  put(record, REPORT_UPLOAD_SENT, row.uploadSent)
  put(record, REPORT_UPLOAD_RECEIVED, row.uploadReceived)
  put(record, REPORT_UPLOAD_PEAK, row.uploadPeak)
}
