// A home of which nothing but its dnsmasq's log is read: twelve days of it are written beforehand, then devices ask a
// real dnsmasq what they never asked, and each alert has to come, in look-ups.
import { type ChildProcess, execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { AlertRow } from '../../server/api.ts'
import { LINES, routine } from '../support/log-home.ts'
import { CLOUD, HOME } from './addresses.ts'
import type { Findings } from './findings.ts'
import { ipIn, startIn } from './namespaces.ts'
import type { DevicePlan } from './plan.ts'
import { startTelltale, type Telltale, until } from './telltale.ts'
import { type Lab, namespaceOfDevice } from './topology.ts'

const runFile = promisify(execFile)
const DAY = 86_400
const DAYS = 12
const SILENT_HOURS = 8
/** Look-ups of one minute may be chance: they are asked for again after so long. */
const AGAIN_SECONDS = 62
const MOST_SECONDS = 150

/** Devices with the names of the routine that each has; the guest is new. */
const ADDRESSES = { plug: 10, camera: 11, speaker: 12, bulb: 14, guest: 20 } as const
type Label = keyof typeof ADDRESSES

const asksOnly = (label: Label): DevicePlan => ({
  label,
  mac: `02:77:7e:11:00:${ADDRESSES[label]}`,
  hostName: null,
  vendorClass: null,
  announces: null,
  habits: [],
  is: { name: label, kind: 'unknown', vendor: null },
})
export const DNS_ONLY: readonly DevicePlan[] = (Object.keys(ADDRESSES) as Label[]).map(asksOnly)

const macOf = (label: Label): string => asksOnly(label).mac
const addressOf = (label: Label): string => `${HOME.router.replace(/\d+$/, '')}${ADDRESSES[label]}`

const WANTED: [kind: string, label: Label, company: string | null][] = [
  ['new-company', 'plug', 'ring'],
  ['new-tracker', 'bulb', 'amplitude'],
  ['quiet-lookups', 'plug', null],
  ['around-your-dns', 'speaker', 'google-dns'],
  ['new-device', 'guest', null],
  ['silent', 'camera', null],
]

/** Must be called in the router's namespace. `onStart`: what has to be ended. */
export async function dnsOnly(
  lab: Lab,
  port: number,
  findings: Findings,
  onStart: (telltale: Telltale) => void,
): Promise<void> {
  const log = join(lab.folder, 'queries.log')
  writePast(log)
  for (const label of Object.keys(ADDRESSES) as Label[]) switchOn(lab, label)
  const dnsmasq = startDnsmasq(lab, log)
  try {
    const telltale = await startTelltale(lab.folder, `dns:dnsmasq:${log}`, port)
    onStart(telltale)
    await askWhatIsNew(lab)
    await judge(telltale, findings)
  } finally {
    dnsmasq.kill()
  }
}

/** The days before; the camera's last hours are missing. */
function writePast(log: string): void {
  const now = Math.floor(Date.now() / 1000)
  const lines = routine(now - DAYS * DAY, now)
    .map((asked) => ({ ...asked, client: asked.client.replace('192.168.7.', '192.168.77.') }))
    .filter(({ client, second }) => client !== addressOf('camera') || second < now - SILENT_HOURS * 3_600)
    .sort((one, other) => one.second - other.second)
    .map((asked) => LINES['dnsmasq']?.(asked))
  writeFileSync(log, `${lines.join('\n')}\n`)
}

/** Its address is its own, and the router has it among its neighbours. */
function switchOn(lab: Lab, label: Label): void {
  const namespace = namespaceOfDevice(lab.owner, asksOnly(label))
  ipIn(namespace, `addr add ${addressOf(label)}/24 dev eth0`)
  ipIn(namespace, 'link set eth0 up')
  ipIn(lab.router, `neigh replace ${addressOf(label)} lladdr ${macOf(label)} dev br-lan nud permanent`)
}

/** It answers every name with an address of the lab's cloud, and asks nobody. */
function startDnsmasq(lab: Lab, log: string): ChildProcess {
  const path = join(lab.folder, 'dns-only.conf')
  const answer = CLOUD.network.replace(/0\/.*$/, '9')
  const lines = ['no-resolv', 'no-hosts', 'keep-in-foreground', 'user=root', 'interface=br-lan', 'bind-dynamic']
  writeFileSync(path, [...lines, 'log-queries=extra', `log-facility=${log}`, `address=/#/${answer}`, ''].join('\n'))
  return startIn(lab.router, 'dnsmasq', ['-C', path])
}

async function askWhatIsNew(lab: Lab): Promise<void> {
  const both = async (): Promise<void> => {
    await ask(lab, 'plug', ['api.ring.com'])
    await ask(lab, 'bulb', ['api.amplitude.com'])
  }
  await both()
  await ask(lab, 'speaker', ['dns.google'])
  await ask(lab, 'plug', new Array<string>(45).fill('a1.tuyaeu.com'))
  await ask(lab, 'guest', ['www.wikipedia.org'])
  await sleep(AGAIN_SECONDS * 1000)
  await both()
}

/** A process in the device's namespace asks the home's resolver. */
async function ask(lab: Lab, label: Label, names: string[]): Promise<void> {
  const program = `const { Resolver } = require('node:dns').promises; const resolver = new Resolver({ timeout: 2000 })
    resolver.setServers(['${HOME.router}'])
    ;(async () => { for (const name of ${JSON.stringify(names)}) await resolver.resolve4(name) })()`
  const namespace = namespaceOfDevice(lab.owner, asksOnly(label))
  await runFile('ip', ['netns', 'exec', namespace, process.execPath, '-e', program])
}

async function judge({ origin, cookie }: Telltale, findings: Findings): Promise<void> {
  let alerts: AlertRow[] = []
  const isTold = ([kind, label, company]: (typeof WANTED)[number]): AlertRow | undefined =>
    alerts.find((one) => one.kind === kind && one.device === macOf(label) && (one.company?.slug ?? null) === company)
  const isAllTold = async (): Promise<boolean> => {
    const answer = await fetch(`${origin}/api/traffic/live/alerts`, { headers: { cookie, origin } })
    alerts = (await answer.json()) as AlertRow[]
    return WANTED.every((wanted) => isTold(wanted) !== undefined)
  }
  await until(isAllTold, MOST_SECONDS, 'all was told').catch(() => {})
  for (const wanted of WANTED)
    findings.judge(isTold(wanted) !== undefined, isTold(wanted)?.message ?? `not told: ${wanted.join(' ')}`)
  const others = alerts.filter((one) => !WANTED.some((wanted) => isTold(wanted)?.id === one.id))
  findings.judge(others.length === 0, `other alerts: ${others.map(({ message }) => message).join('; ') || 'none'}`)
  const bytes = alerts.reduce((sum, one) => sum + one.bytes, 0)
  findings.judge(bytes === 0, `bytes of all alerts: ${bytes}, for none were seen`)
}
