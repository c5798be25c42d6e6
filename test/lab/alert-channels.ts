// Alerts on real channels in the lab: each upload is told on each channel at once, and in full once it is over.
//   sudo npx tsx test/lab/alert-channels.ts [--short]
// A camera sends 5 MB to an address without a name, three minutes later 300 MB; "it was me"; then 100 MB. Telltale
// runs as the service on the router; an ntfy-like server, a webhook, a mail server and mosquitto take its messages.
// One line for each upload and channel; it ends with 1 where one is not as it should be. --short waits and sends less.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { limitsOf } from '../../server/alerts/kind-limits.ts'
import type { AlertRow } from '../../server/api.ts'
import { Findings } from './findings.ts'
import type { Lease, Uploaded } from './messages.ts'
import { removeLab, removeLeftOvers } from './namespaces.ts'
import { HOUSEHOLD } from './plan.ts'
import { has, whatIsMissing } from './programs.ts'
import { amountsIn, CHANNELS, type Delivered, openSinks, type SinkName, type Sinks } from './sinks.ts'
import { type Device, type RunningLab, startLab } from './steward.ts'
import { startTelltale, type Telltale, until } from './telltale.ts'
import { buildLab, describeLab } from './topology.ts'

const PORT = 8_482
const LIST = '/api/traffic/live/alerts'
const PLANS = HOUSEHOLD.filter(({ label }) => label === 'camera')
/** Of the cloud's network; nothing there was looked up. */
const ADDRESS = '203.0.113.200'
/** An upload to an address without a name is told from here on, as the home is new to Telltale. */
const FLOOR = limitsOf('camera').strange[1]
const FIRST_WITHIN = 3_000
const LAST_WITHIN = 30_000
/** Of nft's bytes. */
const TOLERANCE = 0.01
const MEGABYTE = 1e6

interface Amount {
  bytes: number
  seconds: number
}

interface Scale {
  first: Amount
  second: Amount
  third: Amount
  /** Seconds between the first two. */
  pause: number
}

const WHOLE: Scale = {
  first: { bytes: 5 * MEGABYTE, seconds: 5 },
  second: { bytes: 300 * MEGABYTE, seconds: 40 },
  third: { bytes: 100 * MEGABYTE, seconds: 20 },
  pause: 180,
}
const SHORT: Scale = {
  first: { bytes: 5 * MEGABYTE, seconds: 5 },
  second: { bytes: 60 * MEGABYTE, seconds: 10 },
  third: { bytes: 20 * MEGABYTE, seconds: 5 },
  pause: 35,
}

/** One upload, and what nft says that its incident had sent by its end. */
interface Step {
  what: string
  uploaded: Uploaded
  total: number
  isNewIncident: boolean
}

const options = process.argv.slice(2)
process.exitCode = options[0] === '--inside' ? await inside(Number(options[1])) : await main()

async function main(): Promise<number> {
  const missing = whatIsMissing()
  const problem = missing ?? (existsSync(new URL('../../dist/cli.js', import.meta.url)) ? null : 'npm run build')
  if (problem !== null) {
    console.error(problem)
    return 2
  }
  await removeLeftOvers()
  const lab = describeLab(process.pid, PLANS)
  try {
    buildLab(lab)
    const here = fileURLToPath(import.meta.url)
    const inner = [process.execPath, '--import', 'tsx', here, '--inside', String(process.pid), ...options]
    const child = spawn('ip', ['netns', 'exec', lab.router, ...inner], { stdio: ['ignore', 'inherit', 'inherit'] })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGTERM'))
    return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  } finally {
    await removeLab(process.pid)
  }
}

/** In the router's namespace. */
async function inside(owner: number): Promise<number> {
  const findings = new Findings(options.includes('--json'))
  const ends: (() => unknown)[] = []
  try {
    const lab = describeLab(owner, PLANS)
    const running = await startLab(lab, false)
    ends.push(() => running.end())
    const sinks = await openSinks()
    ends.push(() => sinks.close())
    const telltale = await startTelltale(lab.folder, 'br-lan', PORT)
    ends.push(() => telltale.stop())
    if (!has('mosquitto')) findings.report('no mosquitto here (apt-get install mosquitto): MQTT is left out')
    await ask(telltale, 'PATCH', '/api/settings', sinks.settings)
    await play(running, telltale, sinks, options.includes('--short') ? SHORT : WHOLE, findings)
  } catch (error) {
    findings.judge(false, error instanceof Error ? error.message : String(error))
  } finally {
    for (const end of ends.toReversed()) await end()
  }
  if (options.includes('--json')) console.log(JSON.stringify(findings.all))
  return findings.failed.length === 0 ? 0 : 1
}

