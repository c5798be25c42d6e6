// QUIC Initials of a client for the tests, and the result of reading them.
import { QuicInitialFlow } from '../../support/wire/quic-initial.ts'
import {
  QUIC_VERSION_1,
  buildQuicInitial,
  type QuicInitialOptions,
} from '../../../server/sample/packets/quic-builder.ts'
import { buildClientHello } from '../../../server/sample/packets/tls-hello-builder.ts'
import { serverNameOf } from '../../support/read-hello.ts'

export function hex(...lines: string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(lines.join(''), 'hex'))
}

export const random = Uint8Array.from({ length: 32 }, (_, index) => 200 - index)
export const shortHello = buildClientHello({
  serverName: 'speaker.vendor.example',
  alpn: ['h3'],
  sessionIdBytes: 0,
  random,
})
export const longHello = buildClientHello({
  serverName: 'camera.vendor.example',
  alpn: ['h3'],
  keyShareBytes: 1216,
  sessionIdBytes: 0,
  random,
})
export const clientId = hex('8394c8f03e515708')
export const serverId = hex('f067a5502a4262b5')
export const otherId = hex('0102030405060708090a0b0c0d0e0f1011121314')

export function initial(frames: Uint8Array, packetNumber = 0, more: Partial<QuicInitialOptions> = {}): Uint8Array {
  return buildQuicInitial({
    version: QUIC_VERSION_1,
    destinationConnectionId: clientId,
    sourceConnectionId: hex('c1'),
    packetNumber,
    frames,
    minLength: 1200,
    ...more,
  })
}

export function pushed(flow: QuicInitialFlow, ...datagrams: Uint8Array[]): number[] {
  return datagrams.map((datagram) => flow.push(datagram, 0, datagram.length))
}

/** What a fresh flow makes of the datagrams, and the name it found. */
export function outcome(...datagrams: Uint8Array[]): { results: number[]; name: string | null } {
  const flow = new QuicInitialFlow()
  return { results: pushed(flow, ...datagrams), name: serverNameOf(flow.hello) }
}

/** CRYPTO frame payload of RFC 9001 A.2 and RFC 9369 A.2, before its padding to 1162 bytes. */
export const rfcCryptoFrame = hex(
  '060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868',
  '04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578',
  '616d706c652e636f6dff01000100000a00080006001d00170018001000070005',
  '04616c706e000500050100000000003300260024001d00209370b2c9caa47fba',
  'baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400',
  '0d0010000e0403050306030203080408050806002d00020101001c0002400100',
  '3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000',
  '75300901100f088394c8f03e51570806048000ffff',
)
