// PPPoE session frames, as DSL modems send them: where the network layer starts.
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, LAYER_PPPOE } from '../constants'
import { frame, stopAt } from '../frame'
import { u16At } from '../memory'

/** RFC 2516 section 4: version and type, code, session, length; then the PPP protocol (RFC 1661 section 2). */
const HEADER_LENGTH: i32 = 6
const PROTOCOL_LENGTH: i32 = 2
const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057

export function decodePppoe(at: usize): void {
  const need = HEADER_LENGTH + PROTOCOL_LENGTH
  const have = <i32>(frame.end - at)
  if (have < need) return stopAt(LAYER_PPPOE, at, need, have)
  const protocol = u16At(at + HEADER_LENGTH)
  if (protocol != PPP_IPV4 && protocol != PPP_IPV6) return
  frame.etherType = protocol == PPP_IPV4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6
  frame.networkAt = at + need
}
