// The meter of uploads: cells of traffic in, sums and ten-second upload windows of each device and endpoint out. It is
// in the packet core: capture/core/activity/upload-meter.ts.
import {
  OUT_END,
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
} from '../../capture/core/activity/activity-layout.ts'
import { PacketCore } from '../../capture/packet-core.ts'
import { CELL_LENGTH } from '../model/batch.ts'
import { FlowMeter } from './flow-meter.ts'
import type { Report, Use } from './upload-report.ts'

export { ACKNOWLEDGEMENT_SHARE, UPLOAD_PAUSE_SECONDS } from '../../capture/core/activity/activity-limits.ts'

const CELL_BYTES = 8 * CELL_LENGTH

export type { Report, Upload, Use } from './upload-report.ts'

export class UploadMeter {
  private readonly core: PacketCore
  private readonly floor: () => number
  private readonly onReport: (report: Report) => void
  private readonly onUse: Use
  private readonly flows: FlowMeter
  /** Where the cells are that are being metered. */
  private cellsAt = 0

  /**
   * `floor`: bytes beyond acknowledgements within ten seconds that make an upload of note. The core is for no other
   * meter.
   */
  constructor(
    floor: () => number,
    onReport: (report: Report) => void,
    onUse: Use = () => undefined,
    core = new PacketCore(),
  ) {
    this.floor = floor
    this.onReport = onReport
    this.onUse = onUse
    this.core = core
    this.flows = new FlowMeter(floor, onReport, onUse)
  }

  /** Flows that were told late, see `FlowMeter`; `isKnown` is asked of each whether its device is watched. */
  addFlows(records: Float64Array, isKnown: (second: number, device: number) => boolean): void {
    this.flows.add(records, isKnown)
  }

  /** What a row moved in a second; negative bytes take back what turned out to be another row's. */
  add(second: number, device: number, endpoint: number, sent: number, received: number): void {
    const { exports } = this.core
    exports.setUploadFloor(this.floor())
    exports.meterCell(second, device, endpoint, sent, received)
    if (exports.reportCount() > 0) this.drain()
  }

  /** Puts cells where `begin` finds them. */
  place(cells: Float64Array): void {
    const { core } = this
    core.numbers.set(cells, core.exports.roomForCells(cells.length / CELL_LENGTH) / 8)
  }

  /** So many cells stand in their place in the core: what `addCells` and `cellAt` are about. */
  begin(count: number): void {
    const { exports } = this.core
    this.cellsAt = exports.roomForCells(count)
    exports.setUploadFloor(this.floor())
  }

  secondAt(index: number): number {
    return this.core.numbers[this.cellsAt / 8 + index * CELL_LENGTH]
  }

  /** Second, device, endpoint, sent, received. */
  cellAt(index: number): [second: number, device: number, endpoint: number, sent: number, received: number] {
    const { numbers } = this.core
    const at = this.cellsAt / 8 + index * CELL_LENGTH
    return [numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3], numbers[at + 4]]
  }

  /**
   * Meters cells that were placed, from `first` to `end`, up to one that is later than `now` or of a device that is not
   * counted; its place is returned.
   */
  addCells(first: number, end: number, now: number): number {
    const { exports } = this.core
    while (first < end) {
      const metered = exports.meterCells(this.cellsAt + first * CELL_BYTES, end - first, now)
      if (exports.reportCount() > 0) this.drain()
      // It pauses behind each cell that is reported, so that the report is seen before the next.
      if (metered === 0) break
      first += metered
    }
    return first
  }

  /** Rows that are held, and those of them with something that is not reported yet. */
  get held(): { rows: number; touched: number } {
    const { exports } = this.core
    return { rows: exports.meterRowCount(), touched: exports.meterTouchedCount() }
  }

  /** It is now `second`: reports what is due. To be called before the cells of a later second. */
  mark(second: number): void {
    if (this.core.exports.markMeter(second) > 0) this.drain()
    this.flows.mark(second)
  }

  /** Everything that was not reported yet. */
  finish(): void {
    if (this.core.exports.finishMeter() > 0) this.drain()
    this.flows.finish()
  }

  /** Nothing of the device stays. */
  forget(device: number): void {
    this.core.exports.forgetMeter(device)
    this.flows.forget(device)
  }

  /** The device's cells are metered from now on, or are to be seen one by one. */
  count(device: number, isCounted: boolean): void {
    this.core.exports.countDevice(device, isCounted ? 1 : 0)
  }

  countNone(): void {
    this.core.exports.countNoDevices()
  }

  /** The device moved something; false where it is not counted. */
  noteActive(device: number, second: number): boolean {
    const { exports } = this.core
    if (exports.canBeCounted(device) === 0) return false
    exports.noteActive(device, second)
    return true
  }

  /** The last second in which a counted device moved something. */
  get lastCounted(): number {
    return this.core.exports.lastCounted()
  }

  /** Counted devices that moved something since the last call, in the order of the first time, and when last. */
  takeActive(each: (device: number, second: number) => void): void {
    const { exports } = this.core
    const count = exports.activeCount()
    for (let index = 0; index < count; index++) each(exports.activeDevice(index), exports.activeSecond(index))
    exports.clearActive()
  }

  private drain(): void {
    const { core } = this
    const count = core.exports.reportCount()
    const at = core.exports.reportAddress() / 8
    for (let index = 0; index < count; index++) {
      const { numbers } = core
      const record = at + index * REPORT_NUMBERS
      if (numbers[record + REPORT_OUT] === OUT_USE)
        this.onUse(numbers[record + REPORT_DEVICE], numbers[record + REPORT_ENDPOINT], numbers[record + REPORT_SECOND])
      else this.onReport(reportAt(numbers, record))
    }
    core.exports.clearReports()
  }
}

function reportAt(numbers: Float64Array, at: number): Report {
  const from = numbers[at + REPORT_UPLOAD_FROM]
  return {
    from: numbers[at + REPORT_FROM],
    second: numbers[at + REPORT_SECOND],
    device: numbers[at + REPORT_DEVICE],
    endpoint: numbers[at + REPORT_ENDPOINT],
    sent: numbers[at + REPORT_SENT],
    received: numbers[at + REPORT_RECEIVED],
    upload: Number.isNaN(from)
      ? null
      : {
          from,
          last: numbers[at + REPORT_UPLOAD_LAST],
          sent: numbers[at + REPORT_UPLOAD_SENT],
          received: numbers[at + REPORT_UPLOAD_RECEIVED],
          peak: numbers[at + REPORT_UPLOAD_PEAK],
        },
    isEnd: numbers[at + REPORT_OUT] === OUT_END,
  }
}
