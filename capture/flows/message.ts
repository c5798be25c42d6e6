// The sets of a NetFlow v9 packet (RFC 3954) or an IPFIX message (RFC 7011): templates, options and records.
import { type FieldCount, long, readFields, type Template, word } from './template.ts'

export interface MessageHeader {
  isIpfix: boolean
  /** Where the sets begin and end. */
  from: number
  to: number
  exported: number
  /** Milliseconds since the exporter was started; null in IPFIX. */
  uptime: number | null
  sequence: number
  /** Source ID or observation domain. */
  domain: number
}

const V9_HEADER = 20
const IPFIX_HEADER = 16
const SET_HEADER = 4
const FIRST_DATA_SET = 256

export interface Set {
  id: number
  from: number
  to: number
}

/** Null where the header, or a set, is longer than what is there: then nothing of it is read. */
export function readMessage(bytes: Uint8Array, version: number): { header: MessageHeader; sets: Set[] } | null {
  const header = version === 9 ? v9Header(bytes) : ipfixHeader(bytes)
  if (header === null) return null
  const sets: Set[] = []
  let at = header.from
  // Fewer bytes than a header of a set are padding.
  while (header.to - at >= SET_HEADER) {
    const length = word(bytes, at + 2)
    if (length < SET_HEADER || at + length > header.to) return null
    sets.push({ id: word(bytes, at), from: at + SET_HEADER, to: at + length })
    at += length
  }
  return { header, sets }
}

function v9Header(bytes: Uint8Array): MessageHeader | null {
  if (bytes.length < V9_HEADER) return null
  return {
    isIpfix: false,
    from: V9_HEADER,
    to: bytes.length,
    uptime: long(bytes, 4),
    exported: long(bytes, 8),
    sequence: long(bytes, 12),
    domain: long(bytes, 16),
  }
}

function ipfixHeader(bytes: Uint8Array): MessageHeader | null {
  if (bytes.length < IPFIX_HEADER) return null
  const length = word(bytes, 2)
  if (length < IPFIX_HEADER || length > bytes.length) return null
  return {
    isIpfix: true,
    from: IPFIX_HEADER,
    to: length,
    uptime: null,
    exported: long(bytes, 4),
    sequence: long(bytes, 8),
    domain: long(bytes, 12),
  }
}

/** `data`: records of the template of that number. */
export type SetKind = 'templates' | 'options templates' | 'data' | 'other'

export function kindOfSet(id: number, isIpfix: boolean): SetKind {
  if (id >= FIRST_DATA_SET) return 'data'
  if (id === (isIpfix ? 2 : 0)) return 'templates'
  return id === (isIpfix ? 3 : 1) ? 'options templates' : 'other'
}

/** A template that a set announces, or one that it withdraws: null. */
export interface Announced {
  id: number
  template: Template | null
}

/** The templates of a set; what is behind a damaged one is left out. False in `isWhole` then. */
export function readTemplates(
  bytes: Uint8Array,
  { from, to }: Set,
  isIpfix: boolean,
  areOptions: boolean,
): { announced: Announced[]; isWhole: boolean } {
  const announced: Announced[] = []
  let at = from
  while (to - at >= 4) {
    const id = word(bytes, at)
    const count = word(bytes, at + 2)
    // Zeros pad a set.
    if (id === 0 && count === 0) break
    if (isIpfix && count === 0) {
      announced.push({ id, template: null })
      at += 4
      continue
    }
    const fields = areOptions
      ? optionsHead(bytes, at, to, isIpfix)
      : { at: at + 4, count, scopes: 0, isIpfix, isOptions: false }
    const read = id < FIRST_DATA_SET || fields === null ? null : readFields(bytes, fields.at, to, fields)
    if (read === null) return { announced, isWhole: false }
    announced.push({ id, template: read.template })
    at = read.end
  }
  return { announced, isWhole: true }
}

/** v9 counts bytes of scopes and options (RFC 3954 section 6.1), IPFIX all fields and the scopes among them. */
function optionsHead(
  bytes: Uint8Array,
  at: number,
  end: number,
  isIpfix: boolean,
): (FieldCount & { at: number }) | null {
  if (at + 6 > end) return null
  const first = word(bytes, at + 2)
  const second = word(bytes, at + 4)
  const of = { at: at + 6, isIpfix, isOptions: true }
  if (isIpfix) return second < 1 || second > first ? null : { ...of, count: first, scopes: second }
  if (first % 4 !== 0 || second % 4 !== 0) return null
  return { ...of, count: (first + second) / 4, scopes: first / 4 }
}
