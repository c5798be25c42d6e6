// Shares of devices in a table that all of them fill.
import { addKey, findKey, KeyTable, newKeyTable } from './key-table'
import { MAX_BINDINGS } from './limits'
import { allocate, grown } from './memory'
import { countReached } from './reached'

const FIRST_DEVICES: i32 = 64

/** Counts entries per device, so that a flood by one leaves room for the others. Devices are named by their key. */
@unmanaged
export class Shares {
  /** Devices by key, and how many entries each has taken. */
  devices: KeyTable = changetype<KeyTable>(0)
  taken: usize = 0
  capacity: i32 = 0
  maxPerDevice: i32 = 0
  reachedLimit: i32 = 0
}

/** `reachedLimit`, one of REACHED_…, is counted where a share is used up. */
export function newShares(maxPerDevice: i32, reachedLimit: i32): Shares {
  const shares = changetype<Shares>(allocate(offsetof<Shares>()))
  shares.devices = newKeyTable(MAX_BINDINGS)
  shares.taken = allocate((<usize>FIRST_DEVICES) << 2)
  shares.capacity = FIRST_DEVICES
  shares.maxPerDevice = maxPerDevice
  shares.reachedLimit = reachedLimit
  return shares
}

/** Takes one more entry for the device; false, and counted, where its share is used up. */
export function reserveShare(shares: Shares, device: i32): bool {
  let place = findKey(shares.devices, device, 0, 0, 0)
  if (place < 0) place = addDevice(shares, device)
  const at = shares.taken + ((<usize>place) << 2)
  if (place < 0 || load<i32>(at) >= shares.maxPerDevice) {
    countReached(shares.reachedLimit)
    return false
  }
  store<i32>(at, load<i32>(at) + 1)
  return true
}

/** Its place; -1 where no more devices are counted. */
function addDevice(shares: Shares, device: i32): i32 {
  const place = addKey(shares.devices, device, 0, 0, 0)
  if (place >= shares.capacity) {
    const before = (<usize>shares.capacity) << 2
    shares.taken = grown(shares.taken, before, before << 1)
    shares.capacity *= 2
  }
  return place
}
