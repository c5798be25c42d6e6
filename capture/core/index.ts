// What the core offers to the program around it.
export { allocate, release } from './memory'
export { hashWordsAddress, hashWordsLength } from './key-table'
export { timesReached } from './reached'
export { frameAddress } from './frame'
export { flowsUsed, flowsAlive } from './flows'

// clock.ts, counters.ts
export { firstTime, lastTime, now } from './clock'
export { excludedPackets, ipBytes, ipPackets, stoppedAtLayer, transitBytes } from './counters'

// engine.ts and the parts of flows
export {
  finishFlows,
  markTime,
  processFrame,
  processHeldFrame,
  restoreFrame,
  saveFrame,
  setIsHolding,
  setMayExclude,
} from './engine'
export { addLocal, creditNameless, setDirectMediaLabel, setHasTicks } from './flow-credits'
export { countTransit } from './counters'
export { namesAgreed, nameSince } from './flow-names'
