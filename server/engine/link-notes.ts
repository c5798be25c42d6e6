// Sentences on a capture's link layers: tunnels that were looked into, encrypted Wi-Fi, raw IP where Ethernet was said.
import {
  NOTE_RAW_IP,
  NOTE_UNREAD_INSIDE,
  NOTE_WIFI,
  NOTE_WIFI_DAMAGED,
  NOTE_WIFI_ENCRYPTED,
  TUNNEL_ERSPAN,
  TUNNEL_GENEVE,
  TUNNEL_GRE,
  TUNNEL_TZSP,
  TUNNEL_VXLAN,
} from '../../capture/core/constants.ts'
import { describeLinkType } from '../../capture/formats/link-types.ts'
import { ipv4Text, ipv6TextAt } from '../../capture/ip-address.ts'
import type { PacketCore } from '../../capture/packet-core.ts'

const TUNNEL_NAMES: readonly [tunnel: number, name: string][] = [
  [TUNNEL_TZSP, 'TZSP'],
  [TUNNEL_VXLAN, 'VXLAN'],
  [TUNNEL_GENEVE, 'Geneve'],
  [TUNNEL_GRE, 'GRE'],
  [TUNNEL_ERSPAN, 'ERSPAN'],
]

/** How the packets were read, where that is not as the file or the interface says. Each is one sentence. */
export function linkNotices(core: PacketCore): string[] {
  const notices = TUNNEL_NAMES.flatMap(([tunnel, name]) => tunnelNotice(core, tunnel, name))
  const raw = core.exports.noted(NOTE_RAW_IP)
  if (raw > 0)
    notices.push(
      `${count(raw)} ${be(raw)} raw IP under the link type of Ethernet, as phones and mobile adapters record: ` +
        'devices are told apart by their IP address',
    )
  return notices
}

/** What could not be read. `packets`: all packets of the capture. Each is one sentence. */
export function linkProblems(core: PacketCore, packets: number): string[] {
  const { noted, unreadLinkInside } = core.exports
  const problems: string[] = []
  const encrypted = noted(NOTE_WIFI_ENCRYPTED)
  if (encrypted > 0)
    problems.push(
      `${encrypted} of ${count(packets)} ${be(encrypted)} encrypted Wi-Fi frames, whose content cannot be read: ` +
        'record on the router or an access point instead',
    )
  else if (noted(NOTE_WIFI) > 0 && core.exports.ipPackets.value === 0)
    problems.push('none of its Wi-Fi frames carries IP: management and control frames say nothing of traffic')
  const damaged = noted(NOTE_WIFI_DAMAGED)
  if (damaged > 0) problems.push(`${count(damaged)} with a wrong Wi-Fi checksum ${be(damaged)} left out`)
  const unread = noted(NOTE_UNREAD_INSIDE)
  const inside = unreadLinkInside()
  if (unread > 0)
    problems.push(
      `${count(unread)} behind a header of the capture program ${be(unread)} of ` +
        `${inside < 0 ? 'an unknown link type' : describeLinkType(inside)}: counted but not read`,
    )
  return problems
}

/** "412 packets are in TZSP from 192.168.88.1: what is inside is counted in their place". */
function tunnelNotice(core: PacketCore, tunnel: number, name: string): string[] {
  const packets = core.exports.tunnelPackets(tunnel)
  if (packets === 0) return []
  const at = core.exports.tunnelSender(tunnel)
  const version = core.integers[at >> 2]
  const sender = version === 6 ? ipv6TextAt(core.bytes, at + 4) : ipv4Text(addressAt(core.bytes, at + 4))
  return [`${count(packets)} ${be(packets)} in ${name} from ${sender}: what is inside is counted in their place`]
}

function addressAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

function count(packets: number): string {
  return packets === 1 ? '1 packet' : `${packets} packets`
}

function be(packets: number): string {
  return packets === 1 ? 'is' : 'are'
}
