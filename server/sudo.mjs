// "sudo npm start": installing, building and the service run as the user who called sudo; only tcpdump runs as root.
// Plain JavaScript of Node alone: it runs as root.
import { spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { startHelper } from './capture-helper.mjs'

/** Hands the user to the process that becomes it. */
const RUN_AS = 'TELLTALE_RUN_AS'
/** What a folder of state holds, at least one of them. */
const STATE_FILES = ['access.json', 'settings.json', 'history.db']

/** The user who called sudo; null where nobody did, or root itself. */
export function sudoUser(environment = process.env, passwd = readPasswd) {
  const [uid, gid] = [environment.SUDO_UID, environment.SUDO_GID].map((text) =>
    /^\d{1,10}$/.test(text ?? '') ? Number(text) : 0,
  )
  if (uid === 0) return null
  const [name, , , group, , home] = passwd(uid)?.split(':') ?? []
  return { uid, gid: gid || Number(group) || uid, name: name ?? null, home: home || environment.SUDO_HOME || null }
}

/** The user's line of the list of users, wherever the system keeps it. */
function readPasswd(uid) {
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
  const own = lines.find((line) => line.split(':')[2] === String(uid))
  if (own !== undefined) return own
  const { status, stdout } = spawnSync('getent', ['passwd', String(uid)], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

/** The environment without what points to root's home or tells of root: npm hands its own settings on in it. */
export function environmentOf({ uid, name, home }, environment, rootHome = homedir()) {
  const isRoots = ([key, value = '']) =>
    /^(?:SUDO_|XDG_|npm_config_(?:cache|userconfig|globalconfig|prefix|logs_dir)$|MAIL$)/i.test(key) ||
    value === rootHome ||
    value.startsWith(`${rootHome}/`)
  const kept = Object.entries(environment).filter(
    (entry) => entry[0] === 'PATH' || entry[0] === 'INIT_CWD' || !isRoots(entry),
  )
  const user = name ?? String(uid)
  return { ...Object.fromEntries(kept), HOME: home ?? '/', USER: user, LOGNAME: user }
}

/**
 * Of the root process: takes back what earlier starts as root left, starts the helper, and runs `program` as the user.
 * Resolves to the exit status.
 */
export async function runAsUser(user, program, args, { root, say, rootHome = homedir() }) {
  const stateArgument = stateOf(args)
  if (user.home === null && stateArgument === null) {
    say(`User ${user.uid} has no home folder for the state: name one with --state DIR.`)
    return 1
  }
  for (const name of ['node_modules', 'dist']) giveTo(user, join(root, name))
  giveBackCache(user)
  if (stateArgument !== null) takeOverState(user, stateArgument, say)
  else moveState(user, join(process.env.XDG_STATE_HOME || join(rootHome, '.local/state'), 'telltale'), say)
  forbidCoreDumps()
  const helper = await startHelper(user)
  say(`Runs as ${user.name ?? `user ${user.uid}`}; only tcpdump runs as root.`)
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: 'inherit',
    env: {
      ...environmentOf(user, process.env, rootHome),
      [RUN_AS]: JSON.stringify(user),
      TELLTALE_CAPTURE_HELPER: helper.path,
    },
  })
  // A terminal sends Ctrl-C to both; the service ends first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.pid !== undefined && child.kill('SIGTERM'))
  const status = await new Promise((done) => {
    child.on('error', () => done(1))
    child.on('exit', (code) => done(code ?? 1))
  })
  helper.close()
  return status
}

/** As server/service-units/process-limits.ts: of this process, the service and tcpdump. */
function forbidCoreDumps() {
  if (process.platform !== 'linux') return
  spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore' })
  try {
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // Kernels without core dumps have none.
  }
}

/** Of the process that `runAsUser` started: becomes the user for good, before anything else runs. */
export function becomeUser() {
  const user = JSON.parse(process.env[RUN_AS])
  delete process.env[RUN_AS]
  if (user.name === null) process.setgroups([user.gid])
  else process.initgroups(user.name, user.gid)
  process.setgid(user.gid)
  process.setuid(user.uid)
  try {
    process.setuid(0)
  } catch {
    return user
  }
  throw new Error('root could be had back')
}

/** True in the process that is to become the user. */
export function isToBecomeUser() {
  return process.env[RUN_AS] !== undefined
}

/** A sentence where the user cannot use the folder of the program; `mustWrite` to install or build in it. */
export function folderProblem(root, mustWrite) {
  try {
    accessSync(root, constants.R_OK | constants.X_OK | (mustWrite ? constants.W_OK : 0))
    return null
  } catch {
    const name = process.env.USER
    return `${name} may not ${mustWrite ? 'write to' : 'read'} the folder ${root}. Give it to ${name}, in a place that ${name} can reach: sudo chown -R ${name} ${root}`
  }
}

/** npm as root may have written to the user's cache: then npm as the user refuses to. */
function giveBackCache(user) {
  if (user.home === null) return
  const cache = join(user.home, '.npm')
  const folders = [cache, join(cache, '_cacache'), join(cache, '_logs')]
  if (folders.some((folder) => lstatSync(folder, { throwIfNoEntry: false })?.uid === 0)) giveTo(user, cache)
}

function stateOf(args) {
  const at = args.findIndex((text) => text === '--state' || text.startsWith('--state='))
  if (at < 0) return null
  const named = args[at] === '--state' ? args[at + 1] : args[at].slice('--state='.length)
  return named === undefined ? null : resolve(process.env.INIT_CWD ?? '.', named)
}

/** A folder of state that an earlier start as root made. */
function takeOverState(user, folder, say) {
  if (!isRootsState(folder)) return
  try {
    giveTo(user, folder)
  } catch (error) {
    // The service says what is wrong with the disk.
    if (error.code !== 'EROFS') throw error
    return say(`The state in ${folder} is still root's: the disk is read-only.`)
  }
  say(`The state in ${folder} was root's, from an earlier start: it is ${user.name ?? `user ${user.uid}`}'s now.`)
}

function moveState(user, from, say) {
  const to = join(user.home, '.local/state/telltale')
  if (!isRootsState(from)) return takeOverState(user, to, say)
  const owner = user.name ?? `user ${user.uid}`
  if (from === to) return takeOverState(user, to, say)
  if (isInUse(from)) return say(`A Telltale that was started as root still runs with ${from}: its state stays there.`)
  if (existsSync(to) && readdirSync(to).length > 0)
    return say(`The state of earlier starts as root is still in ${from}: ${owner} has one of its own in ${to}.`)
  makeFolder(user, dirname(to))
  try {
    rmSync(to, { recursive: true, force: true })
    renameSync(from, to)
  } catch (error) {
    if (error.code !== 'EXDEV') throw error
    cpSync(from, to, { recursive: true, preserveTimestamps: true })
    rmSync(from, { recursive: true })
  }
  giveTo(user, to)
  say(`The state of earlier starts as root was moved from ${from} to ${to}, and is ${owner}'s now.`)
}

function isRootsState(folder) {
  return existsSync(folder) && lstatSync(folder).isDirectory() && lstatSync(folder).uid === 0
    ? STATE_FILES.some((name) => existsSync(join(folder, name)))
    : false
}

/** The lock names its process; one that is gone, or another program by now, holds nothing. */
function isInUse(folder) {
  try {
    const owner = Number(readFileSync(join(folder, 'lock.owner'), 'utf8'))
    return /\0(?:serve|start)\0/.test(`${readFileSync(`/proc/${owner}/cmdline`, 'utf8')}\0`)
  } catch {
    return false
  }
}

/** Makes the folder and those above it, the new ones the user's. */
function makeFolder({ uid, gid }, folder) {
  if (existsSync(folder)) return
  makeFolder({ uid, gid }, dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
  chownSync(folder, uid, gid)
}

/** What root owns in it becomes the user's: never through a link, and no file that has another name elsewhere. */
function giveTo({ uid, gid }, path) {
  const facts = lstatSync(path, { throwIfNoEntry: false })
  if (facts === undefined) return
  if (facts.isDirectory()) for (const name of readdirSync(path)) giveTo({ uid, gid }, join(path, name))
  if (facts.uid === 0 && (facts.isDirectory() || facts.nlink === 1)) lchownSync(path, uid, gid)
}
