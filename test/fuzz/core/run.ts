// npm run fuzz:core -- [--inputs N] [--seed N]: fuzzes the packet core alone, and says which of its code was reached.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildWithCover, type CoverPoint } from './cover-build.ts'
import { floods } from './floods.ts'
import { CoreFuzzer } from './fuzz-core.ts'
import { coreSeeds } from './seeds.ts'

const REPORT_EVERY = 100_000

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
})
const [count, seed] = [Number(values.inputs), Number(values.seed)]
if (!(count > 0) || !Number.isInteger(seed)) {
  console.error('--inputs takes a number of inputs, --seed a whole number')
  process.exit(2)
}

const build = buildWithCover()
const seeds = coreSeeds()
const fuzzer = new CoreFuzzer({ ...build, importsMemory: true }, seeds, seed)
console.log(`${build.points.length} cover points, ${seeds.length} first inputs, seed ${seed}`)

fuzzer.runSeeds()
for (const [name, flood] of Object.entries(floods())) {
  if (fuzzer.finding !== null) break
  try {
    fuzzer.runOnBoth(seed, flood)
  } catch (error) {
    fuzzer.finding = { message: `${name}: ${(error as Error).stack}`, inputs: [], seed }
  }
}
console.log(`first inputs and floods: ${share(fuzzer.reached)}`)

const started = performance.now()
while (fuzzer.inputs < count && fuzzer.finding === null) {
  fuzzer.run(Math.min(REPORT_EVERY, count - fuzzer.inputs))
  const seconds = (performance.now() - started) / 1000
  const pace = Math.round(fuzzer.inputs / seconds)
  console.log(
    `${fuzzer.inputs} inputs, ${fuzzer.packets} packets, ${pace} inputs a second, ${share(fuzzer.reached)}, ${fuzzer.kept.length} kept`,
  )
}
report(build.points, fuzzer.reached)

if (fuzzer.finding !== null) {
  const finding = fuzzer.replay(fuzzer.finding) ?? fuzzer.finding
  const file = join(mkdtempSync(join(tmpdir(), 'telltale-fuzz-core-')), 'finding.json')
  const asText = (_: string, value: unknown): unknown =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  writeFileSync(file, JSON.stringify(finding, asText, 1))
  console.error(`input ${fuzzer.inputs} of seed ${seed} fails: ${finding.message}\n${file}`)
  process.exit(1)
}

function share(reached: Uint8Array): string {
  const hits = reached.reduce((sum, hit) => sum + hit, 0)
  return `${hits} of ${reached.length} points reached (${((100 * hits) / reached.length).toFixed(1)} %)`
}

function report(points: readonly CoverPoint[], reached: Uint8Array): void {
  for (const file of new Set(points.map((point) => point.file))) {
    const places = points.map((point, index) => ({ ...point, index })).filter((point) => point.file === file)
    const missed = places.filter(({ index }) => reached[index] === 0)
    const percent = (100 * (places.length - missed.length)) / places.length
    console.log(`${percent.toFixed(1).padStart(6)} %  ${places.length - missed.length}/${places.length}  ${file}`)
    for (const { line, kind, name } of missed) console.log(`            line ${line}: ${kind} in ${name}`)
  }
  console.log(`${fuzzer.inputs} inputs, ${fuzzer.packets} packets; ${share(reached)}`)
}
