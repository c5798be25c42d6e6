// What the core offers to the program around it.
export { allocate, release } from './memory'
export { hashWordsAddress, hashWordsLength } from './key-table'
export { timesReached } from './reached'
export { frameAddress } from './frame'
export { flowsUsed, flowsAlive } from './flows'
// dns-message.ts, dns-service-binding.ts, dns-observer.ts
export {
  dnsMessageAddress,
  dnsNameAddress,
  dnsNameLength,
  readDnsMessage,
  readName as readDnsName,
  skipName as skipDnsName,
} from './dns-message'
export {
  echNameAddress,
  echNameEndAddress,
  readEchPublicName,
  readServiceBinding,
  serviceBindingAddress,
} from './dns-service-binding'
export { hasAsked, isEchPublicName, noteAsked } from './dns-observer'
