// What the core offers to the program around it.
export { allocate, release } from './memory'
export { hashWordsAddress, hashWordsLength } from './key-table'
export { timesReached } from './reached'
export { frameAddress } from './frame'
export { flowsUsed, flowsAlive } from './flows'
// tls-hello.ts
export {
  readClientHelloMessage,
  readClientHelloRecords,
  serverNameAt,
  serverNameEnd,
  alpnAt,
  alpnEnd,
  hasEncryptedHello,
  isHelloJoined,
  helloScratch,
  helloScratchBytes,
} from './tls-hello'
// http-request.ts
export {
  readHttpRequest,
  startsLikeHttpRequest,
  hostWithoutPort,
  requestMethodEnd,
  targetHostAt,
  targetHostEnd,
  hostAt,
  hostEnd,
  userAgentAt,
  userAgentEnd,
  isConnect,
} from './http-request'
// stream-assembly.ts
export {
  assemblyCount,
  openAssembly,
  closeAssembly,
  oldestAssembly,
  addSegment,
  consumeAssembled,
  nextOfAssembly,
  isAssemblyFull,
  fullLimitOf,
} from './stream-assembly'
// quic/
export { SHA256_START, sha256Compress } from './quic/sha256'
export { expandAes128Key, encryptAes128Block } from './quic/aes128'
export { quicVersionOf } from './quic/versions'
export {
  KEYS_BYTES,
  deriveKeys,
  deriveAgain,
  forgetKeys,
  areFor,
  haveConnectionId,
  ivOf,
  contentScheduleOf,
  headerScheduleOf,
} from './quic/keys'
export { looksLikeQuicLongHeader, asksForNewInitial } from './quic/header'
export {
  newInitials,
  resetInitials,
  releaseInitials,
  pushInitial,
  initialHelloAt,
  initialHelloEnd,
  initialHelloChanges,
} from './quic/initial'
export { contentStart, contentEnd } from './quic/decrypt'
export { takeInitial, hasReadInitial } from './quic/initial-budget'
// gquic.ts, stun.ts, udp-inspector.ts
export { readGquicServerName, gquicNameAt, gquicNameEnd } from './gquic'
export { looksLikeStun } from './stun'
export { inspectDatagram, forgetHandshake } from './udp-inspector'
