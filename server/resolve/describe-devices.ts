// Description of each device: its addresses, evidence, identity and endpoints.
import type { EvidenceKind } from '../engine/evidence.ts'
import type { Engine } from '../engine/engine.ts'
import type { SaidEvidence } from './attribute.ts'
import type { DeviceBindings } from './devices.ts'
import type { DeviceFacts, EndpointFacts, Traffic } from './facts.ts'
import { HOW_LIMIT, RowNumber, BindingNumber } from '../engine/row-table.ts'
import { NO_NAME } from '../engine/name-table.ts'
import { NO_MAC } from '../engine/ownership.ts'
import { chooseName } from '../identity/device-name.ts'
import type { Rules } from '../rulebook/open.ts'
import { doubtsOf, isDisputed } from './conflicts.ts'
import { identifyDevice, attributeEndpoint } from './attribute.ts'
import type { Neighbours } from '../likely/neighbours.ts'
import { addLikely, neighboursOf } from './likely-endpoints.ts'
import { habitsOf, portsOf } from './habits.ts'
import { seenRow } from './row-endpoint.ts'
import { doubtOfRouted, groupBindings } from './devices.ts'
import { compare, isoTime } from '../model/stable-text.ts'
import type { DeviceEvidence } from '../identity/device-evidence.ts'

/** Everything the device announced, from all of its addresses and by DHCP. */
export function saidBy(engine: Engine, device: DeviceBindings, mac: string | null): SaidEvidence & DeviceEvidence {
  const sources = device.bindings
    .filter((binding) => !isDisputed(engine, binding))
    .map((binding) => engine.evidence.ofBinding(binding))
  if (mac !== null) sources.push(engine.evidence.ofMac(mac))
  const all = (kind: EvidenceKind): string[] => [...new Set(sources.flatMap((source) => [...(source?.[kind] ?? [])]))]
  return {
    mac,
    dhcpHostnames: all('dhcpHostnames'),
    loggedNames: all('loggedNames'),
    dhcpVendorClasses: all('dhcpVendorClasses'),
    dhcpParameterLists: all('dhcpParameterLists'),
    mdnsServices: all('mdnsServices'),
    mdnsNames: all('mdnsNames'),
    mdnsTxt: all('mdnsTxt'),
    netbiosNames: all('netbiosNames'),
    answeredNames: all('answeredNames'),
    repeatedNames: repeatedNames(engine, device),
    ssdpServers: all('ssdpServers'),
    ssdpTypes: all('ssdpTypes'),
    userAgents: all('userAgents'),
    mqttClientIds: all('mqttClientIds'),
    stunSoftware: all('stunSoftware'),
    rtspServers: all('rtspServers'),
    sshBanners: all('sshBanners'),
    ports: [...new Set([...all('ports'), ...portsOf(engine, device)])],
    habits: habitsOf(engine, device),
    companies: [],
    hosts: [],
  }
}

/** What others repeat of the device's names, where the address is its own now. */
export function repeatedNames(engine: Engine, { bindings }: DeviceBindings): string[] {
  const names = new Set<string>()
  for (const binding of bindings) {
    const address = engine.ownership.addressOf(binding)
    const repeated = engine.repeatedNames(address)
    if (repeated === undefined || engine.ownership.bindingOn(address) !== binding) continue
    for (const name of repeated) names.add(name)
  }
  return [...names]
}

export function sumOf(parts: Traffic[]): Traffic {
  const sum: Traffic = { sent: 0, received: 0, sentLocal: 0, receivedLocal: 0 }
  for (const part of parts) {
    sum.sent += part.sent
    sum.received += part.received
    sum.sentLocal += part.sentLocal
    sum.receivedLocal += part.receivedLocal
  }
  return sum
}

export function trafficByAddress(engine: Engine, bindings: number[]): Map<string, Traffic> {
  const byAddress = new Map<string, Traffic>()
  for (const binding of bindings) {
    const address = engine.addresses.text(engine.ownership.addressOf(binding))
    const number = (field: number): number => engine.rows.bindingNumber(binding, field)
    const traffic = {
      sent: number(BindingNumber.Sent),
      received: number(BindingNumber.Received),
      sentLocal: number(BindingNumber.SentLocal),
      receivedLocal: number(BindingNumber.ReceivedLocal),
    }
    const known = byAddress.get(address)
    byAddress.set(address, known === undefined ? traffic : sumOf([known, traffic]))
  }
  return byAddress
}

export function rowsByBinding(engine: Engine): Map<number, number[]> {
  const byBinding = new Map<number, number[]>()
  for (let row = 0; row < engine.rows.used; row++) {
    // A late name moved everything away.
    if (engine.rows.number(row, RowNumber.Packets) === 0) continue
    const binding = engine.rows.binding(row)
    const known = byBinding.get(binding)
    if (known === undefined) byBinding.set(binding, [row])
    else known.push(row)
  }
  return byBinding
}

