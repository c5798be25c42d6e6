// Which MAC showed itself last at each address. The program around the core keeps the conflicts that follow from it.
import { now } from './clock'
import { addressChanged } from './host'
import { allocate, grown } from './memory'

/** Of one address: the MAC that showed itself there last, since when, and when it was last looked at. */
@unmanaged
class User {
  since: f64 = 0
  lastUse: f64 = 0
  mac: i32 = 0
  unused: i32 = 0
}

const USER_BYTES: usize = offsetof<User>()
const FIRST_ADDRESSES: i32 = 1024

let users: usize = allocate(<usize>FIRST_ADDRESSES * USER_BYTES)
let capacity: i32 = FIRST_ADDRESSES

/** The MAC shows itself at the address, by sending from it or by claiming it. DHCP may have given it the address. */
export function noteUser(address: i32, mac: i32, isLeased: bool): void {
  if (address >= capacity) makeRoom(address)
  const before = userOf(address).mac
  if (before != mac) {
    if (before != 0) addressChanged(address, before, mac, isLeased, userOf(address).since, userOf(address).lastUse)
    userOf(address).mac = mac
    userOf(address).since = now
  }
  userOf(address).lastUse = now
}

/** To be asked for anew after the program around the core was called. */
function userOf(address: i32): User {
  return changetype<User>(users + <usize>address * USER_BYTES)
}

function makeRoom(address: i32): void {
  const before = capacity
  while (capacity <= address) capacity *= 2
  users = grown(users, <usize>before * USER_BYTES, <usize>capacity * USER_BYTES)
}
