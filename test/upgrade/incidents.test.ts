// A home with incidents, decisions and habits of version 0.1.0 under this version: they hold, and alerts go on.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { differences } from './compare.ts'
import {
  AFTERWARDS,
  AFTERWARDS_AT,
  AFTERWARDS_OVER,
  captureOf,
  DEVICES,
  HOUR,
  NAMELESS,
  routine,
  STOPPED_AT,
} from './incident-home.ts'
import { hasRead, LIVE, type ToldAlert } from './incident-questions.ts'
import { expectedOf, type Home, KEPT_WITH_INCIDENTS, unpack } from './kept.ts'
import { Browser, type Clock, Program, until } from './program.ts'
import { askAll } from './questions.ts'

/** Another build may be named, to compare it. */
const CLI = process.env['TELLTALE_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js')
const isHere = existsSync(CLI) && existsSync('/proc/self/cwd')
if (!isHere)
  console.log('The upgrade of a home with incidents is not tested: it needs dist/ (npm run build) and /proc.')

const expected = expectedOf('expected', KEPT_WITH_INCIDENTS)
const toldBefore = expected[`${LIVE}/alerts`] as ToldAlert[]
const { goesOn, beyond, nameless, stranger, again } = AFTERWARDS
/** All else that comes after the upgrade is within decisions and habits. */
const WORTH_TELLING = [goesOn, beyond, nameless, stranger, again].map(([upload]) => upload)

function describing({ id, device, from }: ToldAlert): string {
  const name = Object.values(DEVICES).find(({ mac }) => mac === device)?.name ?? device
  return `${id} of ${name} at ${new Date(from * 1000).toISOString()}`
}

/** The clock stands still. */
const at = (start: number): Clock => ({ start, rate: 0 })
/** Seconds that pass in one while the traffic after the upgrade is read. */
const FAST = 60
/** Sums are handed on this often. */
const PERIOD_SECONDS = 600
/** Between two attempts of a channel. */
const LONGEST_PAUSE = 300

interface Queues {
  waiting: Record<string, { notification: { id: string; text: string } }[]>
}

/** What each receiver is to get: ntfy's messages have no id in them. */
function waitingIn({ waiting }: Queues): string[] {
  return [
    ...(waiting['webhook'] ?? []).map(({ notification: { id, text } }) => `/hook ${id} ${text}`),
    ...(waiting['ntfy'] ?? []).map(({ notification: { text } }) => `/ ${text}`),
  ].sort()
}

function receivedAs(path: string, body: string): string {
  const { id, text, message } = JSON.parse(body) as { id?: string; text?: string; message?: string }
  return path === '/' ? `/ ${message}` : `${path} ${id} ${text}`
}

/** Of an alert, what no version may change. */
function lasting(alerts: readonly ToldAlert[]): Partial<ToldAlert>[] {
  return alerts
    .map(({ id, kind, device, company, from, state, muted, message }) => ({
      id,
      kind,
      device,
      company,
      from,
      state,
      muted,
      // Sentences about some uploads say where these went, which the version before did not look at.
      message: message.replace(' to the internet', ''),
    }))
    .sort((one, other) => one.id.localeCompare(other.id))
}

async function hasDelivered(browser: Browser): Promise<void> {
  await until('empty queues', async () => {
    const page = await browser.get<{ channels: Record<string, { waiting: number }> }>('/api/settings')
    return ['webhook', 'ntfy'].every((name) => page.channels[name]?.waiting === 0)
  })
}

