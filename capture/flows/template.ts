// A template: which elements a record holds, and how long each is.
import { ELEMENTS, REVERSE, REVERSE_ENTERPRISE } from './elements.ts'
import type { FieldView } from './field-view.ts'
import { MAX_FIELDS } from './limits.ts'

/** The length of a field of variable length (RFC 7011 section 7). */
const VARIABLE = 65_535
/** An element that is not read. */
const UNREAD = -1

/** Fields in their order, in columns. */
export interface Template {
  /** Its records are options, which describe the exporter, and no flows. */
  isOptions: boolean
  /** See elements.ts; UNREAD where it is none of them. */
  elements: Int32Array
  lengths: Int32Array
  hasVariable: boolean
  /** Bytes of a record; of one with variable fields the least. */
  length: number
}

/** How many field specifiers follow, and how many of them, at the front, say what the options are about. */
export interface FieldCount {
  count: number
  scopes: number
  isIpfix: boolean
  isOptions: boolean
}

/** Reads field specifiers of both versions; null where they are cut off, too many, or make records of no length. */
export function readFields(
  bytes: Uint8Array,
  at: number,
  end: number,
  { count, scopes, isIpfix, isOptions }: FieldCount,
): { template: Template; end: number } | null {
  if (count < 1 || count > MAX_FIELDS) return null
  const elements = new Int32Array(count)
  const lengths = new Int32Array(count)
  let hasVariable = false
  let length = 0
  for (let field = 0; field < count; field++) {
    if (at + 4 > end) return null
    const number = word(bytes, at)
    const size = word(bytes, at + 2)
    at += 4
    const hasEnterprise = isIpfix && number >= 0x8000
    if (hasEnterprise && at + 4 > end) return null
    const enterprise = hasEnterprise ? word(bytes, at) * 65_536 + word(bytes, at + 2) : 0
    if (hasEnterprise) at += 4
    // NetFlow v9's scopes have numbers of their own (RFC 3954 section 6.1), which mean nothing here.
    elements[field] =
      !isIpfix && field < scopes ? UNREAD : elementOf(hasEnterprise ? number - 0x8000 : number, enterprise)
    lengths[field] = size
    const isVariable = isIpfix && size === VARIABLE
    hasVariable ||= isVariable
    length += isVariable ? 1 : size
  }
  return length === 0 ? null : { template: { isOptions, elements, lengths, hasVariable, length }, end: at }
}

function elementOf(number: number, enterprise: number): number {
  if (number >= ELEMENTS) return UNREAD
  if (enterprise === 0) return number
  return enterprise === REVERSE_ENTERPRISE ? REVERSE + number : UNREAD
}

/** Shows the view where the record at `at` has its elements. Returns its end; null where it is cut off. */
export function placeRecord(
  template: Template,
  bytes: Uint8Array,
  at: number,
  end: number,
  view: FieldView,
): number | null {
  const { elements, lengths, hasVariable } = template
  if (at + template.length > end) return null
  view.clear()
  for (let field = 0; field < elements.length; field++) {
    let length = lengths[field]
    if (hasVariable && length === VARIABLE) {
      if (at >= end) return null
      length = bytes[at++]
      if (length === 255) {
        if (at + 2 > end) return null
        length = word(bytes, at)
        at += 2
      }
    }
    if (at + length > end) return null
    if (elements[field] !== UNREAD) view.place(elements[field], at, length)
    at += length
  }
  return at
}

export function isSameTemplate(one: Template, other: Template): boolean {
  if (one.isOptions !== other.isOptions || one.elements.length !== other.elements.length) return false
  return one.elements.every(
    (element, field) => element === other.elements[field] && one.lengths[field] === other.lengths[field],
  )
}

/** The unsigned 16-bit number at `at`. */
export function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}

/** The unsigned 32-bit number at `at`. */
export function long(bytes: Uint8Array, at: number): number {
  return word(bytes, at) * 65_536 + word(bytes, at + 2)
}
