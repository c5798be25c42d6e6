// NetFlow version 5 (Cisco, "NetFlow Export Datagram Format", tables B-3 and B-4): a header and up to 30 records.
import { ipv4TextAt } from '../ip-address.ts'
import type { FlowRecord } from './flow-record.ts'
import { type ExportTimes, uptimeTime } from './flow-times.ts'
import { long, word } from './template.ts'

const HEADER = 24
const RECORD = 48
const MAX_RECORDS = 30

export interface V5Header {
  count: number
  /** Milliseconds since the exporter was started. */
  uptime: number
  /** Seconds since 1970, by the exporter's clock. */
  exported: number
  /** Flows that were sent before this datagram. */
  sequence: number
  /** Engine type and number: each has a numbering of its own. */
  engine: number
  /** Mode and interval. */
  sampling: number
}

/** Null where the datagram does not have the records that it announces. */
export function readV5Header(bytes: Uint8Array): V5Header | null {
  if (bytes.length < HEADER) return null
  const count = word(bytes, 2)
  if (count < 1 || count > MAX_RECORDS || bytes.length < HEADER + count * RECORD) return null
  return {
    count,
    uptime: long(bytes, 4),
    exported: long(bytes, 8) + long(bytes, 12) / 1e9,
    sequence: long(bytes, 16),
    engine: word(bytes, 20),
    sampling: word(bytes, 22),
  }
}

export function readV5Record(bytes: Uint8Array, index: number, times: ExportTimes, samplingRate: number): FlowRecord {
  const at = HEADER + index * RECORD
  const protocol = bytes[at + 38]
  const hasPorts = protocol === 6 || protocol === 17 || protocol === 132
  return {
    source: ipv4TextAt(bytes, at),
    destination: ipv4TextAt(bytes, at + 4),
    sourcePort: hasPorts ? word(bytes, at + 32) : 0,
    destinationPort: hasPorts ? word(bytes, at + 34) : 0,
    protocol,
    counts: {
      forward: { octets: long(bytes, at + 20), packets: long(bytes, at + 16) },
      reverse: null,
      areTotals: false,
      width: 4,
    },
    span: {
      start: uptimeTime(long(bytes, at + 24), times),
      end: uptimeTime(long(bytes, at + 28), times),
      seconds: null,
    },
    sourceMac: null,
    destinationMac: null,
    direction: null,
    flowId: '',
    samplingRate,
  }
}
