// The commands "backup" and "restore": they read their arguments and speak to the person at the console.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeBackup } from './backup/backup.ts'
import { restoreBackup } from './backup/restore.ts'
import { COPY_DAYS } from './store/set-aside.ts'
import { diskSentence } from './store/disk-words.ts'
import { type FolderLock, lockStateFolder } from './store/lock.ts'
import { giveToOwner } from './store/owner.ts'
import { stateFolder, stateSentence, versionOfPackage } from './serve-command.ts'

/** Returns 2 with one sentence where no backup could be made. */
export async function backupCommand(args: string[]): Promise<number> {
  return run(async () => {
    const { file, folder } = readArguments('backup', args)
    const advice = 'Name another file.'
    const { files } = await makeBackup(folder, file, versionOfPackage()).catch((error: unknown) =>
      sayWhy(stateOrNull(error, folder) ?? diskSentence(error, { path: file, what: 'file', advice }), error),
    )
    console.log(
      `${file} holds ${files.length} files of ${folder}, read again and found whole. It contains secrets (password hashes, log-in sessions, addresses and keys of channels) and the history of the home: keep it where only you can read it.`,
    )
  })
}

/** Returns 2 with one sentence where nothing was restored. */
export async function restoreCommand(args: string[]): Promise<number> {
  return run(async () => {
    const { file, folder } = readArguments('restore', args)
    const lock = lockOrSay(folder)
    try {
      const { files, madeAt } = await restoreBackup(file, folder)
      console.log(
        `${folder} is as it was on ${madeAt}: ${files.length} files. What was there before is kept beside it as *.replaced-* for ${COPY_DAYS} days. Devices that were forgotten since are back: forget them again.`,
      )
    } finally {
      giveToOwner(folder)
      lock.release()
    }
  })
}

function lockOrSay(folder: string): FolderLock {
  try {
    return lockStateFolder(folder)
  } catch (error) {
    return sayWhy(stateSentence(error, folder), error)
  }
}

/** What was read of the state folder, where the error names a place in it. */
function stateOrNull(error: unknown, folder: string): string | null {
  return (error as NodeJS.ErrnoException).path === undefined ? null : stateSentence(error, folder)
}

function sayWhy(sentence: string | null, error: unknown): never {
  throw sentence === null ? error : new Error(sentence)
}

function readArguments(command: string, args: string[]): { file: string; folder: string } {
  const { values, positionals } = parseArgs({ args, options: { state: { type: 'string' } }, allowPositionals: true })
  if (positionals.length !== 1) throw new Error(`usage: telltale ${command} FILE [--state DIR]`)
  return { file: resolve(process.env['INIT_CWD'] ?? '.', positionals[0]), folder: stateFolder(values.state) }
}

async function run(work: () => Promise<void>): Promise<number> {
  try {
    await work()
    return 0
  } catch (error) {
    console.error(`telltale: ${error instanceof Error ? error.message : String(error)}`)
    return 2
  }
}