// Each has a home and a program of its own.
describe.skipIf(!isHere).concurrent('a home with incidents kept by version 0.1.0', { timeout: 180_000 }, () => {
  const homes: Home[] = []
  const newHome = (): Home => {
    const home = unpack(KEPT_WITH_INCIDENTS)
    homes.push(home)
    return home
  }
  afterAll(() => {
    for (const { folder } of homes) rmSync(folder, { recursive: true, force: true })
  })

  async function during<Value>(
    { stateFolder, folder, cookie }: Home,
    clock: Clock,
    ask: (browser: Browser, program: Program) => Promise<Value>,
  ): Promise<Value> {
    const program = await Program.start({ cli: CLI, stateFolder, workingFolder: folder, clock })
    try {
      const browser = new Browser(program.origin, cookie)
      await until('the live home', async () => (await browser.get<object[]>(`${LIVE}/alerts`)).length > 0)
      const answer = await ask(browser, program)
      expect(program.said.filter((sentence) => /damaged|set aside|must be|no field|mistake/.test(sentence))).toEqual([])
      return answer
    } finally {
      await program.stop()
    }
  }

  test('has them open, decided and muted under the same ids with their sentences, at every start', async () => {
    const home = newHome()
    for (const start of ['first', 'second']) {
      const { answers, alerts } = await during(home, at(STOPPED_AT), async (browser) => ({
        answers: await askAll(browser, Object.keys(expected)),
        alerts: await browser.get<ToldAlert[]>(`${LIVE}/alerts`),
      }))
      expect(lasting(alerts), `at the ${start} start`).toEqual(lasting(toldBefore))
      const others = Object.entries(expected).filter(([path]) => !path.includes('/alerts'))
      // Sudden meant twice as much as within ten seconds; left as it was, it means what it means now.
      expect(differences(Object.fromEntries(others), answers)).toEqual([
        './api/settings.values.alerts.spikeFactor: 2 became 4',
      ])
      for (const { id } of toldBefore) {
        const path = `${LIVE}/alerts/${id}`
        const evidence = (answer: unknown): unknown => ({ ...(answer as object), alert: null, alsoThen: null })
        expect(differences(evidence(expected[path]), evidence(answers[path])), path).toEqual([])
      }
    }
  })

  test('tells after the upgrade what is beyond decisions and habits, and nothing that is within them', async () => {
    const home = newHome()
    const doings = [...routine(STOPPED_AT, AFTERWARDS_OVER), ...Object.values(AFTERWARDS).flat()]
    const capture = captureOf(doings)
    writeFileSync(join(home.folder, 'captures', 'home-afterwards.pcap'), capture)
    const later = await during(home, { start: AFTERWARDS_AT, rate: FAST }, async (browser, program) => {
      await hasRead(browser, capture)
      const handedOn = Math.ceil((program.now() + PERIOD_SECONDS) / PERIOD_SECONDS) * PERIOD_SECONDS
      await until('the last sums', () => Promise.resolve(program.now() > handedOn + 2 * FAST), 120_000)
      return browser.get<ToldAlert[]>(`${LIVE}/alerts`)
    })
    const known = new Set(toldBefore.map(({ id }) => id))
    // A capture that is read hours later is a source that has stopped.
    const told = later.filter(({ id, device }) => !known.has(id) && device !== null)
    const found = WORTH_TELLING.map(({ at, from: { mac } }) =>
      told.find(({ device, from, to }) => device === mac && to >= at && from < at + HOUR),
    )
    const sentences = told.map(({ message }) => message).join('\n')
    expect(told.map(describing).sort(), sentences).toEqual(
      found.map((alert) => (alert === undefined ? 'not told' : describing(alert))).sort(),
    )
    // Clips of the same hour belong to it.
    for (const [place, { bytes }] of WORTH_TELLING.entries())
      expect(Math.abs((found[place]?.bytes ?? 0) / bytes - 1), sentences).toBeLessThan(0.1)
    expect(found.map((alert) => alert?.company?.slug ?? null)).toEqual(['wyze', 'roborock', null, 'xiaomi', 'wyze'])
    expect(found[2]?.destinations.map(({ address }) => address)).toEqual([NAMELESS])
    const decided = lasting(later.filter(({ id }) => known.has(id)))
    expect(decided.map(({ id, kind, state, muted }) => [id, kind, state, muted])).toEqual(
      lasting(toldBefore).map(({ id, kind, state, muted }) => [id, kind, state, muted]),
    )
    // Nothing of it is lost at the next start.
    const afterwards = await during(home, at(AFTERWARDS_AT + HOUR), (browser) =>
      browser.get<ToldAlert[]>(`${LIVE}/alerts`),
    )
    // How long something has been silent goes on.
    const kept = (alerts: readonly ToldAlert[]): unknown[] =>
      alerts.map(({ id, kind, state, muted, bytes, destinations }) => ({ id, kind, state, muted, bytes, destinations }))
    expect(kept(afterwards)).toEqual(kept(later))
  })

  test('delivers what waited for each receiver, once over two starts', async () => {
    const home = newHome()
    const channels = JSON.parse(readFileSync(join(home.stateFolder, 'channels.json'), 'utf8')) as Queues
    const waited = waitingIn(channels)
    expect(waited).toHaveLength(4)
    const received: string[] = []
    const server = createServer((request, response) => {
      const pieces: Buffer[] = []
      request.on('data', (piece: Buffer) => pieces.push(piece))
      request.on('end', () => {
        received.push(receivedAs(request.url ?? '', Buffer.concat(pieces).toString()))
        response.end('{}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const settings = join(home.stateFolder, 'settings.json')
    writeFileSync(settings, readFileSync(settings, 'utf8').replaceAll('http://127.0.0.1:1', `http://127.0.0.1:${port}`))
    try {
      for (let starts = 0; starts < 2; starts++) await during(home, at(STOPPED_AT + LONGEST_PAUSE), hasDelivered)
    } finally {
      server.closeAllConnections()
      server.close()
    }
    expect(received.filter((one) => waited.includes(one)).sort()).toEqual(waited)
    // What is sent besides says how an upload ended that was told as it went on.
    const others = received.filter((one) => !waited.includes(one))
    expect(new Set(others).size).toBe(others.length)
    for (const one of others) expect(one).toMatch(/stopped after/i)
  })
})