async function play(
  running: RunningLab,
  telltale: Telltale,
  sinks: Sinks,
  { first, second, third, pause }: Scale,
  findings: Findings,
): Promise<void> {
  const [camera] = running.devices
  camera.lease = await camera.order<Lease>({ do: 'switch-on' })
  // Its maker's host says that it is a camera.
  await camera.order({ do: 'everything-once' })
  const steps: Step[] = []
  let before = running.forwarded(camera.plan).sent
  const add = async (what: string, amount: Amount, isNewIncident: boolean): Promise<void> => {
    if (isNewIncident) before = running.forwarded(camera.plan).sent
    const uploaded = await send(camera, amount)
    steps.push({ what, uploaded, total: running.forwarded(camera.plan).sent - before, isNewIncident })
  }
  const words = ({ bytes }: Amount): string => `${bytes / MEGABYTE} MB`
  await add(words(first), first, true)
  await sleep(pause * 1000)
  await add(`${words(second)}, ${pause} s later`, second, false)
  await sleep(LAST_WITHIN + 2_000)
  await itWasMe(telltale, camera, findings)
  await add(`${words(third)} after "it was me"`, third, true)
  await sleep(LAST_WITHIN + 2_000)
  const channels = CHANNELS.filter((channel) => channel !== 'mqtt' || has('mosquitto'))
  for (const step of steps) for (const channel of channels) judge(step, steps, channel, sinks.delivered, findings)
  if (!options.includes('--all')) return
  for (const { id, kind, state, from, to, bytes, times } of await ask<AlertRow[]>(telltale, 'GET', LIST))
    console.log(`${id} ${kind} ${state} ${from}..${to}: ${bytes} bytes × ${times}`)
  for (const { channel, at, text } of sinks.delivered) console.log(at, channel, text)
}

function send(camera: Device, { bytes, seconds }: Amount): Promise<Uploaded> {
  return camera.order<Uploaded>({ do: 'upload', address: ADDRESS, bytes, seconds })
}

/** Every open alert of the camera is explained. */
async function itWasMe(telltale: Telltale, { plan }: Device, findings: Findings): Promise<void> {
  const open = async (): Promise<AlertRow[]> =>
    (await ask<AlertRow[]>(telltale, 'GET', LIST)).filter(
      ({ device, state, bytes }) => device === plan.mac && state === 'open' && bytes > 0,
    )
  await until(async () => (await open()).length > 0, 10, 'an alert of the camera is listed').catch(() => undefined)
  const alerts = await open()
  findings.judge(alerts.length === 1, `incidents of the camera that are open: ${alerts.length} (should be 1)`)
  for (const { id } of alerts) await ask(telltale, 'POST', `/api/alerts/${id}/decision`, { decision: 'it-was-me' })
}

/** What the channel delivered from the step's first byte until the next step's. */
function judge(step: Step, steps: Step[], channel: SinkName, delivered: Delivered[], findings: Findings): void {
  const { what, uploaded, total } = step
  const next = steps[steps.indexOf(step) + 1]?.uploaded.from ?? Infinity
  const own = delivered.filter((one) => one.channel === channel && one.at >= uploaded.from && one.at < next)
  if (own.length === 0) return findings.judge(false, `${what}, ${channel}: nothing was told`)
  const [first, last] = [own[0], own[own.length - 1]]
  const passed = passedAt(step, steps)
  const amounts = amountsIn(last.text)
  const closest = amounts.toSorted((one, other) => Math.abs(one - total) - Math.abs(other - total))[0] ?? Number.NaN
  const isSoon = first.at - passed <= FIRST_WITHIN
  const isDone = last.at >= uploaded.until && last.at - uploaded.until <= LAST_WITHIN
  const error = closest / total - 1
  findings.judge(
    isSoon && isDone && Math.abs(error) <= TOLERANCE,
    `${what}, ${channel}: ${own.length} messages, the first ${seconds(first.at - passed)} after its floor, the last ${seconds(last.at - uploaded.until)} after its end with ${closest} bytes (nft ${total}, ${(error * 100).toFixed(2)} %)`,
  )
}

/**
 * When the step had sent as much as is told: the judge's floor in a new incident, ten times what was told last in one
 * that goes on.
 */
function passedAt({ uploaded, isNewIncident }: Step, [first]: Step[]): number {
  const floor = isNewIncident ? FLOOR : 9 * first.total
  return uploaded.progress.find(([, bytes]) => bytes >= floor)?.[0] ?? uploaded.until
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

async function ask<Value>({ origin, cookie }: Telltale, method: string, path: string, body?: unknown): Promise<Value> {
  const headers = { cookie, origin, 'content-type': 'application/json' }
  const { csrf } = (await (await fetch(`${origin}/api/session`, { headers: { cookie, origin } })).json()) as {
    csrf: string
  }
  const answer = await fetch(`${origin}${path}`, {
    method,
    ...(body === undefined ? { headers: { cookie, origin } } : { headers: { ...headers, 'x-csrf-token': csrf } }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text) as Value
}
