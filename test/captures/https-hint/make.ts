// An address that only the hints of an HTTPS record name (RFC 9460 section 7.3).
import { CAMERA, dnsAnswer, dnsQuery, SERVER, udpOut } from '../../server/engine/lab.ts'
import { captureOf } from '../capture-of.ts'
import { httpsRecord, HTTPS_TYPE } from '../../../server/sample/packets/dns-builder.ts'

export function make(): Uint8Array {
  const answer = dnsAnswer(
    CAMERA,
    'shop.example',
    [httpsRecord('shop.example', 1, '', { alpn: ['h3'], ipv4Hints: [SERVER] })],
    HTTPS_TYPE,
  )
  return captureOf([
    dnsQuery(CAMERA, 'shop.example', HTTPS_TYPE),
    answer,
    udpOut(CAMERA, SERVER, { destinationPort: 9000, payload: new Uint8Array(72) }),
  ])
}
