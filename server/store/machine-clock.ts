// What this machine tells about its clock: how long it runs by one that nobody can set, and whether the one that shows
// the time is kept right by others'.
import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { promisify } from 'node:util'

/** Touched by systemd's own time service each time that a server told it the time. */
const SYNCHRONIZED = '/run/systemd/timesync/synchronized'
/** It asks every 34 minutes at least. */
const FRESH_SECONDS = 2 * 3_600
/** Clocks that are the same differ by no more, the time of asking included. */
const SAME_SECONDS = 60
const PATIENCE_MS = 5_000

/** Seconds since the machine was started, sleep included, where Linux tells it; else since the program was. */
export function elapsedSeconds(): number {
  try {
    const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'latin1'))
    if (Number.isFinite(uptime)) return uptime
  } catch {
    // Another system, or a container that hides it.
  }
  return performance.now() / 1_000
}

export interface SyncSources {
  file: string
  /** What `timedatectl show` says. Rejects where there is none. */
  timedatectl: () => Promise<string>
}

const SOURCES: SyncSources = {
  file: SYNCHRONIZED,
  timedatectl: async () => {
    const { stdout } = await promisify(execFile)(
      'timedatectl',
      ['show', '--property=NTPSynchronized', '--property=TimeUSec'],
      { timeout: PATIENCE_MS, env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } },
    )
    return stdout
  },
}

/**
 * Whether the system says that this very clock, which shows `now` and has gone without a step since `since`, is kept
 * right. False where nobody knows. Asks this machine only.
 */
export async function isSynchronised(now: number, since: number, sources = SOURCES): Promise<boolean> {
  try {
    const { mtimeMs } = statSync(sources.file)
    const at = mtimeMs / 1_000
    if (at >= since && at <= now + SAME_SECONDS && at > now - FRESH_SECONDS) return true
  } catch {
    // Another service keeps the time, or none.
  }
  try {
    const said = await sources.timedatectl()
    // The kernel takes its word back when somebody sets the clock; and it must be this clock that is meant.
    const shown = Date.parse(`${/^TimeUSec=\w+ ([\d-]+ [\d:]+) UTC$/m.exec(said)?.[1] ?? ''}Z`) / 1_000
    return /^NTPSynchronized=yes$/m.test(said) && Math.abs(shown - now) < SAME_SECONDS
  } catch {
    return false
  }
}
