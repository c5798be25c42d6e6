// TLS between a sensor and the Telltale that it captures for: version 1.3 with one key that both have (PSK) and a new
// Diffie-Hellman key for each connection, so that neither needs a certificate (RFC 8446 section 2.2).
import { timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { connect, type ConnectionOptions, createServer, type Server, type TLSSocket } from 'node:tls'

const IDENTITY = 'telltale'
/** OpenSSL takes such keys with SHA-256 alone. */
const CIPHERS = 'TLS_AES_128_GCM_SHA256'
const VERSION = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: CIPHERS } as const
export const HANDSHAKE_MS = 3_000

/** Calls `onOpen` once the other side has shown that it has the key; else the socket ends with an error. */
export function connectToSensor(place: { address: string; port: number }, key: Buffer, onOpen: () => void): TLSSocket {
  const options: ConnectionOptions = {
    ...VERSION,
    host: place.address,
    port: place.port,
    pskCallback: () => ({ psk: key, identity: IDENTITY }),
    // Who offers a certificate instead does not have the key.
    ca: [],
    checkServerIdentity: () => new Error('a certificate in place of the key'),
  }
  const socket = connect(options, () => {
    if (!isByKey(socket)) return void socket.destroy(new Error('a certificate in place of the key'))
    socket.setTimeout(0)
    onOpen()
  })
  socket.setNoDelay(true)
  // From the first packet to the end of the handshake; a machine that is off does not even refuse.
  socket.setTimeout(HANDSHAKE_MS, () => socket.destroy(timeout()))
  return socket
}

/** A key was used, not a certificate: OpenSSL tells of one as of a session that is resumed. */
function isByKey(socket: TLSSocket): boolean {
  return socket.getProtocol() === 'TLSv1.3' && socket.isSessionReused()
}

function timeout(): NodeJS.ErrnoException {
  return Object.assign(new Error('it does not answer'), { code: 'ETIMEDOUT' })
}

/** Takes over connections that are handed to it, of whoever has the key. */
export function sensorTlsServer(key: Buffer, onOpen: (socket: TLSSocket) => void): Server {
  const name = Buffer.from(IDENTITY)
  return createServer(
    {
      ...VERSION,
      handshakeTimeout: HANDSHAKE_MS,
      pskCallback: (_socket: unknown, identity: string) => {
        const given = Buffer.from(identity)
        return given.length === name.length && timingSafeEqual(given, name) ? key : null
      },
    },
    (socket) => {
      // Without a certificate of its own the server knows no other way; it stays so if one is ever added.
      if (isByKey(socket)) onOpen(socket)
      else socket.destroy()
    },
  )
}

/** Without zone; an IPv4-mapped address as IPv4. */
export function plainAddress(address: string): string {
  const text = address.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1]
  return mapped ?? text
}

export function ownEnd(socket: Socket): { address: string; port: number }[] {
  const { localAddress, localPort } = socket
  return localAddress === undefined || localPort === undefined
    ? []
    : [{ address: plainAddress(localAddress), port: localPort }]
}
