// The file of accounts and log-in sessions, as the service and the command line open it.
import { emptyAccess, isAccessState, type AccessState } from '../access/access-state.ts'
import type { StateFile } from '../store/state-file.ts'
import type { StateFolder } from '../store/state-folder.ts'

/**
 * Where no version of it can be read there is no password any more: the service then answers this machine only, and
 * takes a new one only with the token that it prints at the console.
 */
export function openAccess(folder: StateFolder): Promise<StateFile<AccessState>> {
  return folder.open('access.json', emptyAccess(), readAccess, { hasTwin: true, whenLost: () => emptyAccess() })
}

function readAccess(stored: unknown): AccessState {
  if (!isAccessState(stored)) throw new Error('it does not hold accounts')
  return stored
}
