// A name that leads to an address by way of two others, listed in the wrong order.
import { CAMERA, dnsAnswer, dnsQuery, SERVER, udpIn, udpOut } from '../../server/engine/lab.ts'
import { captureOf } from '../capture-of.ts'

export function make(): Uint8Array {
  const answer = dnsAnswer(CAMERA, 'WWW.Shop.example', [
    { name: 'e1.edge.example', type: 'A', ttl: 60, data: SERVER },
    { name: 'shop.cdn.example', type: 'CNAME', ttl: 60, data: 'e1.edge.example' },
    { name: 'www.shop.example', type: 'CNAME', ttl: 60, data: 'Shop.CDN.example' },
  ])
  const up = udpOut(CAMERA, SERVER, { destinationPort: 9000, payload: new Uint8Array(72) })
  const down = udpIn(CAMERA, SERVER, { sourcePort: 9000, payload: new Uint8Array(172) })
  return captureOf([dnsQuery(CAMERA, 'www.shop.example'), answer, up, down])
}
