// Makes the kept state folder of test/upgrade with an older version of the program, and records its answers. The kept
// one was made with version 0.1.0 at commit efabbda, built in a folder of its own:
//   npx tsx test/upgrade/make.ts FOLDER-OF-THE-OLD-VERSION
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  ASKED_AT,
  CAPTURES,
  DAY,
  headerOf,
  LATER,
  LEASES,
  LOG,
  LOGGED,
  logLine,
  MAC,
  MONDAY,
  packetsOf,
} from './home.ts'
import { PASSWORD, TUESDAY, VIEWER_PASSWORD } from './home.ts'
import { differences } from './compare.ts'
import { KEPT, KEPT_LOG, LOG_NAME, unpack } from './kept.ts'
import { Browser, type Clock, Program, until } from './program.ts'
import { type Answers, askAll, pathsFor } from './questions.ts'
import { continueHome, deliveredBy } from './later.ts'

const old = resolve(process.argv[2] ?? '')
const cli = join(old, 'dist/cli.js')
const SAMPLE = join(old, 'dist/sample.pcap.gz')
const HOUR = 3_600
/** Half an hour a second. */
const FAST = 1_800
const API = '/api/books/live'

const folder = mkdtempSync(join(tmpdir(), 'telltale-old-home-'))
const stateFolder = join(folder, 'state')
const capture = (name: string): string => join(folder, 'captures', name)

const SETTINGS = {
  sources: {
    folders: [CAPTURES],
    dnsLogs: [`dnsmasq ${LOG}`],
    leases: LEASES,
    off: ['interface:eth7'],
    interfaces: ['eth7'],
  },
  storage: { saveEverySeconds: 120, minuteHours: 12, hourDays: 1, dayDays: 3650, diskBudgetMegabytes: 123 },
  privacy: { newDevices: 'everything' },
  home: { timeZone: 'Asia/Kolkata', networks: ['192.168.1.0/24', 'fd00:5e::/64'], learningDays: 1 },
  alerts: {
    spikeFloorKilobytes: 60,
    spikeFactor: 3,
    largeUploadMegabytes: 1,
    quietFloorMegabytes: 2,
    quietHours: ['Mo-Su 08:00-16:00'],
    voiceFloor: 9,
    voiceBusy: false,
    away: ['Mo-Fr 13:00-17:00'],
    awayFloorKilobytes: 150,
    silentHours: 100,
    sourceMinutes: 1440,
    floodDevices: 30,
    coolDownMinutes: 45,
  },
  // Nothing listens on port 1 of this machine: what is to be sent waits.
  webhook: { url: 'http://127.0.0.1:1/hook?key=made-up', secret: 'made up', privateAddresses: true, which: 'all' },
  ntfy: { server: 'http://127.0.0.1:1', topic: 'made-up', token: 'tk_made_up', privateAddresses: true, which: 'sure' },
  email: {
    host: '',
    port: 2525,
    user: 'user',
    password: 'made up',
    from: 'a@telltale.example',
    to: 'b@telltale.example',
  },
  mqtt: {
    host: '',
    port: 1884,
    user: 'user',
    password: 'made up',
    discovery: 'home/assistant',
    quiet: ['Sa,Su 22:00-07:00'],
  },
  replay: { maxUploadMegabytes: 99, maxMinutes: 9 },
  access: { sessionDays: 44, extraHostNames: ['telltale.example'] },
}

/** The clock of the old version at the end of its last run. */
let reached = 0

/** Starts the old version, lets things happen, stops it. */
async function during(
  clock: Clock,
  happen: (browser: Browser, program: Program) => Promise<void>,
  cookie = '',
): Promise<string> {
  if (clock.start < reached) throw new Error('The machine is too slow: the clock would go back between two runs')
  const program = await Program.start({ cli, stateFolder, workingFolder: folder, clock })
  const browser = new Browser(program.origin, cookie)
  try {
    if (cookie !== '') browser.csrf = (await browser.get<{ csrf: string }>('/api/session')).csrf
    await happen(browser, program)
  } finally {
    await program.stop()
    reached = program.now()
    console.log(program.said.join('\n'))
  }
  return browser.cookie
}

