// Endpoints of the traffic history by the rows of the engine's table and by the entries of logs.
import type { Level } from '../api.ts'
import { KEPT_BACK_COMPANY, OTHER_COMPANY } from '../api.ts'
import { labelsOfBits } from '../attribution/labels.ts'
import { attributeEndpoint } from '../resolve/attribute.ts'
import { rowEndpoint, seenEndpoint, serviceText } from '../resolve/row-endpoint.ts'
import type { Engine } from '../engine/engine.ts'
import { type NamedByWord } from '../engine/named-by.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { HOW_LIMIT } from '../engine/row-table.ts'
import type { Rules } from '../rulebook/open.ts'
import { AT_HOME, type Endpoint } from '../model/batch.ts'

/** Distinct endpoints in one session's history; what comes after counts as "other", so that totals stay exact. */
export const MAX_ENDPOINTS = 65_536

/** Belongs to no network. */
const NO_ADDRESS = '0.0.0.0'
const NO_PORT: FarPort = { protocol: 0, port: 0, labels: 0 }

/** Where an endpoint of a log was reached: IANA protocol number, port (0 for none), and the bits of its labels. */
export interface FarPort {
  protocol: number
  port: number
  labels: number
}

/** Numbers endpoints from 1, as they first appear. */
export class EndpointTable {
  private readonly engine: Engine
  private readonly rules: Rules
  private readonly byKey = new Map<number, Endpoint>()
  private readonly byCompany = new Map<string, Endpoint>()
  private readonly byText = new Map<string, Endpoint>()
  private readonly emitted = new Set<Endpoint>()
  private fresh: Endpoint[] = []
  private used = AT_HOME + 1

  constructor(engine: Engine, rules: Rules) {
    this.engine = engine
    this.rules = rules
  }

  /** The endpoint of a row as far as `level` lets it be kept. */
  ofRow(row: number, level: Level): Endpoint {
    if (level === 'totals' || level === 'paused') return this.ofCompany(KEPT_BACK_COMPANY, 'unknown')
    const full = this.fullEndpoint(row)
    if (level === 'everything') return this.emit(full, row)
    return this.ofCompany(full.company, full.purpose)
  }

  /**
   * The endpoint that a log names, as far as `level` lets it be kept. Its address is null where only a name was looked
   * up.
   */
  ofText(
    host: string | null,
    address: string | null,
    namedBy: Endpoint['namedBy'],
    level: Level,
    port: FarPort = NO_PORT,
  ): Endpoint {
    if (level === 'totals' || level === 'paused') return this.ofCompany(KEPT_BACK_COMPANY, 'unknown')
    const key = JSON.stringify([host, host === null ? address : null, namedBy, port.labels])
    const full =
      this.byText.get(key) ??
      (this.used >= MAX_ENDPOINTS || (host ?? address) === null
        ? null
        : this.describeText(host, address, namedBy, port))
    if (full === null) return this.ofCompany(OTHER_COMPANY, 'unknown', 'other')
    this.byText.set(key, full)
    if (level !== 'everything') return this.ofCompany(full.company, full.purpose)
    if (!this.emitted.has(full)) this.fresh.push(full)
    else if (address !== null && address !== full.address) this.fresh.push({ ...full, address })
    this.emitted.add(full)
    return full
  }

  /** Endpoints made since the last call. */
  drainFresh(): Endpoint[] {
    const drained = this.fresh
    this.fresh = []
    return drained
  }

  private fullEndpoint(row: number): Endpoint {
    const { rows } = this.engine
    const name = rows.name(row)
    const key = (name === NO_NAME ? -1 - rows.address(row) : name) * HOW_LIMIT + rows.how(row)
    const known = this.byKey.get(key)
    if (known !== undefined) return known
    if (this.used >= MAX_ENDPOINTS) {
      this.engine.limits.add('rows')
      return this.ofCompany(OTHER_COMPANY, 'unknown', 'other')
    }
    const endpoint = this.describe(row)
    this.byKey.set(key, endpoint)
    return endpoint
  }

  /** An endpoint is emitted once it is used in full, and again where a host is seen at one more address. */
  private emit(endpoint: Endpoint, row: number): Endpoint {
    if (!this.emitted.has(endpoint)) {
      this.emitted.add(endpoint)
      this.fresh.push(endpoint)
    } else if (endpoint.host !== null) {
      const address = this.engine.addresses.text(this.engine.rows.address(row))
      if (address !== endpoint.address) this.fresh.push({ ...endpoint, address })
    }
    return endpoint
  }

  private describeText(
    host: string | null,
    address: string | null,
    named: Endpoint['namedBy'],
    { protocol, port, labels: bits }: FarPort,
  ): Endpoint {
    const seen = { labels: labelsOfBits(bits), service: port === 0 ? null : serviceText({ protocol, port }) }
    const facts = seenEndpoint(host, address ?? NO_ADDRESS, named as NamedByWord, seen)
    attributeEndpoint(facts, this.rules)
    const { company, purpose, country, network, service, labels, namedBy, ech } = facts
    return {
      number: this.used++,
      host,
      address,
      company,
      purpose: purpose ?? 'unknown',
      country,
      network,
      ...(host === null && service !== null ? { service } : {}),
      labels,
      namedBy,
      ech,
    }
  }

  private describe(row: number): Endpoint {
    const facts = rowEndpoint(this.engine, row, this.rules)
    const [address] = facts.addresses
    const { host, company, country, network, service, labels, namedBy, ech } = facts
    return {
      number: this.used++,
      host,
      address,
      company,
      purpose: facts.purpose ?? 'unknown',
      country,
      network,
      ...(host === null && service !== null ? { service } : {}),
      labels,
      namedBy,
      ech,
    }
  }

  private ofCompany(company: string | null, purpose: string, namedBy: Endpoint['namedBy'] = 'kept-back'): Endpoint {
    const key = JSON.stringify([company, purpose, namedBy])
    const known = this.byCompany.get(key)
    if (known !== undefined) return known
    const endpoint: Endpoint = {
      number: this.used++,
      host: null,
      address: null,
      company,
      purpose,
      country: null,
      network: null,
      labels: [],
      namedBy,
      ech: false,
    }
    this.byCompany.set(key, endpoint)
    this.emitted.add(endpoint)
    this.fresh.push(endpoint)
    return endpoint
  }
}
