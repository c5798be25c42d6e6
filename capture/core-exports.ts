// Types of what the core offers (capture/core/index.ts) and asks (capture/core/host.ts). Truth values are 0 and 1;
// places are addresses in its memory.

export interface CoreImports {
  takePacket: () => void
  countUnread: () => void
  mayDeliver: () => number
  isExcluded: () => number
  advance: (second: number) => void
  mayAppear: () => number
  mayBringHomeAddress: (mac: number) => number
  mayClaim: (high: number, low: number) => number
  mayBeNamed: () => number
  observeAnswer: () => void
  addressChanged: (
    address: number,
    before: number,
    mac: number,
    isLeased: number,
    since: number,
    lastUse: number,
  ) => void
  unaskedAnswer: (client: number, holder: number, sender: number, name: number, isTold: number) => void
  observeAnnouncement: (kind: number, binding: number) => void
  observeUserAgent: (binding: number, at: number, end: number) => void
  labelBitsOfPort: (protocol: number, port: number) => number
  takeTick: (second: number) => void
}

export interface CoreExports {
  memory: WebAssembly.Memory

  // memory.ts, key-table.ts, reached.ts
  allocate: (bytes: number) => number
  release: (address: number) => void
  hashWordsAddress: () => number
  hashWordsLength: () => number
  timesReached: (limit: number) => number

  // frame.ts
  frameAddress: () => number

  // flows.ts
  flowsUsed: () => number
  flowsAlive: () => number

  // activity/cells.ts
  roomForCells: (count: number) => number

  // activity/burst-cutter.ts
  askForBursts: (sent: number, received: number) => void
  cutCells: (at: number, count: number) => number
  markBursts: (second: number) => number
  finishBursts: () => number
  burstCount: () => number
  burstAddress: () => number
  clearBursts: () => void

  // activity/heartbeats.ts
  observeBeat: (device: number, endpoint: number, first: number, sent: number, received: number) => number
  findPeriod: (intervals: number, length: number) => number
  lastBeatPeriod: () => number
  lastBeatShare: () => number

  // activity/meter-devices.ts
  countDevice: (device: number, isCounted: number) => void
  countNoDevices: () => void
  canBeCounted: (device: number) => number
  noteActive: (device: number, second: number) => void
  lastCounted: () => number
  activeCount: () => number
  activeDevice: (index: number) => number
  activeSecond: (index: number) => number
  clearActive: () => void

  // activity/upload-meter.ts
  setUploadFloor: (bytes: number) => void
  meterCells: (at: number, count: number, now: number) => number
  meterCell: (second: number, device: number, endpoint: number, sent: number, received: number) => void
  markMeter: (second: number) => number
  meterRowCount: () => number
  meterTouchedCount: () => number
  finishMeter: () => number
  forgetMeter: (device: number) => void
  reportCount: () => number
  reportAddress: () => number
  clearReports: () => void
}