/** Writes packets and lines of the log as their time comes. */
async function live(
  program: Program,
  file: string,
  packets: Iterable<{ seconds: number; bytes: Uint8Array }>,
  lines: [number, string][],
): Promise<void> {
  const pieces: { at: number; write: () => void }[] = lines.map(([at, text]) => ({
    at,
    write: () => appendFileSync(join(folder, LOG_NAME), logLine(at, text)),
  }))
  for (const { seconds, bytes } of packets)
    pieces.push({ at: seconds, write: () => appendFileSync(capture(file), bytes) })
  pieces.sort((one, other) => one.at - other.at)
  await until(
    'the end of the capture',
    async () => {
      while (pieces[0] !== undefined && pieces[0].at <= program.now()) pieces.shift()?.write()
      return pieces.length === 0
    },
    300_000,
  )
}

function* lookups(from: number, to: number, everySeconds: number): Generator<[number, string]> {
  const names = ['api.weather.example', 'store.e-books.example', 'unagi-na.amazon.com', 'api.ring.com', 'time.example']
  let number = 0
  for (let at = from; at < to; at += everySeconds) {
    const { address } = LOGGED[number % LOGGED.length]
    const name = names[number++ % names.length]
    yield [at, `query[A] ${name} from ${address}`]
    yield [at, `reply ${name} is 203.0.113.${(number % 5) + 90}`]
  }
}

async function hasCaughtUp(browser: Browser): Promise<void> {
  let before = -1
  await until('all packets', async () => {
    const { health, sources } = await browser.get<{ health: { packets: number }; sources: { packets: number }[] }>(
      `${API}/status`,
    )
    await new Promise((done) => setTimeout(done, 1500))
    const count = health.packets + sources.reduce((sum, { packets }) => sum + packets, 0)
    const isSame = count === before
    before = count
    return isSame && count > 0
  })
}

function prepare(): void {
  mkdirSync(join(folder, 'captures'))
  writeFileSync(join(folder, LOG_NAME), '')
  const leases = LOGGED.map(({ mac, address, name }) => `${TUESDAY + 90 * DAY} ${mac} ${address} ${name} *\n`)
  writeFileSync(join(folder, 'dhcp.leases'), leases.join(''))
}

/** A day of the sample, less what is to be new on the next. */
async function monday(): Promise<string> {
  writeFileSync(capture('home-1.pcap'), headerOf(SAMPLE))
  return during({ start: MONDAY - 3 * HOUR, rate: FAST }, async (browser, program) => {
    await browser.enter(PASSWORD, new URL(program.url).searchParams.get('token'))
    await browser.send('POST', '/api/viewer-password', { password: VIEWER_PASSWORD })
    await browser.send('PATCH', '/api/settings', SETTINGS)
    const packets = [...packetsOf(SAMPLE, 0)].filter(({ seconds, isOf }) => {
      const isUpload = isOf(MAC.camera) && seconds > MONDAY + 3 * HOUR && seconds < MONDAY + 4 * HOUR
      const isLoud = seconds > MONDAY + 7 * HOUR && [MAC.laptop, MAC.pixel, MAC.phone].some(isOf)
      return !isLoud && seconds < MONDAY + 20 * HOUR && !isUpload && !isOf(MAC.tablet) && !isOf(MAC.heater)
    })
    await live(program, 'home-1.pcap', packets, [...lookups(MONDAY + 6 * HOUR, MONDAY + 19 * HOUR, 1200)])
    await hasCaughtUp(browser)
  })
}

