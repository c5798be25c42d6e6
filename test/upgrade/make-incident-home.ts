// Makes the kept state folder with incidents with an older version of the program, and records its answers. The kept
// one was made with version 0.1.0 at commit 77f84ce, the last whose alerts were findings, built in a folder of its own:
//   npx tsx test/upgrade/make-incident-home.ts FOLDER-OF-THE-OLD-VERSION
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CAPTURES, DAY, PASSWORD } from './home.ts'
import {
  captureOf,
  DECIDED_AT,
  DEVICES,
  type Doing,
  FIRST_DAY,
  LATEST,
  routine,
  STOOD_OUT,
  STOPPED_AT,
} from './incident-home.ts'
import { hasRead, LIVE, pathsOfIncidents, type ToldAlert } from './incident-questions.ts'
import { KEPT_WITH_INCIDENTS } from './kept.ts'
import { Browser, Program } from './program.ts'
import { type Answers, askAll } from './questions.ts'

const old = resolve(process.argv[2] ?? '')
const cli = join(old, 'dist/cli.js')
const folder = mkdtempSync(join(tmpdir(), 'telltale-old-home-'))
const stateFolder = join(folder, 'state')
const captures = join(folder, 'captures')

const SETTINGS = {
  sources: { folders: [CAPTURES] },
  storage: { saveEverySeconds: 120, minuteHours: 12 },
  home: { timeZone: 'UTC', networks: ['192.168.1.0/24'], learningDays: 7 },
  alerts: { away: ['Sa 08:00-11:00'], sourceMinutes: 30 },
}
/** Nothing listens on port 1 of this machine: what is to be sent waits. */
const CHANNELS = {
  webhook: { url: 'http://127.0.0.1:1/hook', secret: 'made up', privateAddresses: true, which: 'all' },
  ntfy: { server: 'http://127.0.0.1:1', topic: 'made-up', token: '', privateAddresses: true, which: 'all' },
}

/** Runs the old version at a time, over a capture of what was done before it. */
async function runAt(
  start: number,
  doings: readonly Doing[],
  cookie: string,
  happen: (browser: Browser) => Promise<void>,
): Promise<string> {
  const capture = captureOf(doings)
  for (const name of readdirSync(captures)) rmSync(join(captures, name))
  writeFileSync(join(captures, `home-${start}.pcap`), capture)
  const program = await Program.start({ cli, stateFolder, workingFolder: folder, clock: { start, rate: 0 } })
  const browser = new Browser(program.origin, cookie)
  try {
    if (cookie === '') {
      await browser.enter(PASSWORD, new URL(program.url).searchParams.get('token'))
      await browser.send('PATCH', '/api/settings', SETTINGS)
    } else browser.csrf = (await browser.get<{ csrf: string }>('/api/session')).csrf
    await hasRead(browser, capture)
    await happen(browser)
  } finally {
    await program.stop()
    for (const sentence of program.said) console.log(sentence)
  }
  return browser.cookie
}

async function nameDevices(browser: Browser): Promise<void> {
  for (const { mac, kind, name } of Object.values(DEVICES))
    await browser.send('PATCH', `/api/devices/${encodeURIComponent(mac)}`, { kind, name })
}

async function alertsOf(browser: Browser): Promise<ToldAlert[]> {
  const alerts = await browser.get<ToldAlert[]>(`${LIVE}/alerts`)
  console.log(alerts.map(({ id, kind, message }) => `${id} ${kind}: ${message}`).join('\n'))
  // Its evidence is collected, and kept, when somebody looks at it.
  for (const { id } of alerts) await browser.get(`${LIVE}/alerts/${id}`)
  return alerts
}

async function decide(browser: Browser): Promise<void> {
  const alerts = await alertsOf(browser)
  const alertOf = (kind: string, { mac }: { mac: string }): string => {
    const found = alerts.find((alert) => alert.kind === kind && alert.device === mac)
    if (found === undefined) throw new Error(`${kind} of ${mac} was not told`)
    return found.id
  }
  const decision = (id: string, decision: string): Promise<unknown> =>
    browser.send('POST', `/api/alerts/${id}/decision`, { decision })
  const { camera, speaker, vacuum } = DEVICES
  await decision(alertOf('upload-spike', camera), 'it-was-me')
  await decision(alertOf('around-your-dns', speaker), 'it-was-me')
  await decision(alertOf('upload-spike', vacuum), 'expected')
  await decision(alertOf('voice-busy', speaker), 'expected')
  await decision(alertOf('quiet-hours', vacuum), 'expected')
  for (const kind of ['unencrypted', 'camera-away'])
    await browser.send('POST', `/api/alerts/${alertOf(kind, camera)}/mute`, { on: true })
  await browser.send('PATCH', '/api/settings', CHANNELS)
}

function keep(cookie: string, expected: Answers): void {
  rmSync(KEPT_WITH_INCIDENTS, { recursive: true, force: true })
  const kept = join(KEPT_WITH_INCIDENTS, 'state')
  mkdirSync(kept, { recursive: true })
  for (const name of readdirSync(stateFolder)) {
    // The program is stopped: nobody holds the lock, and what frees room on a full disk is made anew.
    if (/^lock|reserve$|-shm$|\.bak$/.test(name)) continue
    const bytes = readFileSync(join(stateFolder, name))
    const isSmall = bytes.length < 4096
    writeFileSync(join(kept, isSmall ? name : `${name}.gz`), isSmall ? bytes : gzipSync(bytes, { level: 9 }))
  }
  writeFileSync(join(KEPT_WITH_INCIDENTS, 'cookie.txt'), `${cookie}\n`)
  const answers = gzipSync(`${JSON.stringify(expected, null, 1)}\n`, { level: 9 })
  writeFileSync(join(KEPT_WITH_INCIDENTS, 'expected.json.gz'), answers)
}

mkdirSync(captures)
const past = [...routine(FIRST_DAY, STOPPED_AT), ...STOOD_OUT, ...LATEST]
const between = (from: number, to: number): Doing[] => past.filter(({ at }) => at >= from && at < to)
// A clock that leaps by more than a day between two runs is not believed.
let cookie = await runAt(FIRST_DAY + DAY, between(FIRST_DAY, FIRST_DAY + DAY), '', nameDevices)
for (let day = FIRST_DAY + DAY; day < DECIDED_AT - DAY; day += DAY)
  cookie = await runAt(day + DAY, between(day, day + DAY), cookie, async () => {})
cookie = await runAt(DECIDED_AT, between(DECIDED_AT - DAY, DECIDED_AT), cookie, decide)
let expected: Answers = {}
cookie = await runAt(STOPPED_AT, between(DECIDED_AT, STOPPED_AT), cookie, async (browser) => {
  await alertsOf(browser)
  expected = await askAll(browser, await pathsOfIncidents(browser, STOPPED_AT))
})
keep(cookie, expected)
console.log(`Kept in ${KEPT_WITH_INCIDENTS}; the home is in ${folder}`)
