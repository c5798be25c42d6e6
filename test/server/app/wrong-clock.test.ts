// The real program under a clock that goes wrong while it runs, and over a restart.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Overview, TrafficStatus } from '../../../server/api.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { type Client, eventually, logIn } from '../../support/running.ts'
import { arpFrom, CAMERA, ipLength, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'

const YEAR = 365 * 86_400
const folder = mkdtempSync(join(tmpdir(), 'telltale-wrong-clock-'))
const captures = join(folder, 'captures')
const offsetFile = join(folder, 'offset')
const hello = tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') })
let offset = 0
let child: ChildProcess
let said = ''
let client: Client
let sent = 0

function setClock(seconds: number): void {
  offset = seconds
  writeFileSync(`${offsetFile}.new`, String(seconds))
  renameSync(`${offsetFile}.new`, offsetFile)
}

async function start(): Promise<void> {
  said = ''
  child = spawn(
    process.execPath,
    [
      `--import=${join(import.meta.dirname, 'settable-clock.mjs')}`,
      join(import.meta.dirname, '../../../dist/cli.js'),
      ...['serve', '--port', '0', '--state', join(folder, 'state'), '--source', `folder:${captures}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TELLTALE_TEST_OFFSET: offsetFile } },
  )
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => (said += piece.toString()))
  const url = await vi.waitFor(() => {
    const printed = /http:\/\/localhost:(\d+)\/\S*/.exec(said)
    if (printed === null) throw new Error(`No URL was printed: ${said}`)
    return { port: Number(printed[1]), url: printed[0] }
  }, 30_000)
  client = await logIn({ ...url, close: async () => undefined })
}

async function stop(): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

const status = (): Promise<TrafficStatus> => client.get('/api/traffic/live/status')
/** Bytes that the camera sent by the page. */
async function shown(from: number, to: number): Promise<number> {
  const { devices } = await client.get<Overview>(
    `/api/traffic/live/overview?from=${Math.floor(from)}&to=${Math.ceil(to)}`,
  )
  return devices.find(({ id }) => id === CAMERA.mac)?.sent ?? 0
}
/** In each time that a clock of these tests shows. */
async function everything(): Promise<number> {
  const now = Date.now() / 1_000
  const starts = [0, now - 0.5 * YEAR, now + 0.5 * YEAR, now + 2.5 * YEAR]
  const parts = await Promise.all(starts.map((from) => shown(from, from + YEAR - 60)))
  return parts.reduce((sum, part) => sum + part, 0)
}

/** The camera sends something by the clock of now; resolves once it is on the page. */
async function send(): Promise<void> {
  const now = Date.now() / 1_000 + offset
  const seconds = Math.floor(now)
  for (const bytes of [arpFrom(CAMERA), hello])
    appendFileSync(join(captures, 'home-1.pcap'), pcapRecord({ seconds, nanos: 0, bytes }))
  sent += ipLength(hello)
  await eventually(everything, (answer) => answer === sent)
}

beforeAll(async () => {
  mkdirSync(captures)
  writeFileSync(join(captures, 'home-1.pcap'), pcapHeader({}))
  setClock(0)
  await start()
}, 60_000)
afterAll(async () => {
  if (child.exitCode === null) await stop()
  rmSync(folder, { recursive: true, force: true })
})

test('3 years ahead: it is said and logged, nothing is lost or doubled, and nobody is logged out', async () => {
  await send()
  setClock(3 * YEAR)
  const { clockProblem } = await eventually(status, (answer) => answer.clockProblem !== undefined)
  expect(clockProblem).toMatch(/^The clock of this machine says \d{4}-.*nothing old is deleted/)
  await vi.waitFor(() => expect(said).toContain('The clock of this machine says'))
  await send()
  setClock(0)
  await eventually(status, (answer) => answer.clockProblem === undefined)
  const now = Date.now() / 1_000
  expect(await shown(now - 3_600, now + 60)).toBe(sent)
  expect(await everything()).toBe(sent)
  const { last } = await status()
  expect(last).toBeLessThan(now + 60)
  // What comes now is counted again.
  await send()
  expect(await shown(now - 3_600, Date.now() / 1_000 + 60)).toBe(sent)
})

test('wrong from a restart to the next one: 1970, and then the right time', async () => {
  await stop()
  setClock(30 - Math.floor(Date.now() / 1_000))
  await start()
  await eventually(status, (answer) => answer.clockProblem !== undefined)
  await send()
  await stop()
  setClock(0)
  await start()
  await eventually(status, (answer) => Math.abs(answer.now - Date.now() / 1_000) < 60)
  expect((await status()).clockProblem).toBe(undefined)
  await send()
  const now = Date.now() / 1_000
  expect(await everything()).toBe(sent)
  expect(await shown(now - 3_600, now + 60)).toBe(sent)
})

test('right, and far from what is known: the owner confirms it', async () => {
  setClock(3 * 86_400)
  await eventually(status, (answer) => answer.clockProblem !== undefined)
  await client.send('POST', '/api/clock/believe')
  await eventually(status, (answer) => answer.clockProblem === undefined)
  expect(await everything()).toBe(sent)
})
