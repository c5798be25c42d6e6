// Counts of what devices asked for and offered, as it stood on the wire.
import { grown, KeyTable } from './key-table.ts'
import { LIMITS, type LimitCounter } from './limits.ts'
import { NO_NAME } from './name-table.ts'

/** Counts per name, indexed by the name's number. */
class NameCounts {
  private counts = new Int32Array(1024)

  add(name: number): void {
    if (name === NO_NAME) return
    if (name >= this.counts.length) this.counts = grown(this.counts, name + 1)
    this.counts[name]++
  }

  /** Calls back for each name counted, in the order the names were first seen. */
  forEach(visit: (name: number, count: number) => void): void {
    for (let name = 1; name < this.counts.length; name++) if (this.counts[name] > 0) visit(name, this.counts[name])
  }
}

/** Names in TLS handshakes and requests, and DNS look-ups by client, name and type. */
export class Observed {
  readonly tlsServerNames = new NameCounts()
  readonly quicServerNames = new NameCounts()
  readonly httpHosts = new NameCounts()
  private readonly queries = new KeyTable(LIMITS.dnsQueries)
  private queryCounts = new Int32Array(1024)
  private readonly limits: LimitCounter

  constructor(limits: LimitCounter) {
    this.limits = limits
  }

  /** One question of a query from address `client`. True where it is the first of its kind. */
  addQuery(client: number, name: number, type: number): boolean {
    const known = this.queries.find(client, name, type, 0)
    if (known >= 0) {
      this.queryCounts[known]++
      return false
    }
    const query = this.queries.add(client, name, type, 0)
    if (query < 0) {
      this.limits.add('dnsQueries')
      return false
    }
    if (query >= this.queryCounts.length) this.queryCounts = grown(this.queryCounts, query + 1)
    this.queryCounts[query] = 1
    return true
  }

  forEachQuery(visit: (client: number, name: number, type: number, count: number) => void): void {
    const { queries } = this
    for (let query = 0; query < queries.used; query++) {
      visit(queries.key(query, 0), queries.key(query, 1), queries.key(query, 2), this.queryCounts[query])
    }
  }
}
