// The command "sensor": captures for a Telltale on another machine, keeps nothing, and has no page. Its key, and the
// pairing with the Telltale that it captures for.
import { mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { Duplex } from 'node:stream'
import { createInterface } from 'node:readline'
import { isIP } from 'node:net'
import { parseArgs } from 'node:util'
import { isInterfaceName } from '../../capture/sources/interfaces.ts'
import { placeText } from '../../capture/sources/listener-address.ts'
import { parseSensorPlace } from '../../capture/sources/sensor.ts'
import {
  codeOfKey,
  keyOfCode,
  KEYS_FILE,
  newSensorKey,
  readSensorKeys,
  sensorKeysText,
} from '../../capture/sources/sensor-key.ts'
import { SensorRun } from '../../capture/sources/sensor-run.ts'
import { listeningSentence, MAX_PEERS, serveSensor } from '../../capture/sources/sensor-server.ts'
import { makePrivateFolder, writeDurably } from '../store/durable-file.ts'
import { giveToOwner } from '../store/owner.ts'
import { forbidCoreDumps } from './process-limits.ts'
import { SENSOR_KEY_PATH } from './sensor-unit.ts'
import { ServiceNotifier } from './service-notifier.ts'

const USAGE = `telltale sensor --interface NAME --listen ADDRESS:PORT --for ADDRESS… [--limit MEGABYTES] [--key FILE]
telltale sensor code [--key FILE]           the pairing code, which is a secret; made where there is none yet
telltale sensor new-code [--key FILE]       another one: the earlier is worth nothing any more
telltale sensor pair ADDRESS:PORT [--state DIR]     where the history is kept: takes the sensor's pairing code
telltale sensor unpair ADDRESS:PORT [--state DIR]`

const MEGABYTE = 1_000_000
/** Of 200 Mbit/s: a Raspberry Pi 4 encrypts several times as much. */
const DEFAULT_LIMIT = 25
const HIGHEST_LIMIT = 1000

export interface SensorConsole {
  say: (line: string) => void
  complain: (line: string) => void
  /** The next line of stdin. */
  ask: (question: string) => Promise<string>
  /** The folder of the state, named or not. */
  stateFolder: (named: string | undefined) => Promise<string>
}

/** Returns the exit status: 0, or 2 with one sentence where it was asked wrongly or cannot start. */
export async function sensorCommand(
  args: string[],
  stateFolder: SensorConsole['stateFolder'],
  out: Partial<SensorConsole> = {},
): Promise<number> {
  const console_: SensorConsole = {
    say: (line) => console.log(line),
    complain: (line) => console.error(`telltale: ${line}`),
    ask: askAtConsole,
    stateFolder,
    ...out,
  }
  try {
    const [word, ...rest] = args
    if (word === 'code' || word === 'new-code') await showCode(rest, word === 'new-code', console_)
    else if (word === 'pair' || word === 'unpair') await pair(rest, word === 'pair', console_)
    else await run(args, console_)
    return 0
  } catch (error) {
    console_.complain(sentenceOf(error))
    return 2
  }
}

async function showCode(args: string[], isNew: boolean, { say }: SensorConsole): Promise<void> {
  const { values } = parseArgs({ args, options: { key: { type: 'string' } } })
  const path = keyPath(values.key)
  const key = (isNew ? null : readKey(path)) ?? (await makeKey(path))
  say(codeOfKey(key))
}

/** Where root runs it, as a service: the service's; else the user's own (XDG Base Directory specification). */
function keyPath(named: string | undefined): string {
  if (named !== undefined) return resolve(process.env['INIT_CWD'] ?? '.', named)
  if (process.getuid?.() === 0 || process.env['STATE_DIRECTORY'] !== undefined) return SENSOR_KEY_PATH
  return join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'telltale-sensor', 'key')
}

/** Null where there is none yet. */
function readKey(path: string): Buffer | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const key = keyOfCode(text)
  if (key === null) throw new Error(`${path} holds no key of a sensor: make a new one with "telltale sensor new-code"`)
  return key
}

async function makeKey(path: string): Promise<Buffer> {
  const key = newSensorKey()
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await writeDurably(path, `${codeOfKey(key)}\n`, false)
  giveToOwner(folder)
  return key
}

