// The endpoint of one row of the engine's table, attributed, and endpoints before they are attributed.
import { PROTOCOL_UDP } from '../../capture/decode.ts'
import { labelsOfBits } from '../attribution/labels.ts'
import type { Engine } from '../engine/engine.ts'
import { NAMED_BY_WORDS, type NamedByWord } from '../engine/named-by.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { HOW_ECH, HOW_MASK, LABEL_SHIFT } from '../engine/row-table.ts'
import type { Rules } from '../rulebook/open.ts'
import { attributeCompany } from './attribute.ts'
import type { EndpointFacts } from './facts.ts'

/** An endpoint as far as it was seen: of no company yet, without traffic. */
export function seenEndpoint(
  host: string | null,
  address: string,
  namedBy: NamedByWord,
  more: Partial<Pick<EndpointFacts, 'labels' | 'ech' | 'service'>> = {},
): EndpointFacts {
  return {
    host,
    addresses: [address],
    company: null,
    purpose: null,
    country: null,
    network: null,
    service: null,
    labels: [],
    namedBy,
    ech: false,
    sent: 0,
    received: 0,
    packets: 0,
    first: null,
    last: null,
    ...more,
  }
}

/** What a row of the engine's table was seen to be, before it is attributed. */
export function seenRow({ rows, names, addresses }: Engine, row: number): EndpointFacts {
  const name = rows.name(row)
  const how = rows.how(row)
  return seenEndpoint(
    name === NO_NAME ? null : names.text(name),
    addresses.text(rows.address(row)),
    NAMED_BY_WORDS[how & HOW_MASK],
    { labels: labelsOfBits(how >> LABEL_SHIFT), ech: (how & HOW_ECH) !== 0, service: serviceText(rows.service(row)) },
  )
}

/** `tcp/443`; protocols without ports have none. */
export function serviceText(service: { protocol: number; port: number } | null): string | null {
  return service === null ? null : `${service.protocol === PROTOCOL_UDP ? 'udp' : 'tcp'}/${service.port}`
}

/** The row's endpoint with the company and purpose that the rules say, without the country of a host. */
export function rowEndpoint(engine: Engine, row: number, rules: Rules): EndpointFacts {
  const facts = seenRow(engine, row)
  attributeCompany(facts, rules)
  return facts
}
