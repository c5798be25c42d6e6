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

  // shares.ts
  newShares: (maxPerDevice: number, reachedLimit: number) => number
  reserveShare: (shares: number, device: number) => number

  // keyed-hash.ts
  beginHash: () => void
  hashWord: (word: number) => void
  hashBytes: (at: number, end: number) => void
  endHash: () => number
  moreHash: () => number
  hashKeyAddress: () => number
}
