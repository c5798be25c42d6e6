// The run of the lab in the router's namespace: opens Telltale, starts the household, collects findings.
import { writeSync } from 'node:fs'
import { inTheBrowser } from './browser.ts'
import { checkSources } from './check-sources.ts'
import { dnsOnly } from './dns-only.ts'
import { faults } from './faults.ts'
import { openExportingHome } from './exporting-home.ts'
import { Findings } from './findings.ts'
import {
  APPEARS_SOME_TIME,
  bytesAgree,
  companiesAreRight,
  everyDeviceAppears,
  live,
  rest,
  spanFromNow,
} from './household.ts'
import { householdOf } from './households.ts'
import { hasQuicPrograms, NO_QUIC_PROGRAMS } from './programs.ts'
import { replayRates } from './rates.ts'
import { sourceDrill } from './source-drill.ts'
import { sourceRates } from './source-rates.ts'
import { type RunningLab, startLab } from './steward.ts'
import { startTelltale, type Telltale } from './telltale.ts'
import { describeLab } from './topology.ts'

const PORT = 8480
const LIVE_SECONDS = 25

const [owner, ...words] = process.argv.slice(2)
const isTwo = words.includes('--two')
const findings = new Findings(words.includes('--json'))
/** What has been started and must be ended. */
const started: { lab: RunningLab | null; telltale: Telltale | null } = { lab: null, telltale: null }
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    started.lab?.end()
    started.telltale?.child.kill('SIGKILL')
    process.exit(130)
  })
}

try {
  await main()
} catch (error) {
  findings.judge(false, error instanceof Error ? error.message : String(error))
} finally {
  await started.telltale?.stop()
  started.lab?.end()
}
if (words.includes('--json')) writeSync(1, `${JSON.stringify(findings.all)}\n`)
else if (findings.all.length > 0)
  console.log(
    findings.failed.length === 0
      ? 'All is as it should be.'
      : `${findings.failed.length} things are not as they should be.`,
  )
process.exit(findings.failed.length === 0 ? 0 : 1)

async function main(): Promise<void> {
  const lab = describeLab(Number(owner), householdOf(words))
  if (words.includes('--dns-only'))
    return dnsOnly(lab, PORT, findings, (telltale) => {
      started.telltale = telltale
    })
  const quicPrograms = hasQuicPrograms()
  const running = (started.lab = await startLab(lab, quicPrograms))
  if (words.includes('--check-sources')) return checkSources(running, findings, words)
  if (words.includes('--source-drill')) return sourceDrill(running, findings, words)
  if (words.includes('--source-rates')) return sourceRates(running, findings, words)
  const exporting = words.includes('--exporters') ? await openExportingHome(running, PORT, words) : null
  const telltale = (started.telltale = exporting?.telltale ?? (await startTelltale(lab.folder, 'br-lan', PORT)))
  if (words.includes('--check') || isTwo) return check(running, telltale, quicPrograms)
  await Promise.all(running.devices.map((device) => device.order({ do: 'switch-on' })))
  await Promise.all(running.devices.map((device) => device.order({ do: 'carry-on' })))
  console.log(
    `The home lives. Its dashboard is in the namespace ${lab.router}, at ${telltale.origin} (password: see test/lab/telltale.ts):`,
  )
  console.log(`  ip netns exec ${lab.router} chromium --no-sandbox ${telltale.origin}`)
  console.log('Ctrl-C takes it all away.')
  await new Promise(() => {})
}

async function check(running: RunningLab, telltale: Telltale, quicPrograms: boolean): Promise<void> {
  if (!quicPrograms && !isTwo) findings.report(NO_QUIC_PROGRAMS)
  const span = spanFromNow()
  await everyDeviceAppears(running, telltale, span, findings, ...(isTwo ? [APPEARS_SOME_TIME] : []))
  if (isTwo) await rest(running)
  else await live(running, LIVE_SECONDS)
  await bytesAgree(running, telltale, span, findings, 'after living')
  await companiesAreRight(running, telltale, span, findings)
  nothingLeaves(running, findings, 'Telltale and dnsmasq')
  if (isTwo) return
  await inTheBrowser(running, telltale, findings)
  nothingLeaves(running, findings, 'the browser as well')
  await faults(running, telltale, span, findings)
  await replayRates(running.lab, findings)
}

function nothingLeaves(running: RunningLab, findings: Findings, who: string): void {
  const { fromRouter, elsewhere } = running.astray()
  findings.judge(
    fromRouter === 0 && elsewhere === 0,
    `packets that left the house, of ${who}: ${fromRouter}; packets to anywhere but the lab's cloud: ${elsewhere}`,
  )
}