/** Hours of the next day, with what the day before had not; then the owner decides. */
async function tuesday(cookie: string): Promise<void> {
  rmSync(capture('home-1.pcap'))
  writeFileSync(capture('home-2.pcap'), headerOf(SAMPLE))
  await during(
    { start: TUESDAY + HOUR, rate: FAST },
    async (browser, program) => {
      const packets = [...packetsOf(SAMPLE, DAY)].filter(
        ({ seconds }) => seconds >= TUESDAY + 3 * HOUR && seconds < TUESDAY + 12 * HOUR,
      )
      await live(program, 'home-2.pcap', packets, [...lookups(TUESDAY + 5 * HOUR, TUESDAY + 11.5 * HOUR, 900)])
      await hasCaughtUp(browser)
    },
    cookie,
  )
  await during(
    { start: TUESDAY + 14.2 * HOUR, rate: 1 },
    async (browser) => {
      await decideOnDevices(browser)
      await decideOnAlerts(browser)
      // Alerts, events and evidence are on the disk some seconds after a decision.
      await new Promise((done) => setTimeout(done, 4000))
    },
    cookie,
  )
}

async function decideOnDevices(browser: Browser): Promise<void> {
  const change = (mac: string, body: unknown): Promise<unknown> =>
    browser.send('PATCH', `/api/devices/${encodeURIComponent(mac)}`, body)
  await change(MAC.speaker, { name: 'Kitchen Echo', kind: 'speaker' })
  await change(MAC.phone, { name: 'Maya <b>&amp;</b> "phone"', level: 'totals' })
  await change(MAC.television, { level: 'companies' })
  await change(MAC.camera, { level: 'everything', name: 'Garden camera' })
  await change(MAC.thermostat, { kind: 'hub', level: 'everything' })
  await change(MAC.washer, { level: 'paused', name: 'Washing machine' })
  await change(MAC.tablet, { level: 'everything' })
  const { undo } = await browser.send<{ undo: string }>('PATCH', `/api/devices/${encodeURIComponent(MAC.laptop)}`, {
    name: 'Not this',
  })
  await browser.send('POST', `/api/undo/${undo}`)
  await browser.send('POST', `/api/devices/${encodeURIComponent(MAC.pixel)}/merge`, { into: MAC.laptop })
  await browser.send('POST', `/api/devices/${encodeURIComponent(MAC.display)}/merge`, { into: MAC.speaker })
  await browser.send('POST', `/api/devices/${encodeURIComponent(MAC.heater)}/forget`, { ignore: true })
  await browser.send('POST', `/api/devices/${encodeURIComponent(MAC.lamp)}/forget`, { ignore: false })
}

async function decideOnAlerts(browser: Browser): Promise<void> {
  const alerts = await browser.get<{ id: string; kind: string; device: string | null }[]>(`${API}/alerts`)
  console.log(alerts.map(({ id, kind, device }) => `${id} ${kind} ${device}`).join('\n'))
  for (const { id } of alerts) await browser.get(`${API}/alerts/${id}`)
  const decide = (id: string, decision: string): Promise<unknown> =>
    browser.send('POST', `/api/alerts/${id}/decision`, { decision })
  // Of each kind one after the other: no two decisions are about the same device, company and kind.
  const perKind = [...new Map(alerts.map((alert) => [alert.kind, alert])).values()]
  const rest = alerts.filter((alert) => !perKind.includes(alert))
  const [first, second, third, fourth, fifth] = [...perKind, ...rest].map(({ id }) => id)
  if (perKind.length < 3 || fifth === undefined) throw new Error('There are too few kinds of alerts to decide on')
  await decide(first ?? '', 'it-was-me')
  await decide(second ?? '', 'expected')
  await browser.send('POST', `/api/alerts/${third}/mute`, { on: true })
  await decide(fourth ?? '', 'it-was-me')
  await decide(fourth ?? '', 'open')
  await decide(fifth, 'expected')
}

