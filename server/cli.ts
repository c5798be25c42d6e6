#!/usr/bin/env node
// The command line: telltale <command>. Each command's code is loaded only when it is asked for.

const USAGE = `telltale: what your smart home tells the outside world

  telltale analyze FILE [--json] [--home CIDR]…   what a capture file holds: devices, companies, bytes

FILE is a pcap or pcapng capture, plain or gzipped. --home names your home's networks (repeatable) instead of
the private ranges and what the capture teaches.`

async function main(args: string[]): Promise<number> {
  const [command, ...rest] = args
  switch (command) {
    case 'analyze':
      return (await import('./analyze/command.ts')).analyzeCommand(rest)
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

process.exitCode = await main(process.argv.slice(2))

export {}
