// What the core offers to the program around it.
export { allocate, release } from './memory'
export { hashWordsAddress, hashWordsLength } from './key-table'
export { timesReached } from './reached'
export { frameAddress } from './frame'
export { flowsUsed, flowsAlive } from './flows'

// home-network.ts, addresses.ts
export { beginNamedHome, nameHome, scopeOfIpv4, scopeOfIpv6, learnPrefix } from './home-network'
export { addressesUsed, findIpv4, findAddress, addressOfIpv4, addressOfWords, otherIpv4 } from './addresses'
export { scopeOf, makeGroup, unmakeGroup, rescopeAddresses, isIpv4, isSameSubnet, addressWord } from './addresses'

// ownership.ts, macs.ts, mac-behaviour.ts
export { findMac, macOf, addMac, macNumber, hasOneMac } from './macs'
export { reserveIds, ownershipEpoch, raiseEpoch, bindingsUsed, isRouter } from './ownership'
export { addressOfBinding, macOfBinding, isProven, isOwnBinding, deviceKey, nextBindingOf } from './ownership'
export { bindingOn, isHeld, isUsualSender, claimsAddress, usesAddress, isContested, bindingByMac } from './ownership'
export { sawSender, sawInternetSender, becameHome, claimAddress, leaseAddress, requestedAddress } from './ownership'
export { sampledAddresses, sentOnlyFrom, holdsAnother } from './ownership'
export { sawMac, isSeen, carries, isCarrier, suspectMac, isSuspect } from './mac-behaviour'

// clock.ts
export { setNow } from './clock'
