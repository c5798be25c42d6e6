// CPU seconds of a process with all that it started, by /proc/PID/stat.
import { readdirSync, readFileSync } from 'node:fs'

/** utime, stime, and of the children that ended and were waited for cutime and cstime; in hundredths of a second. */
const TIMES = [11, 12, 13, 14]
const PARENT = 1

interface ProcessLine {
  pid: number
  parent: number
  seconds: number
}

/**
 * CPU seconds, user and system, of the processes `roots` and of all below them, ended ones that were waited for
 * included (proc(5)). What the kernel does for a capture while another process sends is on that process's account.
 */
export function cpuSecondsOfTrees(roots: readonly number[]): number {
  const all = processes()
  return treeOf(roots, all).reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Process ids of all that a process started and that still lives. */
export function descendantsOf(root: number): number[] {
  return treeOf([root], processes())
    .map(({ pid }) => pid)
    .filter((pid) => pid !== root)
}

function treeOf(roots: readonly number[], all: readonly ProcessLine[]): ProcessLine[] {
  const taken = new Set(roots)
  // A child may stand before its parent, where numbers began anew.
  for (let before = -1; before !== taken.size;) {
    before = taken.size
    for (const { pid, parent } of all) if (taken.has(parent)) taken.add(pid)
  }
  return all.filter(({ pid }) => taken.has(pid))
}

function processes(): ProcessLine[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8')
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
        const ticks = TIMES.reduce((sum, at) => sum + Number(fields[at]), 0)
        return [{ pid: Number(name), parent: Number(fields[PARENT]), seconds: ticks / 100 }]
      } catch {
        // It ended meanwhile.
        return []
      }
    })
}
