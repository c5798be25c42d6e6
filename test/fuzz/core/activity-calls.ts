// Cells of traffic for the burst cutter and the upload meter.
import { BURST_NUMBERS, CELL_NUMBERS, REPORT_NUMBERS } from '../../../capture/core/activity/activity-layout.ts'
import type { CoreUnderTest } from './core-under-test.ts'

const STEPS = [0, 0, 1, 1, 1, 2, 9, 10, 29, 30, 31, 60, 61, 300, 600, 3_600, 90_000]
const SIZES = [0, 1, 60, 400, 499, 500, 2_000, 5_999, 6_001, 20_000, 200_000, 3_000_000]
const PACES = [0, 0, 5, 30, 60]

export function activityCalls(core: CoreUnderTest): void {
  const { exports, draw } = core
  exports.askForBursts(draw.pick(SIZES), draw.pick(SIZES))
  exports.setUploadFloor(draw.pick(SIZES))
  for (let device = 0; device < 3; device++) if (draw.once(2)) exports.countDevice(device, draw.below(2))
  if (draw.once(50)) exports.countDevice(draw.pick([2_000, 5_000, 1 << 20]), 1)
  if (draw.once(20)) exports.countNoDevices()
  const pace = draw.pick(PACES)
  let second = 1_700_000_000 + draw.below(10_000)
  for (let turns = 1 + draw.below(pace === 0 ? 12 : 40); turns > 0; turns--) {
    second += pace === 0 ? draw.pick(STEPS) : pace + draw.below(2)
    // Now and then one that corrects an earlier second.
    const at = draw.once(8) ? second - draw.below(40) : second
    cells(core, at, pace !== 0)
    if (draw.once(3)) exports.markBursts(second)
    exports.markMeter(second)
    take(core)
  }
  if (draw.once(4)) exports.finishBursts()
  if (draw.once(4)) exports.finishMeter()
  if (draw.once(20)) exports.forgetMeter(draw.below(3))
  core.note(exports.meterRowCount() + exports.meterTouchedCount())
  take(core)
}

function cells(core: CoreUnderTest, second: number, isBeat: boolean): void {
  const { exports, draw } = core
  const count = isBeat ? 1 : 1 + draw.below(6)
  const at = exports.roomForCells(draw.once(200) ? 600 : count)
  const { numbers } = core
  for (let index = 0; index < count; index++) {
    const cell = (at >> 3) + index * CELL_NUMBERS
    const sign = !isBeat && draw.once(6) ? -1 : 1
    numbers[cell] = second
    numbers[cell + 1] = draw.below(3)
    numbers[cell + 2] = isBeat ? 1 : draw.below(4)
    numbers[cell + 3] = sign * (isBeat ? 300 : draw.pick(SIZES))
    numbers[cell + 4] = sign * (isBeat ? 300 : draw.pick(SIZES))
  }
  exports.cutCells(at, count)
  let from = 0
  while (from < count) {
    const metered = exports.meterCells(at + 8 * CELL_NUMBERS * from, count - from, second)
    from += metered
    if (exports.reportCount() > 0) take(core)
    if (metered > 0 || from >= count) continue
    const cell = (at >> 3) + from * CELL_NUMBERS
    const [time, device, endpoint, sent, received] = core.numbers.subarray(cell, cell + CELL_NUMBERS)
    exports.meterCell(time, device, endpoint, sent, received)
    from++
  }
}

function take(core: CoreUnderTest): void {
  const { exports, numbers } = core
  const bursts = exports.burstAddress() >> 3
  for (let at = bursts; at < bursts + exports.burstCount() * BURST_NUMBERS; at += BURST_NUMBERS) {
    core.note(numbers[at])
    core.note(numbers[at + 5])
  }
  exports.clearBursts()
  const reports = exports.reportAddress() >> 3
  for (let at = reports; at < reports + exports.reportCount() * REPORT_NUMBERS; at += REPORT_NUMBERS) {
    core.note(numbers[at])
    core.note(numbers[at + 5])
  }
  exports.clearReports()
  for (let index = 0; index < exports.activeCount(); index++)
    core.note(exports.activeDevice(index) + exports.activeSecond(index))
  core.note(exports.lastCounted())
  core.note(exports.lastBeatPeriod() + exports.lastBeatShare())
  exports.clearActive()
}
