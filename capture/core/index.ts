// What the core offers to the program around it.
export { allocate, release } from './memory'
export { hashWordsAddress, hashWordsLength } from './key-table'
export { timesReached } from './reached'
export { frameAddress } from './frame'
export { flowsUsed, flowsAlive } from './flows'
// shares.ts, keyed-hash.ts
export { newShares, reserveShare } from './shares'
export { beginHash, hashWord, hashBytes, endHash, moreHash, hashKeyAddress } from './keyed-hash'
