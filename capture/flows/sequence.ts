// The numbering of one stream: how much of it was lost on the way. Datagrams that come out of order are no loss, and an
// exporter that was started again begins anew.
import { Numbering, type Passed } from './numbering.ts'

/**
 * What exporters count. By their specifications v5 flows, v9 datagrams (RFC 3954 section 5.1) and IPFIX records, those
 * of options among them (RFC 7011 section 3.1), each those before the datagram. Others are met: a v9 exporter that
 * counts flows, IPFIX that counts those of the datagram as well, or leaves out options.
 */
const WAYS: Record<string, (passed: Passed) => { before: number; count: number }> = {
  datagrams: ({ number }) => ({ before: number, count: 1 }),
  records: ({ number, records }) => ({ before: number, count: records }),
  flows: ({ number, flows }) => ({ before: number, count: flows }),
  'records up to now': ({ number, records }) => ({ before: number - records, count: records }),
  'flows up to now': ({ number, flows }) => ({ before: number - flows, count: flows }),
}

/** A start of the exporter moves the time of its start by more than the rounding of its clock, in seconds. */
const START_MOVES = 10

export class Sequence {
  private readonly ways: Numbering[]
  private startedAt: number | null = null

  /** `version`: 5, 9 or 10. */
  constructor(version: number) {
    const usual = version === 9 ? 'datagrams' : 'records'
    const names = [usual, ...Object.keys(WAYS).filter((name) => name !== usual)]
    this.ways = names.map((name) => new Numbering(name, WAYS[name]))
  }

  /** The way that fits best so far; of several the usual one. */
  private get best(): Numbering {
    return this.ways.reduce((best, way) => (way.misses < best.misses ? way : best))
  }

  /** Of what the exporter counts, how much never came. */
  get lost(): number {
    return this.best.lost
  }

  /** What the exporter counts. */
  get counts(): 'datagrams' | 'records' {
    return this.best.name === 'datagrams' ? 'datagrams' : 'records'
  }

  /**
   * A datagram came; null where its records cannot be counted. `startedAt`: when the exporter was started, by its own
   * word, in seconds; null where it does not say.
   */
  take(passed: Passed | null, startedAt: number | null): void {
    const before = this.startedAt
    this.startedAt = startedAt
    const isNewStart = before !== null && startedAt !== null && Math.abs(startedAt - before) > START_MOVES
    for (const way of this.ways) {
      if (passed === null || isNewStart) way.begin()
      if (passed !== null) way.take(passed)
    }
  }
}
