// Encrypted payloads as they look to anyone without the keys: TLS records and QUIC packets of noise.
import { seededRandom, type Random } from './random.ts'
import { u16, concat } from './bytes.ts'

/** What encrypted payload looks like to anyone: one pool, read from different places. */
const POOL = seededRandom(0x7e11).bytes(1 << 20)
const TLS_APPLICATION_DATA = Uint8Array.of(23, 3, 3)

export function noise(random: Random, length: number): Uint8Array {
  const at = random.integer(0, POOL.length - length)
  return POOL.subarray(at, at + length)
}

/** One TLS record of application data that fills the payload, RFC 8446, section 5.2. */
export function tlsRecord(random: Random, payloadLength: number): Uint8Array {
  return concat(TLS_APPLICATION_DATA, u16(payloadLength - 5), noise(random, payloadLength - 5))
}

/** A QUIC short header packet, RFC 9000, section 17.3: fixed bit, then the peer's connection id, then noise. */
export function quicShort(random: Random, connectionId: Uint8Array, length: number): Uint8Array {
  return concat(
    Uint8Array.of(0x40 | random.integer(0, 0x3f)),
    connectionId,
    noise(random, Math.max(20, length - 1 - connectionId.length)),
  )
}
