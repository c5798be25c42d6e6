// "sudo npm start": everything but tcpdump runs as the user who called sudo, from the first step on.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { environmentOf, sudoUser } from '../../server/sudo.mjs'
import { Cable, whyNoNamespaces } from '../capture/sources/network-namespace.ts'

const repository = join(import.meta.dirname, '../..')
const USER = 54_321
const isRoot = process.getuid?.() === 0
const whyNot = isRoot ? whyNoNamespaces() : 'becoming another user needs root'
if (whyNot !== null) console.log(`sudo: capture is not tried, as ${whyNot}`)

/** Stands in for the service: says who it is, and captures where it is told to. */
const SERVICE = `
import { CaptureReader } from '../capture/formats/capture-reader.ts'
import { tcpdumpSource } from '../capture/sources/tcpdump.ts'
import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const [command, interfaceName = ''] = process.argv.slice(2)
if (command === 'serve') {
  const state = join(homedir(), '.local/state/telltale')
  mkdirSync(state, { recursive: true })
  writeFileSync(join(state, 'kept.json'), '{}')
  const ids = [process.getuid(), process.geteuid(), process.getgid(), process.getegid()]
  const { HOME, USER, SUDO_UID, npm_config_cache } = process.env
  const say = (what) => console.log(JSON.stringify(what))
  say({ ids, groups: process.getgroups(), HOME, USER, SUDO_UID, npm_config_cache })
  if (interfaceName !== '') {
    const source = tcpdumpSource(interfaceName, { openReader: () => new CaptureReader(() => {}) })
    source.start()
    const showing = setInterval(() => say(source.status()), 100)
    process.once('SIGTERM', async () => {
      clearInterval(showing)
      await source.stop()
    })
  }
}
`

/** What the packet core exports, and with it what is compiled. */
const CORE = 'capture/core/index.ts'

let folder: string
let clone: string
let rootHome: string
let home: string
const running: ChildProcess[] = []

function put(file: string, content: string): void {
  mkdirSync(dirname(join(clone, file)), { recursive: true })
  writeFileSync(join(clone, file), content)
}

function giveToUser(path: string): void {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) giveToUser(join(path, name))
  if (!lstatSync(path).isSymbolicLink()) chownSync(path, USER, USER)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-sudo-'))
  chmodSync(folder, 0o755)
  for (const name of ['clone', 'roothome', 'home']) mkdirSync(join(folder, name))
  ;[clone, rootHome, home] = ['clone', 'roothome', 'home'].map((name) => join(folder, name)) as [string, string, string]
  for (const name of [
    'build.mjs',
    'build-core.mjs',
    'setup.mjs',
    'compile-database.mjs',
    'sudo.mjs',
    'capture-helper.mjs',
  ])
    put(`server/${name}`, readFileSync(join(repository, 'server', name), 'utf8'))
  put('package.json', '{ "type": "module" }')
  put('package-lock.json', '{}')
  put('server/cli.ts', SERVICE)
  put('server/history/worker.ts', '')
  put('server/build-rules.ts', "import { mkdirSync } from 'node:fs'\nmkdirSync(new URL('./rules/', import.meta.url))")
  put(
    'server/build-sample.ts',
    "import { writeFileSync } from 'node:fs'\nwriteFileSync(process.argv[2] + '/sample.pcap.gz', '')",
  )
  put('server/analyze/command.ts', '')
  put(
    'server/build-analyze-cache.ts',
    "import { writeFileSync } from 'node:fs'\nwriteFileSync(process.argv[2] + '/analyze.cache', '')",
  )
  cpSync(join(repository, 'capture'), join(clone, 'capture'), { recursive: true })
  // Compiled at every start: the whole core takes seconds.
  put(CORE, 'export function nothing(): void {}')
  mkdirSync(join(clone, 'node_modules'))
  for (const name of ['esbuild', '@esbuild', 'assemblyscript', 'binaryen', 'long'])
    symlinkSync(join(repository, 'node_modules', name), join(clone, 'node_modules', name))
  put('node_modules/.package-lock.json', '{}')
  if (isRoot) for (const path of [clone, home]) giveToUser(path)
})
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: rootHome,
  SUDO_UID: String(USER),
  SUDO_GID: String(USER),
  SUDO_HOME: home,
  npm_config_cache: join(rootHome, '.npm'),
})

function start(...args: string[]): { status: number | null; said: string; out: string } {
  const options = ['server/setup.mjs', 'start', ...args]
  const { status, stderr, stdout } = spawnSync(process.execPath, options, {
    cwd: clone,
    env: environment(),
    encoding: 'utf8',
  })
  return { status, said: stderr, out: stdout }
}

