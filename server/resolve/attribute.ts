// Fills in who is behind each endpoint and what each device is, from the rules.
import { attributeAddress } from '../attribution/networks.ts'
import { labelsOf } from '../attribution/labels.ts'
import { identify } from '../identity/identify.ts'
import type { Rules } from '../rulebook/open.ts'
import { LABELS } from '../rules/types.ts'
import type { DeviceFacts, EndpointFacts } from './facts.ts'
import type { DeviceEvidence } from '../identity/device-evidence.ts'

/** Names are judged as of a web connection; what follows from the port alone is in the labels already. */
const HTTPS = 443

/** What a device announced about itself; the hosts it talked to are in its endpoints. */
export type SaidEvidence = Omit<DeviceEvidence, 'companies' | 'hosts'>

/** The company at the other end: by name where there is one, else by the address's range or network. */
export function attributeEndpoint(endpoint: EndpointFacts, rules: Rules): void {
  const address = endpoint.addresses[0]
  if (endpoint.host === null) attributeByAddress(endpoint, address, rules)
  else {
    const { company, purpose } = rules.companies.lookUp(endpoint.host)
    endpoint.company = company
    endpoint.purpose = purpose
    endpoint.country = rules.networks.lookUp(address)?.country ?? null
  }
  addNameLabels(endpoint)
}

/**
 * A published range names the company; a network only its owner. Behind a cloud's network may be its own service or a
 * customer's: it is called the cloud, never more.
 */
function attributeByAddress(endpoint: EndpointFacts, address: string, rules: Rules): void {
  const { networkCompany, published, cloud, owner, country, words } = attributeAddress(
    address,
    rules.networks,
    rules.companies,
  )
  endpoint.country = country
  endpoint.network = words
  if (networkCompany === null && owner === null) return
  endpoint.namedBy = published && !cloud ? 'range' : 'network'
  endpoint.company = networkCompany
  if (networkCompany !== null)
    endpoint.purpose = cloud ? 'cloud' : (rules.companies.onlyPurposeOf(networkCompany) ?? 'unknown')
}

function addNameLabels(endpoint: EndpointFacts): void {
  const { host, company, purpose } = endpoint
  if (host === null) return
  const byName = labelsOf({ host, company, purpose, protocol: 'tcp', port: HTTPS })
  if (byName.length > 0)
    endpoint.labels = LABELS.filter((label) => endpoint.labels.includes(label) || byName.includes(label))
}

/** Kind and maker of the device, with the reasons. Needs the endpoints attributed. */
export function identifyDevice(device: DeviceFacts, said: SaidEvidence, rules: Rules): void {
  const companies = new Set<string>()
  const hosts = new Set<string>()
  for (const { company, host } of device.endpoints) {
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
