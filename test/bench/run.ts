// Measures Telltale's CPU use next to programs that do similar work on the same files. Asserts nothing and ends with
// status 0: times on a shared machine are for people to read.
//   npm run bench -- [--runs 5] [--quick] [--captures DIR] [--only NAME]… [--dir DIR] [--cli dist/cli.js] [--write]
// --write puts the tables and plots into docs/performance.md. Names: those of the captures, growth, units, live.
import { closeSync, mkdirSync, openSync, readSync, statfsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CLAIMS, judgement, LIVE_CLAIMS } from './claims.ts'
import { latencySentence, liveTable, type LiveResult, measureLive } from './live.ts'
import { ONE_HOME, QUIET_HOME, captureFolder, makeCapture, makeQuietCapture, scaled, steady } from './make-capture.ts'
import { median, measure, type Cost } from './measure.ts'
import { mergeReal } from './merge-real.ts'
import { TELLTALE, programs, type Program } from './programs.ts'
import { type Bar, writeReport } from './report.ts'
import { table } from './table.ts'
import { unitCosts } from './unit-costs.ts'

type Settings = {
  runs: number
  quick: boolean
  captures: string | undefined
  only: string[]
  folder: string
  commandLine: string
  writes: boolean
}

/** One capture, made only when its turn comes; a string says why there is none. */
type Subject = { name: string; bytes: number; make: () => { path: string; packets: number } | string }

/** Costs of each program, run by run; a program that failed is missing. */
type Results = Map<string, Cost[]>

const GROWTH_FACTORS = [1, 4, 16]
const GROWTH_BASE = { ...scaled(ONE_HOME, 0.12), devices: 12 }
/** --quick shrinks every file by this factor. */
const QUICK = 0.1
/** A file that a person might drop on the page. */
const SMALL = { ...ONE_HOME, flows: 2000, bytes: 51_000_000 }
/** Rates of live capture, and how long each is played. */
const MEGABITS = [10, 100, 500]
const SMALL_PACKETS_MEGABITS = 10
const LIVE_SECONDS = 20
const REPORT_FOLDER = fileURLToPath(new URL('../../docs', import.meta.url))
const said: string[] = []

async function main(): Promise<void> {
  const settings = readSettings()
  mkdirSync(settings.folder, { recursive: true })
  const running = programs(settings.commandLine, say)
  const factor = settings.quick ? QUICK : 1
  say(
    `${settings.runs} runs each, in turn; CPU seconds are user + system of the process and its children; captures in ${settings.folder}`,
  )
  const all = new Map<string, Results>()
  for (const subject of subjects(settings, factor)) {
    if (wanted(settings, subject.name)) all.set(subject.name, await compare(subject, running, settings))
  }
  const growth = wanted(settings, 'growth')
    ? await grow(
        running.filter(({ name }) => name === TELLTALE),
        settings,
        factor,
      )
    : null
  const own = running.find(({ name }) => name === TELLTALE)
  if (own !== undefined && wanted(settings, 'units')) {
    say(`\nthe cost of one of each; ${settings.runs} runs`)
    for (const line of await unitCosts(own, settings.folder, settings.runs)) say(line)
  }
  const live = wanted(settings, 'live') ? await liveCapture(settings) : null
  say('')
  for (const line of summary(all, growth, settings.quick)) say(line)
  for (const line of live === null ? [] : liveSummary(live)) say(line)
  if (settings.writes) writeReport(REPORT_FOLDER, { lines: said, files: barsOf(all), live: liveBars(live) })
}

function barsOf(all: Map<string, Results>): Bar[] {
  return [...all].flatMap(([group, results]) =>
    [...results].map(([program, costs]) => ({
      group,
      program,
      value: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
    })),
  )
}

function liveBars(live: LiveResult | null): Bar[] {
  return (live?.rows ?? []).flatMap(({ name, cpuPercent }) =>
    Object.entries(cpuPercent).map(([program, value]) => ({
      group: name,
      program,
      value,
    })),
  )
}

