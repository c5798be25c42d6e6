// The owner of the state folder, who has to be able to read what a command of root wrote into it.
import { lchownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Gives what root left in the folder to the folder's owner: the service runs as that user. */
export function giveToOwner(folder: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = lstatSync(folder)
  if (uid === 0) return
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (lstatSync(path, { throwIfNoEntry: false })?.uid === 0) lchownSync(path, uid, gid)
  }
}
