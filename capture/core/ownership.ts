// The device that holds an address, now: who sends from it.

/** Changes whenever an address changes hands; flows compare it to know that their binding may be stale. */
export let ownershipEpoch: i32 = 1

export function raiseEpoch(): void {
  ownershipEpoch++
}

/** The MAC's number, or -1 where it has no place. */
export function findMac(high: i32, low: i32): i32 {
  return unreachable()
}

/** The MAC's number, given now where it may have one; NO_MAC where not. */
export function macOf(high: i32, low: i32): i32 {
  return unreachable()
}

export function addressOfBinding(binding: i32): i32 {
  return unreachable()
}

export function macOfBinding(binding: i32): i32 {
  return unreachable()
}

export function bindingOn(address: i32): i32 {
  return unreachable()
}

export function isHeld(address: i32): bool {
  return unreachable()
}

export function isUsualSender(address: i32, high: i32, low: i32): bool {
  return unreachable()
}

export function sawSender(address: i32, high: i32, low: i32): void {
  unreachable()
}

export function sawInternetSender(address: i32, high: i32, low: i32, hopLimit: i32): void {
  unreachable()
}

export function becameHome(address: i32): void {
  unreachable()
}

export function claimAddress(address: i32, high: i32, low: i32, from: i32): void {
  unreachable()
}

export function claimsAddress(address: i32, mac: i32): bool {
  return unreachable()
}

/** Whether the MAC was seen with the address. */
export function usesAddress(address: i32, mac: i32): bool {
  return unreachable()
}

export function isContested(address: i32): bool {
  return unreachable()
}

export function bindingByMac(address: i32, high: i32, low: i32, otherwise: i32): i32 {
  return unreachable()
}

/** Whether the MAC of the binding is the device's own and not that of one who passes its packets on. */
export function isOwnBinding(binding: i32): bool {
  return unreachable()
}

/** Whether one MAC stands for everybody. */
export function hasOneMac(): bool {
  return unreachable()
}

export function sentOnlyFrom(mac: i32, address: i32): bool {
  return unreachable()
}

export function holdsAnother(mac: i32, address: i32, onlyIpv4: bool): bool {
  return unreachable()
}

export function isRouter(mac: i32): bool {
  return unreachable()
}

/** Who an address belongs to for names: the MAC (negative) where it is the device's own, else the address. */
export function deviceKey(binding: i32): i32 {
  return unreachable()
}

/** A frame came from the MAC. */
export function sawMac(mac: i32): void {
  unreachable()
}
