// npm run lab: builds the home in a box, opens Telltale in it, and takes everything away again.
//
// Without words it plays until Ctrl-C. --check measures and ends with 1 where something is not as it should be;
// --two is the smallest household; --dns-only one of which a DNS log is all there is; --exporters has the router export
// its traffic in each way there is, and --check-sources measures these; --json prints the findings for another program.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { plugInBox } from './box.ts'
import { usesExporters } from './exporters.ts'
import { householdOf } from './households.ts'
import { removeLab, removeLeftOvers } from './namespaces.ts'
import { whatIsMissing } from './programs.ts'
import { buildLab, describeLab } from './topology.ts'

const words = process.argv.slice(2)
process.exitCode = await main()

async function main(): Promise<number> {
  const missing = whatIsMissing()
  if (missing !== null) {
    console.error(missing)
    return 2
  }
  if (!existsSync(new URL('../../dist/cli.js', import.meta.url))) {
    console.error('The lab runs the built program: npm run build')
    return 2
  }
  await removeLeftOvers()
  const lab = describeLab(process.pid, householdOf(words))
  try {
    buildLab(lab)
    if (usesExporters(words)) plugInBox(lab)
    return await inside(lab.router)
  } finally {
    await removeLab(process.pid)
  }
}

/** The rest happens in the router's namespace, where Telltale lives. Ctrl-C ends it, and we tidy up. */
function inside(router: string): Promise<number> {
  const script = fileURLToPath(new URL('inside.ts', import.meta.url))
  const child = spawn(
    'ip',
    ['netns', 'exec', router, process.execPath, '--import', 'tsx', script, String(process.pid), ...words],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGTERM'))
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}
