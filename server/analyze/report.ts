// The analysis as JSON, from what the engine counted.
import type { CaptureReader } from '../../capture/formats/capture-reader.ts'
import type { Engine } from '../engine/engine.ts'
import { NAMED_BY_WORDS, NamedBy, type NamedByWord } from '../engine/named-by.ts'
import type { Rules } from '../rulebook/open.ts'
import { ownersOf } from './owners.ts'
import type { Analysis, CaptureFacts, CoverageFacts, ObservedFacts } from './analysis.ts'
import type { DeviceFacts } from '../resolve/facts.ts'
import { listConflicts } from '../resolve/conflicts.ts'
import { isSeen } from '../resolve/likely-endpoints.ts'
import { type CountedBytes, unattributedOf } from '../model/remainder.ts'
import { countBytes } from '../resolve/counted-bytes.ts'
import { describeDevices } from '../resolve/describe-devices.ts'
import { compare, isoTime } from '../model/stable-text.ts'

/** Name sources that give a host's name; a range or a network owner names only a company. */
const NAME_SOURCES_OF_HOSTS: readonly NamedByWord[] = [
  'tls',
  'quic',
  'http',
  'dns',
  'certificate',
  'dns-other',
  'remembered',
]

/** `hasFaults`: packets could not be processed. */
export function buildAnalysis(
  file: string,
  reader: CaptureReader,
  engine: Engine,
  rules: Rules | null,
  hasFaults = false,
): Analysis {
  const devices = describeDevices(engine, rules)
  devices.sort(
    (one, other) =>
      internetBytes(other) - internetBytes(one) || localBytes(other) - localBytes(one) || compare(one.id, other.id),
  )
  return {
    schema: 1,
    capture: describeCapture(file, reader, engine),
    devices,
    owners: rules === null ? [] : ownersOf(devices, rules.companies),
    events: [],
    alerts: [],
    conflicts: listConflicts(engine),
    coverage: measureCoverage(devices, rules, countBytes(engine, hasFaults)),
    observed: describeObserved(engine),
    limits: Object.fromEntries([...engine.limits.reached].sort(([one], [other]) => compare(one, other))),
  }
}

function describeCapture(file: string, reader: CaptureReader, engine: Engine): CaptureFacts {
  return {
    file,
    format: reader.format ?? 'pcap',
    linkTypes: reader.linkTypes,
    packets: reader.packets,
    frameBytes: reader.frameBytes,
    ipPackets: engine.ipPackets,
    ipBytes: engine.ipBytes,
    first: isoTime(engine.clock.first),
    last: isoTime(engine.clock.last),
    problems: reader.allProblems(),
    ...(engine.linkNotices.length > 0 && { notices: engine.linkNotices }),
  }
}

/** `counted` is what the devices' rows add up to where absent: of logs, which hold nothing else. */
export function measureCoverage(
  devices: DeviceFacts[],
  rules: Rules | null,
  counted: CountedBytes = bytesInRows(devices),
): CoverageFacts {
  const bytes = new Map<NamedByWord, number>()
  const unattributed = unattributedOf(counted)
  if (unattributed > 0) bytes.set('none', unattributed)
  let total = unattributed
  let seen = 0
  let likely = 0
  for (const endpoint of devices.flatMap((device) => device.endpoints)) {
    const size = endpoint.sent + endpoint.received
    bytes.set(endpoint.namedBy, (bytes.get(endpoint.namedBy) ?? 0) + size)
    total += size
    if (rules !== null && isSeen(endpoint, rules)) seen += size
    else if (endpoint.likely !== undefined) likely += size
  }
  const by: Partial<Record<NamedByWord, number>> = {}
  for (const word of [...NAMED_BY_WORDS.slice(1), NAMED_BY_WORDS[NamedBy.None]]) {
    const size = bytes.get(word)
    if (size !== undefined && total > 0) by[word] = size / total
  }
  const named = NAME_SOURCES_OF_HOSTS.reduce((sum, word) => sum + (bytes.get(word) ?? 0), 0)
  const shareOf = (size: number): number => (total > 0 ? size / total : 0)
  return { share: shareOf(named), attributed: shareOf(seen + likely), likely: shareOf(likely), by, bytes: counted }
}

function bytesInRows(devices: DeviceFacts[]): CountedBytes {
  const internet = devices.reduce((sum, device) => sum + internetBytes(device), 0)
  const local = devices.reduce((sum, { sentLocal }) => sum + sentLocal, 0)
  return { internet, local, remainder: [] }
}

export function describeObserved(engine: Engine): ObservedFacts {
  const { observed, names, addresses } = engine
  const counted = (counts: typeof observed.tlsServerNames): Record<string, number> => {
    const entries: [string, number][] = []
    counts.forEach((name, count) => entries.push([names.text(name), count]))
    return Object.fromEntries(entries)
  }
  const dnsQueries: ObservedFacts['dnsQueries'] = []
  observed.forEachQuery((client, name, type, count) => {
    dnsQueries.push({ client: addresses.text(client), name: name === 0 ? '.' : names.text(name), type, count })
  })
  const dhcpHostnames: Record<string, string[]> = {}
  for (const [mac, evidence] of engine.evidence.macs()) {
    if (evidence.dhcpHostnames !== undefined) dhcpHostnames[mac] = [...evidence.dhcpHostnames]
  }
  return {
    tlsServerNames: counted(observed.tlsServerNames),
    quicServerNames: counted(observed.quicServerNames),
    httpHosts: counted(observed.httpHosts),
    dnsQueries,
    dhcpHostnames,
    mdnsNames: [...engine.mdnsNames],
  }
}

function internetBytes(device: DeviceFacts): number {
  return device.sent + device.received
}

function localBytes(device: DeviceFacts): number {
  return device.sentLocal + device.receivedLocal
}
