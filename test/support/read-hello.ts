// The content of a TLS hello as text.
import type { ClientHello } from './wire/tls-hello.ts'

/** The server name as it was sent, byte for letter (latin1), or null. */
export function serverNameOf({ bytes, serverNameAt, serverNameEnd }: ClientHello): string | null {
  return serverNameAt < 0 ? null : Buffer.from(bytes.subarray(serverNameAt, serverNameEnd)).toString('latin1')
}
