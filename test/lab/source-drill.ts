// A drill for each source: what feeds it is killed and started again, its cable is pulled, a program of Telltale's and
// Telltale itself are killed; how soon it is back, whether the gap is drawn, and whether anything is counted twice.
import { setTimeout as sleep } from 'node:timers/promises'
import { LIVE_SCOPE, type Series } from '../../server/api.ts'
import { cloudHosts } from './addresses.ts'
import { openSource, type OpenSource } from './check-sources.ts'
import type { LabSource } from './exporter.ts'
import { wantedSources, whatExporterMisses } from './exporters.ts'
import type { Findings } from './findings.ts'
import { run } from './namespaces.ts'
import { NftClock } from './nft-clock.ts'
import type { RunningLab } from './steward.ts'
import { isCapturing, type Telltale, until } from './telltale.ts'

const PORT = 8560
const BACK_WITHIN = 5
/** How long what feeds it is away: a second without capture is seen as such, whatever its phase. */
const AWAY_SECONDS = 4
/** Between two faults, so that each gap is its own. */
const CALM_SECONDS = 6
/** What a device sends all the time. */
const BYTES_A_SECOND = 60_000
const LONGEST_DRILL = 400
/** Of the bytes, for readings of nft that are a quarter of a second apart. */
const TOLERANCE = 0.01
/** A second in which a gap begins or ends shows what it saw of it. */
const EDGES_OF_A_GAP = 2

interface Fault {
  name: string
  /** Makes it happen. Answers at what time what feeds the source was back, in seconds since 1970-01-01 UTC. */
  happen(): Promise<number>
}

interface Told {
  name: string
  /** Until it was back, since what feeds it was. */
  seconds: number
  gapSeconds: number
}

