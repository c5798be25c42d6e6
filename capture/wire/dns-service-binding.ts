// HTTPS and SVCB records: address hints and ECH keys, read by the packet core.
import {
  BINDING_ECH_AT,
  BINDING_ECH_END,
  BINDING_IPV4_AT,
  BINDING_IPV4_END,
  BINDING_IPV6_AT,
  BINDING_IPV6_END,
  BINDING_PRIORITY,
  BINDING_TARGET_AT,
} from '../core/dns-layout.ts'
import { readerCore, ReaderMemory } from '../reader-core.ts'

/** Reusable. Offsets are -1 where absent; an end is behind the last byte. */
export class ServiceBinding {
  priority = 0
  targetAt = -1
  ipv4At = -1
  ipv4End = -1
  ipv6At = -1
  ipv6End = -1
  echAt = -1
  echEnd = -1
}

/** A span of bytes, reusable; `at` is -1 for none. */
export class Span {
  at = -1
  end = -1
}

let memory: ReaderMemory | null = null

/** Reads the rdata in bytes[at, end), RFC 9460 section 2.2. False where it is damaged. */
export function readServiceBinding(bytes: Uint8Array, at: number, end: number, binding: ServiceBinding): boolean {
  const core = readerCore()
  const address = place(bytes, at, end)
  const isWhole = core.exports.readServiceBinding(address, address + end - at) === 1
  const { integers } = core
  const base = core.exports.serviceBindingAddress() / 4
  const offsetOf = (field: number): number => {
    const found = integers[base + field]
    return found === 0 ? -1 : found - address + at
  }
  binding.targetAt = offsetOf(BINDING_TARGET_AT)
  if (binding.targetAt >= 0) binding.priority = integers[base + BINDING_PRIORITY]
  binding.ipv4At = offsetOf(BINDING_IPV4_AT)
  binding.ipv4End = offsetOf(BINDING_IPV4_END)
  binding.ipv6At = offsetOf(BINDING_IPV6_AT)
  binding.ipv6End = offsetOf(BINDING_IPV6_END)
  binding.echAt = offsetOf(BINDING_ECH_AT)
  binding.echEnd = offsetOf(BINDING_ECH_END)
  return isWhole
}

/** The public name in an ECHConfigList: what an outer hello shows instead of its destination. */
export function readEchPublicName(bytes: Uint8Array, at: number, end: number, name: Span): boolean {
  const { exports } = readerCore()
  const address = place(bytes, at, end)
  const isFound = exports.readEchPublicName(address, address + end - at) === 1
  name.at = isFound ? exports.echNameAddress() - address + at : -1
  if (isFound) name.end = exports.echNameEndAddress() - address + at
  return isFound
}

function place(bytes: Uint8Array, at: number, end: number): number {
  memory ??= new ReaderMemory(readerCore())
  return memory.place(bytes, at, end)
}
