// A router that passes on two devices' packets and sends one of its own.
import { arpFrom, ROUTER, SERVER, udpIn, udpOut } from '../../server/engine/lab.ts'
import { captureOf } from '../capture-of.ts'

export function make(): Uint8Array {
  const behind = (address: string): Uint8Array =>
    udpOut({ mac: ROUTER.mac, address }, SERVER, { payload: new Uint8Array(72) })
  const answer = udpIn({ mac: '02:00:00:00:00:02', address: '192.168.1.50' }, SERVER, { payload: new Uint8Array(172) })
  return captureOf([arpFrom(ROUTER), behind('192.168.1.50'), answer, behind('192.168.1.51'), behind(ROUTER.address)])
}
