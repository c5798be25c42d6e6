// DTLS records of handshake messages. Written from RFC 6347 on its own.
import { concat, hex, u16, u8 } from '../../server/sample/packets/bytes.ts'
import {
  buildClientHello,
  type ClientHelloOptions,
  uint,
  vector,
} from '../../server/sample/packets/tls-hello-builder.ts'

const SESSION_ID_AT = 4 + 2 + 32

/** The ClientHello as DTLS has it: another version, and a cookie behind the session id (RFC 6347 4.2.1). */
export function dtlsClientHello(
  serverName: string,
  cookie: Uint8Array = hex(''),
  more: Partial<ClientHelloOptions> = {},
): Uint8Array {
  const hello = buildClientHello({ random: new Uint8Array(32).fill(7), serverName, sessionIdBytes: 0, ...more })
  const sessionIdEnd = SESSION_ID_AT + 1 + hello[SESSION_ID_AT]
  const body = concat(hex('fefd'), hello.subarray(6, sessionIdEnd), vector(1, cookie), hello.subarray(sessionIdEnd))
  return concat(u8(1), vector(3, body))
}

/** The handshake message (type, 24-bit length, body) in records, in pieces of at most `maxFragment` bytes. */
export function wrapDtls(message: Uint8Array, maxFragment = 16_000, epoch = 0): Uint8Array[] {
  const body = message.subarray(4)
  const records: Uint8Array[] = []
  for (let at = 0; at < body.length; at += maxFragment) {
    const piece = body.subarray(at, at + maxFragment)
    const fragment = concat(message.subarray(0, 4), u16(0), uint(at, 3), uint(piece.length, 3), piece)
    records.push(concat(hex('16 fefd'), u16(epoch), hex('000000000000'), u16(fragment.length), fragment))
  }
  return records
}
