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
