// TLS ClientHellos in bytes outside of the packet core, read by capture/core/tls-hello.ts.
import { MAX_HELLO_BYTES } from '../../../capture/core/limits.ts'
import { PlacedBytes } from './placed-bytes.ts'

export { MAX_HELLO_BYTES }

/** The bytes given are the beginning of what may be a hello; try again with more of the stream. */
export const NEED_MORE = 0
/** The bytes given are no ClientHello, whatever follows. */
export const NOT_HELLO = -1

const MAX_ALPN_PROTOCOLS = 64
const NO_BYTES = new Uint8Array(0)

const placed = new PlacedBytes()

/**
 * Reads a ClientHello handshake message without record layer (RFC 8446 4.1.2), as a QUIC CRYPTO stream carries it.
 *
 * Returns its length (> 0), NEED_MORE for the beginning of one (from 0 bytes on), NOT_HELLO as soon as it cannot be
 * one. After NEED_MORE `out` holds what the extensions so far gave: enough for a name out of a cut capture, but then
 * nobody knows whether encrypted_client_hello was among those missing. Offsets are inside `bytes`. Never throws.
 */
export function readClientHello(bytes: Uint8Array, at: number, end: number, out: ClientHello): number {
  const ahead = placed.place(bytes, at, end)
  return keep(placed.core.exports.readClientHelloMessage(at + ahead, end + ahead), bytes, ahead, out)
}

/**
 * Reads a ClientHello from the beginning of a TLS stream: records of type handshake (RFC 8446 5.1), one or several.
 *
 * Returns the bytes of stream used (> 0), NEED_MORE or NOT_HELLO, as readClientHello does. A hello inside one record
 * is read in place; one that spans records is joined in `out`'s own memory: offsets refer to `out.bytes` either way.
 * An SSL 2 compatible hello is NOT_HELLO: it has no room for a name. Never throws.
 */
export function readClientHelloRecords(bytes: Uint8Array, at: number, end: number, out: ClientHello): number {
  const ahead = placed.place(bytes, at, end)
  return keep(placed.core.exports.readClientHelloRecords(at + ahead, end + ahead), bytes, ahead, out)
}

function keep(result: number, bytes: Uint8Array, ahead: number, out: ClientHello): number {
  const { exports } = placed.core
  out.clear()
  if (result === NOT_HELLO) return result
  out.bytes = bytes
  if (exports.isHelloJoined.value !== 0) {
    ahead = exports.helloScratch.value
    out.scratch = placed.core.bytes.slice(ahead, ahead + exports.helloScratchBytes.value)
    out.bytes = out.scratch
  }
  if (exports.serverNameAt.value !== 0) {
    out.serverNameAt = exports.serverNameAt.value - ahead
    out.serverNameEnd = exports.serverNameEnd.value - ahead
  }
  if (exports.alpnAt.value !== 0) {
    out.alpnAt = exports.alpnAt.value - ahead
    out.alpnEnd = exports.alpnEnd.value - ahead
  }
  out.encryptedClientHello = exports.hasEncryptedHello.value !== 0
  return result
}

/** What the last hello read into it offers. Reused: one for a whole capture is enough. */
export class ClientHello {
  /** The bytes that the offsets refer to: those given, or this object's own when a hello spanned TLS records. */
  bytes: Uint8Array = NO_BYTES
  /**
   * Offsets of the host_name of server_name (RFC 6066 3), -1 when absent or empty. May spell an IP address. Hostile
   * text.
   */
  serverNameAt = -1
  serverNameEnd = -1
  /** Offsets of the protocol names of ALPN, each after its one-byte length (RFC 7301 3.1), -1 when absent. */
  alpnAt = -1
  alpnEnd = -1
  /**
   * An encrypted_client_hello of type outer (RFC 9849) or its forerunner encrypted_server_name is present. The server
   * name is then the name of the fronting service, or the real one: clients without the server's key send the
   * extension with random content (GREASE, RFC 9849 6.2), made to be indistinguishable.
   */
  encryptedClientHello = false
  /** The fragments joined, as the core holds them: MAX_HELLO_BYTES at most. */
  scratch: Uint8Array = NO_BYTES

  clear(): void {
    this.bytes = NO_BYTES
    this.serverNameAt = -1
    this.serverNameEnd = -1
    this.alpnAt = -1
    this.alpnEnd = -1
    this.encryptedClientHello = false
  }

  /** The protocol names offered, at most 64, byte for letter (latin1). For cold use: it makes strings. */
  alpnProtocols(): string[] {
    const names: string[] = []
    let at = this.alpnAt
    while (at >= 0 && at < this.alpnEnd && names.length < MAX_ALPN_PROTOCOLS) {
      const nameEnd = at + 1 + this.bytes[at]
      if (nameEnd > this.alpnEnd) break
      names.push(latin1(this.bytes, at + 1, nameEnd))
      at = nameEnd
    }
    return names
  }
}

function latin1(bytes: Uint8Array, at: number, end: number): string {
  let text = ''
  for (let index = at; index < end; index++) text += String.fromCharCode(bytes[index])
  return text
}
