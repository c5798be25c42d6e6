// What the lab's router can be made to hand out: one way in which Telltale learns of its traffic.
import type { ChildProcess } from 'node:child_process'
import type { Family } from './shown.ts'
import type { Lab } from './topology.ts'

export interface Exporter {
  /** Processes of the router's side, for their CPU. */
  pids(): number[]
  /** Has it see the last packets that passed; absent where it sees each at once. */
  push?(): Promise<void>
  /** Has it hand out at once what it still counts; absent where it keeps nothing back. */
  flush?(): Promise<void>
  stop(): Promise<void>
  /** Ends it as a fault would: nothing is handed out any more. */
  kill(): Promise<void>
}

export interface LabSource {
  /** Its word behind `--sources`. */
  label: string
  title: string
  /** Programs that it needs, with the Debian package of each. */
  programs: Record<string, string>
  /** Where Telltale runs. */
  runsOn: 'router' | 'box'
  /** What is behind --source. */
  argument: string
  /** What it tells of: full packets, connections with their bytes, or flow records. */
  tells: 'packets' | 'connections' | 'flow records'
  /** Families of IP that it can express. */
  families: readonly Family[]
  /** How far its bytes may be from nft's, as a share. */
  tolerance: number
  /** Seconds that bytes may take from the wire to the page when nobody flushes, as its options say. */
  toldWithin: number
  /** A silence of so many seconds is taken for a gap; absent where the link itself tells that it is gone. */
  gapAfter?: number
  /** Options of Telltale's process. */
  environment?(lab: Lab): Record<string, string>
  start(lab: Lab): Promise<Exporter>
}

/** Ends a child and waits for it. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await gone
  clearTimeout(timer)
}
