// How much of a home's traffic is attributed rightly when no name is seen: npx tsx test/score/masked.ts FOLDER…
//
// Each capture whole gives the truth: the companies, not clouds, of what was named by TLS, QUIC, HTTP, DNS or a
// certificate. The same capture without every packet that carries a name is judged by it, in bytes.
import { join } from 'node:path'
import { Engine } from '../../server/engine/engine.ts'
import { NAMED_BY_WORDS } from '../../server/engine/named-by.ts'
import { HOW_MASK, RowNumber } from '../../server/engine/row-table.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { openRules, type Rules } from '../../server/rulebook/open.ts'
import { describeDevices } from '../../server/resolve/describe-devices.ts'
import { groupBindings } from '../../server/resolve/devices.ts'
import { rowEndpoint } from '../../server/resolve/row-endpoint.ts'
import { realDataFolder } from '../support/real-data.ts'
import { capturesIn, readInto } from './capture-files.ts'
import { NamePackets } from './name-packets.ts'

/** Name sources that make a truth. */
const TRUE_SOURCES = new Set(['tls', 'quic', 'http', 'dns', 'certificate'])
/** Captures with fewer bytes of known company hold a protocol's vector and no home. */
const LEAST_BYTES = 1_000

export const VERDICTS = ['right', 'family', 'wrong', 'cloud', 'none'] as const
export type Verdict = (typeof VERDICTS)[number]
export type Verdicts = Record<Verdict, number>

/** What one line of the report is about. */
export interface JudgedRow {
  device: string
  address: string
  truth: string
  answer: string | null
  verdict: Verdict
  bytes: number
}

/** An engine that has read the whole capture, without the packets that carry names where `isMasked`. */
export async function readCapture(path: string, isMasked: boolean): Promise<Engine> {
  const engine = new Engine()
  await readInto(engine, path, isMasked ? new NamePackets() : null)
  return engine
}

/** Bytes to and from each company that is none of a cloud, by device and address. */
function truthOf(engine: Engine, rules: Rules): Map<string, Map<string, number>> {
  const truth = new Map<string, Map<string, number>>()
  const deviceOf = new Map<number, string>()
  for (const { id, bindings } of groupBindings(engine)) for (const binding of bindings) deviceOf.set(binding, id)
  const { rows, addresses } = engine
  for (let row = 0; row < rows.used; row++) {
    if (!TRUE_SOURCES.has(NAMED_BY_WORDS[rows.how(row) & HOW_MASK])) continue
    const { company } = rowEndpoint(engine, row, rules)
    const device = deviceOf.get(rows.binding(row))
    if (company === null || device === undefined || rules.companies.describe(company)?.cloud === true) continue
    const key = `${device} ${addresses.text(rows.address(row))}`
    const companies = truth.get(key) ?? new Map<string, number>()
    truth.set(key, companies)
    const bytes = rows.number(row, RowNumber.Sent) + rows.number(row, RowNumber.Received)
    companies.set(company, (companies.get(company) ?? 0) + bytes)
  }
  return truth
}

function verdictOn(answer: string | null, truth: string, rules: Rules): Verdict {
  if (answer === null) return 'none'
  if (answer === truth) return 'right'
  if (rules.companies.describe(answer)?.cloud === true) return 'cloud'
  return rules.companies.parentOf(answer) === rules.companies.parentOf(truth) ? 'family' : 'wrong'
}

/** Judges one capture; empty where it holds too little of known companies. */
export async function judgeCapture(path: string, rules: Rules): Promise<JudgedRow[]> {
  const truth = truthOf(await readCapture(path, false), rules)
  if (truth.size === 0) return []
  const judged: JudgedRow[] = []
  for (const device of describeDevices(await readCapture(path, true), rules)) {
    for (const endpoint of device.endpoints) {
      const [address] = endpoint.addresses
      const companies = truth.get(`${device.id} ${address}`)
      if (companies === undefined) continue
      const answer = endpoint.likely?.company ?? endpoint.company
      const all = [...companies.values()].reduce((sum, bytes) => sum + bytes, 0)
      for (const [company, bytes] of companies) {
        const share = all === 0 ? 0 : bytes / all
        judged.push({
          device: `${device.id} ${device.vendor ?? '?'} ${device.kind ?? '?'}`,
          address,
          truth: company,
          answer,
          verdict: verdictOn(answer, company, rules),
          bytes: (endpoint.sent + endpoint.received) * share,
        })
      }
    }
  }
  return judged.reduce((sum, { bytes }) => sum + bytes, 0) < LEAST_BYTES ? [] : judged
}

export function sumUp(judged: readonly JudgedRow[]): Verdicts {
  const sums: Verdicts = { right: 0, family: 0, wrong: 0, cloud: 0, none: 0 }
  for (const { verdict, bytes } of judged) sums[verdict] += bytes
  return sums
}

export function shareOf(sums: Verdicts, ...verdicts: Verdict[]): number {
  const all = VERDICTS.reduce((sum, verdict) => sum + sums[verdict], 0)
  return all === 0 ? 0 : verdicts.reduce((sum, verdict) => sum + sums[verdict], 0) / all
}

async function report(folders: readonly string[], isDetailed: boolean): Promise<void> {
  const rules = openRules(compiledRulesFolder())
  const total: Verdicts = { right: 0, family: 0, wrong: 0, cloud: 0, none: 0 }
  const shares: number[] = []
  for (const path of folders.flatMap(capturesIn)) {
    const judged = await judgeCapture(path, rules).catch((error: unknown) => {
      console.log(`${path}: not read: ${error instanceof Error ? error.message : String(error)}`)
      return []
    })
    if (judged.length === 0) continue
    const sums = sumUp(judged)
    for (const verdict of VERDICTS) total[verdict] += sums[verdict]
    shares.push(shareOf(sums, 'right', 'family'))
    console.log(`${path} ${VERDICTS.map((verdict) => `${verdict} ${shareOf(sums, verdict).toFixed(3)}`).join(' ')}`)
    if (isDetailed) printRows(judged)
  }
  const mean = shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length
  const parts = VERDICTS.map((verdict) => `${verdict} ${shareOf(total, verdict).toFixed(3)}`)
  console.log(`total ${parts.join(' ')} captures-mean ${mean.toFixed(3)}`)
}

function printRows(judged: readonly JudgedRow[]): void {
  for (const { device, address, truth, answer, verdict, bytes } of judged.toSorted((a, b) => b.bytes - a.bytes))
    console.log(`  ${verdict} ${Math.round(bytes)} ${device} ${address} is ${truth}, said ${answer ?? 'nothing'}`)
}

if (process.argv[1] === import.meta.filename) {
  const words = process.argv.slice(2)
  const folders = words.filter((word) => !word.startsWith('--'))
  const data = realDataFolder()
  if (folders.length === 0 && data === null)
    console.log('Name folders of captures: npx tsx test/score/masked.ts FOLDER…')
  else await report(folders.length > 0 ? folders : [join(data as string, 'captures')], words.includes('--rows'))
}
