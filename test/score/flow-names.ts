// How much of the bytes of real captures has a name and a company when only flow records are seen, alone and with the
// household's look-ups, beside the packets themselves: npx tsx test/score/flow-names.ts [--ipfix] [CAPTURE…]
//
// softflowd makes the records of each capture and sends them to a socket of this process; tshark reads the look-ups, as
// a resolver's log would tell them, in whole seconds.
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlowDecoder } from '../../capture/flows/flow-decoder.ts'
import { prefixOf } from '../../capture/ip-address.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import { measureCoverage } from '../../server/analyze/report.ts'
import { LogSums } from '../../server/analyze-log.ts'
import { Engine } from '../../server/engine/engine.ts'
import type { DeviceFacts } from '../../server/resolve/facts.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { openRules, type Rules } from '../../server/rulebook/open.ts'
import { has } from '../lab/programs.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { realCaptureFiles } from '../support/real-captures.ts'
import { TRUTH_HOME } from './facts.ts'
import { lookUpsOf } from './look-ups.ts'

/** Captures of homes and of their devices; the others are made to test programs. */
const HOMES = /IoT_Sentinel|Lifecycle-Based|VCFingerprinting|alexa_recon|intl-iot|iot-inspector|nDPI/
/** Of a version 9 or IPFIX header, when it was sent: RFC 3954 section 5.1, RFC 7011 section 3.1. */
const SENT_AT = { 9: 8, 10: 4 } as const
/** As the README says to set it. */
const ACTIVE_TIMEOUT = 60

export const VERSIONS = [9, 10] as const
export type FlowVersion = (typeof VERSIONS)[number]

/** Bytes to and from the internet, and how many of them have a name and a company. */
export interface NamedBytes {
  bytes: number
  named: number
  /** Their company is known, not only likely; clouds and networks that others rent do not count. */
  attributed: number
  /** Named otherwise than by the packets, where these name the address. */
  otherName: number
}

export interface FlowNames {
  packets: NamedBytes
  alone: NamedBytes
  withLookUps: NamedBytes
  /** Records that were lost between softflowd and us: the capture is left out of a sum then. */
  lost: number
}

/** Programs that are missing; null where none is. */
export function whyNoFlowNames(): string | null {
  const missing = ['softflowd', 'tshark'].filter((program) => !has(program))
  return missing.length === 0 ? null : `no ${missing.join(', ')} here (apt-get install ${missing.join(' ')})`
}

export async function flowNamesOf(capture: string, rules: Rules, version: FlowVersion): Promise<FlowNames> {
  const home = TRUTH_HOME.map(prefixOf)
  const { devices } = await analyzeFile(capture, { home, rules })
  const known = namesByAddress(devices)
  const datagrams = await recordsOf(capture, version)
  const lookUps = lookUpsOf(capture)
  const flows = (withLookUps: boolean): { devices: DeviceFacts[]; lost: number } => {
    const sums = new LogSums(new Engine({ home }), rules)
    const decoder = new FlowDecoder((record) => sums.add(record))
    const arrivals = datagrams.map((bytes) => ({
      at: bytes.readUInt32BE(SENT_AT[version]),
      hand: () => decoder.take(bytes, { address: '192.168.0.254', port: 40_000 }, bytes.readUInt32BE(SENT_AT[version])),
    }))
    const asked = (withLookUps ? lookUps : []).map((record: LogRecord) => ({
      at: record.time ?? 0,
      hand: () => sums.add(record),
    }))
    // A line of the log is there before the flow that it led to is told.
    for (const { hand } of [...asked, ...arrivals].toSorted((one, other) => one.at - other.at)) hand()
    sums.drain()
    return { devices: sums.devices(), lost: decoder.lost }
  }
  const [alone, joined] = [flows(false), flows(true)]
  return {
    packets: namedBytes(devices, known, rules),
    alone: namedBytes(alone.devices, known, rules),
    withLookUps: namedBytes(joined.devices, known, rules),
    lost: alone.lost,
  }
}

