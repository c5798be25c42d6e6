// Reports to systemd: ready, alive, stopping (sd_notify(3)). Node has no datagram sockets of the family AF_UNIX: the
// units hand over one that is connected; without it the program systemd-notify sends the reports.
import { spawn } from 'node:child_process'
import { write } from 'node:fs'

/** Where systemd waits for the last report in vain, it ends the service: it is sent several times in that time. */
const REPORTS_PER_WATCHDOG = 4

export interface NotifierOptions {
  /** True while all that must be on time is. */
  isAlive: () => boolean
  /** A sentence for the log where reports cannot be sent. */
  say: (sentence: string) => void
  environment?: NodeJS.ProcessEnv
  /** Sends one report; resolves to what went wrong. */
  send?: (assignment: string) => Promise<string | null>
}

/** Does nothing where the process was not started by systemd with Type=notify. */
export class ServiceNotifier {
  private readonly options: NotifierOptions
  private readonly send: (assignment: string) => Promise<string | null>
  private readonly hasSocket: boolean
  private readonly everyMs: number | null
  private timer: NodeJS.Timeout | null = null
  private hasSaid = false

  constructor(options: NotifierOptions) {
    this.options = options
    const environment = options.environment ?? process.env
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = environment
    this.send = options.send ?? sender(environment['TELLTALE_NOTIFY_FD'])
    this.hasSocket = socket !== undefined && socket !== ''
    // Meant for another process where it names another (sd_watchdog_enabled(3)).
    const isOurs = pid === undefined || Number(pid) === process.pid
    const period = Number(microseconds) / 1_000
    this.everyMs = isOurs && period > 0 ? Math.max(100, period / REPORTS_PER_WATCHDOG) : null
  }

  /** The service answers; from now on it reports that it is alive, as long as it is. */
  async ready(): Promise<void> {
    await this.report('READY=1')
    if (!this.hasSocket || this.everyMs === null || this.timer !== null) return
    this.timer = setInterval(() => {
      if (this.options.isAlive()) void this.report('WATCHDOG=1')
    }, this.everyMs)
    this.timer.unref()
  }

  async stopping(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer)
    await this.report('STOPPING=1')
  }

  private async report(assignment: string): Promise<void> {
    if (!this.hasSocket) return
    const problem = await this.send(assignment)
    if (problem === null || this.hasSaid) return
    this.hasSaid = true
    this.options.say(`systemd could not be told ${assignment} (${problem}); it may start the service again.`)
  }
}

function sender(descriptor: string | undefined): (assignment: string) => Promise<string | null> {
  const number = Number(descriptor)
  if (descriptor === undefined || !Number.isInteger(number) || number < 3) return runNotify
  return (assignment) =>
    new Promise((resolve) => write(number, assignment, (error) => resolve(error === null ? null : error.message)))
}

/** For units of one's own, with NotifyAccess=all. */
function runNotify(assignment: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn('systemd-notify', [assignment], { stdio: 'ignore' })
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code) => resolve(code === 0 ? null : `systemd-notify ended with code ${code}`))
  })
}
