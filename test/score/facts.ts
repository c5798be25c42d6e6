// Facts that tshark states of a capture, and those of them that an analysis states too.
import type { Analysis } from '../../server/analyze/analysis.ts'

/** tshark's facts of one capture, as far as they are compared. */
export interface Truth {
  capture: string
  packets: number
  ip_bytes: number
  devices: { ip: string; bytes_up: number; bytes_down: number; bytes_up_wan: number; bytes_down_wan: number }[]
  tls_sni: Record<string, number>
  quic_sni: Record<string, number>
  dns_queries: { client: string; name: string; type: number; n: number }[]
  dhcp: { mac: string; hostname: string }[]
}

/** What tshark's facts call local. */
export const TRUTH_HOME = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']

/** Facts by name: the same names on both sides, so that a missing and an extra fact both show. */
export type Facts = Map<string, number>

export function factsOfTruth(truth: Truth): Facts {
  const facts: Facts = new Map([
    ['packets', truth.packets],
    ['ipBytes', truth.ip_bytes],
  ])
  for (const device of truth.devices) {
    add(facts, `up ${device.ip}`, device.bytes_up)
    add(facts, `down ${device.ip}`, device.bytes_down)
    add(facts, `up to the internet ${device.ip}`, device.bytes_up_wan)
    add(facts, `down from the internet ${device.ip}`, device.bytes_down_wan)
  }
  for (const [name, count] of Object.entries(truth.tls_sni)) add(facts, `tls ${fold(name)}`, count)
  for (const [name, count] of Object.entries(truth.quic_sni)) add(facts, `quic ${fold(name)}`, count)
  for (const { client, name, type, n } of truth.dns_queries) add(facts, `dns ${client} ${fold(name)} ${type}`, n)
  for (const { mac, hostname } of truth.dhcp) if (hostname !== '') facts.set(`dhcp ${mac} ${hostname}`, 1)
  return facts
}

export function factsOfAnalysis(analysis: Analysis, truth: Truth): Facts {
  const facts: Facts = new Map([
    ['packets', analysis.capture.packets],
    ['ipBytes', analysis.capture.ipBytes],
  ])
  const listed = new Set(truth.devices.map((device) => device.ip))
  for (const entry of analysis.devices.flatMap((device) => device.byAddress)) {
    if (!listed.has(entry.address) && !/^(10|192\.168)\./.test(entry.address)) continue
    add(facts, `up ${entry.address}`, entry.sent + entry.sentLocal)
    add(facts, `down ${entry.address}`, entry.received + entry.receivedLocal)
    add(facts, `up to the internet ${entry.address}`, entry.sent)
    add(facts, `down from the internet ${entry.address}`, entry.received)
  }
  const { observed } = analysis
  for (const [name, count] of Object.entries(observed.tlsServerNames)) add(facts, `tls ${fold(name)}`, count)
  for (const [name, count] of Object.entries(observed.quicServerNames)) add(facts, `quic ${fold(name)}`, count)
  for (const { client, name, type, count } of observed.dnsQueries)
    add(facts, `dns ${client} ${fold(name)} ${type}`, count)
  for (const [mac, names] of Object.entries(observed.dhcpHostnames))
    for (const name of names) facts.set(`dhcp ${mac} ${name}`, 1)
  return facts
}

export interface Difference {
  fact: string
  truth: number | undefined
  ours: number | undefined
}

/** Facts on which the two differ; a fact worth nothing on one side and absent on the other is no difference. */
export function compareFacts(truth: Facts, ours: Facts): { total: number; differences: Difference[] } {
  const names = new Set([...truth.keys(), ...ours.keys()])
  const differences: Difference[] = []
  for (const fact of names) {
    if ((truth.get(fact) ?? 0) !== (ours.get(fact) ?? 0))
      differences.push({ fact, truth: truth.get(fact), ours: ours.get(fact) })
  }
  return { total: names.size, differences }
}

function add(facts: Facts, fact: string, count: number): void {
  facts.set(fact, (facts.get(fact) ?? 0) + count)
}

/** tshark writes the root as <Root> and keeps the case. */
function fold(name: string): string {
  const folded = name.toLowerCase().replace(/\.$/, '')
  return folded === '<root>' || folded === '' ? '.' : folded
}
