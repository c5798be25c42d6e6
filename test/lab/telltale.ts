// Telltale in the lab: the built program, in the router's namespace, on the bridge, as at home.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  LIVE_SCOPE,
  type TrafficStatus,
  type DevicePage,
  type DeviceRow,
  type Overview,
  type Series,
  type SourceStatus,
} from '../../server/api.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
export const PASSWORD = 'a home in a box'

export interface Telltale {
  readonly child: ChildProcess
  origin: string
  cookie: string
  status(): Promise<TrafficStatus>
  overview(from: number, to: number): Promise<Overview>
  device(id: string, from: number, to: number): Promise<DevicePage>
  series(from: number, to: number, device: string): Promise<Series>
  /** Process ids of its captures. */
  captures(): number[]
  /** Process ids of programs that it runs, with their names. */
  programs(): { pid: number; name: string }[]
  /** Kills it, as a fault would, and starts it again with what it kept. Answers once it answers. */
  killAndRestart(): Promise<void>
  stop(): Promise<void>
}

export interface TelltaleOptions {
  /** Where it runs; its port has to be reachable here on the loopback (box.ts). Absent: in this namespace. */
  namespace?: string
  /** Beside `source`. */
  moreSources?: readonly string[]
  environment?: Record<string, string>
  /** Seconds until the capture has to run. */
  within?: number
  /** True where it waits for what others send: before the first datagram nothing tells that it runs. */
  onlyListens?: boolean
}

/** Must be called in the router's namespace. Answers once the capture runs. */
export async function startTelltale(
  folder: string,
  source: string,
  port: number,
  { namespace, moreSources = [], environment = {}, within = 15, onlyListens = false }: TelltaleOptions = {},
): Promise<Telltale> {
  const state = join(folder, `state-${port}`)
  mkdirSync(state, { mode: 0o700, recursive: true })
  const sources = [source, ...moreSources].flatMap((word) => ['--source', word])
  const words = [process.execPath, PROGRAM, 'serve', ...sources, '--port', String(port), '--state', state]
  const [command, ...rest] = namespace === undefined ? words : ['ip', 'netns', 'exec', namespace, ...words]
  const open = (): ChildProcess =>
    spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } })
  let child = open()
  const token = await tokenFrom(child)
  const origin = `http://localhost:${port}`
  const answer = await fetch(`${origin}/api/claim`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token, password: PASSWORD }),
  })
  if (!answer.ok) throw new Error(`Telltale's first password: ${answer.status} ${await answer.text()}`)
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const ask = async <Value>(path: string): Promise<Value> => {
    const answer = await fetch(`${origin}/api/traffic/${LIVE_SCOPE}/${path}`, { headers: { cookie, origin } })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Value
  }
  const telltale: Telltale = {
    get child() {
      return child
    },
    origin,
    cookie,
    status: () => ask('status'),
    overview: (from, to) => ask(`overview?from=${from}&to=${to}`),
    device: (id, from, to) => ask(`devices/${encodeURIComponent(id)}?from=${from}&to=${to}`),
    series: (from, to, device) => ask(`series?from=${from}&to=${to}&step=1&device=${encodeURIComponent(device)}`),
    captures: () => childrenOf(child.pid as number).filter((pid) => nameOf(pid) === 'tcpdump'),
    programs: () => childrenOf(child.pid as number).map((pid) => ({ pid, name: nameOf(pid) })),
    killAndRestart: async () => {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGKILL')
      await ended
      child = open()
      child.stdout?.resume()
      const answers = (): Promise<boolean> =>
        telltale.status().then(
          () => true,
          () => false,
        )
      await until(answers, within, 'it answers again')
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGTERM')
      await Promise.race([ended, sleep(8000)])
    },
  }
  const isRunning = async (): Promise<boolean> =>
    (await telltale.status()).sources.some((one) => isCapturing(one) || (onlyListens && one.state === 'starting'))
  await until(isRunning, within, 'the capture runs').catch(async (error: unknown) => {
    const { sources } = await telltale.status()
    await telltale.stop()
    throw new Error(`${String(error)}: ${sources.map(({ state, problem }) => `${state}, ${problem}`).join('; ')}`)
  })
  return telltale
}

/** A source that sees nothing while nobody talks is as well as one that does. */
export function isCapturing({ state }: SourceStatus): boolean {
  return state === 'running' || state === 'quiet'
}

/** The row of the device with this MAC; null where there is none yet. */
export function rowOf(overview: Overview, mac: string): DeviceRow | null {
  return overview.devices.find((row) => row.mac === mac) ?? null
}

/** Asks ten times a second. Answers the seconds it took. Throws a sentence after `seconds`. */
export async function until(isSo: () => Promise<boolean>, seconds: number, what: string): Promise<number> {
  const begin = performance.now()
  for (;;) {
    if (await isSo()) return (performance.now() - begin) / 1000
    if (performance.now() - begin > seconds * 1000)
      throw new Error(`In ${seconds} s it did not come about that ${what}`)
    await sleep(100)
  }
}

/** CPU seconds of a process so far, user and system, without its children. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  // utime and stime, proc(5), in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function tokenFrom(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const match = /[?&]token=([^\s&#]+)/.exec(output)
      if (match !== null) resolve(match[1])
    })
    child.once('exit', (code) => reject(new Error(`Telltale ended with code ${code}: ${output}`)))
  })
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter((text) => text !== '')
        .map(Number)
    } catch {
      // The thread ended.
      return []
    }
  })
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}
