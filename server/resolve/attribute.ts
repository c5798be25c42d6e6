// Fills in who is behind each endpoint and what each device is, from the rules.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { type AddressAttribution, attributeAddress } from '../attribution/networks.ts'
import { labelsOf } from '../attribution/labels.ts'
import { identify } from '../identity/identify.ts'
import type { Rules } from '../rulebook/open.ts'
import { type Label, LABELS } from '../rules/types.ts'
import type { DeviceFacts, EndpointFacts } from './facts.ts'
import type { DeviceEvidence } from '../identity/device-evidence.ts'

/** Names are judged as of a web connection; what follows from the port alone is in the labels already. */
const HTTPS = 443

/** What a device announced about itself; the hosts it talked to are in its endpoints. */
export type SaidEvidence = Omit<DeviceEvidence, 'companies' | 'hosts'>

/** What follows from a host's name, whoever talks to it. */
interface NameFacts {
  company: string | null
  purpose: string | null
  labels: readonly Label[]
}

/** What was said of names and of addresses without one: the same are asked for by many devices, and again. */
interface Known {
  names: BoundedMap<string, NameFacts>
  addresses: BoundedMap<string, AddressAttribution>
}

const MAX_KNOWN = 8_192
const knownByRules = new WeakMap<Rules, Known>()

function knownOf(rules: Rules): Known {
  let known = knownByRules.get(rules)
  if (known === undefined) {
    known = {
      names: new BoundedMap('names with their company', MAX_KNOWN),
      addresses: new BoundedMap('addresses with their company', MAX_KNOWN),
    }
    knownByRules.set(rules, known)
  }
  return known
}

/** The company at the other end: by name where there is one, else by the address's range or network. */
export function attributeEndpoint(endpoint: EndpointFacts, rules: Rules): void {
  attributeCompany(endpoint, rules)
  if (endpoint.host !== null) endpoint.country = rules.networks.lookUp(endpoint.addresses[0])?.country ?? null
}

/** The same without the country of a host. */
export function attributeCompany(endpoint: EndpointFacts, rules: Rules): void {
  if (endpoint.host === null) attributeByAddress(endpoint, endpoint.addresses[0], rules)
  else attributeByName(endpoint, endpoint.host, rules)
}

function attributeByName(endpoint: EndpointFacts, host: string, rules: Rules): void {
  const { names } = knownOf(rules)
  let facts = names.get(host)
  if (facts === undefined) names.set(host, (facts = nameFacts(host, rules)))
  endpoint.company = facts.company
  endpoint.purpose = facts.purpose
  const { labels } = facts
  if (labels.length > 0)
    endpoint.labels = LABELS.filter((label) => endpoint.labels.includes(label) || labels.includes(label))
}

function nameFacts(host: string, rules: Rules): NameFacts {
  const { company, purpose } = rules.companies.lookUp(host)
  return { company, purpose, labels: labelsOf({ host, company, purpose, protocol: 'tcp', port: HTTPS }) }
}

/**
 * A published range names the company; a network only its owner. Behind a cloud's network may be its own service or a
 * customer's: it is called the cloud, never more.
 */
function attributeByAddress(endpoint: EndpointFacts, address: string, rules: Rules): void {
  const { addresses } = knownOf(rules)
  let facts = addresses.get(address)
  if (facts === undefined) addresses.set(address, (facts = attributeAddress(address, rules.networks, rules.companies)))
  const { networkCompany, published, cloud, owner, country, words } = facts
  endpoint.country = country
  endpoint.network = words
  if (networkCompany === null && owner === null) return
  endpoint.namedBy = published && !cloud ? 'range' : 'network'
  endpoint.company = networkCompany
  if (networkCompany !== null)
    endpoint.purpose = cloud ? 'cloud' : (rules.companies.onlyPurposeOf(networkCompany) ?? 'unknown')
}

/**
 * Kind and maker of the device, with the reasons. Needs the endpoints attributed. `lookedUp`: names that a resolver's
 * log says it asked for.
 */
export function identifyDevice(
  device: DeviceFacts,
  said: SaidEvidence,
  rules: Rules,
  lookedUp: readonly Pick<EndpointFacts, 'host' | 'company'>[] = [],
): void {
  const companies = new Set<string>()
  const hosts = new Set<string>()
  for (const { company, host } of [...device.endpoints, ...lookedUp]) {
    if (host === null) continue
    hosts.add(host)
    if (company !== null) companies.add(company)
  }
  const identity = identify({ ...said, companies: [...companies], hosts: [...hosts] }, rules.devices)
  device.name = identity.name
  device.vendor = identity.vendor
  device.kind = identity.kind
  device.why = identity.why
  device.confidence = identity.confidence
  device.privateMac = identity.privateMac
}
