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

  // decode.ts, engine.ts
  decodeFrame: () => number
  processFrame: () => void

  // arp.ts, ndp.ts
  readArp: () => number
  arpMacHigh: WebAssembly.Global
  arpMacLow: WebAssembly.Global
  arpAddress: WebAssembly.Global
  readNdp: () => number
  ndpType: WebAssembly.Global
  ndpAddressAt: WebAssembly.Global
  ndpMacAt: WebAssembly.Global
  ndpTargetAt: WebAssembly.Global
  ndpPrefixCount: WebAssembly.Global
  ndpPrefixAt: (index: number) => number
  ndpPrefixBits: (index: number) => number
  macHighAt: (address: number) => number
  macLowAt: (address: number) => number

  // records.ts; `records` is what openRecords gave
  allocateBuffer: (bytes: number) => number
  openRecords: (mode: number) => number
  closeRecords: (records: number) => void
  usePcap: (
    records: number,
    linkType: number,
    headerLength: number,
    unitsPerSecond: number,
    nanosPerUnit: number,
    lengthsSwapped: number,
  ) => void
  clearInterfaces: (records: number) => void
  addInterface: (records: number, linkType: number, snaplen: number, unitsPerSecond: number, offset: number) => void
  readPcapRecords: (records: number, from: number, to: number, fileOffset: number) => number
  readPcapngRecords: (records: number, from: number, to: number, fileOffset: number) => number
  deliverFrame: (records: number) => void

  // flows.ts
  flowsUsed: () => number
  flowsAlive: () => number
}
