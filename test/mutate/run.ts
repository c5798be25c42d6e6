// Puts faults into the sources, one at a time and chosen by a seed, and tells which of them no test notices.
// Usage: npm run mutate -- --sample N --seed S [--area NAME]… [--kind NAME]… [--near N] [--seconds N] [--workers 1|2]
//   [--list]
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { AREAS, sourcesOf } from './areas.ts'
import { apply, candidatesIn, described, KINDS, type Candidate } from './candidates.ts'
import { createChecker, type Checker } from './checker.ts'
import { chooser } from './choose.ts'
import { createRelated, needBuild } from './related.ts'
import { createTree, type Outcome, type Tree } from './tree.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

interface MutateOptions {
  sample: number
  seed: number
  areas: string[]
  kinds: string[]
  /** So many of the tests that import the source, the nearest; those of its own folder and of the whole server all. */
  near: number
  /** A file of tests that takes longer counts as noticing the fault. */
  seconds: number
  workers: number
  list: boolean
}

/** Files of tests that are run at once. */
const GROUP = 4

type Verdict = 'killed' | 'survived' | 'does not compile'
type Totals = Record<Verdict, number>

function optionsFrom(args: string[]): MutateOptions {
  const { values } = parseArgs({
    args,
    options: {
      sample: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      area: { type: 'string', multiple: true, default: Object.keys(AREAS) },
      kind: { type: 'string', multiple: true, default: [...KINDS] },
      near: { type: 'string', default: '12' },
      seconds: { type: 'string', default: '120' },
      workers: { type: 'string', default: '1' },
      list: { type: 'boolean', default: false },
    },
  })
  const unknown = values.area.find((area) => AREAS[area] === undefined)
  if (unknown !== undefined) throw new Error(`No area "${unknown}": there is ${Object.keys(AREAS).join(', ')}`)
  return {
    sample: Number(values.sample),
    seed: Number(values.seed),
    areas: values.area,
    kinds: values.kind,
    near: Number(values.near),
    seconds: Number(values.seconds),
    workers: Math.min(2, Number(values.workers)),
    list: values.list,
  }
}

async function main(): Promise<void> {
  const options = optionsFrom(process.argv.slice(2))
  const checker = createChecker(root)
  const related = createRelated(root, options.near)
  const tree = createTree(root, options.workers)
  process.on('SIGINT', () => {
    tree.remove()
    process.exit(130)
  })
  try {
    const totals = new Map<string, Totals>()
    const examiner = new Examiner(tree, related, options)
    for (const [index, area] of options.areas.entries()) {
      const share = Math.floor((options.sample * (index + 1)) / options.areas.length)
      const before = Math.floor((options.sample * index) / options.areas.length)
      totals.set(area, await sampleArea(area, share - before, options, checker, examiner))
    }
    if (!options.list) printTotals(totals)
  } finally {
    await tree.close()
  }
}

/** Takes faults of the area until so many of them compiled. */
async function sampleArea(
  area: string,
  count: number,
  { seed, kinds, list }: MutateOptions,
  checker: Checker,
  examiner: Examiner,
): Promise<Totals> {
  const totals: Totals = { killed: 0, survived: 0, 'does not compile': 0 }
  const candidates = sourcesOf(root, area).flatMap((file) => {
    const source = checker.source(file)
    return candidatesIn(source, checker.types())
      .filter(({ kind }) => kinds.includes(kind))
      .map((candidate) => ({ file, candidate, kind: candidate.kind, text: source.text }))
  })
  const next = chooser(candidates, seed * 100 + Object.keys(AREAS).indexOf(area))
  while (totals.killed + totals.survived < count) {
    const chosen = next()
    if (chosen === undefined) break
    const { file, candidate, text } = chosen
    const line = text.slice(0, candidate.start).split('\n').length
    const change = described(text, candidate)
    const compiles = checker.compiles(file, apply(text, candidate))
    const killedBy = compiles && !list ? await examiner.examine(file, text, candidate) : null
    const verdict: Verdict = !compiles ? 'does not compile' : killedBy === null ? 'survived' : 'killed'
    totals[verdict]++
    const reported = killedBy === null ? verdict : `killed by ${killedBy}`
    console.log(`${area}\t${file}:${line}\t${change}\t${list && compiles ? 'not run' : reported}`)
  }
  return totals
}

/** Runs the tests of mutants in the copy, and puts the source back. */
class Examiner {
  private readonly tree: Tree
  private readonly related: (file: string) => string[]
  private readonly options: MutateOptions
  /** Tests that fail without any fault: what they say counts for nothing. */
  private readonly broken = new Map<string, boolean>()

  constructor(tree: Tree, related: (file: string) => string[], options: MutateOptions) {
    this.tree = tree
    this.related = related
    this.options = options
  }

  async examine(file: string, text: string, candidate: Candidate): Promise<string | null> {
    for (;;) {
      const outcome = await this.testMutant(file, text, candidate)
      if (outcome.killedBy === null || outcome.failedFile === null) return outcome.killedBy
      if (!(await this.isBroken(outcome.failedFile))) return outcome.killedBy
      console.error(`${outcome.failedFile} fails without a fault as well: left out`)
    }
  }

  /** The nearest tests first: most faults fall there, and vitest does not keep the order of files. */
  private async testMutant(file: string, text: string, candidate: Candidate): Promise<Outcome> {
    const tests = this.related(file).filter((test) => this.broken.get(test) !== true)
    await this.tree.write(file, apply(text, candidate))
    try {
      for (const files of inGroups(tests)) {
        if (needBuild(root, files)) await this.tree.build()
        const outcome = await this.tree.test(files, this.options.seconds * files.length)
        if (outcome.killedBy !== null) return outcome
      }
      return { killedBy: null, failedFile: null }
    } finally {
      await this.tree.write(file, text)
    }
  }

  private async isBroken(test: string): Promise<boolean> {
    const known = this.broken.get(test)
    if (known !== undefined) return known
    await this.tree.build()
    const { killedBy } = await this.tree.test([test], this.options.seconds)
    this.broken.set(test, killedBy !== null)
    return killedBy !== null
  }
}

/** A group is run at once, and the next only where no test of it failed. */
function inGroups(tests: readonly string[]): string[][] {
  const rest = Array.from({ length: Math.ceil((tests.length - 2) / GROUP) }, (_, index) =>
    tests.slice(2 + index * GROUP, 2 + (index + 1) * GROUP),
  )
  return [tests.slice(0, 2), ...rest].filter((files) => files.length > 0)
}

function printTotals(totals: Map<string, Totals>): void {
  const all: Totals = { killed: 0, survived: 0, 'does not compile': 0 }
  for (const [area, one] of totals) {
    printTotal(area, one)
    for (const verdict of Object.keys(all) as Verdict[]) all[verdict] += one[verdict]
  }
  printTotal('all', all)
}

function printTotal(name: string, { killed, survived, 'does not compile': not }: Totals): void {
  const share = killed + survived === 0 ? '' : ` (${Math.round((100 * killed) / (killed + survived))} %)`
  console.log(`${name}: ${killed} killed${share}, ${survived} survived, ${not} did not compile`)
}

await main()
process.exit(0)
