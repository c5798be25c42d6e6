// Detection of an interface that shows only what this machine itself sends and receives, as behind a switch, and not
// the home.
import { networkInterfaces } from 'node:os'
import type { Frame } from '../../capture/frame.ts'
import { i32 } from '../../capture/frame.ts'
import { parseAddress, withoutZone } from '../../capture/ip-address.ts'

/** A gateway or a mirror port shows others within seconds, unless everything sleeps. */
const FIRST_SECONDS = 180
/** Where others were seen before, a quiet night is no reason to report it. */
const LATER_SECONDS = 3600
/** A switch that has forgotten a MAC sends a stray packet to every port. */
const STRAYS = 5
const STRAY_SHARE = 0.02
const SURELY_OTHERS = 200
/**
 * Addresses of this machine come and go: looked up again at the first packet that seems to be another's, at most this
 * often.
 */
const REFRESH_SECONDS = 10

export interface OwnTrafficOptions {
  /** This machine's addresses, in either family. */
  addresses?: () => string[]
}

/**
 * Counts unicast IP packets by whether one end is this machine. A gateway's own MAC is on every packet it forwards, so
 * that only the addresses tell; what is sent to all shows nothing.
 */
export class OwnTraffic {
  private readonly addresses: () => string[]
  private own = new Set<string>()
  private refreshedAt = Number.NEGATIVE_INFINITY
  private since = Number.NaN
  private now = Number.NEGATIVE_INFINITY
  private ownPackets = 0
  private otherPackets = 0
  private hasSeenOthers = false
  private isOnly = false

  constructor({ addresses = ownAddresses }: OwnTrafficOptions = {}) {
    this.addresses = addresses
  }

  /**
   * True once nothing but this machine's own traffic was seen for long enough; false again with the others' first
   * packets.
   */
  get isOnlyOwn(): boolean {
    return this.isOnly
  }

  /** Settled for this while: more packets change nothing. */
  get isSettled(): boolean {
    return this.otherPackets >= SURELY_OTHERS
  }

  /** A packet as the engine has decoded it. */
  observe(frame: Frame): void {
    if (this.isSettled || frame.version === 0 || frame.toGroup) return
    if (this.isOwn(frame)) this.ownPackets++
    else this.otherPackets++
  }

  /** It is `now`, in seconds of the wall clock. */
  check(now: number): void {
    this.now = now
    if (Number.isNaN(this.since)) this.since = now
    if (this.seesOthers()) {
      this.hasSeenOthers = true
      this.isOnly = false
      return this.restart(now)
    }
    if (now - this.since < (this.hasSeenOthers ? LATER_SECONDS : FIRST_SECONDS)) return
    // Where nothing at all comes, the source reports it itself.
    if (this.ownPackets > 0) this.isOnly = true
    this.restart(now)
  }

  private seesOthers(): boolean {
    const { ownPackets: own, otherPackets: others } = this
    return others >= SURELY_OTHERS || (others >= STRAYS && others >= STRAY_SHARE * own)
  }

  private restart(now: number): void {
    this.since = now
    this.ownPackets = 0
    this.otherPackets = 0
  }

  private isOwn(frame: Frame): boolean {
    const [source, destination] = endsOf(frame)
    if (this.own.has(source) || this.own.has(destination)) return true
    if (this.now - this.refreshedAt < REFRESH_SECONDS) return false
    this.refreshedAt = this.now
    this.own = new Set(this.addresses().flatMap(keyOfText))
    return this.own.has(source) || this.own.has(destination)
  }
}

/** What to do about it; `forwards`: this machine is a gateway already, listening on the wrong side. */
export function ownTrafficSentence(interfaceName: string, forwards: boolean): string {
  const seen = `Only this machine's own traffic is visible on ${interfaceName}`
  if (forwards)
    return `${seen}. This machine forwards packets: listen on the side of the home, such as br-lan, not on the side of the internet. See README › Where to put it.`
  return `${seen}: a switch or Wi-Fi hands it no others'. Run Telltale on the gateway, use a mirror port of the switch, or let the router send its packets over ssh. See README › Where to put it.`
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))
}

function endsOf({ version, source, destination, bytes, sourceAt, destinationAt }: Frame): [string, string] {
  return version === 4
    ? [`${source}`, `${destination}`]
    : [keyOfBytes(bytes, sourceAt), keyOfBytes(bytes, destinationAt)]
}

function keyOfBytes(bytes: Uint8Array, at: number): string {
  return `${i32(bytes, at)} ${i32(bytes, at + 4)} ${i32(bytes, at + 8)} ${i32(bytes, at + 12)}`
}

function keyOfText(text: string): string[] {
  const parts = parseAddress(withoutZone(text))
  if (parts === null) return []
  return text.includes(':') ? [parts.map((part) => part | 0).join(' ')] : [`${parts[3] | 0}`]
}