/** Must be called in the router's namespace. */
export async function sourceDrill(running: RunningLab, findings: Findings, words: readonly string[]): Promise<void> {
  await Promise.all(running.devices.map(async (device) => (device.lease = await device.order({ do: 'switch-on' }))))
  let port = PORT
  for (const source of wantedSources(words)) {
    const missing = whatExporterMisses(source)
    if (missing !== null) {
      findings.report(missing)
      continue
    }
    try {
      await drillOf(running, source, port++, findings)
    } catch (error) {
      findings.judge(false, `${source.title}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

async function drillOf(running: RunningLab, source: LabSource, port: number, findings: Findings): Promise<void> {
  const open = await openSource(running, source, port)
  // The device that speaks all the time; it goes on until the lab ends.
  const [address] = cloudHosts(running.lab.devices).map(({ ipv4 }) => ipv4)
  const spoken = running.devices[0]?.order({
    do: 'upload',
    address: address,
    bytes: BYTES_A_SECOND * LONGEST_DRILL,
    seconds: LONGEST_DRILL,
  })
  spoken?.catch(() => {})
  const clock = new NftClock(running.lab, source.families)
  try {
    await hasPackets(open.telltale, Date.now() / 1000, source.toldWithin + 20)
    const from = Math.ceil(Date.now() / 1000) + 1
    await sleep(CALM_SECONDS * 1000)
    const told: Told[] = []
    for (const fault of faultsOf(running, source, open)) {
      told.push(await during(open.telltale, source, fault))
      await sleep(CALM_SECONDS * 1000)
    }
    const to = Math.floor(Date.now() / 1000)
    await sleep((source.toldWithin + 3) * 1000)
    for (const fault of told) judgeFault(source, fault, findings)
    await judgeBytes(source, open.telltale, clock, { from, to, faults: told.length }, findings)
    // Seconds that were not saved are lost with the process: it comes last.
    const killedAt = Math.floor(Date.now() / 1000)
    judgeFault(source, await during(open.telltale, source, killed(open)), findings)
    await sleep((CALM_SECONDS + source.toldWithin) * 1000)
    await nothingTwice(source, open.telltale, clock, killedAt, findings)
  } finally {
    clock.stop()
    await open.close()
    await running.devices[0]?.order({ do: 'stop-upload' })
    await spoken?.catch(() => {})
  }
}

function faultsOf(running: RunningLab, source: LabSource, open: OpenSource): Fault[] {
  const away = (source.gapAfter ?? 0) + AWAY_SECONDS
  const now = (): number => Date.now() / 1000
  const faults: Fault[] = []
  const ofRouter = source.runsOn === 'box' || open.exporter.pids().length > 0
  if (ofRouter)
    faults.push({
      name: `what feeds it is killed, and started again ${away} s later`,
      happen: async () => {
        await open.exporter.kill()
        await sleep(away * 1000)
        open.exporter = await source.start(running.lab)
        return now()
      },
    })
  if (source.runsOn === 'box')
    faults.push({
      name: `its cable is pulled for ${away} s`,
      happen: async () => {
        run('ip', ['link', 'set', 'port-box', 'down'])
        await sleep(away * 1000)
        run('ip', ['link', 'set', 'port-box', 'up'])
        return now()
      },
    })
  if (open.telltale.programs().length > 0)
    faults.push({
      name: `its own ${[...new Set(open.telltale.programs().map(({ name }) => name))].join(', ')} is killed`,
      happen: async () => {
        for (const { pid } of open.telltale.programs()) process.kill(pid, 'SIGKILL')
        return now()
      },
    })
  return faults
}

function killed(open: OpenSource): Fault {
  return {
    name: 'Telltale is killed and started again',
    happen: async () => {
      await open.telltale.killAndRestart()
      return Date.now() / 1000
    },
  }
}

async function during(telltale: Telltale, source: LabSource, fault: Fault): Promise<Told> {
  const from = Date.now() / 1000
  const back = await fault.happen()
  const most = source.toldWithin + 30
  const seconds = await hasPackets(telltale, back, most).catch(() => Number.POSITIVE_INFINITY)
  await sleep(2500)
  const { sent, received } = await seriesOf(telltale, Math.floor(from), Math.ceil(back) + 2)
  const gapSeconds = sent.filter((value, place) => value === null && received[place] === null).length
  return { name: fault.name, seconds, gapSeconds }
}

/** Seconds from `since` until packets, or flows, of after it are told of. */
async function hasPackets(telltale: Telltale, since: number, within: number): Promise<number> {
  await until(
    async () => {
      const [source] = (await telltale.status().catch(() => null))?.sources ?? []
      return source !== undefined && isCapturing(source) && (source.lastPacket ?? 0) > since + 0.1
    },
    within,
    'packets of after the fault are seen',
  )
  return Date.now() / 1000 - since
}

async function seriesOf({ origin, cookie }: Telltale, from: number, to: number): Promise<Series> {
  const answer = await fetch(`${origin}/api/traffic/${LIVE_SCOPE}/series?from=${from}&to=${to}&step=1`, {
    headers: { cookie, origin },
  })
  if (!answer.ok) throw new Error(`series: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Series
}

function judgeFault(source: LabSource, { name, seconds, gapSeconds }: Told, findings: Findings): void {
  // Flow records come when a flow has ended or is so old: the source is back before they do.
  const most = source.tells === 'flow records' ? BACK_WITHIN + source.toldWithin : BACK_WITHIN
  findings.judge(
    seconds <= most,
    `${source.title}: ${name}: back after ${seconds.toFixed(1)} s, ${gapSeconds} s drawn as a gap`,
  )
}

/** What is not shown is in gaps that are drawn. */
async function judgeBytes(
  source: LabSource,
  telltale: Telltale,
  clock: NftClock,
  { from, to, faults }: { from: number; to: number; faults: number },
  findings: Findings,
): Promise<void> {
  const { sent, received } = await seriesOf(telltale, from, to)
  let [shown, counted, inGaps] = [0, 0, 0]
  for (let place = 0; place < to - from; place++) {
    const bytes = clock.bytesAt(from + place + 1) - clock.bytesAt(from + place)
    counted += bytes
    if (sent[place] === null && received[place] === null) inGaps += bytes
    else shown += (sent[place] ?? 0) + (received[place] ?? 0)
  }
  const missing = counted - shown - inGaps
  const edges = faults * EDGES_OF_A_GAP * (counted / (to - from))
  findings.judge(
    missing <= edges + counted * TOLERANCE && missing >= -(edges + counted * TOLERANCE),
    `${source.title}: of ${counted.toFixed(0)} bytes ${share(shown, counted)} are shown, ${share(inGaps, counted)} were in gaps, ${share(missing, counted)} are missing elsewhere`,
  )
}

/** A counter that runs on may not be taken for new bytes. */
async function nothingTwice(
  source: LabSource,
  telltale: Telltale,
  clock: NftClock,
  since: number,
  findings: Findings,
): Promise<void> {
  const to = Math.floor(Date.now() / 1000)
  const { sent, received } = await seriesOf(telltale, since, to)
  const shown = [...sent, ...received].reduce<number>((sum, value) => sum + (value ?? 0), 0)
  const counted = clock.bytesAt(to) - clock.bytesAt(since)
  const most = counted * (1 + TOLERANCE) + EDGES_OF_A_GAP * BYTES_A_SECOND
  findings.judge(
    shown <= most,
    `${source.title}: of the ${counted.toFixed(0)} bytes since then ${share(shown, counted)} are shown: ${shown <= most ? 'nothing is counted twice' : 'too much'}`,
  )
}

function share(bytes: number, of: number): string {
  return `${((bytes / of) * 100).toFixed(2)} %`
}
