// The programs that are compared, and whether they are installed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Program = { name: string; command: (capture: string) => string[] }

/** Debian's package for each program that may be missing. */
const PACKAGES = { ndpiReader: 'libndpi-bin', tcpdump: 'tcpdump', tshark: 'tshark' } as const

export const TELLTALE = 'telltale'

/**
 * Telltale first, then its peers; what is missing and cannot be installed is left out, with one sentence each to `say`.
 */
export function programs(commandLine: string, say: (sentence: string) => void): Program[] {
  const all: Program[] = []
  if (existsSync(commandLine))
    all.push({
      name: TELLTALE,
      // As `telltale` and `npm run telltale` start it: no flags of Node or V8.
      command: (capture) => [process.execPath, commandLine, 'analyze', capture, '--json'],
    })
  else say(`${commandLine} is not built: the column ${TELLTALE} is left out. Run: npm run build`)
  if (available('ndpiReader', say))
    all.push({ name: 'ndpiReader', command: (capture) => ['ndpiReader', '-q', '-i', capture] })
  if (available('tcpdump', say))
    all.push({ name: 'tcpdump', command: (capture) => ['tcpdump', '-r', capture, '-w', '/dev/null'] })
  if (available('tshark', say))
    all.push({ name: 'tshark', command: (capture) => ['tshark', '-q', '-z', 'conv,ip', '-r', capture] })
  all.push({
    name: 'pcap-parser',
    command: (capture) => [
      process.execPath,
      '--no-deprecation',
      fileURLToPath(new URL('count-pcap-parser.mjs', import.meta.url)),
      capture,
    ],
  })
  return all
}

function available(program: keyof typeof PACKAGES, say: (sentence: string) => void): boolean {
  if (found(program)) return true
  const name = PACKAGES[program]
  if (process.getuid?.() === 0 && found('apt-get')) {
    say(`${program} is missing; installing ${name} with apt-get`)
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', name], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (found(program)) return true
  }
  say(`${program} is not installed: its column is left out. On Debian, as root: apt-get install ${name}`)
  return false
}

function found(program: string): boolean {
  return spawnSync('bash', ['-c', 'command -v "$1"', 'bash', program], { stdio: 'ignore' }).status === 0
}
