// Fuzzes the whole product: npm run fuzz -- [--seconds N] [--cpu-minutes N] [--seed S] [--keep DIR] [--replay FILE]
// [--exporters].
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '../../server/sample/packets/random.ts'
import { bytesOf, realCaptures } from '../support/real-captures.ts'
import { describeInput, type Input, readInput, writeInput } from './input.ts'
import { Product } from './product.ts'
import { exporterInputs, realInputs, seedInputs } from './seeds.ts'
import type { Report, WorkerSetup } from './worker.ts'

/** An input that takes this long never ends; a busy machine and the making smaller of a finding are far below it. */
const HANGS_AFTER_MS = 30_000
const LOOK_EVERY_MS = 1_000
/** Of this much the inputs may make the process grow. */
const MAX_GROWTH = 250e6
const MAX_FILE_OF_A_SEED = 2_000_000
const REAL_SEEDS = 120
const ENOUGH_SECONDS = 1e9

interface Options {
  seconds: number
  cpuSeconds: number
  seed: number
  keep: string
  guided: boolean
  /** Of the first inputs those that exporters send alone. */
  exporters: boolean
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    'cpu-minutes': { type: 'string' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
    replay: { type: 'string' },
    unguided: { type: 'boolean', default: false },
    exporters: { type: 'boolean', default: false },
  },
})
process.exitCode = values.replay === undefined ? await fuzz(optionsFrom()) : await replay(resolve(values.replay))

function optionsFrom(): Options {
  const number = (text: string | undefined, otherwise: number): number => {
    const value = text === undefined ? otherwise : Number(text)
    if (!(value >= 0)) throw new Error(`${text} is no number of seconds, minutes or seed`)
    return value
  }
  const isUnlimited = values.seconds === undefined && values['cpu-minutes'] === undefined
  return {
    seconds: number(values.seconds, isUnlimited ? 60 : ENOUGH_SECONDS),
    cpuSeconds: number(values['cpu-minutes'], ENOUGH_SECONDS) * 60,
    seed: number(values.seed, 1),
    keep: resolve(values.keep ?? mkdtempSync(join(tmpdir(), 'telltale-fuzz-'))),
    guided: !values.unguided,
    exporters: values.exporters,
  }
}

