// A global IPv6 prefix that the router advertises only after a device used it.
import { CAMERA, ROUTER, udpIn, udpOut } from '../../server/engine/lab.ts'
import { ethernet, ETHERTYPE } from '../../../server/sample/packets/packet-builder.ts'
import { captureOf } from '../capture-of.ts'
import { multicastMac } from '../../../server/sample/packets/addresses.ts'
import { routerAdvertisement } from '../../../server/sample/packets/ndp-builder.ts'

export function make(): Uint8Array {
  const camera = { mac: CAMERA.mac, address: '2001:db8:1:1::a' }
  const server = '2001:db8:ffff::5'
  const advertisement = routerAdvertisement({
    source: 'fe80::1',
    destination: 'ff02::1',
    mac: ROUTER.mac,
    prefix: '2001:db8:1:1::',
  })
  const up = udpOut(camera, server, { payload: new Uint8Array(52) })
  const down = udpIn(camera, server, { payload: new Uint8Array(152) })
  return captureOf([up, down, ethernet(ROUTER.mac, multicastMac('ff02::1'), ETHERTYPE.ipv6, advertisement), up])
}