/** Rows of one host, named alike, are one endpoint; addresses without a host stand one by one. */
export function describeEndpoints(engine: Engine, rows: number[]): EndpointFacts[] {
  const groups = new Map<number, number[]>()
  for (const row of rows) {
    const name = engine.rows.name(row)
    const key = (name === 0 ? -1 - engine.rows.address(row) : name) * HOW_LIMIT + engine.rows.how(row)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [row])
    else known.push(row)
  }
  const endpoints = [...groups.values()].map((group) => describeEndpoint(engine, group))
  return endpoints.sort(
    (one, other) => other.sent - one.sent || other.received - one.received || compare(one.host ?? '', other.host ?? ''),
  )
}

/** Hosts of the device's endpoints in the order of `describeEndpoints`, each once. */
export function hostsByTraffic(engine: Engine, { bindings }: DeviceBindings, rowsOf: Map<number, number[]>): string[] {
  const { rows, names } = engine
  const groups = new Map<number, { host: string; sent: number; received: number }>()
  for (const binding of bindings)
    for (const row of rowsOf.get(binding) ?? []) {
      const name = rows.name(row)
      if (name === NO_NAME) continue
      const key = name * HOW_LIMIT + rows.how(row)
      let group = groups.get(key)
      if (group === undefined) groups.set(key, (group = { host: names.text(name), sent: 0, received: 0 }))
      group.sent += rows.number(row, RowNumber.Sent)
      group.received += rows.number(row, RowNumber.Received)
    }
  const sorted = [...groups.values()].sort(
    (one, other) => other.sent - one.sent || other.received - one.received || compare(one.host, other.host),
  )
  return [...new Set(sorted.map(({ host }) => host))]
}

export function describeEndpoint(engine: Engine, rows: number[]): EndpointFacts {
  const table = engine.rows
  const addresses = new Set<string>()
  const sum = { sent: 0, received: 0, packets: 0 }
  let service = { row: rows[0], port: Number.POSITIVE_INFINITY }
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  // Packets of a capture without times count as of second 0, which is no time to show.
  const hasTime = !Number.isNaN(engine.clock.first)
  for (const row of rows) {
    addresses.add(engine.addresses.text(table.address(row)))
    const port = table.service(row)?.port ?? Number.POSITIVE_INFINITY
    if (port < service.port) service = { row, port }
    sum.sent += table.number(row, RowNumber.Sent)
    sum.received += table.number(row, RowNumber.Received)
    sum.packets += table.number(row, RowNumber.Packets)
    first = Math.min(first, table.number(row, RowNumber.First))
    last = Math.max(last, table.number(row, RowNumber.Last))
  }
  return {
    ...seenRow(engine, service.row),
    addresses: [...addresses],
    ...sum,
    first: hasTime ? isoTime(first) : null,
    last: hasTime ? isoTime(last) : null,
  }
}

export function describeDevice(
  engine: Engine,
  device: DeviceBindings,
  rows: Map<number, number[]>,
  rules: Rules | null,
  neighbours: Neighbours | null = null,
): DeviceFacts {
  const byAddress = trafficByAddress(engine, device.bindings)
  const mac = device.mac === NO_MAC ? null : engine.ownership.macText(device.mac)
  const facts: DeviceFacts = {
    id: device.id,
    mac,
    addresses: [...byAddress.keys()].filter((address) => address !== '0.0.0.0' && address !== '::'),
    name: null,
    vendor: null,
    kind: null,
    why: [],
    confidence: 0,
    privateMac: false,
    ...sumOf([...byAddress.values()]),
    byAddress: [...byAddress].map(([address, traffic]) => ({ address, ...traffic })),
    endpoints: describeEndpoints(
      engine,
      device.bindings.flatMap((binding) => rows.get(binding) ?? []),
    ),
  }
  const doubts = device.mac === NO_MAC ? doubtOfRouted(engine, device) : doubtsOf(engine, device.mac, true)
  if (doubts.length > 0) facts.doubts = doubts
  const said = saidBy(engine, device, mac)
  if (rules === null) {
    facts.name = chooseName(said, null).name
  } else {
    for (const endpoint of facts.endpoints) attributeEndpoint(endpoint, rules)
    identifyDevice(facts, said, rules)
    if (neighbours !== null) addLikely(facts, rules, neighbours)
  }
  return facts
}

/** The devices, as far as the engine has read. With `rules` null companies, purposes, makers and kinds stay null. */
export function describeDevices(engine: Engine, rules: Rules | null): DeviceFacts[] {
  const rows = rowsByBinding(engine)
  const neighbours = rules === null ? null : neighboursOf(engine, rules)
  return groupBindings(engine).map((device) => describeDevice(engine, device, rows, rules, neighbours))
}
