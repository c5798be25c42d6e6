// One run of the built command line: how it ends, how long it takes, and how much memory it needs at most.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export interface ProcessOutcome {
  status: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  milliseconds: number
  /** The largest resident set, in KiB; NaN where the process did not end by itself. */
  peakKib: number
}

const cli = join(import.meta.dirname, '../../dist/cli.js')
/**
 * Makes the process report its peak on a descriptor of its own. Where there is /proc it is VmHWM, which begins with the
 * program: getrusage(2) also counts the moment between fork and exec, when the process is as large as its parent.
 */
const TELL_PEAK = `
import { readFileSync, writeSync } from 'node:fs'
const peak = () => {
  try { return /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] }
  catch { return process.resourceUsage().maxRSS }
}
process.on('exit', () => writeSync(3, String(peak())))`

export function runCli(args: string[], timeout = 120_000): ProcessOutcome {
  const start = performance.now()
  const { status, signal, output } = spawnSync(
    process.execPath,
    [`--import=data:text/javascript,${encodeURIComponent(TELL_PEAK)}`, cli, ...args],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
      timeout,
    },
  )
  const [, stdout = '', stderr = '', peak = ''] = output
  return {
    status,
    signal,
    stdout: stdout ?? '',
    stderr: stderr ?? '',
    milliseconds: performance.now() - start,
    peakKib: peak === '' || peak === null ? Number.NaN : Number(peak),
  }
}
