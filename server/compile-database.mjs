// How is better-sqlite3 compiled for this machine, without holding up the first start? Plain JavaScript, as
// server/setup.mjs. Where it cannot be compiled, or not yet, libsql stands in, which comes ready made.
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
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const PACKAGE = 'better-sqlite3'
/** Work folders in node_modules, one for each process that compiles. */
const WORK = '.telltale-database-'
/** Says for which version of Node's binary interface compiling failed: not tried again at every start. */
const FAILED = '.telltale-database-failed'

/**
 * Compiles a copy, so that a running service never sees a database library appear halfway: two SQLites in one process
 * would break each other's locks. Resolves true where the library is in its place; `adopt` moves it there later.
 */
export async function compileDatabase(root) {
  const modules = join(root, 'node_modules')
  if (!existsSync(join(modules, PACKAGE)) || isCompiled(modules) || adopt(root)) return true
  if (hasFailed(modules)) return false
  const work = join(modules, `${WORK}${process.pid}`)
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
  const status = await new Promise((done) => {
    child.on('error', () => done(127))
    child.on('exit', (code) => done(code ?? 1))
  })
  if (status !== 0) writeFileSync(join(modules, FAILED), process.versions.modules)
  return status === 0
}

/** Puts what a work folder holds into its place, and tidies up behind processes that ended; true where that worked. */
export function adopt(root) {
  const modules = join(root, 'node_modules')
  for (const name of readdirSync(modules).filter((entry) => entry.startsWith(WORK) && entry !== FAILED)) {
    const made = join(modules, name, PACKAGE)
    const works =
      spawnSync(process.execPath, ['-e', `new (require(${JSON.stringify(made)}))(':memory:')`], { stdio: 'ignore' })
        .status === 0
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

function isCompiled(modules) {
  return existsSync(join(modules, PACKAGE, 'build/Release/better_sqlite3.node'))
}

function hasFailed(modules) {
  const note = join(modules, FAILED)
  return existsSync(note) && readFileSync(note, 'utf8') === process.versions.modules
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
