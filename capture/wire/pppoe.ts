// PPPoE session frames, as DSL modems send them: where the network layer starts.
import { type Frame, u16 } from '../frame.ts'

/** RFC 2516 section 4: version and type, code, session, length; then the PPP protocol (RFC 1661 section 2). */
const HEADER_LENGTH = 6
const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057

export function decodePppoe(frame: Frame, at: number): void {
  const { bytes, end } = frame
  const need = HEADER_LENGTH + 2
  if (end - at < need) return frame.stop('pppoe', at, need, end - at)
  const protocol = u16(bytes, at + HEADER_LENGTH)
  if (protocol !== PPP_IPV4 && protocol !== PPP_IPV6) return
  frame.etherType = protocol === PPP_IPV4 ? 0x0800 : 0x86dd
  frame.networkAt = at + need
}
