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
// shares.ts, keyed-hash.ts
export { newShares, reserveShare } from './shares'
export { beginHash, hashWord, hashBytes, endHash, moreHash, hashKeyAddress } from './keyed-hash'
// names.ts, name-memory.ts
export { findName, internName, internNameFor, nameCount, nameAt, nameEndOf } from './names'
export { rememberAnswer, rememberCall, answeredName, calledName, othersName } from './name-memory'
// observed.ts
export { countTlsName, countQuicName, countHttpHost, tlsNameCount, quicNameCount, httpHostCount } from './observed'
export { addQuery, queriesUsed, queryWord, queryCount } from './observed'
// rows.ts
export { rowsUsed, rowOf, creditRow, rowWord, rowNumber, addToBinding, bindingNumber } from './rows'
// ticks.ts
export { addRowToTick, addLocalToTick, hasTick, clearTick } from './ticks'
export { tickRows, tickRowIds, tickSent, tickReceived } from './ticks'
export { tickBindings, tickBindingIds, tickSentLocal, tickReceivedLocal } from './ticks'
// fragment-ports.ts, repetitions.ts
export { resolveFragment, orphanFragments } from './fragment-ports'
export { isRepeated } from './repetitions'
// clock.ts
export { setNow } from './clock'
// key-table.ts
export {
  newKeyTable,
  keyCount,
  keyIdsUsed,
  findKey,
  addKey,
  keyWord,
  removeKey,
  clearKeys,
  probesOf,
} from './key-table'
