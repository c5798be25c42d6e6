// Types of what the core offers (capture/core/index.ts) and asks (capture/core/host.ts). Truth values are 0 and 1;
// places are addresses in its memory.

export interface CoreImports {
  takePacket: () => void
  countUnread: () => void
  mayDeliver: () => number
  isExcluded: () => number
  advance: (second: number) => void
  mayAppear: () => number
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
  nameDiffers: (name: number, byDns: number) => void
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

  // clock.ts, counters.ts
  now: WebAssembly.Global
  firstTime: WebAssembly.Global
  lastTime: WebAssembly.Global
  ipPackets: WebAssembly.Global
  ipBytes: WebAssembly.Global
  transitBytes: WebAssembly.Global
  excludedPackets: WebAssembly.Global
  stoppedAtLayer: (layer: number) => number
  countTransit: (bytes: number) => void

  // engine.ts and the parts of flows
  processFrame: () => void
  processHeldFrame: () => void
  saveFrame: () => number
  restoreFrame: () => void
  setIsHolding: (value: number) => void
  setMayExclude: (value: number) => void
  markTime: (second: number) => void
  finishFlows: () => void
  addLocal: (binding: number, sent: number, received: number) => void
  creditNameless: (binding: number, sent: number, received: number, time: number) => void
  setDirectMediaLabel: (bit: number) => void
  setHasTicks: (value: number) => void
  nameSince: (second: number) => void
  namesAgreed: WebAssembly.Global
}
