// Counts of what devices asked for and offered, as it stood on the wire; the core keeps them.
import type { PacketCore } from '../../capture/packet-core.ts'

type CountsOfNames = 'tlsNameCount' | 'quicNameCount' | 'httpHostCount'

/** Counts per name. */
class NameCounts {
  private readonly core: PacketCore
  private readonly counts: CountsOfNames

  constructor(core: PacketCore, counts: CountsOfNames) {
    this.core = core
    this.counts = counts
  }

  /** Calls back for each name counted, in the order the names were first seen. */
  forEach(visit: (name: number, count: number) => void): void {
    const { exports } = this.core
    const names = exports.nameCount()
    for (let name = 1; name <= names; name++) {
      const count = exports[this.counts](name)
      if (count > 0) visit(name, count)
    }
  }
}

/** Names in TLS handshakes and requests, and DNS look-ups by client, name and type. */
export class Observed {
  readonly tlsServerNames: NameCounts
  readonly quicServerNames: NameCounts
  readonly httpHosts: NameCounts
  private readonly core: PacketCore

  constructor(core: PacketCore) {
    this.core = core
    this.tlsServerNames = new NameCounts(core, 'tlsNameCount')
    this.quicServerNames = new NameCounts(core, 'quicNameCount')
    this.httpHosts = new NameCounts(core, 'httpHostCount')
  }

  /** One question of a query from address `client`. True where it is the first of its kind. */
  addQuery(client: number, name: number, type: number): boolean {
    return this.core.exports.addQuery(client, name, type) !== 0
  }

  forEachQuery(visit: (client: number, name: number, type: number, count: number) => void): void {
    const { queriesUsed, queryWord, queryCount } = this.core.exports
    const used = queriesUsed()
    for (let query = 0; query < used; query++) {
      visit(queryWord(query, 0), queryWord(query, 1), queryWord(query, 2), queryCount(query))
    }
  }
}
