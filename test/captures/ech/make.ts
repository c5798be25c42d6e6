// A ClientHello that hides its destination behind another name (RFC 9849).
import { CAMERA, dnsAnswerA, dnsQuery, SERVER, tcpIn, tcpOut, tlsHello } from '../../server/engine/lab.ts'
import { captureOf } from '../capture-of.ts'

export function make(): Uint8Array {
  const hello = tcpOut(CAMERA, SERVER, { payload: tlsHello('front.example', { ech: true }) })
  const answer = tcpIn(CAMERA, SERVER, { payload: new Uint8Array(160) })
  return captureOf([dnsQuery(CAMERA, 'hidden.example'), dnsAnswerA(CAMERA, 'hidden.example', SERVER), hello, answer])
}
