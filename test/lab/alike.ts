// Compares the reports of a recording that is analysed, replayed at every speed, and captured live from a cable.
//   sudo npx tsx test/lab/alike.ts CAPTURE…   (a capture of two minutes takes two minutes and a half)
//
// Each capture gets a namespace of its own with a cable in it. tcpreplay plays it there as it was recorded, Telltale
// listens at the other end; meanwhile the same Telltale plays the file at 1, at 100 and as fast as it can.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { LIVE_SCOPE, type AlertRow, type EventRow, type Replay, type Speed } from '../../server/api.ts'
import { type Clue, compareExactly, compareLive, ofAnalysis, ofRows } from './alike-compare.ts'
import { Findings } from './findings.ts'
import { folderOf, ipIn, makeNamespace, namespaceOf, removeLab, removeLeftOvers, setIn } from './namespaces.ts'
import { has } from './programs.ts'
import { startTelltale, type Telltale, until } from './telltale.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const PORT = 8482
const SPEEDS: readonly Speed[] = [1, 100, 'max']
/** A burst is over, and emitted, this long after its last packet. */
const OVER_AFTER_MS = 8_000
/** Longer recordings are not played as they were recorded. */
const LONGEST_SECONDS = 900

const [first, ...rest] = process.argv.slice(2)
process.exitCode =
  first === '--inside'
    ? await inside(rest[0], rest[1])
    : await outside([...(first === undefined ? [] : [first]), ...rest])

async function outside(captures: string[]): Promise<number> {
  if (captures.length === 0 || process.getuid?.() !== 0 || !has('tcpreplay') || !existsSync(PROGRAM)) {
    console.error('Usage, as root, with tcpreplay installed and Telltale built: npx tsx test/lab/alike.ts CAPTURE…')
    return 2
  }
  await removeLeftOvers()
  try {
    const codes = await Promise.all(captures.map((capture, place) => inNamespace(capture, place)))
    return Math.max(...codes)
  } finally {
    await removeLab(process.pid)
  }
}

