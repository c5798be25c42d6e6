// PPPoE session frames, as DSL modems send them: where the network layer starts.
import { LAYER_PPPOE } from '../constants'
import { frame, stopAt } from '../frame'
import { decodePppProtocol } from './ppp'

/** RFC 2516 section 4: version and type, code, session, length; then the PPP protocol (RFC 1661 section 2). */
const HEADER_LENGTH: i32 = 6
const PROTOCOL_LENGTH: i32 = 2

export function decodePppoe(at: usize): void {
  const need = HEADER_LENGTH + PROTOCOL_LENGTH
  const have = <i32>(frame.end - at)
  if (have < need) return stopAt(LAYER_PPPOE, at, need, have)
  decodePppProtocol(at + HEADER_LENGTH)
}
