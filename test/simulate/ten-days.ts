// Prints which of the six uploads analyze tells in ten-day homes.
// Usage: npx tsx test/simulate/ten-days.ts [first seed] [count]
import { analyzeTenDays } from './ten-day-check.ts'
import { verdictOn } from './ten-day-verdict.ts'

const SHOWN_OTHERS = 12
const FEW_OTHERS = 5

const [first = 1, count = 4] = process.argv.slice(2).map(Number)
const sums = { told: 0, uploads: 0, quiet: 0 }
for (let seed = first; seed < first + count; seed++) {
  const { home, analysis } = await analyzeTenDays(seed)
  const { untold, others, lines } = verdictOn(analysis, home)
  const told = lines.length - untold.length
  console.log(`seed ${seed} (${home.story}): ${told} of ${lines.length} told, ${others.length} other alerts`)
  for (const line of lines) console.log(`    ${line}`)
  for (const { at, device, kind, message } of others.slice(0, SHOWN_OTHERS))
    console.log(`    other: ${at} ${device ?? 'home'} ${kind}: ${message}`)
  sums.told += told
  sums.uploads += lines.length
  if (others.length <= FEW_OTHERS) sums.quiet++
}
console.log(
  `${sums.told} of ${sums.uploads} told; at most ${FEW_OTHERS} other alerts in ${sums.quiet} of ${count} homes`,
)
