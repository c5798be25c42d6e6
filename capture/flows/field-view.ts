// One record of an export: where each element lies, and its value as a number, address or MAC.
import { ipv4TextAt, ipv6TextAt } from '../ip-address.ts'
import { ELEMENTS } from './elements.ts'

const PLACES = 2 * ELEMENTS
/** Seconds from 1900, where NTP's era 0 begins, to 1970. */
const NTP_EPOCH = 2_208_988_800

/** Where a record's elements are; one view is used for all records. */
export class FieldView {
  private readonly places = new Int32Array(PLACES).fill(-1)
  private readonly lengths = new Int32Array(PLACES)
  private readonly used: number[] = []
  private bytes: Uint8Array = new Uint8Array()
  private data: DataView = new DataView(new ArrayBuffer(0))

  /** The next records lie in these bytes. */
  over(bytes: Uint8Array): void {
    this.bytes = bytes
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.clear()
  }

  clear(): void {
    for (const element of this.used) this.places[element] = -1
    this.used.length = 0
  }

  /** Of an element that stands twice in a record the first counts. */
  place(element: number, at: number, length: number): void {
    if (this.places[element] >= 0) return
    this.places[element] = at
    this.lengths[element] = length
    this.used.push(element)
  }

  has(element: number): boolean {
    // An element that is none has no place.
    return this.places[element] >= 0
  }

  /** Bytes that the element takes; 0 where the record has none. */
  lengthOf(element: number): number {
    return this.has(element) ? this.lengths[element] : 0
  }

  /** An unsigned number of 1 to 8 bytes (RFC 7011 section 6.2, reduced-size encoding); null where there is none. */
  number(element: number): number | null {
    const length = this.lengthOf(element)
    if (length < 1 || length > 8) return null
    let value = 0
    for (let at = this.places[element], end = at + length; at < end; at++) value = value * 256 + this.bytes[at]
    return value
  }

  numberOr(element: number, otherwise: number): number {
    return this.number(element) ?? otherwise
  }

  /** IEEE 754, of 4 or 8 bytes (RFC 7011 sections 6.1.3 and 6.1.4). */
  float(element: number): number | null {
    const length = this.lengthOf(element)
    if (length === 8) return this.data.getFloat64(this.places[element])
    return length === 4 ? this.data.getFloat32(this.places[element]) : null
  }

  /** Null also where all of it is zero: exporters write that for "none". */
  address(ipv4: number, ipv6: number): string | null {
    if (this.lengthOf(ipv4) === 4 && !this.isZero(ipv4)) return ipv4TextAt(this.bytes, this.places[ipv4])
    if (this.lengthOf(ipv6) === 16 && !this.isZero(ipv6)) return ipv6TextAt(this.bytes, this.places[ipv6])
    return null
  }

  /** "aa:bb:cc:dd:ee:ff" of one station; null where it is a group's, zero or none. */
  mac(element: number): string | null {
    const at = this.places[element]
    if (this.lengthOf(element) !== 6 || this.isZero(element) || (this.bytes[at] & 1) !== 0) return null
    return Array.from(this.bytes.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':')
  }

  /**
   * Seconds since 1970 of an element in NTP's format (RFC 7011 sections 6.1.9 and 6.1.10). Some exporters write a plain
   * count of `unit`s since 1970 instead, which as NTP would be decades off: the one nearer to `near` is taken.
   */
  ntpTime(element: number, unit: number, near: number): number | null {
    if (this.lengthOf(element) !== 8) return null
    const at = this.places[element]
    const ntp = this.data.getUint32(at) - NTP_EPOCH + this.data.getUint32(at + 4) / 2 ** 32
    const plain = this.numberOr(element, 0) * unit
    return Math.abs(plain - near) < Math.abs(ntp - near) ? plain : ntp
  }

  private isZero(element: number): boolean {
    const at = this.places[element]
    for (let offset = 0; offset < this.lengths[element]; offset++) if (this.bytes[at + offset] !== 0) return false
    return true
  }
}
