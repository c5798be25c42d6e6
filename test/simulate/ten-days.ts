// Prints which of the six uploads analyze tells in ten-day homes.
// Usage: npx tsx test/simulate/ten-days.ts [first seed] [count]
import { analyzeTenDays } from './ten-day-check.ts'
import { isToldInFull, verdictOn } from './ten-day-verdict.ts'

const SHOWN_OTHERS = 12
const FEW_OTHERS = 5

const [first = 1, count = 4] = process.argv.slice(2).map(Number)
const sums = new Map<string, number>()
let quiet = 0
const add = (key: string): Map<string, number> => sums.set(key, (sums.get(key) ?? 0) + 1)
for (let seed = first; seed < first + count; seed++) {
  const { home, analysis } = await analyzeTenDays(seed)
  const { uploads, others } = verdictOn(analysis, home)
  const told = uploads.filter(isToldInFull).length
  console.log(`seed ${seed} (${home.story}): ${told} of ${uploads.length} told, ${others.length} other alerts`)
  for (const { status, words, upload } of uploads) {
    const device = analysis.devices.find(({ id }) => id === upload.device)
    console.log(`    ${device?.name ?? upload.device} (${device?.kind ?? '-'}): ${words}`)
    add(status)
    add(`${upload.label.replace(/, in .*/, '')}: ${status}`)
  }
  for (const { at, device, kind, message } of others.slice(0, SHOWN_OTHERS))
    console.log(`    other: ${at} ${device ?? 'home'} ${kind}: ${message}`)
  for (const { kind } of others) add(`other: ${kind}`)
  if (others.length <= FEW_OTHERS) quiet++
}
for (const [key, number] of [...sums].sort()) console.log(`${key}: ${number}`)
console.log(`at most ${FEW_OTHERS} other alerts in ${quiet} of ${count} homes`)
