#!/usr/bin/env node
// The command line: telltale <command>. Each command's code is loaded only when it is asked for.
import { openFilesLimit, openFilesProblem, tooFewFiles } from './open-files.ts'

const USAGE = `telltale: what your smart home tells the outside world

  telltale serve [--port N] [--state DIR] [--lan] [--source SOURCE]… [--fritzbox-password-file FILE] [--pcap FILE]
                                                  the dashboard, at a URL that it prints
  telltale reset-password [--state DIR]           take the passwords away; the next start asks for new ones
  telltale backup FILE [--state DIR]              everything that is kept into one file, also while the service runs
  telltale restore FILE [--state DIR]             a backup in the place of what is kept (stop the service first)
  telltale service install|uninstall [--dry-run]  run as a service: hardened systemd units, capture apart from the page
  telltale sensor …                               capture for a Telltale on another machine; pair the two
  telltale analyze FILE [--json] [--home CIDR]… [--networks CSV] [--setting NAME=VALUE]…
                                                  what a capture file or a resolver's log holds: devices, companies,
                                                  bytes or look-ups
  telltale ask QUESTION FILE… | --state DIR [--device ID] [--company SLUG] [--days N] [--json]
                                                  a question of the news, answered from recordings or from the home
  telltale name HOST…                             whose host it is, what for, and the rule that says so
  telltale rules check [FOLDER]                   whether the rules are in order
  telltale score-bursts FILE.csv…                 how well the rules tell voice requests in labelled bursts
  telltale score-alerts [--seeds A-B] [--days N] [--list]
                                                  how well alerts tell incidents in simulated homes

FILE is a pcap or pcapng capture, plain or packed with gzip, zstd or xz, or a log of one of the kinds in the README; - is a capture on standard input. --home names your home's networks (repeatable) instead of
the private ranges and what the capture teaches. --networks names a newer table of network owners
(first address, last address, AS number, owner).`

async function main(args: string[]): Promise<number> {
  const [command, ...rest] = args
  switch (command) {
    case 'serve':
      if (tooFewFiles(openFilesLimit()) !== null) return refuse(tooFewFiles(openFilesLimit()))
      return (await import('./serve-command.ts')).serveCommand(rest)
    case 'reset-password':
      return (await import('./serve-command.ts')).resetPasswordCommand(rest)
    case 'backup':
      return (await import('./backup-command.ts')).backupCommand(rest)
    case 'restore':
      return (await import('./backup-command.ts')).restoreCommand(rest)
    case 'service':
      return (await import('./service-units/command.ts')).serviceCommand(rest)
    case 'capture':
      return (await import('./service-units/capture-command.ts')).captureCommand(rest)
    case 'sensor':
      // The page's code is loaded only to find the state folder: a sensor itself stays small.
      return (await import('./service-units/sensor-command.ts')).sensorCommand(rest, async (named) =>
        (await import('./serve-command.ts')).stateFolder(named),
      )
    case 'connections':
      return (await import('./service-units/connections-command.ts')).connectionsCommand(rest)
    case 'analyze':
      return (await import('./analyze/program.ts')).runAnalyze(rest, async (path, options) =>
        (await import('./analyze-log.ts')).analyzeLog(path, options),
      )
    case 'ask':
      return (await import('./ask-command.ts')).askCommand(rest)
    case 'name':
      return (await import('./rulebook/command.ts')).nameCommand(rest)
    case 'rules':
      return (await import('./rulebook/command.ts')).rulesCommand(rest)
    case 'score-bursts':
      return (await import('./analyze/score-bursts-command.ts')).scoreBurstsCommand(rest)
    case 'score-alerts':
      return (await import('./score-alerts/command.ts')).scoreAlertsCommand(rest)
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      console.log(USAGE)
      return 0
    default:
      console.error(`telltale: there is no command "${command}"; telltale help lists them`)
      return 2
  }
}

function refuse(sentence: string | null): number {
  console.error(`telltale: ${sentence}`)
  return 2
}

// Stack traces name lines of the sources. Before the first import, as Node reads a file's map only when it loads it:
// that costs a fifth of the start of `analyze`, which reads the maps only when it fails.
const loadsMaps = process.argv[2] !== 'analyze'
if (loadsMaps) process.setSourceMapsEnabled(true)
process.exitCode = await main(process.argv.slice(2)).catch(async (error: unknown) => {
  const problem = openFilesProblem(error)
  if (problem === null) throw loadsMaps ? error : (await import('./source-lines.ts')).withSourceLines(error)
  return refuse(problem)
})
// What a command that failed could not close must not keep it alive; one that did well ends by itself.
if (process.exitCode !== 0) setTimeout(() => process.exit(), 500).unref()

export {}
