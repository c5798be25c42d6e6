// Prints what the alerts make of many simulated fortnights. Usage: npx tsx test/simulate/all.ts [first seed] [count]
import { median } from '../../server/alerts/statistics.ts'
import { measuredPeriods } from './periods.ts'
import { runFortnight } from './run.ts'

function main(): void {
  const [first = 1001, count = 20] = process.argv.slice(2).map(Number)
  const outcomes = Array.from({ length: count }, (_, index) =>
    runFortnight(first + index, measuredPeriods() ?? undefined),
  )
  for (const { seed, story, delays, others } of outcomes) {
    console.log(
      `seed ${seed} (${story}): ${delays.map(({ kind, fromDue }) => `${kind} ${fromDue === null ? 'missed' : `${fromDue} s`}`).join(', ')}; ${others.length} other alerts`,
    )
    for (const message of others) console.log(`    ${message}`)
  }
  for (const kind of ['quiet-hours', 'voice-busy', 'new-company'] as const) {
    const found = outcomes.flatMap(({ delays }) =>
      delays.filter((delay) => delay.kind === kind && delay.fromDue !== null).map(({ fromDue }) => fromDue as number),
    )
    console.log(
      `${kind}: found ${found.length} of ${count}, after ${median(found)} s (median), ${Math.max(...found)} s (most)`,
    )
  }
  const others = outcomes.map((outcome) => outcome.others.length)
  console.log(
    `other alerts in the days after learning: ${[0, 1, 2].map((number) => `${others.filter((one) => one === number).length} × ${number}`).join(', ')}, ${others.filter((one) => one > 2).length} × more`,
  )
}

main()
