// A state file as it is on the disk, with what has changed since it was written as a whole.
import { existsSync, readFileSync } from 'node:fs'
import { changesPath, withChanges } from '../../server/store/changes-file.ts'

export function readState(path: string): unknown {
  const changes = changesPath(path)
  return withChanges(readFileSync(path, 'utf8'), existsSync(changes) ? readFileSync(changes, 'utf8') : null)
}
