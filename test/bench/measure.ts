// Measures one run of a program: CPU seconds of the process and its children, wall time, peak memory.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Stream } from 'node:stream'

export type Cost = {
  /** User and system, of the process and all children it waited for. */
  cpuSeconds: number
  wallSeconds: number
  /** Highest resident set of the process itself; null where the system has no /proc. */
  peakMegabytes: number | null
}

export type Run = { cost: Cost } | { failed: string }

/**
 * bash's `time` sums what wait4 reports, to the millisecond, and is there on a bare Debian; Node has no
 * RUSAGE_CHILDREN. Descriptor 3 gives the program's process id, 4 the times, 5 is its standard error; its output is
 * thrown away.
 */
const SCRIPT = `TIMEFORMAT='%3U %3S %3R'
{ time { "$@" </dev/null >/dev/null 2>&5 3>&- 4>&- 5>&- & echo $! >&3; wait $!; status=$?; }; } 2>&4 4>&-
exit $status`
/** VmHWM only grows: what is missed is the growth since the last look. */
const LOOK_EVERY_MS = 20
const LONGEST_COMPLAINT = 2000

export function measure(command: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', SCRIPT, 'bash', ...command], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    })
    const output = { 3: '', 4: '', 5: '' }
    // The types know of five streams only.
    const streams: readonly (Stream | null | undefined)[] = child.stdio
    for (const descriptor of [3, 4, 5] as const) {
      streams[descriptor]!.on('data', (bytes: Buffer) => {
        if (output[descriptor].length < LONGEST_COMPLAINT) output[descriptor] += bytes.toString()
      })
    }
    let peakMegabytes: number | null = null
    const looking = setInterval(() => {
      peakMegabytes = peakOf(output[3].trim()) ?? peakMegabytes
    }, LOOK_EVERY_MS)
    child.on('error', (error) => {
      clearInterval(looking)
      resolve({ failed: `bash did not start: ${error.message}` })
    })
    child.on('close', (status) => {
      clearInterval(looking)
      const [user, system, wall] = output[4]
        .trim()
        .split(/\s+/)
        .slice(-3)
        .map((text) => Number(text.replace(',', '.')))
      if (status !== 0)
        resolve({
          failed: `${command[0]} ended with status ${status}: ${output[5].trim().split('\n').slice(-3).join(' / ')}`,
        })
      else if (user === undefined || system === undefined || wall === undefined || Number.isNaN(user + system + wall))
        resolve({ failed: `bash gave no times but "${output[4].trim()}"` })
      else resolve({ cost: { cpuSeconds: user + system, wallSeconds: wall, peakMegabytes } })
    })
  })
}

function peakOf(pid: string): number | null {
  if (pid === '') return null
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) / 1000
  } catch {
    return null
  }
}

/** The middle one, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
