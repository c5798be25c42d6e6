// What a process that runs for long sets for itself: no core dumps; and what it says of its rights and limits.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { Log } from '../log.ts'

/**
 * A core dump would hold passwords, keys and what was captured. Children take both over: the limit, and, where the
 * system hands dumps to a program in spite of it, that no memory is in them.
 */
export function forbidCoreDumps(): void {
  if (process.platform !== 'linux') return
  spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore' })
  try {
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // A process that was root before is never dumped, and may not write here.
  }
}

/** Says what the owner may want to know of how the service was started. */
export function tellOfStart(log: Pick<Log, 'warn'>, files: { limit: number | null; share: number }): void {
  if (process.getuid?.() === 0)
    log.warn(
      'Telltale runs as root, the page included. Start it with sudo from your own account (sudo npm start), or install the service, and tcpdump alone has rights',
    )
  if (files.share < 1)
    log.warn(
      `Only ${files.limit} files may be open at once here: there are ${Math.floor(files.share * 100)} % of the usual places for connections (ulimit -n 1024 gives all)`,
    )
}
