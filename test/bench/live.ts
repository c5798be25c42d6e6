// Live capture at rising rates, in network namespaces of its own: CPU of Telltale and of other programs, side by side.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Cable, run, whyNoNamespaces } from '../capture/sources/network-namespace.ts'
import { table } from './table.ts'

export interface LiveRow {
  name: string
  megabits: number
  packets: number
  seconds: number
  seen: number
  dropped: number
  /** Of one core, by program. */
  cpuPercent: Record<string, number>
}

export interface LiveResult {
  /** Milliseconds from the wire to the message that a page gets. */
  latency: { marks: number; p50: number; p95: number }
  rows: LiveRow[]
}

export interface Played {
  name: string
  megabits: number
  capture: string
}

/** A string says why it could not be measured. */
export async function measureLive(played: Played[], seconds: number): Promise<LiveResult | string> {
  const why = whyNoNamespaces('tcpreplay')
  if (why !== null) return why
  const cable = new Cable()
  const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-live-'))
  try {
    run('ip', '-n', cable.far, 'route', 'add', 'default', 'via', '10.99.0.2')
    const words = played.flatMap(({ name, megabits, capture }) => [name, String(megabits), capture])
    const script = fileURLToPath(new URL('live-inside.ts', import.meta.url))
    const child = spawn(
      'ip',
      [
        'netns',
        'exec',
        cable.near,
        process.execPath,
        '--import',
        'tsx',
        script,
        folder,
        cable.far,
        String(seconds),
        ...words,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    const line = output.trim().split('\n').at(-1) ?? ''
    if (code !== 0 || !line.startsWith('{')) return `the live bench ended with ${code}: ${output.slice(-300)}`
    return JSON.parse(line) as LiveResult
  } finally {
    cable.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

export function liveTable({ rows }: LiveResult): string {
  const programs = [...new Set(rows.flatMap(({ cpuPercent }) => Object.keys(cpuPercent)))]
  return table(
    ['traffic', 'Mbit/s', 'packets/s', 'seen', 'dropped', ...programs.map((program) => `${program}, % of a core`)],
    rows.map(({ name, megabits, packets, seconds, seen, dropped, cpuPercent }) => [
      name,
      megabits.toFixed(0),
      (packets / seconds).toFixed(0),
      String(seen),
      String(dropped),
      ...programs.map((program) => cpuPercent[program]?.toFixed(1) ?? ''),
    ]),
  )
}

export function latencySentence({ latency: { marks, p50, p95 } }: LiveResult): string {
  return `From a packet on the wire to the page's message, ${marks} times at random phases of the second: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms.`
}
