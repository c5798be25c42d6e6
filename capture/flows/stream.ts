// What is known of one stream: of one exporting process, version and observation domain.
import { ExportTiming } from './export-timing.ts'
import { Sampling } from './sampling.ts'
import { Sequence } from './sequence.ts'
import { TemplateTable } from './template-table.ts'

/** Datagrams by which a copy of one of them is recognised. */
const REMEMBERED = 16

export class Stream {
  readonly key: string
  readonly sender: string
  readonly version: number
  readonly domain: number
  readonly templates = new TemplateTable()
  readonly sampling = new Sampling()
  readonly timing = new ExportTiming()
  readonly sequence: Sequence
  /** When its first datagram came, by this machine's clock. */
  readonly since: number
  heardAt: number
  /** When the exporter was started, where its options say so (element 160); seconds by its own clock. */
  started: number | null = null
  /** What has to be added to its times; 0 where its clock is right. */
  clockOffset = 0
  /** The highest rate of sampling that a record had. */
  samplingRate = 1
  private readonly recent: number[] = []

  constructor(key: string, sender: string, { version, domain }: { version: number; domain: number }, now: number) {
    this.key = key
    this.sender = sender
    this.version = version
    this.domain = domain
    this.since = now
    this.heardAt = now
    this.sequence = new Sequence(version)
  }

  /** Whether the same datagram came a moment ago: the network may double one. */
  isCopy(bytes: Uint8Array): boolean {
    const sum = checksum(bytes)
    if (this.recent.includes(sum)) return true
    this.recent.push(sum)
    if (this.recent.length > REMEMBERED) this.recent.shift()
    return false
  }
}

/** FNV-1a, of 32 bits, and the length. */
function checksum(bytes: Uint8Array): number {
  let sum = 0x811c9dc5
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193)
  return (sum >>> 0) * 65_536 + (bytes.length & 0xffff)
}
