// The commands "serve" and "reset-password": they read their arguments and speak to the person at the console.
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { resetPassword } from './access/accounts.ts'
import { openAccess } from './app/access-file.ts'
import { openLog } from './log.ts'
import { start } from './main.ts'
import { forbidCoreDumps } from './service-units/process-limits.ts'
import { ServiceNotifier } from './service-units/service-notifier.ts'
import { planOfArgument } from './settings/source-plan.ts'
import { diskSentence } from './store/disk-words.ts'
import { lockStateFolder } from './store/lock.ts'
import { giveToOwner } from './store/owner.ts'
import { StateFolder } from './store/state-folder.ts'
import type { LiveSourcePlan, SourceSecrets } from './model/source-plan.ts'

export const DEFAULT_PORT = 8480

const say = (sentence: string): void => console.error(`telltale: ${sentence}`)

/** After a mistake of its own it is closed within this time, or ends unclosed. */
const CLOSE_AFTER_MISTAKE_MS = 4_000

/**
 * Runs until it is asked to stop. Returns 2 with one sentence where it cannot start, and 1 after a mistake of its own.
 */
export async function serveCommand(args: string[]): Promise<number> {
  // Whoever read what is printed here may be gone at the end; what is not written down yet must be all the same.
  process.stdout.on('error', () => {})
  const log = openLog()
  let folder: string | null = null
  try {
    const { port, state, lan, pcap, sources, secrets } = readArguments(args)
    folder = state
    forbidCoreDumps()
    const running = await start({
      port,
      stateFolder: state,
      lan,
      pcap,
      sources,
      secrets,
      version: versionOfPackage(),
      log,
    })
    // Whoever reads the URL may ask it to stop in the same moment.
    const end = untilAskedOrMistaken()
    console.log(`Telltale is at ${running.url}`)
    if (lan) console.log("It is open to the home's network once a password is set; set it on this machine.")
    const notifier = new ServiceNotifier({ isAlive: () => running.isAlive(), say })
    await notifier.ready()
    const mistake = await end
    await notifier.stopping()
    if (mistake !== null) {
      log.error({ err: mistake }, 'Telltale made a mistake and stops: what is not written yet is written down')
      setTimeout(() => process.exit(1), CLOSE_AFTER_MISTAKE_MS).unref()
      await running.close()
      return 1
    }
    console.log('Telltale stops: writing down what is not written yet.')
    await running.close()
    return 0
  } catch (error) {
    say(describe(error, folder))
    return 2
  }
}

/** Takes the passwords away; the next start prints a URL for a new one. */
export async function resetPasswordCommand(args: string[]): Promise<number> {
  let folder: string | null = null
  try {
    const { values } = parseArgs({ args, options: { state: { type: 'string' } } })
    folder = stateFolder(values.state)
    const lock = lockStateFolder(folder)
    try {
      const log = { warn: say, error: say, info: say }
      const file = await openAccess(new StateFolder(folder, log))
      await resetPassword(file)
      await file.purge()
    } finally {
      giveToOwner(folder)
      lock.release()
    }
    console.log('The passwords are gone. The next start prints a URL to set a new one; everything else is as it was.')
    return 0
  } catch (error) {
    say(describe(error, folder))
    return 2
  }
}

interface ServeArguments {
  port: number
  state: string
  lan: boolean
  pcap: string | null
  sources: LiveSourcePlan[]
  secrets: SourceSecrets
}

function readArguments(args: string[]): ServeArguments {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      state: { type: 'string' },
      lan: { type: 'boolean', default: false },
      pcap: { type: 'string' },
      source: { type: 'string', multiple: true },
      'fritzbox-password-file': { type: 'string' },
    },
  })
  const fritzboxPassword = values['fritzbox-password-file']
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port}: a port is a whole number up to 65535`)
  const pcap = values.pcap === undefined ? null : resolve(process.env['INIT_CWD'] ?? '.', values.pcap)
  if (pcap !== null && !existsSync(pcap)) throw new Error(`--pcap ${values.pcap}: there is no such file`)
  return {
    port,
    state: stateFolder(values.state),
    lan: values.lan,
    pcap,
    sources: (values.source ?? []).map(planOfArgument),
    secrets: fritzboxPassword === undefined ? {} : { fritzboxPassword: readSecret(fritzboxPassword) },
  }
}

/** The first line of a file that nobody else may read. Throws a sentence for the person. */
export function readSecret(named: string): string {
  const path = resolve(process.env['INIT_CWD'] ?? '.', named)
  let text: string
  let mode: number
  const file = openSync(path, 'r')
  try {
    mode = fstatSync(file).mode
    text = readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
  if ((mode & 0o077) !== 0) throw new Error(`${named} can be read by others: chmod 600 ${named}`)
  const [secret = ''] = text.split(/\r?\n/, 1)
  if (secret === '' || secret.length > 500) throw new Error(`${named} should hold a password in its first line`)
  return secret
}

/** The named folder, or the user's own place for state (XDG Base Directory specification). */
export function stateFolder(named: string | undefined): string {
  if (named !== undefined) return resolve(process.env['INIT_CWD'] ?? '.', named)
  return join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'telltale')
}

export function versionOfPackage(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** Resolves to null when asked to stop; to an error that nobody caught, of a promise too. */
function untilAskedOrMistaken(): Promise<Error | null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(null))
    // Further ones, while it closes, change nothing.
    process.on('uncaughtException', (error) => resolve(error instanceof Error ? error : new Error(String(error))))
  })
}

/** Such as a port that this user may not open: EACCES is of the network, too. */
function isOfNetwork(error: Error): boolean {
  return 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'bind')
}

/** Of a state folder that cannot be used, in place of what the system says. */
export function stateSentence(error: unknown, folder: string): string | null {
  const { path = folder } = error as NodeJS.ErrnoException
  const isOfFolder = path === folder || path.startsWith(`${folder}/`) || folder.startsWith(`${path}/`)
  if (!isOfFolder) return null
  return diskSentence(error, { path: folder, what: 'folder', advice: 'Name another one with --state DIR.' })
}

function describe(error: unknown, folder: string | null): string {
  if (!(error instanceof Error)) return String(error)
  const ofState = folder === null || isOfNetwork(error) ? null : stateSentence(error, folder)
  if (ofState !== null) return ofState
  const { code, path, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'This port is in use, perhaps by another Telltale; name a free one with --port'
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')
    return `The page cannot be opened on this machine's addresses (${message}); without --lan it needs 127.0.0.1, with it IPv6`
  if (code === 'EACCES') return 'This port or folder may not be used by this user; name others with --port and --state'
  if (code !== undefined && path !== undefined) return `${path} cannot be used (${message}); see --state`
  return message
}
