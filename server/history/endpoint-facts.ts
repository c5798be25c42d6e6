// Facts of an endpoint as the traffic history keeps them, reduced by privacy level, and the key by which two are the
// same.
import { KEPT_BACK_COMPANY, OTHER_COMPANY, type Level } from '../api.ts'
import type { Endpoint } from '../model/batch.ts'
import type { StoredEndpoint } from './history.ts'

export type EndpointFacts = Omit<StoredEndpoint, 'id' | 'addresses'>

export const OTHER_FACTS: EndpointFacts = {
  host: null,
  company: OTHER_COMPANY,
  purpose: 'unknown',
  country: null,
  network: null,
  labels: [],
  namedBy: 'other',
  ech: false,
}
const KEPT_BACK_FACTS: EndpointFacts = { ...OTHER_FACTS, company: KEPT_BACK_COMPANY, namedBy: 'kept-back' }

/** What a privacy level keeps of an endpoint; the session reduces its endpoints the same way. */
export function coarserFacts(facts: EndpointFacts, level: Level): EndpointFacts {
  if (level === 'totals') return KEPT_BACK_FACTS
  if (level !== 'companies' || facts.namedBy === 'other' || facts.namedBy === 'kept-back') return facts
  return { ...KEPT_BACK_FACTS, company: facts.company, purpose: facts.purpose }
}

/** Two endpoints are the same where all is the same but the addresses of a named host, and the port. */
export function keyOf(facts: EndpointFacts, address: string | null): string {
  const { host, company, purpose, country, network, labels, namedBy, ech } = facts
  return JSON.stringify([
    host,
    host === null ? address : null,
    company,
    purpose,
    country,
    network,
    labels,
    namedBy,
    ech,
  ])
}

export function factsOf(endpoint: Endpoint): EndpointFacts {
  const { host, company, purpose, country, network, service, labels, namedBy, ech } = endpoint
  return {
    host,
    company,
    purpose,
    country,
    network,
    ...(service === undefined ? {} : { service }),
    labels,
    namedBy,
    ech,
  }
}
