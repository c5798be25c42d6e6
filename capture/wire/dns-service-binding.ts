// HTTPS and SVCB records: address hints and ECH keys.
import { u16 } from '../frame.ts'
import { skipName } from './dns.ts'

/** RFC 9460 section 14.3.2. */
const PARAMETER_IPV4_HINT = 4
const PARAMETER_ECH = 5
const PARAMETER_IPV6_HINT = 6
const MAX_PARAMETERS = 32
/** ECHConfig, RFC 9849 section 4. */
const ECH_VERSION = 0xfe0d

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

/** Reads the rdata in bytes[at, end), RFC 9460 section 2.2. False where it is damaged. */
export function readServiceBinding(bytes: Uint8Array, at: number, end: number, binding: ServiceBinding): boolean {
  binding.targetAt = binding.ipv4At = binding.ipv6At = binding.echAt = -1
  binding.ipv4End = binding.ipv6End = binding.echEnd = -1
  if (end - at < 3) return false
  binding.priority = u16(bytes, at)
  binding.targetAt = at + 2
  at = skipName(bytes, at + 2, end)
  if (at < 0) return false
  for (let count = 0; count < MAX_PARAMETERS && end - at >= 4; count++) {
    const from = at + 4
    const to = from + u16(bytes, at + 2)
    if (to > end) return false
    setParameter(u16(bytes, at), from, to, binding)
    at = to
  }
  return at === end
}

function setParameter(key: number, from: number, to: number, binding: ServiceBinding): void {
  if (key === PARAMETER_IPV4_HINT) {
    binding.ipv4At = from
    binding.ipv4End = to - ((to - from) % 4)
  } else if (key === PARAMETER_IPV6_HINT) {
    binding.ipv6At = from
    binding.ipv6End = to - ((to - from) % 16)
  } else if (key === PARAMETER_ECH) {
    binding.echAt = from
    binding.echEnd = to
  }
}

/** A span of bytes, reusable; `at` is -1 for none. */
export class Span {
  at = -1
  end = -1
}

/** The public name in an ECHConfigList: what an outer hello shows instead of its destination. */
export function readEchPublicName(bytes: Uint8Array, at: number, end: number, name: Span): boolean {
  name.at = -1
  at += 2
  for (let count = 0; count < 8 && end - at >= 4; count++) {
    const version = u16(bytes, at)
    const from = at + 4
    const to = from + u16(bytes, at + 2)
    if (to > end) return false
    if (version === ECH_VERSION && readPublicNameOf(bytes, from, to, name)) return true
    at = to
  }
  return false
}

/** HpkeKeyConfig (config id, KEM, public key, cipher suites), maximum name length, public name. */
function readPublicNameOf(bytes: Uint8Array, at: number, end: number, name: Span): boolean {
  at += 3
  for (let vectors = 0; vectors < 2; vectors++) {
    if (end - at < 2) return false
    at += 2 + u16(bytes, at)
  }
  if (end - at < 2) return false
  const length = bytes[at + 1]
  if (length === 0 || at + 2 + length > end) return false
  name.at = at + 2
  name.end = at + 2 + length
  return true
}