/** Runs one input as the fuzzing does; what it breaks is printed whole. */
async function replay(path: string): Promise<number> {
  const input = readInput(path)
  console.log(describeInput(input))
  const folder = mkdtempSync(join(tmpdir(), 'telltale-fuzz-'))
  try {
    const before = process.cpuUsage()
    await new Product(join(folder, 'scratch')).run(input)
    const { user, system } = process.cpuUsage(before)
    console.log(`breaks nothing; ${((user + system) / 1e6).toFixed(2)} s of CPU time`)
    return 0
  } catch (error) {
    console.log(error)
    return 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts processes one after the other: each goes on until its time is over or an input ends it. */
async function fuzz(options: Options): Promise<number> {
  mkdirSync(options.keep, { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'telltale-fuzz-'))
  const total = { executions: 0, cpuSeconds: 0, slowest: 0, firstMemory: 0, growth: 0, ended: 0 }
  const findings = new Map<string, Report['findings'][number]>()
  const start = performance.now()
  try {
    const seeds = writeSeeds(folder, options)
    console.log(`${seeds.length} seeds; failing inputs go to ${options.keep}`)
    for (let round = 0; ; round++) {
      const left = {
        seconds: options.seconds - (performance.now() - start) / 1000,
        cpuSeconds: options.cpuSeconds - total.cpuSeconds,
      }
      if (left.seconds <= 0 || left.cpuSeconds <= 0 || round > 100) break
      const { report, reason } = await runWorker(
        { ...options, ...left, seed: options.seed + round * 1_000_003 },
        folder,
      )
      total.executions += report.executions
      total.cpuSeconds += report.cpuSeconds
      total.slowest = Math.max(total.slowest, report.slowest)
      total.firstMemory = Math.max(total.firstMemory, report.firstMemory)
      total.growth = Math.max(total.growth, report.maxMemory - report.firstMemory)
      for (const finding of report.findings) findings.set(finding.key, finding)
      if (reason === null) break
      total.ended++
      keepCurrent(folder, options.keep, reason, options.seed + round)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return conclude(total, [...findings.values()])
}

function writeSeeds(folder: string, { seed, exporters }: Options): string[] {
  const captures = (realCaptures() ?? [])
    .filter(({ path }) => existsSync(path) && statSync(path).size < MAX_FILE_OF_A_SEED)
    .map((capture) => () => bytesOf(capture))
  const random = seededRandom(seed)
  const drawn = captures.length === 0 ? [] : Array.from({ length: REAL_SEEDS }, () => random.pick(captures)())
  const inputs: Input[] = exporters ? exporterInputs() : [...seedInputs(), ...realInputs(drawn, random, REAL_SEEDS)]
  const paths = inputs.map((input, index) => {
    const path = join(folder, `seed-${index}.json`)
    writeInput(path, input)
    return path
  })
  writeFileSync(join(folder, 'seeds.json'), JSON.stringify(paths))
  return paths
}

/** `reason`: why the process ended before its time; null where it did not. */
async function runWorker(options: Options, folder: string): Promise<{ report: Report; reason: string | null }> {
  const current = join(folder, 'current.json')
  const { seed, keep, cpuSeconds, seconds, guided } = options
  const setup: WorkerSetup = {
    seed,
    keep,
    cpuSeconds,
    seconds,
    guided,
    current,
    scratch: join(folder, 'scratch'),
    seeds: join(folder, 'seeds.json'),
  }
  let report: Report = {
    executions: 0,
    corpus: 0,
    features: 0,
    cpuSeconds: 0,
    slowest: 0,
    firstMemory: 0,
    maxMemory: 0,
    findings: [],
  }
  let reason: string | null = null
  const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [JSON.stringify(setup)], {
    // As the service runs: the memory that is measured is what the product keeps.
    execArgv: ['--max-semi-space-size=4', '--import', import.meta.resolve('tsx')],
    env: { ...process.env, TZ: 'Europe/Berlin' },
  })
  let toldAt = performance.now()
  child.on('message', (message: Report) => {
    report = message
    if (performance.now() - toldAt < 10_000) return
    toldAt = performance.now()
    console.log(line(report))
  })
  const watch = setInterval(() => {
    if (!existsSync(current) || Date.now() - statSync(current).mtimeMs < HANGS_AFTER_MS) return
    reason = 'hang'
    child.kill('SIGKILL')
  }, LOOK_EVERY_MS)
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) =>
    child.on('exit', (...how) => done(how)),
  )
  clearInterval(watch)
  if (code !== 0) reason ??= `ended by ${signal ?? `status ${code}`}`
  return { report, reason }
}

function keepCurrent(folder: string, keep: string, reason: string, seed: number): void {
  const name = `${reason.replace(/[^a-z0-9]+/gi, '-')}-seed${seed}.json`
  if (existsSync(join(folder, 'current.json'))) copyFileSync(join(folder, 'current.json'), join(keep, name))
  console.log(`The process was lost (${reason}); its input is ${join(keep, name)}`)
}

function line({ executions, corpus, features, cpuSeconds, slowest, maxMemory, findings }: Report): string {
  const memory = Math.round(maxMemory / 1e6)
  return `${executions} inputs in ${Math.round(cpuSeconds)} s of CPU, corpus ${corpus}, ${features} features, slowest ${slowest.toFixed(2)} s, ${memory} MB, ${findings.length} findings`
}

function conclude(
  total: {
    executions: number
    cpuSeconds: number
    slowest: number
    firstMemory: number
    growth: number
    ended: number
  },
  findings: Report['findings'],
): number {
  for (const { message, times, path } of findings) console.log(`\n${times} × ${message}\n  ${path}`)
  const [first, growth] = [total.firstMemory, total.growth].map((bytes) => Math.round(bytes / 1e6))
  console.log(
    `\n${total.executions} inputs in ${(total.cpuSeconds / 60).toFixed(1)} minutes of CPU: ${findings.length} findings, ${total.ended} processes lost, slowest input ${total.slowest.toFixed(2)} s of CPU, memory ${first} MB before the first input and at most ${growth} MB more`,
  )
  return findings.length > 0 || total.ended > 0 || total.growth > MAX_GROWTH ? 1 : 0
}
