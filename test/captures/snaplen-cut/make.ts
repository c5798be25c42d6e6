// A capture that kept 140 bytes of each packet.
import { CAMERA, SERVER, tcpIn, tcpOut, tlsHello } from '../../server/engine/lab.ts'
import { captureOf } from '../capture-of.ts'

export function make(): Uint8Array {
  const hello = tcpOut(CAMERA, SERVER, {
    payload: tlsHello('api.example.com', { sessionIdBytes: 0, keyShareBytes: 1216 }),
  })
  const data = tcpIn(CAMERA, SERVER, { payload: new Uint8Array(1460) })
  return captureOf([hello, data, data], 140)
}
