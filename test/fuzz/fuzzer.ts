// The loop of the fuzzing: an input of the corpus is changed and run; what reaches something new joins the corpus.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { derivedSeed, type Random, seededRandom } from '../../server/sample/packets/random.ts'
import type { Coverage } from './coverage.ts'
import { type Features, shape } from './features.ts'
import { describeInput, type Input, sizeOf, writeInput } from './input.ts'
import { minimised } from './minimise.ts'
import { mutatedInput } from './mutate-input.ts'

export interface Target {
  /** Rejects with what the input broke. */
  run(input: Input): Promise<Features>
}

export interface FuzzerOptions {
  target: Target
  seeds: readonly Input[]
  seed: number
  /** Where failing inputs are kept. */
  keep: string
  /** Null: the features of the results alone guide. */
  coverage?: Coverage | null
  /** More CPU time than this for one input is a failure, where it takes it twice. */
  maxSeconds?: number
  /** Called with each input before it runs: it may be the last one. */
  onInput?: (input: Input) => void
}

export interface Finding {
  /** What broke, without the numbers: the same again is not kept. */
  key: string
  message: string
  /** How often. */
  times: number
  /** The file of the smallest input. */
  path: string
  input: Input
}

const MAX_SECONDS = 1
const MAX_CORPUS = 1_500
const MAX_CORPUS_BYTES = 12_000_000
/** One input in so many is run as it is in the corpus. */
const UNCHANGED_EVERY = 50
/** Coverage costs as much as a small input: it guides one part of each round. */
const ROUND = 1_000
const GUIDED = 200

export class Fuzzer {
  executions = 0
  /** The most CPU seconds that one input took, and the most memory of the process, before the first input and since. */
  slowest = 0
  readonly firstMemory = process.memoryUsage.rss()
  maxMemory = process.memoryUsage.rss()
  readonly findings = new Map<string, Finding>()
  private readonly options: FuzzerOptions
  private readonly corpus: Input[]
  private corpusBytes: number
  private readonly seen: Features = new Set()

  constructor(options: FuzzerOptions) {
    this.options = options
    this.corpus = [...options.seeds]
    this.corpusBytes = this.corpus.reduce((sum, input) => sum + sizeOf(input), 0)
  }

  get corpusSize(): number {
    return this.corpus.length
  }

  get features(): number {
    return this.seen.size
  }

  /** The seeds as they are, then changed ones until `isOver` says so. */
  async run(isOver: () => boolean): Promise<void> {
    const { seeds, coverage = null } = this.options
    coverage?.set(true)
    for (let index = 0; index < seeds.length && !isOver(); index++) await this.execute(seeds[index], -1 - index)
    for (let index = 0; !isOver(); index++) {
      coverage?.set(index % ROUND < GUIDED)
      const random = seededRandom(derivedSeed(this.options.seed, index))
      const input = this.nextInput(random)
      if (await this.execute(input, index)) this.keep(input, random)
    }
    coverage?.set(false)
  }

  private nextInput(random: Random): Input {
    const { corpus } = this
    // Half of the time one of those that came last: they lead on.
    const from = random.chance(0.5) ? Math.max(0, corpus.length - 100) : 0
    const input = corpus[random.integer(from, corpus.length - 1)]
    return random.integer(1, UNCHANGED_EVERY) === 1 ? input : mutatedInput(input, corpus, random)
  }

  private keep(input: Input, random: Random): void {
    this.corpus.push(input)
    this.corpusBytes += sizeOf(input)
    const { seeds } = this.options
    while (this.corpus.length > MAX_CORPUS || this.corpusBytes > MAX_CORPUS_BYTES) {
      if (this.corpus.length <= seeds.length) return
      const [dropped] = this.corpus.splice(random.integer(seeds.length, this.corpus.length - 1), 1)
      this.corpusBytes -= sizeOf(dropped)
    }
  }

  /** True where the input reached something new. */
  private async execute(input: Input, index: number): Promise<boolean> {
    const { target, coverage = null } = this.options
    this.executions++
    try {
      const features = await this.timed(input)
      coverage?.take(features)
      if (this.executions % 16 === 0) this.maxMemory = Math.max(this.maxMemory, process.memoryUsage.rss())
      return this.addFeatures(features)
    } catch (error) {
      await this.note(input, index, error, async (smaller) => {
        this.options.onInput?.(smaller)
        return (await failureOf(target, smaller)) === keyOf(error)
      })
      return false
    }
  }

  private async timed(input: Input): Promise<Features> {
    this.options.onInput?.(input)
    const before = process.cpuUsage()
    const features = await this.options.target.run(input)
    const seconds = cpuSecondsSince(before)
    const { maxSeconds = MAX_SECONDS } = this.options
    if (seconds > maxSeconds) {
      const again = process.cpuUsage()
      await this.options.target.run(input)
      const second = cpuSecondsSince(again)
      if (second > maxSeconds) throw new TooSlow(second)
      this.slowest = Math.max(this.slowest, Math.min(seconds, second))
    } else this.slowest = Math.max(this.slowest, seconds)
    return features
  }

  private addFeatures(features: Features): boolean {
    const before = this.seen.size
    for (const feature of features) this.seen.add(feature)
    return this.seen.size > before
  }

  private async note(
    input: Input,
    index: number,
    error: unknown,
    breaks: (smaller: Input) => Promise<boolean>,
  ): Promise<void> {
    const key = keyOf(error)
    const known = this.findings.get(key)
    if (known !== undefined) {
      known.times++
      return
    }
    // Set before it is made smaller: what breaks on the way there is this one.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const path = join(this.options.keep, `${fileNameOf(key)}-seed${this.options.seed}-${index}.json`)
    const finding: Finding = { key, message, times: 1, path, input }
    this.findings.set(key, finding)
    if (!(error instanceof TooSlow)) finding.input = await minimised(input, breaks)
    mkdirSync(this.options.keep, { recursive: true })
    writeInput(path, finding.input, { message, seed: this.options.seed, index, steps: describeInput(finding.input) })
  }
}

class TooSlow extends Error {
  constructor(seconds: number) {
    super(`the input takes ${seconds.toFixed(1)} s of CPU time`)
  }
}

export async function failureOf(target: Target, input: Input): Promise<string | null> {
  try {
    await target.run(input)
    return null
  } catch (error) {
    return keyOf(error)
  }
}

/** The message's form and the place in the product's code: what tells two failures apart. */
export function keyOf(error: unknown): string {
  if (!(error instanceof Error)) return shape(String(error))
  const place = /\((?:file:\/\/)?[^()]*?\/((?:capture|server|test)\/[^():]+\.ts)/.exec(error.stack ?? '')?.[1] ?? ''
  return `${error.name} ${shape(error.message.split('\n')[0]).slice(0, 60)} ${place}`
}

function fileNameOf(key: string): string {
  return key.replace(/[^a-z0-9]+/gi, '-').slice(0, 80)
}

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
