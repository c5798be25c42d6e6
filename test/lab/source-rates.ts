// What each source costs at rising rates: CPU seconds of Telltale with all that it starts and of the router's exporter,
// drops, and bytes against nft's, beside full capture.
import { setTimeout as sleep } from 'node:timers/promises'
import { cloudHosts } from './addresses.ts'
import { openSource, type OpenSource, reportHealth } from './check-sources.ts'
import type { LabSource } from './exporter.ts'
import { wantedSources, whatExporterMisses } from './exporters.ts'
import { type Findings, percentile } from './findings.ts'
import { spanFromNow } from './household.ts'
import { rowsOfHome } from './name-coverage.ts'
import { cpuSecondsOfTrees } from './process-cpu.ts'
import { forwardedInAll } from './shown.ts'
import type { RunningLab } from './steward.ts'
import { until } from './telltale.ts'

const PORT = 8520
const MEGABITS = [100, 400]
const SECONDS = 8
const ROUNDS = 3
/** Connections that share the rate; each has its own address of the cloud. */
const CONNECTIONS = 4
/** Of a segment of 1,448 bytes over IPv4 with time stamps. */
const IP_BYTES_PER_BYTE = 1500 / 1448

interface Round {
  megabits: number
  /** CPU seconds of each second: 1 is one core. */
  telltale: number
  exporter: number
  /** Bytes on the page less nft's, as a share. */
  error: number
  dropped: number
}

/** Must be called in the router's namespace. */
export async function sourceRates(running: RunningLab, findings: Findings, words: readonly string[]): Promise<void> {
  await Promise.all(running.devices.map(async (device) => (device.lease = await device.order({ do: 'switch-on' }))))
  const lines: string[] = []
  let port = PORT
  for (const source of wantedSources(words)) {
    const missing = whatExporterMisses(source)
    if (missing !== null) {
      findings.report(missing)
      continue
    }
    try {
      lines.push(...(await ratesOf(running, source, port++, findings)))
    } catch (error) {
      findings.judge(false, `${source.title}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const line of [
    '| source | Mbit/s | Telltale | exporter | both | dropped | bytes |',
    '|---|---|---|---|---|---|---|',
  ])
    findings.report(line)
  for (const line of lines) findings.report(line)
}

async function ratesOf(running: RunningLab, source: LabSource, port: number, findings: Findings): Promise<string[]> {
  const open = await openSource(running, source, port)
  try {
    const lines: string[] = []
    for (const megabits of MEGABITS) {
      const rounds: Round[] = []
      for (let round = 0; round < ROUNDS; round++) rounds.push(await roundOf(running, source, open, megabits))
      lines.push(lineOf(source, rounds))
      const errors = rounds.map(({ error }) => Math.abs(error))
      findings.judge(
        Math.max(...errors) <= Math.max(source.tolerance, 0.001) || rounds.some(({ dropped }) => dropped > 0),
        `${source.title} at ${megabits} Mbit/s: farthest from nft ${(Math.max(...errors) * 100).toFixed(4)} %`,
      )
    }
    await reportHealth(open.telltale, source.title, findings)
    return lines
  } finally {
    await open.close()
  }
}

function lineOf({ title }: LabSource, rounds: readonly Round[]): string {
  const median = (of: (round: Round) => number): number => percentile(rounds.map(of), 0.5)
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
  const both = median(({ telltale, exporter }) => telltale + exporter)
  const words = [
    title,
    median(({ megabits }) => megabits).toFixed(0),
    percent(median(({ telltale }) => telltale)),
    percent(median(({ exporter }) => exporter)),
    percent(both),
    String(rounds.reduce((sum, { dropped }) => sum + dropped, 0)),
    `${(median(({ error }) => error) * 100).toFixed(4)} %`,
  ]
  return `| ${words.join(' | ')} |`
}

async function roundOf(
  running: RunningLab,
  source: LabSource,
  { telltale, exporter }: OpenSource,
  megabits: number,
): Promise<Round> {
  const dropped = async (): Promise<number> =>
    (await telltale.status()).sources.reduce((sum, one) => sum + one.dropped, 0)
  const own = telltale.child.pid as number
  const cpu = () => ({ telltale: cpuSecondsOfTrees([own]), exporter: cpuSecondsOfTrees(exporter.pids()) })
  const span = spanFromNow()
  const shown = async (): Promise<number> =>
    (await rowsOfHome(running, telltale, { from: 0, to: span.to })).reduce(
      (sum, row) => sum + row.sent + row.received,
      0,
    )
  const nft = (): number => {
    const { sent, received } = forwardedInAll(running.lab, source.families)
    return sent + received
  }
  const before = { cpu: cpu(), nft: nft(), shown: await shown(), dropped: await dropped() }
  const begin = performance.now()
  await load(running, megabits)
  const seconds = (performance.now() - begin) / 1000
  await exporter.push?.()
  await exporter.flush?.()
  const bytes = nft() - before.nft
  // What comes late costs too.
  await until(async () => (await shown()) - before.shown >= bytes, source.toldWithin + 5, 'all is there').catch(
    () => {},
  )
  // The drop counters are asked for every 5 s.
  await sleep(6000)
  const after = cpu()
  return {
    megabits: (bytes * 8) / seconds / 1e6,
    telltale: (after.telltale - before.cpu.telltale) / seconds,
    exporter: (after.exporter - before.cpu.exporter) / seconds,
    error: ((await shown()) - before.shown) / bytes - 1,
    dropped: (await dropped()) - before.dropped,
  }
}

/** An even rate, over TCP and so with the acknowledgements of a real upload. */
async function load(running: RunningLab, megabits: number): Promise<void> {
  const addresses = cloudHosts(running.lab.devices).map(({ ipv4 }) => ipv4)
  const bytes = Math.round((megabits * 1e6 * SECONDS) / 8 / IP_BYTES_PER_BYTE / CONNECTIONS)
  const senders = running.devices.slice(0, 2)
  await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, place) => {
      const address = addresses[place % addresses.length]
      return senders[place % senders.length]?.order({ do: 'upload', address, bytes, seconds: SECONDS })
    }),
  )
}
