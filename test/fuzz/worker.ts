// One process of the fuzzing: runs inputs until its time is over, and reports to the process that started it.
import { readFileSync } from 'node:fs'
import { Coverage } from './coverage.ts'
import { type Finding, Fuzzer } from './fuzzer.ts'
import { type Input, readInput, writeInput } from './input.ts'
import { Product } from './product.ts'

export interface WorkerSetup {
  seed: number
  /** Where failing inputs are kept, a folder for each input's files, and where the input at hand is written. */
  keep: string
  scratch: string
  current: string
  /** List of files with the seeds. */
  seeds: string
  /** Whichever comes first. */
  cpuSeconds: number
  seconds: number
  guided: boolean
}

export type Report = {
  executions: number
  corpus: number
  features: number
  cpuSeconds: number
  slowest: number
  firstMemory: number
  maxMemory: number
  findings: Omit<Finding, 'input'>[]
}

const REPORT_EVERY_MS = 2_000

// Whoever started it is gone.
process.on('disconnect', () => process.exit(1))

const setup = JSON.parse(process.argv[2]) as WorkerSetup
await fuzzUntilOver(setup)
process.exit(0)

async function fuzzUntilOver({
  seed,
  keep,
  scratch,
  current,
  seeds,
  cpuSeconds,
  seconds,
  guided,
}: WorkerSetup): Promise<void> {
  const inputs = (JSON.parse(readFileSync(seeds, 'utf8')) as string[]).map((path): Input => readInput(path))
  const fuzzer = new Fuzzer({
    target: new Product(scratch),
    seeds: inputs,
    seed,
    keep,
    coverage: guided ? new Coverage() : null,
    onInput: (input) => writeInput(current, input),
  })
  const start = performance.now()
  let reportedAt = start
  await fuzzer.run(() => {
    const now = performance.now()
    if (now - reportedAt > REPORT_EVERY_MS) {
      reportedAt = now
      report(fuzzer)
    }
    return now - start > seconds * 1000 || cpuSecondsOfProcess() > cpuSeconds
  })
  await new Promise<void>((done) => report(fuzzer, done))
}

function report(fuzzer: Fuzzer, done: () => void = () => {}): void {
  const { executions, corpusSize, features, slowest, firstMemory, maxMemory, findings } = fuzzer
  const message: Report = {
    executions,
    corpus: corpusSize,
    features,
    cpuSeconds: cpuSecondsOfProcess(),
    slowest,
    firstMemory,
    maxMemory,
    findings: [...findings.values()].map(({ input: _, ...finding }) => finding),
  }
  process.send?.(message, done)
}

function cpuSecondsOfProcess(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
