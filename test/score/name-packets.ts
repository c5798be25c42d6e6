// The packets of a capture that carry names: what is cut out to see what is said without them.
import { type Frame, u16, u32 } from '../../capture/frame.ts'

const TCP = 6
const UDP = 17
const DNS = 53
const MDNS = 5353
const LLMNR = 5355
const SSDP = 1900
const DHCP = [67, 68, 546, 547]

/** TLS record types (RFC 8446, section 5.1) and the first byte of their versions; DTLS has 0xfe there (RFC 9147). */
const HANDSHAKE = 22
const APPLICATION_DATA = 23
const TLS_MAJOR = 3
const DTLS_MAJOR = 0xfe

/** A handshake is over after so many bytes of one flow at the latest. */
const LONGEST_HANDSHAKE = 65_536
/** Flows whose handshakes are followed at a time; beyond them the oldest is taken to be over. */
const MAX_FLOWS = 100_000

const HTTP = /^(GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|M-SEARCH|NOTIFY|SUBSCRIBE|DESCRIBE|ANNOUNCE) /
const HOST_HEADER = /\r\nhost: /i
/** STUN's magic cookie (RFC 8489, section 5). */
const STUN_COOKIE = 0x2112a442

export interface CutOptions {
  /** DHCP, mDNS, LLMNR and SSDP as well, in which devices announce themselves. */
  announcements?: boolean
}

/** Tells for the packets of one capture, in their order, which ones carry names. */
export class NamePackets {
  private readonly announcements: boolean
  /** Bytes of a TLS handshake seen so far, by flow. */
  private readonly handshakes = new Map<string, number>()

  constructor({ announcements = false }: CutOptions = {}) {
    this.announcements = announcements
  }

  carriesName(frame: Frame): boolean {
    if (frame.version === 0) return false
    const { sourcePort, destinationPort } = frame
    const has = (port: number): boolean => sourcePort === port || destinationPort === port
    if (has(DNS)) return true
    if (this.announcements && ([MDNS, LLMNR, SSDP].some(has) || DHCP.some(has))) return true
    if (frame.payloadEnd <= frame.payloadAt) return false
    const payload = frame.bytes.subarray(frame.payloadAt, frame.payloadEnd)
    if (frame.protocol === TCP) return this.isTls(frame, payload) || isHttp(payload) || isStun(payload)
    return frame.protocol === UDP && (isQuic(payload) || isDtls(payload) || isStun(payload))
  }

  /** Any packet of a TLS handshake, from the first record of it to the first one of application data. */
  private isTls(frame: Frame, payload: Uint8Array): boolean {
    const flow = flowOf(frame)
    const type = payload[0]
    const isRecord = payload.length >= 3 && payload[1] === TLS_MAJOR && payload[2] <= 4
    const before = this.handshakes.get(flow)
    if (isRecord && type === APPLICATION_DATA) {
      this.handshakes.delete(flow)
      return false
    }
    if (before === undefined && !(isRecord && type === HANDSHAKE)) return false
    const seen = (before ?? 0) + payload.length
    if (seen > LONGEST_HANDSHAKE) this.handshakes.delete(flow)
    else this.handshakes.set(flow, seen)
    const oldest = this.handshakes.size > MAX_FLOWS ? this.handshakes.keys().next().value : undefined
    if (oldest !== undefined) this.handshakes.delete(oldest)
    return true
  }
}

/** The same for both directions. */
function flowOf(frame: Frame): string {
  const { bytes, version, sourceAt, destinationAt, source, destination } = frame
  const ends =
    version === 4
      ? [`${source}:${frame.sourcePort}`, `${destination}:${frame.destinationPort}`]
      : [
          `${bytes.subarray(sourceAt, sourceAt + 16).join('.')}:${frame.sourcePort}`,
          `${bytes.subarray(destinationAt, destinationAt + 16).join('.')}:${frame.destinationPort}`,
        ]
  return ends.sort().join(' ')
}

function isHttp(payload: Uint8Array): boolean {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1')
  return HTTP.test(text) || HOST_HEADER.test(text)
}

/** Long headers of QUIC (RFC 9000, section 17.2) and hellos of Google's QUIC. */
function isQuic(payload: Uint8Array): boolean {
  if (payload.length < 5) return false
  const text = (): string => Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1')
  const version = u32(payload, 1)
  const isLong = (payload[0] & 0xc0) === 0xc0 && (version === 1 || version === 0x6b3343cf || version >>> 8 === 0xff0000)
  return isLong || /Q0\d\d|T05\d/.test(text().slice(0, 40)) || text().includes('CHLO') || text().includes('SHLO')
}

function isDtls(payload: Uint8Array): boolean {
  return payload.length >= 13 && payload[0] === HANDSHAKE && payload[1] === DTLS_MAJOR
}

function isStun(payload: Uint8Array): boolean {
  return payload.length >= 20 && (u16(payload, 0) & 0xc000) === 0 && u32(payload, 4) === STUN_COOKIE
}
