// The setup of a fresh clone, before the service or its tests can run. Plain JavaScript without packages: it runs
// before anything is installed.
//   node server/setup.mjs start [--port …]   installs and builds where needed, then becomes the service
//   node server/setup.mjs packages           installs where needed
//   node server/setup.mjs test               installs and builds where needed, and gets the programs that tests use
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, isFresh } from './build.mjs'
import { adopt, compileDatabase, hasNodeSqlite, hasReadyMade, isCompiled } from './compile-database.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const OLDEST_NODE = [20, 19]
const FEWEST_FILES = 256
const REMINDER_MS = 20_000
/** How long compiling the database library may take where something waits for it. */
const PATIENCE_MS = 20 * 60_000

/**
 * Programs that some tests run, and the Debian packages that bring them. Without one, its tests are skipped and say so.
 */
const TEST_PROGRAMS = [
  { names: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium', use: 'the tests in a real browser' },
  { names: ['openssl'], package: 'openssl', use: 'the tests of encrypted connections' },
  { names: ['tcpdump'], package: 'tcpdump', use: 'the tests of live capture' },
  { names: ['ip'], package: 'iproute2', use: 'the tests of live capture' },
]

function say(sentence) {
  console.error(`telltale: ${sentence}`)
}

/** One sentence, and the end. */
function stop(sentence) {
  say(sentence)
  process.exit(1)
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    stop(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.version}. See https://nodejs.org.`)
  }
}

/** Installing and building open more files at once than the service does. */
function checkFiles() {
  if (!existsSync('/proc/self/limits')) return
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  if (Number(limit) < FEWEST_FILES)
    stop(
      `Only ${limit} files may be open at once here, and Telltale needs ${FEWEST_FILES} or more: raise the limit first (ulimit -n 1024).`,
    )
}

/** Runs a program to its end, reminding every 20 s that it still runs; gives its exit status. */
function run(command, args, env = {}, reminder = null) {
  return new Promise((done) => {
    const started = Date.now()
    const timer =
      reminder === null
        ? undefined
        : setInterval(() => say(`${reminder} (${Math.round((Date.now() - started) / 1000)} s so far)`), REMINDER_MS)
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
      env: { ...process.env, ...env },
    })
    child.on('error', () => done(127))
    child.on('exit', (status) => done(status ?? 1))
    child.on('close', () => clearInterval(timer))
  })
}

/** Versions in a lock file by path, without the clone itself and what another system would need. */
function versionsIn(file) {
  const { packages = {} } = JSON.parse(readFileSync(file, 'utf8'))
  return new Map(Object.entries(packages).flatMap(([path, { version }]) => (path === '' ? [] : [[path, version]])))
}

/**
 * npm writes what it installed into a lock file of its own. Optional packages may be missing there: they are for other
 * systems.
 */
function isInstalled() {
  const npmsOwn = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(npmsOwn)) return false
  const ours = join(root, 'node_modules/.telltale')
  // Earlier versions wrote the lock file's hash before it.
  if (existsSync(ours) && !readFileSync(ours, 'utf8').endsWith(binaryInterface())) return false
  const { packages = {} } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const installed = versionsIn(npmsOwn)
  return Object.entries(packages).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' ||
      installed.get(path) === version ||
      (!installed.has(path) && (optional === true || devOptional === true)),
  )
}

/** What the compiled parts depend on beside the lock file. */
function binaryInterface() {
  return `${process.platform} ${process.arch} ${process.versions.modules}\n`
}

async function install() {
  if (isInstalled()) return
  say('Installing the packages of the lock file; the first time this takes about half a minute.')
  // Scripts of packages are not run: the one that matters compiles a database library, where that is needed at all.
  const status = await run(
    'npm',
    ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund'],
    {},
    'Still installing.',
  )
  if (status !== 0)
    stop('The packages could not be installed; npm says above why. Is this machine connected to the internet?')
  writeFileSync(join(root, 'node_modules/.telltale'), binaryInterface())
}

/**
 * Builds, and sees to a database library. Where Node brings SQLite nothing is compiled. A service starts at once with
 * the ready-made library, while the other one is compiled for the next start; tests wait for it, as it is to be tested.
 */
