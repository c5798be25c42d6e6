// Which files of the state folder are state: those that a backup holds and a restore replaces.
import { existsSync, readdirSync } from 'node:fs'
import { isSetAside } from '../store/set-aside.ts'

export const HISTORY = 'history.db'
/** Of the running process, or made anew when needed. */
const NOT_STATE =
  /^(lock|lock\.owner|lock-journal|reserve|history\.db\.reserve)$|\.new$|^history\.db-(wal|shm|journal)$/

function isChanges(name: string): boolean {
  return name.endsWith('.changes')
}

export function stateFilesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return (
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !NOT_STATE.test(entry.name) && !isSetAside(entry.name))
      .map(({ name }) => name)
      .sort()
      // Changes before what they belong to: where the service writes the whole file in between, it holds them.
      .sort((one, other) => Number(isChanges(other)) - Number(isChanges(one)))
  )
}
