// Compiles better-sqlite3 for this machine, where Node has no SQLite of its own. Plain JavaScript, as server/setup.mjs.
// Where it cannot be compiled, or not yet, libsql stands in, which comes ready made.
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'

const PACKAGE = 'better-sqlite3'
/** Work folders in node_modules, one for each process that compiles. */
const WORK = '.telltale-database-'
/** Says for which version of Node's binary interface compiling failed: not tried again at every start, but daily. */
const FAILED = '.telltale-database-failed'
const TRY_AGAIN_MS = 24 * 3_600_000

/** Whether Node brings SQLite: then there is nothing to compile. */
export function hasNodeSqlite() {
  return isBuiltin('node:sqlite')
}

/** Whether some SQLite works here without compiling. */
export function hasReadyMade(root) {
  return hasNodeSqlite() || opensDatabase(join(root, 'node_modules/libsql'))
}

/**
 * Compiles a copy, so that a running service never sees a database library appear halfway: two SQLites in one process
 * would break each other's locks. Resolves true where the library is in its place; `adopt` moves it there later.
 * In the background it gives way to everything else.
 */
export async function compileDatabase(root, inBackground = false) {
  const modules = join(root, 'node_modules')
  if (!existsSync(join(modules, PACKAGE)) || isCompiled(root) || adopt(root)) return true
  if (hasFailed(modules)) return false
  const work = join(modules, `${WORK}${process.pid}`)
  // What an earlier process of the same number left.
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work)
  cpSync(join(modules, PACKAGE), join(work, PACKAGE), { recursive: true })
  const log = openSync(join(work, 'log'), 'w')
  // Its two source files take long and about as long as each other.
  const env = { ...process.env, JOBS: 'max', npm_config_ignore_scripts: 'false' }
  const child = spawn('npm', ['run', '-s', 'install'], {
    cwd: join(work, PACKAGE),
    stdio: ['ignore', log, log],
    shell: process.platform === 'win32',
    env,
  })
  child.unref()
  if (inBackground && child.pid !== undefined) giveWay(child.pid)
  const status = await new Promise((done) => {
    child.on('error', () => done(127))
    child.on('exit', done)
  })
  // Without a status it was stopped, and may go well the next time.
  if (status !== 0 && status !== null) writeFileSync(join(modules, FAILED), process.versions.modules)
  return status === 0
}

function giveWay(pid) {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already, or the system does not allow it: it only takes more of the processor.
  }
}

/** Puts what a work folder holds into its place, and tidies up behind processes that ended; true where that worked. */
export function adopt(root) {
  const modules = join(root, 'node_modules')
  for (const name of readdirSync(modules).filter((entry) => entry.startsWith(WORK) && entry !== FAILED)) {
    const made = join(modules, name, PACKAGE)
    const works = opensDatabase(made)
    if (works) {
      rmSync(join(modules, PACKAGE, 'build'), { recursive: true, force: true })
      renameSync(join(made, 'build'), join(modules, PACKAGE, 'build'))
    }
    if (works || !isAlive(Number(name.slice(WORK.length))))
      rmSync(join(modules, name), { recursive: true, force: true })
    if (works) return true
  }
  return false
}

/** In a process of its own: a library that was loaded once stays in memory, and one that is broken may end it. */
function opensDatabase(folder) {
  const program = `new (require(${JSON.stringify(folder)}))(':memory:')`
  return spawnSync(process.execPath, ['-e', program], { stdio: 'ignore' }).status === 0
}

export function isCompiled(root) {
  return existsSync(join(root, 'node_modules', PACKAGE, 'build/Release/better_sqlite3.node'))
}

function hasFailed(modules) {
  const note = join(modules, FAILED)
  if (!existsSync(note) || Date.now() - statSync(note).mtimeMs > TRY_AGAIN_MS) return false
  return readFileSync(note, 'utf8') === process.versions.modules
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