/** Live capture at rising rates, and once of small packets, in network namespaces of its own. */
async function liveCapture(settings: Settings): Promise<LiveResult | null> {
  say('\nlive capture')
  const large = makeCapture(settings.folder, SMALL).path
  const small = makeQuietCapture(settings.folder, { ...QUIET_HOME, packets: QUIET_HOME.packets / 10 }).path
  const played = [
    ...MEGABITS.map((megabits) => ({ name: `${megabits} Mbit/s of 600 B`, megabits, capture: large })),
    { name: `${SMALL_PACKETS_MEGABITS} Mbit/s of 121 B`, megabits: SMALL_PACKETS_MEGABITS, capture: small },
  ]
  const result = await measureLive(played, settings.quick ? LIVE_SECONDS / 4 : LIVE_SECONDS)
  if (typeof result === 'string') {
    say(`skipped: ${result}`)
    return null
  }
  say(latencySentence(result))
  say('')
  say(liveTable(result))
  return result
}

function liveSummary({ rows }: LiveResult): string[] {
  return LIVE_CLAIMS.map(({ traffic, atMostPercent }) => {
    const row = rows.find(({ name }) => name === traffic)
    const measured =
      row === undefined ? null : (row.cpuPercent['Telltale'] ?? Number.NaN) + (row.cpuPercent['its tcpdump'] ?? 0)
    return judgement(
      `live at ${traffic}: Telltale and its tcpdump`,
      `${atMostPercent} % of a core`,
      measured,
      atMostPercent,
    )
  })
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      captures: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      dir: { type: 'string' },
      cli: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  const runs = Number(values.runs ?? (values.quick ? 2 : 5))
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs "${values.runs}" is not a whole number from 1 upwards`)
  return {
    runs,
    quick: values.quick,
    captures: values.captures ?? process.env['TELLTALE_CAPTURES'],
    only: values.only,
    folder: captureFolder(values.dir),
    writes: values.write,
    commandLine: values.cli ?? fileURLToPath(new URL('../../dist/cli.js', import.meta.url)),
  }
}

function subjects({ folder, captures }: Settings, factor: number): Subject[] {
  // Quick files have fewer flows too: the mix of hellos and bulk stays.
  const home = { ...scaled(ONE_HOME, factor), devices: ONE_HOME.devices }
  const synthetic = (times: number) => () => {
    const { path, facts } = makeCapture(folder, steady(home, times))
    return { path, packets: facts.packets }
  }
  const real = (bytes: number) => () => {
    const merged = mergeReal(captures, folder, bytes)
    return 'skipped' in merged ? merged.skipped : { path: merged.path, packets: merged.packets }
  }
  const quiet = { ...QUIET_HOME, packets: Math.round(QUIET_HOME.packets * factor) }
  const everyday = (): { path: string; packets: number } => {
    const { path, facts } = makeQuietCapture(folder, quiet)
    return { path, packets: facts.packets }
  }
  const few = (): { path: string; packets: number } => {
    const { path, facts } = makeCapture(folder, SMALL)
    return { path, packets: facts.packets }
  }
  const [small, large] = [home.bytes, 4 * home.bytes]
  return [
    { name: 'synthetic-500MB', bytes: small, make: synthetic(1) },
    { name: 'synthetic-2GB', bytes: large, make: synthetic(4) },
    { name: 'home', bytes: 137 * quiet.packets, make: everyday },
    { name: 'synthetic-51MB', bytes: SMALL.bytes, make: few },
    { name: 'real-500MB', bytes: small, make: real(small) },
    { name: 'real-2GB', bytes: large, make: real(large) },
  ]
}

/** A B C D, A B C D, …: what drifts on the machine drifts for all alike. */
async function compare(subject: Subject, running: Program[], settings: Settings): Promise<Results> {
  const made = prepare(subject, settings)
  if (!made) return new Map()
  const results = await runInTurn(running, made.path, settings.runs)
  const own = results.get(TELLTALE)
  const rows = [...results].map(([name, costs]) => {
    const cpu = median(costs.map(({ cpuSeconds }) => cpuSeconds))
    const pairs = own && name !== TELLTALE ? ratios(own, costs) : null
    return [
      name,
      cpu.toFixed(3),
      megabytes(costs),
      (made.packets / cpu / 1e6).toFixed(2),
      pairs ? median(pairs).toFixed(2) : '',
      pairs ? pairs.map((ratio) => ratio.toFixed(2)).join(' ') : '',
    ]
  })
  say(table(['program', 'CPU s', 'RSS MB', 'M packets/CPU s', `${TELLTALE}/it`, 'pair by pair'], rows))
  return results
}

type Growth = { factor: number; microsPerPacket: number; peakMegabytes: number }[]

async function grow(running: Program[], settings: Settings, quickFactor: number): Promise<Growth> {
  if (running.length === 0) return []
  const growth: Growth = []
  const rows: string[][] = []
  for (const factor of GROWTH_FACTORS) {
    const options = scaled({ ...scaled(GROWTH_BASE, quickFactor), devices: GROWTH_BASE.devices }, factor)
    const made = prepare(
      {
        name: `growth ${factor}x`,
        bytes: options.bytes,
        make: () => {
          const { path, facts } = makeCapture(settings.folder, options)
          return { path, packets: facts.packets }
        },
      },
      settings,
    )
    const costs = made ? (await runInTurn(running, made.path, settings.runs)).get(TELLTALE) : undefined
    if (!made || !costs) continue
    const cpu = median(costs.map(({ cpuSeconds }) => cpuSeconds))
    const microsPerPacket = (cpu / made.packets) * 1e6
    growth.push({ factor, microsPerPacket, peakMegabytes: peak(costs) })
    rows.push([
      `${factor}x`,
      String(options.devices),
      String(options.flows),
      String(made.packets),
      cpu.toFixed(3),
      microsPerPacket.toFixed(3),
      megabytes(costs),
    ])
  }
  say(`\ngrowth of ${TELLTALE}: packets, flows and devices together; the start of the process is in every line`)
  say(table(['size', 'devices', 'flows', 'packets', 'CPU s', 'µs per packet', 'RSS MB'], rows))
  return growth
}

/** Makes the capture and reads it once, so that every program finds it in the page cache. */
function prepare(subject: Subject, settings: Settings): { path: string; packets: number } | null {
  say(`\n${subject.name}${settings.quick ? ` (--quick: ${Math.round(subject.bytes / 1e6)} MB)` : ''}`)
  const disk = statfsSync(settings.folder)
  if (disk.bavail * disk.bsize < 1.2 * subject.bytes) {
    say(
      `skipped: ${settings.folder} has no room for ${Math.round(subject.bytes / 1e6)} MB (choose another with --dir or TELLTALE_BENCH_DIR)`,
    )
    return null
  }
  const made = subject.make()
  if (typeof made === 'string') {
    say(`skipped: ${made}`)
    return null
  }
  readOnce(made.path)
  return made
}

async function runInTurn(running: Program[], capture: string, runs: number): Promise<Results> {
  const results: Results = new Map(running.map(({ name }) => [name, []]))
  for (let run = 0; run < runs; run++) {
    for (const { name, command } of running) {
      const costs = results.get(name)
      if (!costs) continue
      const outcome = await measure(command(capture))
      if ('cost' in outcome) costs.push(outcome.cost)
      else {
        say(`${name} is left out: ${outcome.failed}`)
        results.delete(name)
      }
    }
  }
  return results
}

function summary(all: Map<string, Results>, growth: Growth | null, quick: boolean): string[] {
  const lines = CLAIMS.flatMap(({ capture, peer, atMost, at }) => {
    const results = all.get(capture)
    if (!results) return []
    const [own, others] = [results.get(TELLTALE), results.get(peer)]
    const measured = own && others ? median(ratios(own, others)) : null
    return [judgement(`${at}: CPU`, `${atMost} x ${peer}'s`, measured, atMost)]
  })
  const [first, last] = [growth?.[0], growth?.at(-1)]
  if (first && last && first !== last) {
    lines.push(
      `CPU per packet at ${last.factor}x is at most that at ${first.factor}x: measured ${(last.microsPerPacket / first.microsPerPacket).toFixed(2)} x, memory ${(last.peakMegabytes / first.peakMegabytes).toFixed(2)} x`,
    )
  }
  return quick && lines.length > 0
    ? [
        '--quick: files of a tenth of the size, where the start of the process weighs more than the limits allow for',
        ...lines,
      ]
    : lines
}

function ratios(own: Cost[], other: Cost[]): number[] {
  return other.map(({ cpuSeconds }, run) => own[run].cpuSeconds / cpuSeconds)
}

function peak(costs: Cost[]): number {
  return median(costs.flatMap(({ peakMegabytes }) => peakMegabytes ?? []))
}

function megabytes(costs: Cost[]): string {
  const value = peak(costs)
  return Number.isNaN(value) ? '' : value.toFixed(0)
}

function readOnce(path: string): void {
  const buffer = Buffer.allocUnsafe(4 << 20)
  const file = openSync(path, 'r')
  while (readSync(file, buffer) > 0);
  closeSync(file)
}

function wanted({ only }: Settings, name: string): boolean {
  return only.length === 0 || only.includes(name)
}

function say(line: string): void {
  said.push(line)
  console.log(line)
}

await main()
