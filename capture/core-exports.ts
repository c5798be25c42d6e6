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

/** A variable of the core, read anew each time. */
export interface CoreVariable {
  readonly value: number
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

  // tls-hello.ts
  readClientHelloMessage: (at: number, end: number) => number
  readClientHelloRecords: (at: number, end: number) => number
  serverNameAt: CoreVariable
  serverNameEnd: CoreVariable
  alpnAt: CoreVariable
  alpnEnd: CoreVariable
  hasEncryptedHello: CoreVariable
  isHelloJoined: CoreVariable
  helloScratch: CoreVariable
  helloScratchBytes: CoreVariable

  // http-request.ts
  readHttpRequest: (at: number, end: number) => number
  startsLikeHttpRequest: (at: number, end: number) => number
  hostWithoutPort: (at: number, end: number) => number
  requestMethodEnd: CoreVariable
  targetHostAt: CoreVariable
  targetHostEnd: CoreVariable
  hostAt: CoreVariable
  hostEnd: CoreVariable
  userAgentAt: CoreVariable
  userAgentEnd: CoreVariable
  isConnect: CoreVariable

  // stream-assembly.ts
  assemblyCount: () => number
  openAssembly: (key: number, base: number, hasBase: number) => number
  closeAssembly: (key: number) => void
  oldestAssembly: () => number
  addSegment: (assembly: number, sequence: number, at: number, end: number) => number
  consumeAssembled: (assembly: number, count: number) => void
  nextOfAssembly: (assembly: number) => number
  isAssemblyFull: (assembly: number) => number
  fullLimitOf: (assembly: number) => number

  // quic/
  SHA256_START: CoreVariable
  sha256Compress: (hash: number, block: number) => void
  expandAes128Key: (schedule: number) => void
  encryptAes128Block: (schedule: number, at: number, to: number) => void
  quicVersionOf: (version: number) => number
  KEYS_BYTES: CoreVariable
  deriveKeys: (keys: number, version: number, at: number, length: number) => void
  deriveAgain: (keys: number, version: number) => void
  forgetKeys: (keys: number) => void
  areFor: (keys: number, version: number, at: number, length: number) => number
  haveConnectionId: (keys: number, at: number, length: number) => number
  ivOf: (keys: number) => number
  contentScheduleOf: (keys: number) => number
  headerScheduleOf: (keys: number) => number
  looksLikeQuicLongHeader: (at: number, end: number) => number
  asksForNewInitial: (at: number, end: number) => number
  newInitials: () => number
  resetInitials: (initials: number) => void
  releaseInitials: (initials: number) => void
  pushInitial: (initials: number, at: number, end: number) => number
  initialHelloAt: CoreVariable
  initialHelloEnd: CoreVariable
  initialHelloChanges: CoreVariable
  contentStart: CoreVariable
  contentEnd: CoreVariable
  takeInitial: (sender: number, now: number) => number
  hasReadInitial: (sender: number) => void

  // gquic.ts, stun.ts, udp-inspector.ts
  readGquicServerName: (at: number, end: number) => number
  gquicNameAt: CoreVariable
  gquicNameEnd: CoreVariable
  looksLikeStun: (at: number, end: number) => number
  inspectDatagram: (flow: number, end: number) => void
  forgetHandshake: (flow: number) => void
}
