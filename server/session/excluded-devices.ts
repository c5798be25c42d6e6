// Devices whose packets are excluded: paused ones, and those that the owner had forgotten and ignored.
import { createHash } from 'node:crypto'
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { Frame } from '../../capture/frame.ts'
import { ETHER_TYPE_ARP } from '../../capture/core/constants.ts'
import { i32, u16 } from '../../capture/frame.ts'
import { ipv4Text, ipv6TextAt } from '../../capture/ip-address.ts'
import { macText } from '../../capture/mac-address.ts'
import type { Policy } from '../model/policy.ts'

/** Verdicts remembered; beyond that they are computed again. */
const MAX_VERDICTS = 16_384

/** The salted hash under which an ignored device is kept: its id itself is in no file. */
export function hashOfId(salt: string, id: string): string {
  return createHash('sha256').update(`${salt}\n${id}`).digest('hex')
}

/** Judges packets by the MACs of both ends, and by the addresses that devices without a MAC are known by. */
export class ExcludedDevices {
  private paused = new Set<string>()
  private hashes = new Set<string>()
  private salt = ''
  private readonly byMac = new BoundedMap<number, boolean>('verdicts on MAC addresses', MAX_VERDICTS)
  private readonly byAddress = new BoundedMap<string, boolean>('verdicts on IP addresses', MAX_VERDICTS)

  constructor(policy: Policy) {
    this.setPolicy(policy)
  }

  setPolicy({ levels, ignored }: Policy): void {
    this.paused = new Set(
      Object.entries(levels)
        .filter(([, level]) => level === 'paused')
        .map(([id]) => id),
    )
    this.hashes = new Set(ignored.hashes)
    this.salt = ignored.salt
    this.byMac.clear()
    this.byAddress.clear()
  }

  /** Whether any device is excluded. */
  get hasAny(): boolean {
    return this.paused.size > 0 || this.hashes.size > 0
  }

  /** False costs two look-ups at most where no device is excluded: none at all. */
  readonly isExcluded = (frame: Frame): boolean => {
    if (!this.hasAny) return false
    if (this.isMacOver(frame.macHigh, frame.macLow)) return true
    if (
      frame.receiverAt >= 0 &&
      this.isMacOver(u16(frame.bytes, frame.receiverAt), i32(frame.bytes, frame.receiverAt + 2))
    )
      return true
    if (frame.version === 4)
      return this.isAddressOver(ipv4Text(frame.source)) || this.isAddressOver(ipv4Text(frame.destination))
    if (frame.version === 6)
      return this.isAddressOver(ipv6At(frame, frame.sourceAt)) || this.isAddressOver(ipv6At(frame, frame.destinationAt))
    // An ARP request for an excluded device: it names the device's address, nothing more is read of it.
    return frame.etherType === ETHER_TYPE_ARP && this.isArpOver(frame)
  }

  /** Whether a device's id is one of them, for ids found in other ways than by packet. */
  isIdOver(id: string): boolean {
    return this.paused.has(id) || (this.hashes.size > 0 && this.hashes.has(hashOfId(this.salt, id)))
  }

  private isMacOver(high: number, low: number): boolean {
    if (high === 0 && low === 0) return false
    const key = high * 2 ** 32 + (low >>> 0)
    return remembered(this.byMac, key, () => this.isIdOver(macText(high, low)))
  }

  private isAddressOver(text: string): boolean {
    return remembered(this.byAddress, text, () => this.isIdOver(text))
  }

  private isArpOver(frame: Frame): boolean {
    const at = frame.networkAt
    if (at < 0 || frame.end - at < 28) return false
    return (
      this.isAddressOver(ipv4Text(i32(frame.bytes, at + 14))) || this.isAddressOver(ipv4Text(i32(frame.bytes, at + 24)))
    )
  }
}

function remembered<Key>(verdicts: Map<Key, boolean>, key: Key, find: () => boolean): boolean {
  const known = verdicts.get(key)
  if (known !== undefined) return known
  const verdict = find()
  verdicts.set(key, verdict)
  return verdict
}

function ipv6At({ bytes }: Frame, at: number): string {
  return ipv6TextAt(bytes, at)
}
