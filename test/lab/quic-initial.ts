// The first QUIC packet of a phone, built without a QUIC client: a real Initial with a real hello in it.
import { randomBytes } from 'node:crypto'
import { buildQuicInitial, cryptoFrame, QUIC_VERSION_1 } from '../../server/sample/packets/quic-builder.ts'
import { buildClientHello } from '../../server/sample/packets/tls-hello-builder.ts'

/** A client's first datagram fills 1200 bytes, RFC 9000 section 14.1. */
const SHORTEST = 1200

export function quicInitial(serverName: string): Uint8Array {
  return buildQuicInitial({
    version: QUIC_VERSION_1,
    destinationConnectionId: randomBytes(8),
    sourceConnectionId: randomBytes(8),
    packetNumber: 0,
    minLength: SHORTEST,
    frames: cryptoFrame(
      0,
      buildClientHello({
        serverName,
        alpn: ['h3'],
        random: randomBytes(32),
        quicTransportParameters: new Uint8Array(0),
      }),
    ),
  })
}
