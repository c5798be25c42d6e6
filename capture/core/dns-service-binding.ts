// HTTPS and SVCB records: address hints and ECH keys.
import { DAMAGED, skipName } from './dns-message'
import { byteAt, u16At } from './memory'

/** RFC 9460 section 14.3.2. */
const PARAMETER_IPV4_HINT: i32 = 4
const PARAMETER_ECH: i32 = 5
const PARAMETER_IPV6_HINT: i32 = 6
const MAX_PARAMETERS: i32 = 32
/** ECHConfig, RFC 9849 section 4. */
const ECH_VERSION: i32 = 0xfe0d
const MAX_ECH_CONFIGS: i32 = 8

/** The data read last (dns-layout.ts). Places are 0 where absent; an end is behind the last byte. */
@unmanaged
export class ServiceBinding {
  priority: i32 = 0
  targetAt: usize = 0
  ipv4At: usize = 0
  ipv4End: usize = 0
  ipv6At: usize = 0
  ipv6End: usize = 0
  echAt: usize = 0
  echEnd: usize = 0
}

export const binding = changetype<ServiceBinding>(memory.data(offsetof<ServiceBinding>(), 8))

/** The public name that readEchPublicName found, 0 for none. */
export let echNameAt: usize = 0
export let echNameEnd: usize = 0

export function serviceBindingAddress(): usize {
  return changetype<usize>(binding)
}

export function echNameAddress(): usize {
  return echNameAt
}

export function echNameEndAddress(): usize {
  return echNameEnd
}

/** Reads the data in [at, end), RFC 9460 section 2.2. False where they are damaged. */
export function readServiceBinding(at: usize, end: usize): bool {
  binding.targetAt = 0
  binding.ipv4At = 0
  binding.ipv4End = 0
  binding.ipv6At = 0
  binding.ipv6End = 0
  binding.echAt = 0
  binding.echEnd = 0
  if (end < at + 3) return false
  binding.priority = u16At(at)
  binding.targetAt = at + 2
  at = skipName(at + 2, end)
  if (at == DAMAGED) return false
  for (let count = 0; count < MAX_PARAMETERS && end - at >= 4; count++) {
    const from = at + 4
    const to = from + u16At(at + 2)
    if (to > end) return false
    setParameter(u16At(at), from, to)
    at = to
  }
  return at == end
}

function setParameter(key: i32, from: usize, to: usize): void {
  if (key == PARAMETER_IPV4_HINT) {
    binding.ipv4At = from
    binding.ipv4End = to - ((to - from) % 4)
  } else if (key == PARAMETER_IPV6_HINT) {
    binding.ipv6At = from
    binding.ipv6End = to - ((to - from) % 16)
  } else if (key == PARAMETER_ECH) {
    binding.echAt = from
    binding.echEnd = to
  }
}

/** The public name in an ECHConfigList: what an outer hello shows instead of its destination. */
export function readEchPublicName(at: usize, end: usize): bool {
  echNameAt = 0
  echNameEnd = 0
  at += 2
  for (let count = 0; count < MAX_ECH_CONFIGS && at + 4 <= end; count++) {
    const version = u16At(at)
    const from = at + 4
    const to = from + u16At(at + 2)
    if (to > end) return false
    if (version == ECH_VERSION && readPublicNameOf(from, to)) return true
    at = to
  }
  return false
}

/** HpkeKeyConfig (config id, KEM, public key, cipher suites), maximum name length, public name. */
function readPublicNameOf(at: usize, end: usize): bool {
  at += 3
  for (let vectors = 0; vectors < 2; vectors++) {
    if (at + 2 > end) return false
    at += 2 + u16At(at)
  }
  if (at + 2 > end) return false
  const length = byteAt(at + 1)
  if (length == 0 || at + 2 + length > end) return false
  echNameAt = at + 2
  echNameEnd = at + 2 + length
  return true
}
