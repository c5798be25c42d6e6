// Types of what the core's readers of payloads offer. Truth values are 0 and 1; places are addresses in its memory.

/** A variable of the core, read anew each time. */
export interface CoreVariable {
  readonly value: number
}

export interface ReaderExports {
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

  // tls-certificate.ts
  startsLikeFlight: (at: number, end: number) => number
  readServerFlight: (at: number, end: number) => number
  certificateAt: CoreVariable
  certificateEnd: CoreVariable

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
  serverAt: CoreVariable
  serverEnd: CoreVariable
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
  readStunSoftware: (at: number, end: number) => void
  softwareAt: CoreVariable
  softwareEnd: CoreVariable

  // mqtt.ts, banners.ts
  readMqttConnect: (at: number, end: number) => number
  clientIdAt: CoreVariable
  clientIdEnd: CoreVariable
  startsLikeRtspResponse: (at: number, end: number) => number
  startsLikeRtspRequest: (at: number, end: number) => number
  readRtspHead: (at: number, end: number) => number
  startsLikeSsh: (at: number, end: number) => number
  readSshBanner: (at: number, end: number) => number
  bannerAt: CoreVariable
  bannerEnd: CoreVariable
  inspectDatagram: (flow: number, end: number) => void
  forgetHandshake: (flow: number) => void
}