/** The captures made for the tests, one after the other: home-3.pcap is kept with the state. */
async function afternoon(cookie: string): Promise<void> {
  rmSync(capture('home-2.pcap'))
  const captures = join(import.meta.dirname, '../captures')
  const pieces = readdirSync(captures, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(captures, name, 'capture.pcap'))
  const start = TUESDAY + 14.5 * HOUR
  const packets = pieces.flatMap((path, place) => {
    const [first] = packetsOf(path, 0)
    return [...packetsOf(path, start - (first?.seconds ?? 0) + 60 * (place + 1))]
  })
  writeFileSync(capture('home-3.pcap'), headerOf(pieces[0]))
  await during(
    { start, rate: 60 },
    async (browser, program) => {
      await live(program, 'home-3.pcap', packets, [...lookups(start, start + 600, 60)])
      await hasCaughtUp(browser)
      await browser.send('PATCH', '/api/settings', { privacy: { newDevices: 'companies' } })
      const viewer = new Browser(program.origin)
      await viewer.enter(VIEWER_PASSWORD)
      await viewer.ask('/api/login', 'POST', { password: 'wrong password' })
      for (const { id } of await browser.get<{ id: string }[]>(`${API}/alerts`))
        await browser.get(`${API}/alerts/${id}`)
    },
    cookie,
  )
}

/** What a broker would have had of this home: MQTT is off, so these numbers have no other way into the file. */
function addBroker(): void {
  const path = join(stateFolder, 'channels.json')
  const channels = JSON.parse(readFileSync(path, 'utf8')) as { mqtt: { devices: string[]; clearing: string[] } }
  channels.mqtt.devices = ['00112233445566aa', '00112233445566bb']
  channels.mqtt.clearing = ['00112233445566cc']
  writeFileSync(path, `${JSON.stringify(channels, null, 2)}\n`)
}

async function answersOf(cookie: string, paths: string[] | null): Promise<Answers> {
  let answers: Answers = {}
  await during(
    { start: ASKED_AT, rate: 0 },
    async (browser) => {
      await hasCaughtUp(browser)
      answers = await askAll(browser, paths ?? (await pathsFor(browser, ASKED_AT)))
    },
    cookie,
  )
  return answers
}

function keep(cookie: string, expected: Answers): void {
  rmSync(KEPT, { recursive: true, force: true })
  mkdirSync(join(KEPT, 'state'), { recursive: true })
  for (const name of ['captures', 'dhcp.leases']) cpSync(join(folder, name), join(KEPT, name), { recursive: true })
  cpSync(join(folder, LOG_NAME), join(KEPT, KEPT_LOG))
  for (const name of readdirSync(stateFolder)) {
    // The program is stopped: nobody holds the lock, and what frees room on a full disk is made anew.
    if (/^lock|reserve$|-shm$/.test(name)) continue
    const bytes = readFileSync(join(stateFolder, name))
    const isSmall = bytes.length < 8192
    writeFileSync(join(KEPT, 'state', isSmall ? name : `${name}.gz`), isSmall ? bytes : gzipSync(bytes, { level: 9 }))
  }
  writeFileSync(join(KEPT, 'cookie.txt'), `${cookie}\n`)
  writeExpected('expected', expected)
  const later = [...packetsOf(SAMPLE, DAY)].filter(({ seconds }) => seconds >= TUESDAY + 16 * HOUR && seconds < LATER)
  writeFileSync(
    join(KEPT, 'later.pcap.gz'),
    gzipSync(Buffer.concat([headerOf(SAMPLE), ...later.map(({ bytes }) => bytes)]), { level: 9 }),
  )
}

function writeExpected(name: string, answers: unknown): void {
  writeFileSync(join(KEPT, `${name}.json.gz`), gzipSync(`${JSON.stringify(answers, null, 1)}\n`, { level: 9 }))
}

prepare()
const cookie = await monday()
await tuesday(cookie)
await afternoon(cookie)
addBroker()
rmSync(join(folder, 'before'), { recursive: true, force: true })
cpSync(stateFolder, join(folder, 'before'), { recursive: true })
const expected = await answersOf(cookie, null)
const again = differences(expected, await answersOf(cookie, Object.keys(expected)))
if (again.length > 0) throw new Error(`A second start of the old version answers otherwise: ${again.join('; ')}`)
rmSync(stateFolder, { recursive: true })
cpSync(join(folder, 'before'), stateFolder, { recursive: true })
keep(cookie, expected)
writeExpected('expected-later', await continueHome(cli, unpack()))
writeExpected('expected-deliveries', await deliveredBy(cli, unpack()))
console.log(`Kept in ${KEPT}; the home is in ${folder}`)
