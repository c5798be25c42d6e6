// Measures each source in turn: bytes against nft's counters, when they are on the page and where on its chart, names
// and companies alone and with the resolver's log, and what it costs.
import { setTimeout as sleep } from 'node:timers/promises'
import { openRelay, boxOf, type Relay } from './box.ts'
import type { Exporter, LabSource } from './exporter.ts'
import { wantedSources, whatExporterMisses } from './exporters.ts'
import type { Findings } from './findings.ts'
import { type Span, spanFromNow } from './household.ts'
import { type Coverage, coverageOf, rowsOfHome } from './name-coverage.ts'
import { misplacedShare, NftClock } from './nft-clock.ts'
import { cpuSecondsOfTrees } from './process-cpu.ts'
import { type Shown, whatDevicesShow } from './shown.ts'
import type { RunningLab } from './steward.ts'
import { startTelltale, type Telltale, until } from './telltale.ts'

const PORT = 8490
const LIVE_SECONDS = 20
/** Beyond what the source says. */
const SPARE_SECONDS = 8

export interface OpenSource {
  telltale: Telltale
  /** What feeds it now: another after it was started again. */
  exporter: Exporter
  close(): Promise<void>
}

/** Must be called in the router's namespace. */
export async function checkSources(running: RunningLab, findings: Findings, words: readonly string[]): Promise<void> {
  await Promise.all(running.devices.map(async (device) => (device.lease = await device.order({ do: 'switch-on' }))))
  const withLog = words.includes('--with-dns-log')
  let port = PORT
  for (const source of wantedSources(words)) {
    const missing = whatExporterMisses(source)
    if (missing !== null) {
      findings.report(missing)
      continue
    }
    for (const log of withLog ? [[], [dnsLogOf(running)]] : [[]]) {
      const title = log.length === 0 ? source.title : `${source.title}, with the resolver's log`
      try {
        await measure(running, source, { port: port++, log, title }, findings)
      } catch (error) {
        findings.judge(false, `${title}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
}

function dnsLogOf({ lab }: RunningLab): string {
  return `dns:dnsmasq:${lab.folder}/dnsmasq.log`
}

/** Opens Telltale with a source, on the machine that it runs on, and what feeds it. */
export async function openSource(
  running: RunningLab,
  source: LabSource,
  port: number,
  moreSources: readonly string[] = [],
): Promise<OpenSource> {
  const { lab } = running
  const exporter = await source.start(lab)
  let relay: Relay | null = null
  try {
    const namespace = source.runsOn === 'box' ? boxOf(lab) : undefined
    if (namespace !== undefined) relay = await openRelay(lab, namespace, port)
    const telltale = await startTelltale(lab.folder, source.argument, port, {
      ...(namespace === undefined ? {} : { namespace }),
      moreSources,
      onlyListens: source.tells === 'flow records',
      environment: source.environment?.(lab) ?? {},
    })
    const opened: OpenSource = {
      telltale,
      exporter,
      close: async () => {
        await telltale.stop()
        relay?.close()
        await opened.exporter.stop()
      },
    }
    return opened
  } catch (error) {
    relay?.close()
    await exporter.stop()
    throw error
  }
}

async function measure(
  running: RunningLab,
  source: LabSource,
  { port, log, title }: { port: number; log: string[]; title: string },
  findings: Findings,
): Promise<void> {
  const span = spanFromNow()
  const { telltale, exporter, close } = await openSource(running, source, port, log)
  try {
    const before = countedOf(running, source)
    const cpu = (): number => cpuSecondsOfTrees([telltale.child.pid as number, ...exporter.pids()])
    const [cpuBefore, begin] = [cpu(), performance.now()]
    const clock = new NftClock(running.lab, source.families)
    await lifeOf(running)
    const used = (cpu() - cpuBefore) / ((performance.now() - begin) / 1000)
    await exporter.push?.()
    const tookUntold = await settled(running, source, telltale, span, before)
    await exporter.flush?.()
    const took = tookUntold ?? (await settled(running, source, telltale, span, before))
    clock.stop()
    judgeBytes(running, source, await rowsOfHome(running, telltale, span), before, { title, took }, findings)
    findings.report(`${title}: ${await chartWords(telltale, clock)}; CPU ${(used * 100).toFixed(1)} % of one core`)
    findings.report(`${title}: ${coverageWords(await coverageOf(running, telltale, span))}`)
    await reportHealth(telltale, title, findings)
  } finally {
    await close()
  }
}

async function lifeOf(running: RunningLab): Promise<void> {
  await Promise.all(running.devices.map((device) => device.order({ do: 'carry-on' })))
  await sleep(LIVE_SECONDS * 1000)
  await Promise.all(running.devices.map((device) => device.order({ do: 'rest' })))
}

type Counted = Map<string, Shown>

function countedOf({ lab, devices }: RunningLab, { families }: LabSource): Counted {
  return new Map(devices.map(({ plan }) => [plan.label, whatDevicesShow(lab, plan, families)]))
}

/** Seconds from the last byte until nft's bytes are on the page; null where they did not come in the time stated. */
async function settled(
  running: RunningLab,
  source: LabSource,
  telltale: Telltale,
  span: Span,
  before: Counted,
): Promise<number | null> {
  const isAllThere = async (): Promise<boolean> => {
    const wanted = differenceOf(before, countedOf(running, source))
    const shown = sumsOf(await rowsOfHome(running, telltale, span))
    return [...wanted].every(([label, { sent, received }]) => {
      const found = shown.get(label) ?? { sent: 0, received: 0 }
      return isNear(found.sent, sent, source) && isNear(found.received, received, source)
    })
  }
  return until(isAllThere, source.toldWithin + SPARE_SECONDS, 'all bytes are there').catch(() => null)
}

function isNear(found: number, wanted: number, { tolerance }: LabSource): boolean {
  return Math.abs(found - wanted) <= wanted * tolerance
}

function differenceOf(before: Counted, after: Counted): Counted {
  return new Map(
    [...after].map(([label, { sent, received }]) => {
      const earlier = before.get(label) as Shown
      return [label, { sent: sent - earlier.sent, received: received - earlier.received }]
    }),
  )
}

function sumsOf(rows: Awaited<ReturnType<typeof rowsOfHome>>): Counted {
  const sums: Counted = new Map()
  for (const { label, sent, received } of rows) {
    const sum = sums.get(label) ?? { sent: 0, received: 0 }
    sums.set(label, { sent: sum.sent + sent, received: sum.received + received })
  }
  return sums
}

function judgeBytes(
  running: RunningLab,
  source: LabSource,
  rows: Awaited<ReturnType<typeof rowsOfHome>>,
  before: Counted,
  { title, took }: { title: string; took: number | null },
  findings: Findings,
): void {
  const shown = sumsOf(rows)
  const wrong: string[] = []
  let [bytes, wanted] = [0, 0]
  for (const [label, nft] of differenceOf(before, countedOf(running, source))) {
    const found = shown.get(label) ?? { sent: 0, received: 0 }
    bytes += found.sent + found.received
    wanted += nft.sent + nft.received
    if (!isNear(found.sent, nft.sent, source)) wrong.push(`${label} sent ${found.sent} (nft ${nft.sent})`)
    if (!isNear(found.received, nft.received, source))
      wrong.push(`${label} received ${found.received} (nft ${nft.received})`)
  }
  const within =
    took === null ? 'not all in the time stated' : `all on the page ${took.toFixed(1)} s after the last byte`
  const families = source.families.map((family) => `IPv${family}`).join(' and ')
  findings.judge(
    wrong.length === 0,
    `${title}: ${bytes} bytes of ${families}, nft ${wanted} (${((bytes / wanted - 1) * 100).toFixed(4)} %), ${within}${wrong.map((words) => `; ${words}`).join('')}`,
  )
}

async function chartWords(telltale: Telltale, clock: NftClock): Promise<string> {
  const share = (step: number): Promise<string> =>
    misplacedShare(telltale, clock, step).then((found) => `${(found * 100).toFixed(1)} %`)
  return `bytes that the chart has in another second ${await share(1)}, in other ten seconds ${await share(10)}`
}

function coverageWords({ name, company }: Coverage): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  return (
    `of the bytes ${percent(name.right)} have the right name (${percent(name.wrong)} a wrong one), ` +
    `${percent(company.right)} the right company (${percent(company.wrong)} a wrong one)`
  )
}

export async function reportHealth(telltale: Telltale, title: string, findings: Findings): Promise<void> {
  const { sources } = await telltale.status()
  for (const { title: name, state, packets, dropped, problem } of sources)
    findings.report(
      `${title}: "${name}" is ${state}, ${packets} packets or records, ${dropped} dropped${problem === null ? '' : `; it says: ${problem}`}`,
    )
}
