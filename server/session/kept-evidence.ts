// Evidence of what a device is, as it is kept over a restart: what it said by DHCP, services it announced, and ports.
import type { Engine } from '../engine/engine.ts'
import type { EvidenceKind } from '../engine/evidence.ts'
import type { DeviceEvidence } from '../identity/device-evidence.ts'
import type { KeptEvidence } from '../model/seen-device.ts'

/** What a device wrote into names and texts of multicast DNS stays in memory. */
const KEPT_KINDS = [
  'dhcpHostnames',
  'dhcpVendorClasses',
  'dhcpParameterLists',
  'mdnsServices',
  'ports',
] as const satisfies (EvidenceKind & keyof KeptEvidence)[]

/** Values of one kind, the first ones, and the length up to which a text is kept. */
const MAX_VALUES = 8
const LONGEST_VALUE = 100

/** Undefined where there is nothing to keep. */
export function keptEvidence(evidence: DeviceEvidence): KeptEvidence | undefined {
  const kept: KeptEvidence = {}
  for (const kind of KEPT_KINDS) {
    const values = (evidence[kind] ?? []).filter((value) => value.length <= LONGEST_VALUE).slice(0, MAX_VALUES)
    if (values.length > 0) kept[kind] = values
  }
  return Object.keys(kept).length === 0 ? undefined : kept
}

/** The engine knows again what was kept of the device with this MAC; what a file does not hold as it should is left out. */
export function plantEvidence(engine: Engine, mac: string, kept: KeptEvidence): void {
  for (const kind of KEPT_KINDS) {
    const values: unknown = kept[kind]
    if (!Array.isArray(values)) continue
    for (const value of values.slice(0, MAX_VALUES))
      if (typeof value === 'string' && value.length <= LONGEST_VALUE) engine.evidence.addToMac(mac, kind, value)
  }
}
