// A conversation of two ends over TCP or UDP, packet by packet, in both directions.
import { TCP_FLAG, tcpFrame, udpFrame } from '../../../server/sample/packets/packet-builder.ts'
import type { Random } from '../../../server/sample/packets/random.ts'
import type { FlowFact, Talk, TcpTalk } from '../../../server/sample/packets/talk.ts'
import type { Device, Party } from './home.ts'
import type { Wire } from './wire.ts'
import { hex, concat } from '../../../server/sample/packets/bytes.ts'
import { ipText } from '../../../server/sample/packets/addresses.ts'

export type End = { party: Party; address: Uint8Array; port: number }

const none = new Uint8Array(0)
/** Maximum segment size 1,400; selective acknowledgement; window scale 7. */
const SYN_OPTIONS = concat(hex('02 04 05 78'), hex('04 02'), hex('01 03 03 07'))

/** Sequence numbers grow with what each side sends; every segment acknowledges all that the other has sent. */
export function tcpTalk(wire: Wire, random: Random, device: End, remote: End, fact: FlowFact): TcpTalk {
  const sequence = { sent: random.integer(0, 0xffffffff), received: random.integer(0, 0xffffffff) }
  const last: Record<'sent' | 'received', Uint8Array> = { sent: none, received: none }
  const frame = (direction: 'sent' | 'received', payload: Uint8Array, flags: number): Uint8Array => {
    const [from, to] = direction === 'sent' ? [device, remote] : [remote, device]
    const other = direction === 'sent' ? 'received' : 'sent'
    const acknowledges = (flags & TCP_FLAG.ack) !== 0
    const made = tcpFrame({
      ...ends(from, to),
      sequence: sequence[direction],
      acknowledgement: acknowledges ? sequence[other] : 0,
      flags,
      payload,
      options: flags & TCP_FLAG.syn ? SYN_OPTIONS : none,
      identification: sequence[direction] & 0xffff,
    })
    const counted = payload.length + (flags & (TCP_FLAG.syn | TCP_FLAG.fin) ? 1 : 0)
    sequence[direction] = (sequence[direction] + counted) >>> 0
    last[direction] = made
    return made
  }
  const deliver = (direction: 'sent' | 'received', made: Uint8Array): void =>
    put(wire, device, remote, fact, direction, made)
  const flagsFor = (payload: Uint8Array, flags?: number): number =>
    flags ?? (payload.length > 0 ? TCP_FLAG.ack | TCP_FLAG.psh : TCP_FLAG.ack)
  return {
    random,
    fact,
    send: (payload, flags) => deliver('sent', frame('sent', payload, flagsFor(payload, flags))),
    receive: (payload, flags) => deliver('received', frame('received', payload, flagsFor(payload, flags))),
    hold: (payload) => {
      const made = frame('sent', payload, flagsFor(payload))
      return () => deliver('sent', made)
    },
    repeat: (direction) => deliver(direction, last[direction]),
  }
}

export function udpTalk(wire: Wire, random: Random, device: End, remote: End, fact: FlowFact): Talk {
  let identification = random.integer(0, 0xffff)
  const transfer = (direction: 'sent' | 'received', payload: Uint8Array): void => {
    const [from, to] = direction === 'sent' ? [device, remote] : [remote, device]
    identification = (identification + 1) & 0xffff
    put(wire, device, remote, fact, direction, udpFrame({ ...ends(from, to), payload, identification }))
  }
  return {
    random,
    fact,
    send: (payload) => transfer('sent', payload),
    receive: (payload) => transfer('received', payload),
  }
}

export function newFact(
  device: Device,
  application: string,
  protocol: 'tcp' | 'udp',
  local: End,
  remote: End,
): FlowFact {
  return {
    device: device.name,
    application,
    protocol,
    localAddress: ipText(local.address),
    localPort: local.port,
    remoteAddress: ipText(remote.address),
    remotePort: remote.port,
    lookedUp: null,
    serverName: null,
    sent: 0,
    received: 0,
  }
}

function ends(from: End, to: End) {
  return {
    sourceMac: from.party.mac,
    destinationMac: to.party.mac,
    source: from.address,
    destination: to.address,
    sourcePort: from.port,
    destinationPort: to.port,
  }
}

function put(
  wire: Wire,
  device: End,
  remote: End,
  fact: FlowFact,
  direction: 'sent' | 'received',
  frame: Uint8Array,
): void {
  fact[direction] += frame.length - 14
  if (direction === 'sent') wire.ip(device.party, remote.party, frame)
  else wire.ip(remote.party, device.party, frame)
}
