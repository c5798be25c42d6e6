// Families of companies in an alert memory, brought under the owners that the rules name today.
import { isRecord } from '../model/record.ts'
import type { AlertMemory, DeviceMemory } from './memory.ts'

/** Fields of detectors' memories that hold families: lists of them, and records by them. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  companies: ['known', 'blockedOnly', 'meeting', 'asked'],
  trackers: ['trackers', 'own', 'meeting', 'asked'],
  'quiet-lookups': ['companies'],
  'blocked-again': ['companies', 'blocked'],
  silent: ['companies'],
  uploads: ['families'],
}

/**
 * A company may have been bought, or its owner become known, since it was met: it is no new one to the device. Changes
 * the memory.
 */
export function underOwners(memory: AlertMemory, familyOf: (company: string) => string): AlertMemory {
  for (const device of Object.values(memory.devices)) renameFamilies(device, familyOf)
  return memory
}

function renameFamilies(device: DeviceMemory, familyOf: (company: string) => string): void {
  for (const [key, fields] of Object.entries(FAMILIES)) {
    const kept = device[key]
    if (!isRecord(kept)) continue
    for (const field of fields) if (field in kept) kept[field] = renamed(kept[field], familyOf)
  }
}

/** Of two entries that become one the first stays. */
function renamed(value: unknown, familyOf: (company: string) => string): unknown {
  if (Array.isArray(value)) return [...new Set((value as string[]).map(familyOf))]
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([family, entry]): [string, unknown] => [familyOf(family), entry])
  return Object.fromEntries(entries.reverse())
}
