// Names in an X.509 certificate: the subject's, and the host names of subjectAltName.
import { textOf } from './text.ts'

/** More names are not read: the certificates of shared servers hold about a hundred. */
export const MAX_CERTIFICATE_NAMES = 256
/** Attributes of a subject that are read; real ones have up to a dozen. */
const MAX_ATTRIBUTES = 32
const MAX_EXTENSIONS = 64

// DER (X.690): universal tags, and those of a context in RFC 5280 4.1 and 4.2.1.6.
const INTEGER = 0x02
const OCTET_STRING = 0x04
const OBJECT_IDENTIFIER = 0x06
const SEQUENCE = 0x30
const SET = 0x31
const VERSION = 0xa0
const EXTENSIONS = 0xa3
const DNS_NAME = 0x82
/** Strings of a byte a letter or UTF-8: UTF8String, PrintableString, TeletexString, IA5String. */
const STRINGS = [0x0c, 0x13, 0x14, 0x16]
/** Bits of a tag's first byte that say: the number follows. */
const LONG_TAG = 0x1f
const LONG_LENGTH = 0x80

/** 2.5.4.3, 2.5.4.10 and 2.5.29.17 (RFC 5280 appendix A). */
const COMMON_NAME = [0x55, 0x04, 0x03]
const ORGANISATION = [0x55, 0x04, 0x0a]
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11]

/** Hostile texts: anybody can make a certificate, and Telltale does not check who signed it. */
export interface CertificateNames {
  commonName: string | null
  organisation: string | null
  /** dNSName entries in their order. */
  dnsNames: string[]
  /** False where there are more names than are read. */
  isComplete: boolean
}

/** One value in DER: its tag, and where its content lies. */
interface Value {
  tag: number
  at: number
  end: number
}

/** The names of the certificate in bytes[at, end); null where it is none. Never throws. */
export function readCertificateNames(bytes: Uint8Array, at: number, end: number): CertificateNames | null {
  const certificate = valueAt(bytes, at, end, SEQUENCE)
  const body = certificate === null ? null : valueAt(bytes, certificate.at, certificate.end, SEQUENCE)
  if (body === null) return null
  let next = body.at
  const version = valueAt(bytes, next, body.end)
  if (version?.tag === VERSION) next = version.end
  // Serial number, signature algorithm, issuer, validity, subject, key (RFC 5280 4.1).
  const fields: Value[] = []
  for (const tag of [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE]) {
    const field = valueAt(bytes, next, body.end, tag)
    if (field === null) return null
    fields.push(field)
    next = field.end
  }
  const names: CertificateNames = { commonName: null, organisation: null, dnsNames: [], isComplete: true }
  readSubject(bytes, fields[4], names)
  for (let part = valueAt(bytes, next, body.end); part !== null; part = valueAt(bytes, part.end, body.end))
    if (part.tag === EXTENSIONS) readExtensions(bytes, part, names)
  return names
}

/** A sequence of sets of (type, value); the last common name is the most specific one. */
function readSubject(bytes: Uint8Array, subject: Value, names: CertificateNames): void {
  let next = subject.at
  for (let count = 0; count < MAX_ATTRIBUTES; count++) {
    const set = valueAt(bytes, next, subject.end, SET)
    if (set === null) return
    next = set.end
    const attribute = valueAt(bytes, set.at, set.end, SEQUENCE)
    const type = attribute === null ? null : valueAt(bytes, attribute.at, attribute.end, OBJECT_IDENTIFIER)
    if (attribute === null || type === null) continue
    const value = valueAt(bytes, type.end, attribute.end)
    if (value === null || !STRINGS.includes(value.tag)) continue
    if (isIdentifier(bytes, type, COMMON_NAME)) names.commonName = textOf(bytes, value.at, value.end)
    else if (isIdentifier(bytes, type, ORGANISATION)) names.organisation = textOf(bytes, value.at, value.end)
  }
}

function readExtensions(bytes: Uint8Array, extensions: Value, names: CertificateNames): void {
  const list = valueAt(bytes, extensions.at, extensions.end, SEQUENCE)
  let next = list?.at ?? 0
  for (let count = 0; list !== null && count < MAX_EXTENSIONS; count++) {
    const extension = valueAt(bytes, next, list.end, SEQUENCE)
    if (extension === null) return
    next = extension.end
    const type = valueAt(bytes, extension.at, extension.end, OBJECT_IDENTIFIER)
    if (type === null || !isIdentifier(bytes, type, SUBJECT_ALT_NAME)) continue
    let value = valueAt(bytes, type.end, extension.end)
    // Whether it is critical may stand before.
    if (value !== null && value.tag !== OCTET_STRING) value = valueAt(bytes, value.end, extension.end)
    if (value?.tag === OCTET_STRING) readAltNames(bytes, value, names)
  }
}

function readAltNames(bytes: Uint8Array, content: Value, names: CertificateNames): void {
  const list = valueAt(bytes, content.at, content.end, SEQUENCE)
  if (list === null) return
  for (let name = valueAt(bytes, list.at, list.end); name !== null; name = valueAt(bytes, name.end, list.end)) {
    if (name.tag !== DNS_NAME) continue
    if (names.dnsNames.length >= MAX_CERTIFICATE_NAMES) {
      names.isComplete = false
      return
    }
    names.dnsNames.push(textOf(bytes, name.at, name.end))
  }
}

/** The value at `at`, of the tag where one is given; null where there is none that lies within `end`. */
function valueAt(bytes: Uint8Array, at: number, end: number, tag?: number): Value | null {
  if (end - at < 2 || (bytes[at] & LONG_TAG) === LONG_TAG) return null
  if (tag !== undefined && bytes[at] !== tag) return null
  const first = bytes[at + 1]
  // The indefinite length is not DER, and a certificate's lengths take three bytes at most.
  const lengthBytes = first < LONG_LENGTH ? 0 : first - LONG_LENGTH
  if (first === LONG_LENGTH || lengthBytes > 3) return null
  const contentAt = at + 2 + lengthBytes
  if (contentAt > end) return null
  let length = lengthBytes === 0 ? first : 0
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + bytes[at + 2 + index]
  return contentAt + length > end ? null : { tag: bytes[at], at: contentAt, end: contentAt + length }
}

function isIdentifier(bytes: Uint8Array, { at, end }: Value, identifier: readonly number[]): boolean {
  return end - at === identifier.length && identifier.every((byte, index) => bytes[at + index] === byte)
}
