// What the core offers to the program around it.
export { allocate, release } from './memory'
export { hashWordsAddress, hashWordsLength } from './key-table'
export { timesReached } from './reached'
export { frameAddress } from './frame'
export { flowsUsed, flowsAlive } from './flows'
// frame.ts, decode.ts, engine.ts
export { decodeFrame } from './decode'
export { processFrame } from './engine'
// arp.ts, ndp.ts
export { arpAddress, arpMacHigh, arpMacLow, readArp } from './arp'
export { macHighAt, macLowAt, ndpAddressAt, ndpMacAt, ndpPrefixAt, ndpPrefixBits, ndpPrefixCount } from './ndp'
export { ndpTargetAt, ndpType, readNdp } from './ndp'
// records.ts
export {
  addInterface,
  allocateBuffer,
  clearInterfaces,
  closeRecords,
  deliverFrame,
  openRecords,
  usePcap,
} from './records'
export { readPcapngRecords, readPcapRecords } from './records'
