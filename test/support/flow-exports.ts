// Datagrams of NetFlow v5, NetFlow v9 and IPFIX, built from their parts, and a decoder that keeps what they hold.
import { FlowDecoder, type FlowSender } from '../../capture/flows/flow-decoder.ts'
import { parseAddress } from '../../capture/ip-address.ts'
import type { LogConnection } from '../../capture/logs/record.ts'

export const ROUTER: FlowSender = { address: '192.168.7.1', port: 40_000 }
/** When the datagrams of tests come, in seconds since 1970. */
export const NOW = 1_790_000_000
export const DEVICE = '192.168.7.20'
export const FAR = '198.51.100.9'

/** An unsigned number of so many bytes. */
export function uint(value: number | bigint, length: number): number[] {
  const bytes: number[] = []
  for (let rest = BigInt(value), at = 0; at < length; at++, rest >>= 8n) bytes.unshift(Number(rest & 255n))
  return bytes
}

export function address(text: string): number[] {
  const words = parseAddress(text) ?? [0, 0, 0, 0]
  return text.includes(':') ? words.flatMap((word) => uint(word >>> 0, 4)) : uint(words[3] >>> 0, 4)
}

export const mac = (text: string): number[] => text.split(':').map((byte) => Number.parseInt(byte, 16))

/** One field: its element, its bytes in this record, and what else its specifier says. */
export interface Field {
  id: number
  bytes: number[]
  enterprise?: number
  /** The template gives it no length of its own. */
  isVariable?: boolean
}

export const field = (id: number, value: number | bigint, length: number): Field => ({ id, bytes: uint(value, length) })
export const reverse = (id: number, value: number, length: number): Field => ({
  ...field(id, value, length),
  enterprise: 29_305,
})

/** The fields of a usual record, from the device to the internet. */
export function flowFields(more: Field[] = [], without: number[] = []): Field[] {
  const usual = [
    { id: 8, bytes: address(DEVICE) },
    { id: 12, bytes: address(FAR) },
    field(7, 50_000, 2),
    field(11, 443, 2),
    field(4, 6, 1),
    field(1, 60_000, 8),
    field(2, 60, 4),
    field(152, (NOW - 30) * 1000, 8),
    field(153, NOW * 1000, 8),
  ]
  const replaced = [...without, ...more.map(({ id }) => id)]
  return [...usual.filter(({ id }) => !replaced.includes(id)), ...more]
}

function specifier({ id, bytes, enterprise, isVariable }: Field): number[] {
  const length = uint(isVariable === true ? 65_535 : bytes.length, 2)
  return enterprise === undefined
    ? [...uint(id, 2), ...length]
    : [...uint(id + 0x8000, 2), ...length, ...uint(enterprise, 4)]
}

export function set(id: number, content: number[]): number[] {
  return [...uint(id, 2), ...uint(content.length + 4, 2), ...content]
}

/** A set with one template; `isIpfix` decides its number. */
export function templateSet(id: number, fields: Field[], isIpfix = true): number[] {
  return set(isIpfix ? 2 : 0, [...uint(id, 2), ...uint(fields.length, 2), ...fields.flatMap(specifier)])
}

/** A set with one template of options, the first `scopes` fields of which are scopes. */
export function optionsSet(id: number, fields: Field[], scopes: number, isIpfix = true): number[] {
  const counts = isIpfix ? [fields.length, scopes] : [4 * scopes, 4 * (fields.length - scopes)]
  const content = [...uint(id, 2), ...counts.flatMap((count) => uint(count, 2)), ...fields.flatMap(specifier)]
  return set(isIpfix ? 3 : 1, content)
}

export function withdrawal(id: number): number[] {
  return set(id === 3 ? 3 : 2, [...uint(id, 2), ...uint(0, 2)])
}

/** A set with records of the template. */
export function dataSet(id: number, ...records: Field[][]): number[] {
  const content = records.flatMap((fields) =>
    fields.flatMap(({ bytes, isVariable }) =>
      isVariable === true ? [...variableLength(bytes.length), ...bytes] : bytes,
    ),
  )
  return set(id, content)
}

function variableLength(length: number): number[] {
  return length < 255 ? [length] : [255, ...uint(length, 2)]
}

export interface Header {
  exported?: number
  sequence?: number
  domain?: number
  /** Milliseconds since the exporter was started (v5, v9). */
  uptime?: number
}

export function ipfix(sets: number[][], { exported = NOW, sequence = 0, domain = 1 }: Header = {}): Uint8Array {
  const content = sets.flat()
  return Uint8Array.from([
    ...uint(10, 2),
    ...uint(16 + content.length, 2),
    ...uint(exported, 4),
    ...uint(sequence, 4),
    ...uint(domain, 4),
    ...content,
  ])
}

export function v9(
  sets: number[][],
  { exported = NOW, sequence = 0, domain = 1, uptime = 1_000_000 }: Header = {},
): Uint8Array {
  const numbers = [exported, sequence, domain]
  return Uint8Array.from([
    ...uint(9, 2),
    ...uint(sets.length, 2),
    ...uint(uptime, 4),
    ...numbers.flatMap((value) => uint(value, 4)),
    ...sets.flat(),
  ])
}

export interface V5Flow {
  source?: string
  destination?: string
  octets?: number
  packets?: number
  first?: number
  last?: number
  sourcePort?: number
  destinationPort?: number
  protocol?: number
}

export function v5(
  flows: V5Flow[],
  { exported = NOW, sequence = 0, uptime = 1_000_000, sampling = 0 } = {},
): Uint8Array {
  const records = flows.flatMap(
    ({
      source = DEVICE,
      destination = FAR,
      octets = 60_000,
      packets = 60,
      first = uptime - 30_000,
      last = uptime,
      sourcePort = 50_000,
      destinationPort = 443,
      protocol = 6,
    }) => [
      ...address(source),
      ...address(destination),
      ...uint(0, 4),
      ...uint(3, 2),
      ...uint(4, 2),
      ...[packets, octets, first, last].flatMap((value) => uint(value, 4)),
      ...uint(sourcePort, 2),
      ...uint(destinationPort, 2),
      ...[0, 0x18, protocol, 0],
      ...uint(0, 8),
    ],
  )
  return Uint8Array.from([
    ...uint(5, 2),
    ...uint(flows.length, 2),
    ...[uptime, exported, 0, sequence].flatMap((value) => uint(value, 4)),
    ...uint(0, 2),
    ...uint(sampling, 2),
    ...records,
  ])
}

/** A decoder, and what it handed on. */
export class Collector {
  readonly flows: LogConnection[] = []
  readonly decoder = new FlowDecoder((flow) => this.flows.push(flow))

  take(bytes: Uint8Array, arrived = NOW, from: FlowSender = ROUTER): this {
    this.decoder.take(bytes, from, arrived)
    return this
  }

  /** Sums of what came. */
  get bytes(): number {
    return this.flows.reduce((sum, { bytesUp, bytesDown }) => sum + bytesUp + bytesDown, 0)
  }
}

/** What was decoded of one message with a template and its records. */
export function decoded(fields: Field[], header: Header = {}, arrived = NOW): LogConnection[] {
  return new Collector().take(ipfix([templateSet(300, fields), dataSet(300, fields)], header), arrived).flows
}
