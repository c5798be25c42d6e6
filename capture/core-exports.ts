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

  // home-network.ts, addresses.ts
  beginNamedHome: () => void
  nameHome: (w0: number, w1: number, w2: number, w3: number, bits: number) => void
  scopeOfIpv4: (address: number) => number
  scopeOfIpv6: (w0: number, w1: number, w2: number, w3: number) => number
  learnPrefix: (at: number, bits: number) => number
  addressesUsed: () => number
  findIpv4: (address: number) => number
  findAddress: (w0: number, w1: number, w2: number, w3: number) => number
  addressOfIpv4: (address: number) => number
  addressOfWords: (w0: number, w1: number, w2: number, w3: number) => number
  otherIpv4: (address: number) => number
  scopeOf: (address: number) => number
  makeGroup: (address: number) => void
  unmakeGroup: (address: number) => void
  rescopeAddresses: () => void
  isIpv4: (address: number) => number
  isSameSubnet: (one: number, other: number) => number
  addressWord: (address: number, word: number) => number

  // ownership.ts, macs.ts, mac-behaviour.ts
  reserveIds: () => void
  ownershipEpoch: WebAssembly.Global<'i32'>
  raiseEpoch: () => void
  bindingsUsed: () => number
  hasOneMac: () => number
  findMac: (high: number, low: number) => number
  macOf: (high: number, low: number) => number
  addMac: (high: number, low: number) => number
  macNumber: (mac: number, word: number) => number
  isRouter: (mac: number) => number
  addressOfBinding: (binding: number) => number
  macOfBinding: (binding: number) => number
  isProven: (binding: number) => number
  isOwnBinding: (binding: number) => number
  deviceKey: (binding: number) => number
  nextBindingOf: (mac: number, after: number) => number
  bindingOn: (address: number) => number
  isHeld: (address: number) => number
  isUsualSender: (address: number, high: number, low: number) => number
  claimsAddress: (address: number, mac: number) => number
  usesAddress: (address: number, mac: number) => number
  isContested: (address: number) => number
  bindingByMac: (address: number, high: number, low: number, otherwise: number) => number
  sawSender: (address: number, high: number, low: number) => void
  sawInternetSender: (address: number, high: number, low: number, hopLimit: number) => void
  becameHome: (address: number) => void
  claimAddress: (address: number, high: number, low: number, from: number) => void
  leaseAddress: (address: number, high: number, low: number) => void
  requestedAddress: (address: number, mac: number) => void
  sampledAddresses: (mac: number) => number
  sentOnlyFrom: (mac: number, address: number) => number
  holdsAnother: (mac: number, address: number, onlyIpv4: number) => number
  sawMac: (mac: number) => void
  isSeen: (mac: number) => number
  carries: (mac: number) => void
  isCarrier: (mac: number) => number
  suspectMac: (mac: number) => void
  isSuspect: (mac: number) => number

  // clock.ts
  setNow: (time: number) => void
}