async function pair(args: string[], isPairing: boolean, out: SensorConsole): Promise<void> {
  const { values, positionals } = parseArgs({ args, options: { state: { type: 'string' } }, allowPositionals: true })
  const place = positionals.length === 1 ? parseSensorPlace(positionals[0]) : null
  if (place === null) throw new Error(`name the sensor by its address and port, such as 192.168.1.7:7443\n${USAGE}`)
  const name = placeText(place)
  const folder = await out.stateFolder(values.state)
  const keys = readSensorKeys(folder)
  if (isPairing) {
    const key = keyOfCode(await out.ask(`Pairing code of the sensor at ${name} (there: telltale sensor code): `))
    if (key === null) throw new Error('this is no pairing code, or one that was mistyped: nothing was changed')
    keys.set(name, key)
  } else if (!keys.delete(name)) throw new Error(`no sensor at ${name} is paired in ${folder}`)
  await makePrivateFolder(folder)
  await writeDurably(join(folder, KEYS_FILE), sensorKeysText(keys), false)
  giveToOwner(folder)
  out.say(
    isPairing
      ? `Paired. Add the source "${name}" under Settings › Sources › Sensors, or start with --source sensor:${name}.`
      : `The key of the sensor at ${name} is deleted here. Make it worthless with "telltale sensor new-code" there.`,
  )
}

async function run(args: string[], out: SensorConsole): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      interface: { type: 'string' },
      listen: { type: 'string' },
      for: { type: 'string', multiple: true, default: [] },
      limit: { type: 'string' },
      key: { type: 'string' },
      stdio: { type: 'boolean', default: false },
    },
  })
  const { interface: interfaceName = '', listen = '', for: peers, stdio } = values
  // What a firewall logs has no addresses that tcpdump could leave out.
  if (!isInterfaceName(interfaceName) || interfaceName.startsWith('nflog'))
    throw new Error(`name an interface, such as --interface eth0\n${USAGE}`)
  const bytesPerSecond = limitOf(values.limit)
  forbidCoreDumps()
  // It captures without what the helper cannot leave out.
  delete process.env['TELLTALE_CAPTURE_HELPER']
  if (stdio) return serveStdio(interfaceName, bytesPerSecond)
  const place = parseSensorPlace(listen)
  if (place === null)
    throw new Error(`--listen ${listen}: write an address of this machine and a port, 192.168.1.7:7443`)
  const named = peers.length === 0 && isLoopback(place.address) ? [place.address] : peers
  checkPeers(named)
  const path = keyPath(values.key)
  const hasKey = readKey(path) !== null
  const options = {
    ...place,
    peers: named,
    key: readKey(path) ?? (await makeKey(path)),
    interfaceName,
    bytesPerSecond,
    say: out.say,
  }
  const server = await serveSensor(options)
  out.say(listeningSentence(options, server.port))
  if (!hasKey) out.say('Its key is new. Show the pairing code on this machine: telltale sensor code')
  const notifier = new ServiceNotifier({ isAlive: () => true, say: out.complain })
  await notifier.ready()
  await untilAsked()
  await notifier.stopping()
  await server.close()
}

/** Run by ssh: whoever may log in here may capture. */
async function serveStdio(interfaceName: string, bytesPerSecond: number): Promise<void> {
  const stream = Duplex.from({ readable: process.stdin, writable: process.stdout })
  // "192.168.1.5 51234 192.168.1.7 22"
  const [, , address = '', port = ''] = (process.env['SSH_CONNECTION'] ?? '').split(' ')
  const own = isIP(address) === 0 ? [] : [{ address, port: Number(port) }]
  const run = new SensorRun(stream, { interfaceName, bytesPerSecond, own })
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()))
  await Promise.race([closed, untilAsked()])
  run.stop()
  await closed
}

function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}

/** Throws a sentence where they are not between one and MAX_PEERS addresses. */
export function checkPeers(peers: readonly string[]): void {
  if (peers.length === 0)
    throw new Error('name the machine that may have the packets, by its address: --for 192.168.1.5')
  if (peers.length > MAX_PEERS) throw new Error(`--for: at most ${MAX_PEERS} machines`)
  const wrong = peers.find((peer) => isIP(peer) === 0)
  if (wrong !== undefined) throw new Error(`--for ${wrong}: write the machine's address`)
}

function limitOf(text: string | undefined): number {
  const megabytes = text === undefined ? DEFAULT_LIMIT : Number(text)
  if (!(megabytes >= 0.1 && megabytes <= HIGHEST_LIMIT))
    throw new Error(`--limit ${text}: write megabytes a second, from 0.1 to ${HIGHEST_LIMIT}`)
  return megabytes * MEGABYTE
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** One line of stdin; what a terminal shows of it is up to the terminal. */
function askAtConsole(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: false })
  process.stdout.write(question)
  return new Promise((resolve) => {
    let line = ''
    lines.once('line', (text) => {
      line = text
      lines.close()
    })
    lines.once('close', () => resolve(line))
  })
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'This port is in use, perhaps by another sensor; name a free one with --listen'
  if (code === 'EADDRNOTAVAIL') return 'This machine does not have the address that --listen names (yet)'
  if (code === 'EACCES' && syscall === 'listen') return 'This port may not be used by this user; name one above 1024'
  if ((code === 'EACCES' || code === 'EPERM') && path !== undefined && isAbsolute(path))
    return `${path} may not be used by this user (sudo, or --key and --state)`
  return error.message
}
