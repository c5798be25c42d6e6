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

  // dns-message.ts, dns-service-binding.ts, dns-observer.ts
  dnsMessageAddress: () => number
  dnsNameAddress: () => number
  dnsNameLength: () => number
  readDnsMessage: (at: number, end: number) => number
  readDnsName: (at: number) => number
  skipDnsName: (at: number, end: number) => number
  serviceBindingAddress: () => number
  readServiceBinding: (at: number, end: number) => number
  readEchPublicName: (at: number, end: number) => number
  echNameAddress: () => number
  echNameEndAddress: () => number
  noteAsked: (device: number, name: number) => void
  hasAsked: (device: number, name: number) => number
  isEchPublicName: (name: number) => number
}