const ownersUnder = (path: string): number[] => [
  ...new Set([
    lstatSync(path).uid,
    ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => lstatSync(join(path, name)).uid),
  ]),
]

describe.skipIf(!isRoot)('sudo npm start', () => {
  test('builds and serves as the user, with the home, the groups and nothing else of root', () => {
    const { status, said, out } = start()
    expect([status, said]).toEqual([0, expect.stringContaining(`Runs as user ${USER}; only tcpdump runs as root.`)])
    expect(JSON.parse(out)).toEqual({ ids: [USER, USER, USER, USER], groups: [USER], HOME: home, USER: String(USER) })
    expect(ownersUnder(join(clone, 'dist'))).toEqual([USER])
    expect(ownersUnder(join(home, '.local'))).toEqual([USER])
    expect(existsSync(join(rootHome, '.local'))).toBe(false)
  })

  test('gives back what an earlier start built as root, and nothing that has another name elsewhere', () => {
    const secret = join(folder, 'secret')
    writeFileSync(secret, '')
    put('dist/old.js', '')
    symlinkSync(secret, join(clone, 'dist/link'))
    spawnSync('ln', [secret, join(clone, 'dist/same')])
    expect(start().status).toBe(0)
    expect([lstatSync(join(clone, 'dist')).uid, lstatSync(secret).uid]).toEqual([USER, 0])
  })

  test("gives back what npm as root wrote into the user's cache", () => {
    mkdirSync(join(home, '.npm/_logs'), { recursive: true })
    chownSync(join(home, '.npm'), USER, USER)
    expect(start().status).toBe(0)
    expect(ownersUnder(join(home, '.npm'))).toEqual([USER])
  })

  test("moves the state of earlier starts from root's home, with a sentence, and never over another", () => {
    const old = join(rootHome, '.local/state/telltale')
    mkdirSync(old, { recursive: true, mode: 0o700 })
    writeFileSync(join(old, 'access.json'), 'the old one')
    const moved = join(home, '.local/state/telltale')
    expect(start().said).toContain(`The state of earlier starts as root was moved from ${old} to ${moved}`)
    expect([readFileSync(join(moved, 'access.json'), 'utf8'), existsSync(old)]).toEqual(['the old one', false])
    expect([ownersUnder(join(home, '.local')), lstatSync(moved).mode & 0o777]).toEqual([[USER], 0o700])
    mkdirSync(old, { recursive: true })
    writeFileSync(join(old, 'access.json'), 'another')
    expect(start().said).toContain(`The state of earlier starts as root is still in ${old}`)
    expect([readFileSync(join(moved, 'access.json'), 'utf8'), existsSync(old)]).toEqual(['the old one', true])
  })

  test('takes over a named folder of state that was root’s, and no other folder', () => {
    const [state, other] = [join(folder, 'state'), join(folder, 'other')]
    for (const path of [state, other]) mkdirSync(path)
    writeFileSync(join(state, 'settings.json'), '{}')
    writeFileSync(join(other, 'diary'), '')
    expect(start('--state', state).said).toContain(`The state in ${state} was root's`)
    expect(start(`--state=${other}`).said).not.toContain('The state in')
    expect([ownersUnder(state), ownersUnder(other)]).toEqual([[USER], [0]])
  })

  test('ends with a sentence where the user may not write to the folder', () => {
    chownSync(clone, 0, 0)
    const { status, said } = start()
    expect(status).toBe(1)
    expect(said).toContain(`${USER} may not write to the folder ${clone}`)
  })

  test.skipIf(whyNot !== null)(
    'captures through the part that stays root, which starts tcpdump again and lets go of all at the end',
    { timeout: 120_000 },
    async () => {
      put(CORE, readFileSync(join(repository, CORE), 'utf8'))
      const cable = new Cable()
      try {
        const options = ['netns', 'exec', cable.near, process.execPath, 'server/setup.mjs', 'start', 'cable']
        const child = spawn('ip', options, { cwd: clone, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
        running.push(child)
        let out = ''
        child.stdout.on('data', (piece: Buffer) => (out += piece.toString()))
        const packets = (): number => Number(/.*"packets":(\d+)/s.exec(out)?.[1] ?? 0)
        await until(() => out.includes('"running"'))
        cable.send(7)
        await until(() => packets() >= 7)
        const uids = uidsUnder(child.pid as number)
        expect(uids.filter(({ uid }) => uid === 0).map(({ name }) => name)).toEqual(['node'])
        expect(uids.filter(({ name }) => name === 'node').map(({ uid }) => uid)).toEqual([0, USER])
        const first = uids.find(({ name }) => name === 'tcpdump')?.pid as number
        process.kill(first, 'SIGKILL')
        await until(() => uidsUnder(child.pid as number).some(({ name, pid }) => name === 'tcpdump' && pid !== first))
        await until(() => out.slice(out.lastIndexOf('"failed"')).includes('"running"'))
        cable.send(7)
        await until(() => packets() >= 14)
        const all = uidsUnder(child.pid as number).map(({ pid }) => pid)
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        expect(await ended).toBe(0)
        await until(() => all.every((pid) => !existsSync(`/proc/${pid}`)))
      } finally {
        cable.remove()
      }
    },
  )

  test('the part that stays root takes names of interfaces, and only the user reaches it', async () => {
    const { startHelper } = await import('../../server/capture-helper.mjs')
    const ran = join(folder, 'ran')
    const program = join(folder, 'program')
    writeFileSync(program, `#!/bin/sh\nprintf '%s ' "$@" >> ${ran}\n`, { mode: 0o755 })
    const helper = await startHelper({ uid: USER, gid: USER }, { program })
    try {
      const facts = [lstatSync(dirname(helper.path)), lstatSync(helper.path)]
      expect(facts.map(({ uid, mode }) => [uid, mode & 0o777])).toEqual([
        [USER, 0o700],
        [USER, 0o600],
      ])
      for (const name of ['lo; id', '-w/etc/passwd', '../lo', 'nowhere0', '', 'x'.repeat(200)])
        await tell(helper.path, name)
      expect(existsSync(ran)).toBe(false)
      await tell(helper.path, 'lo')
      expect(readFileSync(ran, 'utf8')).toMatch(/^-i lo -n (?:-U )?--immediate-mode -s 1600 -B 8192 -w - $/)
    } finally {
      helper.close()
    }
  })
})

/** Sends a line to the helper; resolves when it hangs up. */
async function tell(path: string, line: string): Promise<void> {
  const { connect } = await import('node:net')
  const socket = connect(path)
  socket.on('error', () => undefined)
  socket.resume()
  socket.write(`${line}\n`)
  await new Promise((resolve) => socket.once('close', resolve))
}

interface Process {
  pid: number
  name: string
  uid: number
}

/** The process and all that came of it. */
function uidsUnder(pid: number): Process[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const own = {
      pid,
      name: /^Name:\t(.*)$/m.exec(status)?.[1] ?? '',
      uid: Number(/^Uid:\t\d+\t(\d+)/m.exec(status)?.[1]),
    }
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return [own, ...children.flatMap((child) => uidsUnder(Number(child)))]
  } catch {
    return []
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('the user who called sudo', () => {
  const passwd = (uid: number): string | null => (uid === 1000 ? 'ann:x:1000:1001:Ann:/home/ann:/bin/sh' : null)

  test.each([
    [
      { SUDO_UID: '1000', SUDO_GID: '1000' },
      { uid: 1000, gid: 1000, name: 'ann', home: '/home/ann' },
    ],
    [{ SUDO_UID: '1000' }, { uid: 1000, gid: 1001, name: 'ann', home: '/home/ann' }],
    [
      { SUDO_UID: '2000', SUDO_GID: '7' },
      { uid: 2000, gid: 7, name: null, home: null },
    ],
    [{ SUDO_UID: '0', SUDO_GID: '0' }, null],
    [{ SUDO_UID: 'x; id' }, null],
    [{}, null],
  ])('of %j is %j', (environment, user) => {
    expect(sudoUser(environment, passwd)).toEqual(user)
  })

  test('has an environment without what points to root', () => {
    const user = { uid: 1000, gid: 1000, name: 'ann', home: '/home/ann' }
    const before = {
      PATH: '/root/bin:/usr/bin',
      HOME: '/root',
      USER: 'root',
      LANG: 'C',
      SUDO_USER: 'ann',
      XDG_STATE_HOME: '/var/x',
      npm_config_cache: '/var/cache/npm',
      npm_config_userconfig: '/root/.npmrc',
      npm_package_name: 'telltale',
      HISTORY: '/root/.history',
      TELLTALE_LOG: 'json',
    }
    expect(environmentOf(user, before, '/root')).toEqual({
      PATH: '/root/bin:/usr/bin',
      LANG: 'C',
      npm_package_name: 'telltale',
      TELLTALE_LOG: 'json',
      HOME: '/home/ann',
      USER: 'ann',
      LOGNAME: 'ann',
    })
  })
})
