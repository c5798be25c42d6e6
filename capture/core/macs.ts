// Numbers of MACs.
import { NO_MAC } from './constants'
import { mayClaim } from './host'
import { addKey, findKey, keyWord, newKeyTable } from './key-table'
import { MAX_MACS, REACHED_MACS } from './limits'
import { makeRoomForBehaviour } from './mac-behaviour'
import { countReached } from './reached'
import { makeRoomForSamples } from './routers'

const macs = newKeyTable(MAX_MACS)

/** The id of "no MAC" takes its place: once, before any MAC, when the secret of the hash is there. */
export function reserveMacs(): void {
  addKey(macs, 0, 0, 0, -1)
}

/** Whether one MAC stands for everybody, as in captures that somebody made up or a tunnel's end wrote. */
export function hasOneMac(): bool {
  return macs.used <= NO_MAC + 2
}

/** The MAC's number, or -1 where it has no place. */
export function findMac(high: i32, low: i32): i32 {
  return high == 0 && low == 0 ? NO_MAC : findKey(macs, high, low, 0, 0)
}

/** The MAC's number, given now where it may have one; NO_MAC where not. */
export function macOf(high: i32, low: i32): i32 {
  const known = findMac(high, low)
  if (known >= 0) return known
  return mayClaim(high, low) ? addMac(high, low) : NO_MAC
}

/** The number of a MAC that may have a place; NO_MAC where the table is full. */
export function addMac(high: i32, low: i32): i32 {
  const known = findMac(high, low)
  if (known >= 0) return known
  const mac = addKey(macs, high, low, 0, 0)
  if (mac < 0) {
    countReached(REACHED_MACS)
    return NO_MAC
  }
  makeRoomForBehaviour(mac)
  makeRoomForSamples(mac)
  return mac
}

/** The `word`-th number of the MAC, 0 or 1, as the frame keeps it. */
export function macNumber(mac: i32, word: i32): i32 {
  return keyWord(macs, mac, word)
}
