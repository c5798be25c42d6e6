// The versions of a state file on the disk: the present one, its twin under another name, and the one before.
import { lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { changesPath, withChanges } from './changes-file.ts'
import { readOrNull, removeLeftovers } from './durable-file.ts'
import { copyBefore, setAsideDamaged, setAsideOf } from './set-aside.ts'

/** Returns the value as this version understands it, or throws an Error whose message names what is wrong. */
export type Validate<Value> = (value: unknown) => Value

/** Called with one sentence: what was damaged and what was done about it. */
export type OnDamage = (sentence: string) => void

export interface VersionsOptions<Value> {
  validate: Validate<Value>
  onDamage: OnDamage
  /** A second file with the same content, for what must not be lost with one file. */
  twin?: string
  defaults: Value
  /** The value where files were there and none can be used, from what they hold where it is JSON at least. */
  whenLost?: (found: unknown[]) => Value
}

/** The twin is as of the last change, the version before as of one change earlier; else nothing could be read. */
export type Recovered = 'twin' | 'before' | 'lost'

export interface Read<Value> {
  value: Value | null
  /** Where it is not what the file itself holds, and has to be written: what it is instead. */
  recovered: Recovered | null
  /** True where the twin does not hold it. */
  isTwinBehind: boolean
}

interface One<Value> {
  value: Value | null
  /** What the file holds, where it is JSON. */
  stored: unknown
  text: string | null
  /** Null where the file is fine, or not there. */
  damage: string | null
}

/** The process, not the file: nothing is said about what it holds. */
const NOT_DAMAGE = new Set(['EMFILE', 'ENFILE', 'ENOMEM'])

async function readOne<Value>(path: string, validate: Validate<Value>): Promise<One<Value>> {
  let text: string | null = null
  let stored: unknown
  try {
    text = await readOrNull(path)
    if (text === null) return { value: null, stored, text, damage: null }
    stored = withChanges(text, await readOrNull(changesPath(path)))
    return { value: validate(stored), stored, text, damage: null }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (NOT_DAMAGE.has(code ?? '')) throw error
    return { value: null, stored, text: null, damage: code === undefined ? message.slice(0, 200) : code }
  }
}

/** Reads the best version that is left. Sets aside what is damaged, and says what was done. */
export async function readVersions<Value>(path: string, options: VersionsOptions<Value>): Promise<Read<Value>> {
  const { validate, onDamage, twin } = options
  const name = basename(path)
  for (const file of filesOf(path, twin)) await removeLeftovers(file)
  const present = await readOne(path, validate)
  const second = twin === undefined ? null : await readOne(twin, validate)
  if (present.value !== null) {
    if (!isDeepStrictEqual(present.value, present.stored)) keepCopy(path, onDamage)
    await clearFolders(path, twin)
    return { value: present.value, recovered: null, isTwinBehind: second !== null && second.text !== present.text }
  }
  const before = await readOne(`${path}.bak`, validate)
  const known = [present, second, before].filter((one) => one !== null)
  const isFirst = known.every(({ damage, value }) => damage === null && value === null) && setAsideOf(path).length === 0
  if (isFirst) return { value: null, recovered: null, isTwinBehind: false }
  const what =
    present.damage === null
      ? `${name} is missing`
      : `${name} is damaged (${present.damage}) and was set aside as ${basename(setAsideDamaged(path))}`
  await clearFolders(path, twin)
  const [recovered, value, done] = bestOf(second, before, known, options)
  onDamage(`${what}; ${done}.`)
  return { value, recovered, isTwinBehind: second !== null }
}

function bestOf<Value>(
  second: One<Value> | null,
  before: One<Value>,
  known: One<Value>[],
  { twin, defaults, whenLost }: VersionsOptions<Value>,
): [recovered: Recovered, value: Value, done: string] {
  if (second !== null && second.value !== null)
    return ['twin', second.value, `its copy in ${basename(twin as string)} is used`]
  if (before.value !== null) return ['before', before.value, 'the version before it is used']
  if (whenLost === undefined) return ['lost', structuredClone(defaults), 'its values are the defaults again']
  const found = known.map(({ stored }) => stored).filter((stored) => stored !== undefined)
  return ['lost', whenLost(found), 'no version of it can be used as it is']
}

/** All files that may hold a version, but for what was set aside. */
export function filesOf(path: string, twin: string | undefined): string[] {
  return [path, `${path}.bak`, ...(twin === undefined ? [] : [twin])]
}

/** The path of a twin: under a name of its own, which no pattern for the file matches. */
export function twinOf(path: string): string {
  return join(dirname(path), `last-${basename(path)}`)
}

/** This version writes the file in another form than it found it in: the file as it is now is kept for a while. */
function keepCopy(path: string, onDamage: OnDamage): void {
  try {
    copyBefore(path)
  } catch (error) {
    onDamage(`No copy of ${basename(path)} could be made before it is changed (${(error as Error).message}).`)
  }
}

/** What is no file and stands where one has to be written. */
async function clearFolders(path: string, twin: string | undefined): Promise<void> {
  for (const file of filesOf(path, twin)) {
    const facts = await lstat(file).catch(() => null)
    if (facts !== null && !facts.isFile() && !facts.isSymbolicLink()) setAsideDamaged(file)
  }
}
