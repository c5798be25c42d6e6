// What the core offers to the program around it.
export { allocate, release } from './memory'
export { hashWordsAddress, hashWordsLength } from './key-table'
export { timesReached } from './reached'
export { frameAddress } from './frame'
export { flowsUsed, flowsAlive } from './flows'
// activity/
export { roomForCells } from './activity/cells'
export {
  askForBursts,
  burstAddress,
  burstCount,
  clearBursts,
  cutCells,
  finishBursts,
  markBursts,
} from './activity/burst-cutter'
export { findPeriod, lastBeatPeriod, lastBeatShare, observeBeat } from './activity/heartbeats'
export {
  activeCount,
  activeDevice,
  activeSecond,
  canBeCounted,
  clearActive,
  countDevice,
  countNoDevices,
  lastCounted,
  noteActive,
} from './activity/meter-devices'
export {
  clearReports,
  finishMeter,
  forgetMeter,
  markMeter,
  meterCell,
  meterCells,
  meterRowCount,
  meterTouchedCount,
  reportAddress,
  reportCount,
  setUploadFloor,
} from './activity/upload-meter'