/** The datagrams of softflowd, in their order. */
async function recordsOf(capture: string, version: FlowVersion): Promise<Buffer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-flows-'))
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 })
  const datagrams: Buffer[] = []
  socket.on('message', (bytes) => datagrams.push(bytes))
  try {
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const { port } = socket.address()
    const words = ['-r', capture, '-d', '-6', '-T', 'ether', '-v', String(version), '-n', `127.0.0.1:${port}`]
    const timeouts = ['-t', `maxlife=${ACTIVE_TIMEOUT}`]
    // With a control socket (-c) it waits for commands for ever when the file is over.
    const child = spawn('softflowd', [...words, ...timeouts, '-p', join(folder, 'pid')], { stdio: 'ignore' })
    await new Promise<void>((resolve, reject) => child.once('exit', () => resolve()).once('error', reject))
    await drained(() => datagrams.length)
    return datagrams
  } finally {
    socket.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the kernel still holds is handed over in the next rounds of the loop. */
async function drained(count: () => number): Promise<void> {
  for (let before = -1; before !== count();) {
    before = count()
    for (let round = 0; round < 20; round++) await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** By device address and far address the names that the packets told. */
function namesByAddress(devices: readonly DeviceFacts[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>()
  for (const { endpoints } of devices)
    for (const { host, addresses } of endpoints)
      if (host !== null)
        for (const address of addresses) {
          const known = names.get(address) ?? new Set()
          names.set(address, known.add(host.toLowerCase()))
        }
  return names
}

function namedBytes(devices: DeviceFacts[], known: ReadonlyMap<string, ReadonlySet<string>>, rules: Rules): NamedBytes {
  const sums = { bytes: 0, named: 0, attributed: 0, otherName: 0 }
  for (const { endpoints } of devices)
    for (const { host, addresses, sent, received } of endpoints) {
      const bytes = sent + received
      sums.bytes += bytes
      if (host === null) continue
      sums.named += bytes
      const names = addresses.flatMap((address) => [...(known.get(address) ?? [])])
      if (names.length > 0 && !names.includes(host.toLowerCase())) sums.otherName += bytes
    }
  const { attributed, likely } = measureCoverage(devices, rules)
  sums.attributed = Math.round((attributed - likely) * sums.bytes)
  return sums
}

function add(sum: NamedBytes, one: NamedBytes): void {
  for (const key of ['bytes', 'named', 'attributed', 'otherName'] as const) sum[key] += one[key]
}

function share(part: number, all: number): string {
  return all === 0 ? '-' : `${((part / all) * 100).toFixed(1)} %`
}

async function main(): Promise<void> {
  const why = whyNoFlowNames()
  const version = process.argv.includes('--ipfix') ? 10 : 9
  const given = process.argv.slice(2).filter((word) => !word.startsWith('--'))
  const captures = given.length > 0 ? given : realCaptureFiles()?.filter((path) => HOMES.test(path))
  if (why !== null || captures === undefined) return console.log(why ?? NO_REAL_DATA)
  const rules = openRules(compiledRulesFolder())
  const zero = (): NamedBytes => ({ bytes: 0, named: 0, attributed: 0, otherName: 0 })
  const sums = new Map(['packets', 'alone', 'withLookUps'].map((way) => [way, zero()]))
  let [read, lossy] = [0, 0]
  for (const capture of captures) {
    const found = await flowNamesOf(capture, rules, version).catch(() => null)
    if (found === null || found.packets.bytes === 0) continue
    if (found.lost > 0) {
      lossy++
      continue
    }
    read++
    for (const way of ['packets', 'alone', 'withLookUps'] as const) add(sums.get(way) as NamedBytes, found[way])
    const words = (['packets', 'alone', 'withLookUps'] as const).map(
      (way) =>
        `${found[way].bytes}\t${share(found[way].named, found[way].bytes)}\t${share(found[way].attributed, found[way].bytes)}`,
    )
    console.log([...words, capture.slice((realDataFolder() ?? '').length)].join('\t'))
  }
  for (const [way, { bytes, named, attributed, otherName }] of sums)
    console.log(
      `${way}: ${bytes} bytes, named ${share(named, bytes)}, company ${share(attributed, bytes)}, named otherwise than by packets ${share(otherName, bytes)}`,
    )
  console.log(`${read} captures; ${lossy} left out, of which records were lost on the way`)
}

if (process.argv[1] === import.meta.filename) await main()
