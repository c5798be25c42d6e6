// An address that moves from one device to another in the middle of a flow; ARP says when.
import { arpFrom, CAMERA, PHONE, SERVER, udpIn, udpOut } from '../../server/engine/lab.ts'
import { captureOf } from '../capture-of.ts'

export function make(): Uint8Array {
  const moved = { mac: PHONE.mac, address: CAMERA.address }
  const down = (to: typeof CAMERA): Uint8Array => udpIn(to, SERVER, { payload: new Uint8Array(172) })
  const up = (from: typeof CAMERA): Uint8Array => udpOut(from, SERVER, { payload: new Uint8Array(72) })
  return captureOf([arpFrom(CAMERA), up(CAMERA), down(CAMERA), up(CAMERA), arpFrom(moved), up(moved), down(moved)])
}
