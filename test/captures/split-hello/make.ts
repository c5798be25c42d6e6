// A ClientHello in three segments that arrive last, first, middle; the connection began before the capture.
import { CAMERA, SERVER, tcpOut, tlsHello } from '../../server/engine/lab.ts'
import { captureOf } from '../capture-of.ts'

export function make(): Uint8Array {
  const hello = tlsHello('api.example.com', { keyShareBytes: 1216 })
  const piece = (at: number, end: number): Uint8Array =>
    tcpOut(CAMERA, SERVER, { sequence: (0xfffffff0 + at) >>> 0, payload: hello.subarray(at, end) })
  return captureOf([piece(900, hello.length), piece(0, 300), piece(300, 900)])
}
