// Any version of the built program, started on a state folder under a clock of the test's own, and asked over HTTP.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Clock {
  /** Seconds since 1970 at the start of the program. */
  start: number
  /** Seconds that pass in one; 0 stands still. */
  rate: number
}

export interface ProgramOptions {
  cli: string
  stateFolder: string
  /** The sources of the kept home are below /proc/self/cwd. */
  workingFolder: string
  clock: Clock
  args?: string[]
}

/** A busy machine takes a while to start it, and more beside others. */
const PATIENCE_MS = 60_000
const CLOCK = join(import.meta.dirname, 'clock.mjs')

export class Program {
  readonly url: string
  readonly origin: string
  /** By the program's clock, in seconds. */
  readonly now: () => number
  private readonly child: ChildProcess
  private readonly output: () => string

  private constructor(url: string, child: ChildProcess, output: () => string, now: () => number) {
    this.url = url
    this.origin = new URL(url).origin
    this.child = child
    this.output = output
    this.now = now
  }

  static async start({ cli, stateFolder, workingFolder, clock, args = [] }: ProgramOptions): Promise<Program> {
    const origin = Date.now()
    const environment = { ...process.env }
    delete environment['INIT_CWD']
    const child = spawn(
      process.execPath,
      [`--import=${CLOCK}`, cli, 'serve', '--port', '0', '--state', stateFolder, ...args],
      {
        cwd: workingFolder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...environment, TZ: 'UTC', TELLTALE_TEST_CLOCK: `${clock.start} ${clock.rate} ${origin}` },
      },
    )
    let output = ''
    const url = await new Promise<string>((resolve, reject) => {
      const tooLong = setTimeout(() => reject(new Error(`No URL was printed: ${output}`)), PATIENCE_MS)
      const onData = (chunk: Buffer): void => {
        output += chunk.toString()
        const printed = /http:\/\/localhost:\d+\/\S*/.exec(output)?.[0]
        if (printed === undefined) return
        clearTimeout(tooLong)
        resolve(printed)
      }
      child.stdout.on('data', onData)
      child.stderr.on('data', onData)
      child.once('error', (error) => {
        clearTimeout(tooLong)
        reject(error)
      })
      child.once('exit', (code) => {
        clearTimeout(tooLong)
        reject(new Error(`The program ended with ${code}: ${output}`))
      })
    })
    return new Program(
      url,
      child,
      () => output,
      () => clock.start + ((Date.now() - origin) / 1000) * clock.rate,
    )
  }

  /** What it said at the console, but for the URL. */
  get said(): string[] {
    return this.output()
      .split('\n')
      .filter((line) => line.startsWith('telltale: '))
  }

  /** Stops it in order; everything is on the disk then. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await new Promise<void>((resolve) => {
        this.child.once('exit', () => resolve())
        this.child.kill('SIGTERM')
      })
    }
    if (this.child.exitCode !== 0) throw new Error(`The program ended with ${this.child.exitCode}: ${this.output()}`)
  }
}

/** What one browser does. */
export class Browser {
  private readonly origin: string
  cookie: string
  csrf = ''

  constructor(origin: string, cookie = '') {
    this.origin = origin
    this.cookie = cookie
  }

  async ask(path: string, method = 'GET', body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(method === 'GET' ? {} : { origin: this.origin, 'x-csrf-token': this.csrf }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const set = response.headers.getSetCookie()[0]
    if (set !== undefined) this.cookie = set.split(';')[0]
    return { status: response.status, body: await response.json() }
  }

  /** The answer where it is a good one; throws otherwise. */
  async get<Answer = unknown>(path: string): Promise<Answer> {
    return this.good<Answer>(path, 'GET', undefined)
  }

  async send<Answer = unknown>(method: string, path: string, body: unknown = {}): Promise<Answer> {
    return this.good<Answer>(path, method, body)
  }

  /** Comes in with the password, or with the token of the printed URL. */
  async enter(password: string, token: string | null = null): Promise<void> {
    const facts = token === null ? { password } : { token, password }
    const { csrf } = await this.good<{ csrf: string }>(token === null ? '/api/login' : '/api/claim', 'POST', facts)
    this.csrf = csrf
  }

  private async good<Answer>(path: string, method: string, body: unknown): Promise<Answer> {
    const answer = await this.ask(path, method, body)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body as Answer
  }
}

/** Asks again until it is so. */
export async function until(
  what: string | (() => string),
  isSo: () => Promise<boolean>,
  patience = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + patience
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`This never came: ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
