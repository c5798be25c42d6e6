// Counts of datagrams from senders that are not named, in bounded memory.
import { canonicalSender } from './listener-address.ts'

/** Addresses that are kept, and those that a sentence names. */
export const MAX_REFUSED_SENDERS = 16
const NAMED_IN_SENTENCE = 3
/** So long after the last one they are reported. */
const REPORTED_FOR_MS = 3_600_000

export class RefusedSenders {
  /** All of them. */
  datagrams = 0
  private readonly counts = new Map<string, number>()
  private last = -Infinity

  count(given: string): void {
    this.datagrams++
    this.last = performance.now()
    const { plain } = canonicalSender(given)
    const before = this.counts.get(plain)
    if (before === undefined && this.counts.size >= MAX_REFUSED_SENDERS) this.dropRare()
    this.counts.set(plain, (before ?? 0) + 1)
  }

  /** The address and count of those that are kept, the most first. */
  get kept(): [address: string, datagrams: number][] {
    return [...this.counts].sort(([, one], [, other]) => other - one)
  }

  /** "412 datagrams from 192.168.1.7 were left out: it is not named."; null where there were none of late. */
  sentence(now = performance.now()): string | null {
    if (this.datagrams === 0 || now - this.last > REPORTED_FOR_MS) return null
    const shown = this.kept.slice(0, NAMED_IN_SENTENCE)
    const others = this.datagrams - shown.reduce((sum, [, count]) => sum + count, 0)
    const parts = shown.map(([address, count], index) => `${datagramsText(count, index === 0)} from ${address}`)
    if (others > 0) parts.push(`${others} from others`)
    const be = this.datagrams === 1 ? 'was' : 'were'
    const reason = parts.length === 1 ? 'it is not named' : 'they are not named'
    const list = parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
    return `${list} ${be} left out: ${reason}.`
  }

  /** A flood of made-up addresses evicts each other, not who sends on. */
  private dropRare(): void {
    let rarest = ''
    let least = Infinity
    for (const [address, count] of this.counts) {
      if (count >= least) continue
      rarest = address
      least = count
    }
    this.counts.delete(rarest)
  }
}

function datagramsText(count: number, isFirst: boolean): string {
  if (!isFirst) return String(count)
  return count === 1 ? '1 datagram' : `${count} datagrams`
}
