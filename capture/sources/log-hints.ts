// Hints about a log that is read well but tells less than it could: a clock of another zone, one client for all.

import { isPlaceholder } from '../logs/named-client.ts'

/** Zones differ by whole and half hours. */
const STEP = 1800
/** No two zones are further apart than from −12 to +14. */
const MOST_STEPS = 52
/** A line is written within this time of its stamp; a syslog daemon may hold it back for a while. */
const AT_ONCE = 5
const HELD_BACK = 30
/** Stamps of whole seconds may be read a moment before their second is over on our clock. */
const AHEAD = 2
/** Looks in a row that show the same difference. */
const LOOKS = 3
/** Look-ups of one client before it is said: a router's or a container's address, or any other. */
const FEW = 30
const MANY = 100

export class LogHints {
  private readonly path: string
  private steps = 0
  private looks = 0
  private isExact = false
  private local = 0
  private client: string | null = null
  private count = 0
  private hasOthers = false

  constructor(path: string) {
    this.path = path
  }

  /** Somebody asked. This machine's own questions, as Pi-hole's for the names of its clients, are none of a device. */
  asked(client: string): void {
    if (client === '::1' || client.startsWith('127.')) this.local++
    else if (!isPlaceholder(client) && (this.client === null || this.client === client)) {
      this.client = client
      this.count++
    } else this.hasOthers = true
  }

  /** All there is was read: the stamp of the last line, and when the file was last written, in seconds. */
  caughtUp(stamp: number, written: number): void {
    const behind = written - stamp
    const steps = Math.round(behind / STEP)
    const rest = behind - steps * STEP
    const isZone = rest >= -AHEAD && rest <= HELD_BACK && Math.abs(steps) <= MOST_STEPS
    const isSame = isZone && steps === this.steps
    this.isExact = isZone && rest <= AT_ONCE
    this.looks = isSame ? this.looks + 1 : 1
    this.steps = isZone ? steps : 0
  }

  /** A sentence; null where there is nothing to say. */
  sentence(): string | null {
    return this.clockSentence() ?? this.clientSentence()
  }

  private clockSentence(): string | null {
    if (this.steps === 0 || (this.looks < LOOKS && !this.isExact)) return null
    const seconds = Math.abs(this.steps) * STEP
    const hours = seconds / 3600
    const difference = `${hours} ${hours === 1 ? 'hour' : 'hours'} (${seconds} s)`
    return `The newest line of ${this.path} is always ${difference} ${this.steps > 0 ? 'behind' : 'ahead of'} this machine's clock. Is the resolver's time zone another one? Give its container this machine's zone (TZ), or check the clock of its machine.`
  }

  private clientSentence(): string | null {
    if (this.hasOthers) return null
    if (this.client === null)
      return this.local < FEW
        ? null
        : `All look-ups in ${this.path} come from the resolver's own machine: it asks for others, or no device uses it. Let DHCP hand out its address, and read the log of the resolver that the devices ask.`
    const who = whoIs(this.client)
    if (this.count < (who === null ? MANY : FEW)) return null
    return `All look-ups in ${this.path} come from one address, ${this.client}${who === null ? '' : ` (${who})`}: the devices behind it cannot be told apart. Run the resolver with host networking, or let DHCP hand out the resolver's address instead of the router's.`
  }
}

/** What usually has such an address; null where it may as well be a device. */
function whoIs(client: string): string | null {
  if (/^172\.(?:1[6-9]|2\d|3[01])\.\d{1,3}\.1$/.test(client)) return "Docker's bridge, or the router"
  if (/^10\.(?:88|89)\.\d{1,3}\.1$|^10\.0\.2\.(?:2|100)$/.test(client)) return "a container network's gateway"
  return /\.(?:1|254)$|::1$/.test(client) ? 'the router?' : null
}