async function inNamespace(capture: string, place: number): Promise<number> {
  const namespace = namespaceOf(process.pid, `alike${place}`)
  const folder = join(folderOf(process.pid), `alike${place}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  makeNamespace(namespace)
  ipIn(namespace, 'link add near mtu 65535 type veth peer name far mtu 65535')
  for (const name of ['near', 'far']) {
    setIn(namespace, `net.ipv6.conf.${name}.disable_ipv6`, 1)
    ipIn(namespace, `link set ${name} arp off up`)
  }
  const script = fileURLToPath(import.meta.url)
  const child = spawn(
    'ip',
    ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', script, '--inside', capture, folder],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  return await ended(child)
}

/** In the namespace. */
async function inside(capture: string, folder: string): Promise<number> {
  const findings = new Findings(true)
  const analysis = await analyze(capture)
  const seconds = (Date.parse(analysis.capture.last ?? '') - Date.parse(analysis.capture.first ?? '')) / 1000
  if (!(seconds <= LONGEST_SECONDS)) findings.report(`it is ${seconds} s long, more than ${LONGEST_SECONDS}`)
  else {
    const telltale = await startTelltale(folder, 'far', PORT)
    try {
      await compare(capture, analysis, telltale, findings)
    } catch (error) {
      findings.judge(false, error instanceof Error ? error.message : String(error))
    } finally {
      await telltale.stop()
    }
  }
  for (const { ok, words } of findings.all)
    console.log(`${ok === null ? '    ' : ok ? ' ok ' : 'BAD '} ${basename(capture)}: ${words}`)
  return findings.failed.length === 0 ? 0 : 1
}

async function compare(capture: string, analysis: Analysis, telltale: Telltale, findings: Findings): Promise<void> {
  const { api } = await opened(telltale)
  // A home that is learning emits less: a recording is compared with a home that was monitored for a week.
  await api('PATCH', 'settings', { home: { learningDays: 0 }, alerts: { coolDownMinutes: 1 } })
  const expected = ofAnalysis(analysis)
  const started = Date.now() / 1000
  const cable = promisify(execFile)('tcpreplay', ['-i', 'near', '-K', '--no-flow-stats', capture], {
    timeout: (LONGEST_SECONDS + 60) * 1000,
    maxBuffer: 64 << 20,
  })
  const bytes = readFileSync(capture)
  const replays = SPEEDS.map(async (speed) => {
    const actual = await played(api, basename(capture), bytes, speed, [
      Math.floor(Date.parse(analysis.capture.first ?? '') / 1000),
      Math.ceil(Date.parse(analysis.capture.last ?? '') / 1000) + 1,
    ])
    const difference = compareExactly(expected, actual)
    findings.judge(
      difference === null,
      `played at ${speed}: ${difference ?? `the ${expected.events.length} events and ${expected.alerts.length} alerts of analyze`}`,
    )
  })
  await Promise.all([cable, ...replays])
  await sleep(OVER_AFTER_MS)
  const range = `from=${Math.floor(started) - 5}&to=${Math.ceil(Date.now() / 1000) + 5}`
  const live = ofRows(
    await api<EventRow[]>('GET', `traffic/${LIVE_SCOPE}/events?${range}`),
    await api<AlertRow[]>('GET', `traffic/${LIVE_SCOPE}/alerts`),
  )
  const difference = compareLive(expected, live)
  findings.judge(
    difference === null,
    `live: ${difference ?? `the ${expected.events.length} events of analyze, in their order, bytes within 0.5 %, times within 1 s`}`,
  )
  findings.report(
    `alerts of analyze: ${kindsOf(expected.alerts)}; live, where one matter is one alert: ${kindsOf(live.alerts)}`,
  )
}

async function played(
  api: Api,
  name: string,
  bytes: Uint8Array,
  speed: Speed,
  [from, to]: Range,
): Promise<{ events: Clue[]; alerts: Clue[] }> {
  const { id } = await api<Replay>('POST', 'replays', bytes, { 'x-file-name': encodeURIComponent(name) })
  const state = async (): Promise<Replay['state']> => (await api<Replay>('GET', `replays/${id}`)).state
  await until(
    async () => ['ready', 'failed'].includes(await state()),
    60,
    `the recording is ready to be played at ${speed}`,
  )
  await api('POST', `replays/${id}/control`, { action: 'speed', speed })
  await api('POST', `replays/${id}/control`, { action: 'play' })
  await until(
    async () => ['ended', 'failed'].includes(await state()),
    LONGEST_SECONDS + 60,
    `the recording has been played at ${speed}`,
  )
  // The last events come with the end of the recording.
  await sleep(500)
  return ofRows(
    await api<EventRow[]>('GET', `traffic/${id}/events?from=${from}&to=${to}`),
    await api<AlertRow[]>('GET', `traffic/${id}/alerts`),
  )
}

/** Seconds, from and to. */
type Range = [number, number]

type Api = <Value>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Value>

async function opened({ origin, cookie }: Telltale): Promise<{ api: Api }> {
  const { csrf } = (await (await fetch(`${origin}/api/session`, { headers: { cookie, origin } })).json()) as {
    csrf: string
  }
  const api: Api = async <Value>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const isFile = body instanceof Uint8Array
    const type = body === undefined ? {} : { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }
    const answer = await fetch(`${origin}/api/${path}`, {
      method,
      headers: { cookie, origin, 'x-csrf-token': csrf, ...type, ...headers },
      ...(body === undefined ? {} : { body: isFile ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as Value
  }
  return { api }
}

async function analyze(capture: string): Promise<Analysis> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, 'analyze', capture, '--json'], {
    maxBuffer: 256 << 20,
  })
  return JSON.parse(stdout) as Analysis
}

function kindsOf(alerts: readonly Clue[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of alerts) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}
