// Makers registered with the IEEE, by MAC address.
import { openSections, packSections, pooledString, StringPool, type Section } from '../rules/sections.ts'

/**
 * Blocks the IEEE gives out, in hexadecimal digits: MA-S (36 bits), MA-M (28), MA-L (24); the longest that fits is the
 * owner.
 */
const PREFIX_DIGITS = [9, 7, 6] as const

/** Legal forms and other words of the registry that are no part of a maker's name. */
const LEGAL_WORDS =
  /[\s,.]+(incorporated|inc|llc|l\.l\.c|ltd|limited|co|corp|corporation|corporate|company|gmbh|ag|kg|s\.?a\.?s?|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v|a\/s|ab|oy|oyj|plc|pte|pty|k\.?k|kft|sp\.? z o\.?o|intl|& co)[\s.,]*$/i

/** Makers by MAC address prefix, opened without work per entry. */
export class MacMakers {
  private readonly arrays: Record<string, Section>

  constructor(bytes: Uint8Array) {
    this.arrays = openSections(bytes, 'The table of MAC address makers (mac-makers.bin)').arrays
  }

  /**
   * The name as registered, null when the address is private, all zeros, not registered or not an address.
   * `aa:bb:cc:dd:ee:ff`, `-` and `.` allowed too.
   */
  lookUp(mac: string): string | null {
    const digits = macDigits(mac)
    if (digits === null || isPrivateMac(mac) || Number.parseInt(digits, 16) === 0) return null
    for (const length of PREFIX_DIGITS) {
      const prefixes = this.arrays[`prefixes${length}`]
      const names = this.arrays[`names${length}`]
      if (prefixes === undefined || names === undefined) continue
      const at = indexOf(prefixes, Number.parseInt(digits.slice(0, length), 16))
      if (at >= 0) return this.name(names[at] ?? 0)
    }
    return null
  }

  private name(index: number): string | null {
    const { nameOffsets, nameText } = this.arrays
    return nameOffsets === undefined || nameText === undefined ? null : pooledString(nameOffsets, nameText, index)
  }
}

/** An empty register, for an installation without the data. */
export function noMacMakers(): MacMakers {
  return new MacMakers(buildMacMakers({}))
}

/**
 * Whether the address was made up by the device (locally administered bit, IEEE 802 section 8.4.2), as phones do for
 * each network: it names no maker. Multicast addresses belong to no device either.
 */
export function isPrivateMac(mac: string): boolean {
  const digits = macDigits(mac)
  return digits !== null && (Number.parseInt(digits.slice(0, 2), 16) & 0b10) !== 0
}

/**
 * Whether a registered name holds this part, beginning at a word: "Ring LLC" is not in "Monitoring LLC". Both in lower
 * case.
 */
export function namesMaker(registered: string, part: string): boolean {
  for (let at = registered.indexOf(part); at >= 0; at = registered.indexOf(part, at + 1)) {
    if (at === 0 || !/[a-z0-9]/.test(registered.charAt(at - 1))) return true
  }
  return false
}

/** A registered name as a person would write it: "TP-LINK TECHNOLOGIES CO.,LTD." becomes "TP-Link Technologies". */
export function plainMaker(registered: string): string {
  let name = registered.replace(/\s*\([^)]*\)\s*$/, '').trim()
  for (let shorter = ''; (shorter = name.replace(LEGAL_WORDS, '')) !== name && shorter !== '';) name = shorter
  if (name !== name.toUpperCase()) return name
  return name.replace(/[A-Z]{4,}/g, (word) => word.charAt(0) + word.slice(1).toLowerCase())
}

/** Packs `{prefix: registration}`; a registration's first line is the organisation. */
export function buildMacMakers(registry: Readonly<Record<string, string>>): Uint8Array {
  const names = new StringPool()
  const arrays: Record<string, Section> = {}
  for (const length of PREFIX_DIGITS) {
    const entries = Object.entries(registry)
      .filter(([prefix, text]) => prefix.length === length && organisation(text) !== 'Private')
      .map(([prefix, text]) => ({ prefix: Number.parseInt(prefix, 16), name: names.add(organisation(text)) }))
      .sort((a, b) => a.prefix - b.prefix)
    const prefixes = entries.map(({ prefix }) => prefix)
    arrays[`prefixes${length}`] = length === 9 ? Float64Array.from(prefixes) : Uint32Array.from(prefixes)
    arrays[`names${length}`] = Uint32Array.from(entries.map(({ name }) => name))
  }
  const { offsets, text } = names.pack()
  return packSections({ meta: {}, arrays: { ...arrays, nameOffsets: offsets, nameText: text } })
}

function organisation(text: string): string {
  const [first = ''] = text.split('\n')
  return first.trim().replaceAll('&amp;', '&')
}

function macDigits(mac: string): string | null {
  if (mac.length > 17) return null
  const digits = mac.replace(/[:.-]/g, '')
  return /^[0-9a-f]{12}$/i.test(digits) ? digits : null
}

function indexOf(sorted: Section, value: number): number {
  let from = 0
  let to = sorted.length - 1
  while (from <= to) {
    const middle = (from + to) >>> 1
    const found = sorted[middle] ?? 0
    if (found === value) return middle
    if (found < value) from = middle + 1
    else to = middle - 1
  }
  return -1
}
