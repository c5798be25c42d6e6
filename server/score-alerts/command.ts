// The command "score-alerts": simulated homes with incidents through the alert engine, and how well it tells them.
import { compiledRulesFolder } from '../rules/folder.ts'
import { openRules, type Rules } from '../rulebook/open.ts'
import { simulateHome } from '../simulate/home.ts'
import { FEWEST_DAYS, LEARNING_DAYS } from '../simulate/incidents/plan.ts'
import { GOALS } from './figures.ts'
import { printList, printScores } from './print.ts'
import { type HomeScore, runHome } from './run-home.ts'

type Print = (line: string) => void

const DEFAULT_SEEDS = { first: 1, last: 25 } as const
const DEFAULT_DAYS = 30
const MOST_DAYS = 120
const MOST_SEED = 1_000_000
const MOST_HOMES = 1_000

const HELP = `telltale score-alerts [--seeds A-B] [--days N] [--list]

Plays simulated homes with known incidents to the alert engine, and prints what it told.

  --seeds A-B  homes of these seeds (default ${DEFAULT_SEEDS.first}-${DEFAULT_SEEDS.last}); the same seed is always the same home, each fifth has look-ups only
  --days N     days of each home, ${FEWEST_DAYS} to ${MOST_DAYS} (default ${DEFAULT_DAYS}); the first ${LEARNING_DAYS} are learned
  --list       also each incident that was missed, and each false alert with its sentence

An incident is found if an alert names its device, and its destination where it is an upload, between its beginning and
its time: 60 s after an upload's end, within its day for a slow one, 2 h after the others' end. It must be a new alert, or
one that grew by it; right after another upload the growth must be worth a message, after a decision only a new alert
counts. The delay is counted from the moment an upload had reached 150 kB of 200 kB, 200 kB of 5 MB, 2 MB of more, or 200 MB by
a phone or computer; of what is no upload from its beginning; of requests and addresses from twice the usual, or the 100th.
Pushes are the notifications of a channel that cannot replace one by the next.
An alert is false if no incident of its device explains it; that a device is new in the home is told rightly.

The last line is "total", and then
${GOALS.filter(({ name }) => name !== 'personal')
  .map(({ name, words }) => `  ${name.padEnd(14)} share found of: ${words}`)
  .join('\n')}
  false-per-week false alerts per home and week after the first week, the median of all homes' weeks`

interface Options {
  first: number
  last: number
  days: number
  list: boolean
}

/** Exit status 2 for a wrong call. */
export async function scoreAlertsCommand(
  args: readonly string[],
  print: Print = console.log,
  given?: Rules,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    print(HELP)
    return 0
  }
  const options = readOptions(args)
  if (typeof options === 'string') {
    console.error(`telltale: ${options}`)
    return 2
  }
  const rules = given ?? openRules(compiledRulesFolder())
  const scores: HomeScore[] = []
  for (let seed = options.first; seed <= options.last; seed++) {
    const home = simulateHome(seed, {
      days: options.days,
      lookUp: (host) => rules.companies.lookUp(host),
      familyOf: (company) => rules.companies.parentOf(company),
    })
    const score = runHome(home, rules)
    // Its traffic is let go: a home holds some 50 MB of it.
    scores.push({ ...score, home: withoutTraffic(home) })
    if (options.list) printList(score, rules.companies, print)
  }
  const incidents = scores.reduce((sum, { told }) => sum + told.length, 0)
  print(`${scores.length} homes of ${options.days} days, ${incidents} incidents`)
  printScores(scores, print)
  return 0
}

function withoutTraffic(home: HomeScore['home']): HomeScore['home'] {
  const nothing = (): Float64Array => new Float64Array(0)
  return { ...home, cells: nothing, lookups: nothing }
}

/** A sentence where something is wrong. */
export function readOptions(args: readonly string[]): Options | string {
  const options: Options = { ...DEFAULT_SEEDS, days: DEFAULT_DAYS, list: false }
  for (let at = 0; at < args.length; at++) {
    const [name, joined] = splitAt(args[at])
    if (name === '--list' && joined === null) {
      options.list = true
      continue
    }
    if (name !== '--seeds' && name !== '--days')
      return `score-alerts does not know "${args[at]}"; telltale score-alerts --help says what it takes`
    const value = joined ?? args[++at] ?? ''
    const problem = name === '--seeds' ? readSeeds(value, options) : readDays(value, options)
    if (problem !== null) return problem
  }
  return options
}

/** "--days=30" is "--days 30". */
function splitAt(text: string): [string, string | null] {
  const place = text.indexOf('=')
  return place < 0 ? [text, null] : [text.slice(0, place), text.slice(place + 1)]
}

function readSeeds(value: string, options: Options): string | null {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(value)
  const first = Number(match?.[1])
  const last = Number(match?.[2] ?? match?.[1])
  if (match === null || last < first || last > MOST_SEED)
    return `--seeds takes two numbers from 0 to ${MOST_SEED}, the smaller first, such as 1-25; not "${value}"`
  if (last - first >= MOST_HOMES) return `--seeds takes at most ${MOST_HOMES} homes; ${value} are ${last - first + 1}`
  options.first = first
  options.last = last
  return null
}

function readDays(value: string, options: Options): string | null {
  const days = Number(value)
  if (!/^\d{1,9}$/.test(value) || days < FEWEST_DAYS || days > MOST_DAYS)
    return `--days takes a whole number from ${FEWEST_DAYS} to ${MOST_DAYS}; not "${value}"`
  options.days = days
  return null
}
