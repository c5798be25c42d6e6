// Prints what analyze tells of real captures: alerts by kind, and events. Usage: npx tsx test/score/alerts.ts [--list]
import { relative } from 'node:path'
import { analyzeFile, UnreadableCaptureError } from '../../server/analyze/analyze-file.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { realCaptureFiles } from '../support/real-captures.ts'
import { realDataFolder } from '../support/real-data.ts'

const files = realCaptureFiles() ?? []
const isListed = process.argv.includes('--list')
const rules = openRules(compiledRulesFolder())
const counts = { read: 0, unreadable: 0, withAlerts: 0, alerts: 0 }
const alertKinds = new Map<string, number>()
const eventKinds = new Map<string, number>()

for (const path of files) {
  try {
    const { alerts, events } = await analyzeFile(path, { rules })
    counts.read++
    counts.alerts += alerts.length
    if (alerts.length > 0) counts.withAlerts++
    for (const { kind } of alerts) alertKinds.set(kind, (alertKinds.get(kind) ?? 0) + 1)
    for (const { kind } of events) eventKinds.set(kind, (eventKinds.get(kind) ?? 0) + 1)
    if (!isListed || alerts.length === 0) continue
    console.log(relative(realDataFolder() as string, path))
    for (const { at, kind, message } of alerts) console.log(`    ${at} ${kind}: ${message}`)
  } catch (error) {
    if (!(error instanceof UnreadableCaptureError)) throw error
    counts.unreadable++
  }
}
console.log(
  `${counts.read} captures, ${counts.unreadable} that cannot be read; ${counts.alerts} alerts in ${counts.withAlerts}`,
)
for (const [what, kinds] of [
  ['alerts', alertKinds],
  ['events', eventKinds],
] as const)
  console.log(
    `${what}: ${[...kinds]
      .sort(([, one], [, other]) => other - one)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}`,
  )
