// Admission of packets by their sender: who has a place in the tables, who gets one, and where the rest counts.
import { type Frame, i32, u16 } from '../../capture/frame.ts'
import { PROTOCOL_UDP } from '../../capture/decode.ts'
import { macHighOf, macLowOf } from '../../capture/wire/ndp.ts'
import { readDhcp } from '../../capture/wire/dhcp.ts'
import type { AddressTable } from './addresses.ts'
import { type HomeNetwork, Scope } from './home-network.ts'
import type { Held } from './held-packets.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { keyOfIpv4, keyOfIpv6, keyOfMac, Newcomers, Way } from './newcomers.ts'
import { NO_MAC, type Ownership } from './ownership.ts'

const DHCP_SERVER = 67
const NO_ADDRESS = -1

export interface AdmissionParts {
  home: HomeNetwork
  addresses: AddressTable
  ownership: Ownership
  limits: LimitCounter
  /** Processes a packet that had to wait. */
  process: (frame: Frame) => void
  countElsewhere: (held: Held) => void
}

export class Admission {
  readonly newcomers: Newcomers
  private readonly parts: AdmissionParts
  private second = Number.NaN
  /** Addresses at home that each MAC brought in. */
  private readonly homeAddresses = new Map<number, number>()
  /** On links whose packets do not say to which MAC they go: the sender's key by its address. */
  private readonly keyOfAddress = new Map<number, number>()

  constructor(parts: AdmissionParts) {
    this.parts = parts
    const { ownership, limits, process, countElsewhere } = parts
    this.newcomers = new Newcomers(limits, {
      admit: (key) => {
        if (key < 2 ** 48) ownership.addMac(Math.floor(key / 2 ** 32), (key % 2 ** 32) | 0)
      },
      process,
      countElsewhere,
    })
  }

  /** Time goes on. */
  advance(now: number): void {
    if (now === this.second) return
    this.second = now
    this.newcomers.advance(now)
    if (!this.newcomers.isHolding) this.keyOfAddress.clear()
  }

  /** Whether the packet of a sender that was not seen from its address may be processed now; it waits where not. */
  mayAppear(frame: Frame): boolean {
    const { ownership, addresses } = this.parts
    const { macHigh, macLow } = frame
    const mac = ownership.findMac(macHigh, macLow)
    if (mac < 0) return this.passMac(frame, macHigh, macLow)
    if (frame.version === 0 || this.sourceScope(frame) !== Scope.Home) return true
    const known =
      frame.version === 4 ? addresses.findIpv4(frame.source) : addresses.findIpv6(frame.bytes, frame.sourceAt)
    if (known >= 0 || this.mayBringHomeAddress(mac)) return true
    return this.newcomers.pass(sourceKey(frame), frame, this.numbersOf(frame))
  }

  /** A device has few addresses of its own; those behind a router are devices. */
  private mayBringHomeAddress(mac: number): boolean {
    if (mac === NO_MAC || this.parts.ownership.isRouter(mac)) return false
    const brought = this.homeAddresses.get(mac) ?? 0
    if (brought >= LIMITS.homeAddressesPerMac) {
      this.parts.limits.add('homeAddressesPerMac')
      return false
    }
    this.homeAddresses.set(mac, brought + 1)
    return true
  }

  /** Whether the frame's destination at home, which nobody has sent from, may have a place. */
  mayDestinationBeNamed(frame: Frame): boolean {
    return this.newcomers.passClaim(destinationKey(frame))
  }

  /** A packet to somebody who waits is an answer, if it is from somebody who does not. */
  observeAnswer(frame: Frame): void {
    if (frame.version === 0 || this.parts.ownership.findMac(frame.macHigh, frame.macLow) < 0) return
    const { newcomers } = this
    const { bytes, receiverAt } = frame
    if (receiverAt >= 0) {
      if (!frame.toGroup) newcomers.answered(keyOfMac(u16(bytes, receiverAt), i32(bytes, receiverAt + 2)))
    } else {
      const owner = this.keyOfAddress.get(destinationKey(frame))
      if (owner !== undefined) newcomers.answered(owner)
    }
    newcomers.answered(destinationKey(frame))
    if (frame.protocol === PROTOCOL_UDP && frame.sourcePort === DHCP_SERVER) this.observeDhcpAnswer(frame)
  }

  private observeDhcpAnswer(frame: Frame): void {
    const message = readDhcp(frame.bytes, frame.payloadAt, frame.payloadEnd)
    if (message?.isReply !== true || message.clientMac === null) return
    this.newcomers.answered(keyOfMac(macHighOf(message.clientMac, 0), macLowOf(message.clientMac, 0)))
  }

  private passMac(frame: Frame, high: number, low: number): boolean {
    const key = keyOfMac(high, low)
    if (this.newcomers.pass(key, frame, this.numbersOf(frame))) {
      this.parts.ownership.addMac(high, low)
      return true
    }
    if (frame.receiverAt < 0 && frame.version !== 0 && this.keyOfAddress.size < LIMITS.heldPackets)
      this.keyOfAddress.set(sourceKey(frame), key)
    return false
  }

  private numbersOf(frame: Frame): Omit<Held, 'time'> {
    if (frame.version === 0) return { bytes: 0, way: Way.None, peer: NO_ADDRESS }
    const { addresses } = this.parts
    const peer =
      frame.version === 4 ? addresses.findIpv4(frame.destination) : addresses.findIpv6(frame.bytes, frame.destinationAt)
    const to = peer >= 0 ? addresses.scope(peer) : this.destinationScope(frame)
    const from = this.sourceScope(frame)
    const isOutside = from === Scope.Internet
    const way =
      to === Scope.Internet
        ? isOutside
          ? Way.Transit
          : Way.Out
        : !isOutside
          ? Way.Local
          : to === Scope.Home
            ? Way.In
            : to === Scope.Group
              ? Way.ToGroup
              : Way.Transit
    return { bytes: frame.ipBytes, way, peer: to === Scope.Home ? peer : NO_ADDRESS }
  }

  private sourceScope(frame: Frame): number {
    const { home } = this.parts
    return frame.version === 4 ? home.scopeOfIpv4(frame.source) : home.scopeOfIpv6(...wordsAt(frame, frame.sourceAt))
  }

  private destinationScope(frame: Frame): number {
    const { home } = this.parts
    return frame.version === 4
      ? home.scopeOfIpv4(frame.destination)
      : home.scopeOfIpv6(...wordsAt(frame, frame.destinationAt))
  }
}

function sourceKey(frame: Frame): number {
  return frame.version === 4 ? keyOfIpv4(frame.source) : keyOfIpv6(...wordsAt(frame, frame.sourceAt))
}

function destinationKey(frame: Frame): number {
  return frame.version === 4 ? keyOfIpv4(frame.destination) : keyOfIpv6(...wordsAt(frame, frame.destinationAt))
}

function wordsAt({ bytes }: Frame, at: number): [number, number, number, number] {
  return [i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12)]
}