async function prepare(mode) {
  if (hasNodeSqlite() || isCompiled(root)) return buildWhatChanged()
  if (mode === 'start' && hasReadyMade(root)) {
    await buildWhatChanged()
    // Where it cannot even begin, as in a folder that is read-only, the service has what it needs all the same.
    return void compileDatabase(root, true).catch(() => false)
  }
  const compiling = compileDatabase(root)
  await buildWhatChanged()
  await settleDatabase(compiling)
}

async function settleDatabase(compiling) {
  const timeUp = new Promise((done) => {
    setTimeout(done, PATIENCE_MS, false).unref()
  })
  const started = Date.now()
  const timer = setInterval(
    () => say(`Still compiling the database library. (${Math.round((Date.now() - started) / 1000)} s so far)`),
    REMINDER_MS,
  )
  const isCompiled = await Promise.race([compiling, timeUp])
  clearInterval(timer)
  if (isCompiled) return void adopt(root)
  if (hasReadyMade(root)) say('The database library could not be compiled here; a ready-made one does the same.')
  else stop('No database library works here: install a C++ compiler, make and Python, or use Node 22.13 or newer.')
}

async function buildWhatChanged() {
  if (isFresh()) return
  try {
    await build(say)
  } catch (error) {
    stop(`The build failed: ${error.message}`)
  }
}

function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

/**
 * As root on Debian and its relatives installs them, elsewhere says how to; never fails, as those tests can be skipped.
 */
async function getTestPrograms() {
  const missing = TEST_PROGRAMS.filter(
    ({ names, package: name }) => !names.some(isOnPath) && !(name === 'chromium' && process.env.TELLTALE_CHROMIUM),
  )
  if (missing.length === 0) return
  const packages = missing.map((program) => program.package)
  const isDebian = existsSync('/etc/debian_version') && isOnPath('apt-get')
  if (isDebian && process.getuid?.() === 0) {
    say(`Installing ${packages.join(', ')}, which tests use.`)
    const quietly = { DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['-qq', 'update'], quietly)
    const status = await run(
      'apt-get',
      ['-qq', 'install', '-y', '--no-install-recommends', ...packages],
      quietly,
      'Still installing.',
    )
    if (status === 0) return
    say('apt-get failed, see above.')
  }
  const how = isDebian
    ? `sudo apt-get install --no-install-recommends ${packages.join(' ')}`
    : `your system's package manager: ${packages.join(', ')}`
  for (const { package: name, use } of missing) say(`${name} is missing, so ${use} are skipped.`)
  say(
    `To run them, install with ${how}${packages.includes('chromium') ? ', or name a Chromium or Chrome in TELLTALE_CHROMIUM' : ''}.`,
  )
}

/** Becomes the service: the same process, so that signals reach it and nothing else stays in memory. */
async function becomeService(args) {
  const cli = join(root, 'dist/cli.js')
  process.argv = [process.argv[0], cli, 'serve', ...args]
  await import(pathToFileURL(cli).href)
}

/**
 * Under sudo this process stays root and does nothing but start tcpdump; another one, the user's from its first step
 * on, installs, builds and becomes the service. True where this is the first.
 */
async function leaveRoot(args) {
  if (process.getuid?.() !== 0) return false
  if (process.env.SUDO_UID === undefined && process.env.TELLTALE_RUN_AS === undefined) return false
  const { becomeUser, folderProblem, isToBecomeUser, runAsUser, sudoUser } = await import('./sudo.mjs')
  if (!isToBecomeUser()) {
    const user = sudoUser()
    if (user === null) return false
    process.exitCode = await runAsUser(user, fileURLToPath(import.meta.url), ['start', ...args], { root, say })
    return true
  }
  becomeUser()
  const problem = folderProblem(root, false) ?? (isInstalled() && isFresh() ? null : folderProblem(root, true))
  if (problem !== null) stop(problem)
  return false
}

async function main([mode, ...args]) {
  if (mode !== 'start' && mode !== 'packages' && mode !== 'test')
    stop('name what to set up for: start, packages or test')
  checkNode()
  checkFiles()
  if (mode === 'start' && (await leaveRoot(args))) return
  const started = Date.now()
  await install()
  if (mode === 'packages') return
  await prepare(mode)
  const seconds = Math.round((Date.now() - started) / 1000)
  if (seconds > 2) say(`Ready after ${seconds} s.`)
  if (mode === 'test') await getTestPrograms()
  else await becomeService(args)
}

if (realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) await main(process.argv.slice(2))
