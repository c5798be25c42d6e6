// Captures with impossible clocks, through every kind of source: every packet counts, and the page answers.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import type { HourGrid, Overview, Replay, Series, TrafficStatus } from '../../../server/api.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { impossibleClocks, PACKETS } from '../../support/impossible-clocks.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'
import { type Client, eventually, logIn, startHome, type TestHome } from '../../support/running.ts'
import { CAMERA, ipLength, SERVER, tcpOut } from '../engine/lab.ts'

const frame = tcpOut(CAMERA, SERVER)
const CLOCKS = impossibleClocks(frame)
const SENT = PACKETS * ipLength(frame)
const folder = mkdtempSync(join(tmpdir(), 'telltale-times-'))
const captures = join(folder, 'captures')
let home: TestHome

/** Captures of the red team: a time beyond Date, and one that stopped the engine. */
const hostile = realDataFolder() === null ? '' : join(realDataFolder() as string, 'hostile')
const HOSTILE = ['ts-beyond-Date.pcapng', 'crash-101-8375.pcap'].filter((name) => existsSync(join(hostile, name)))
if (HOSTILE.length === 0) console.log(`skipped: ${NO_REAL_DATA}`)

beforeAll(async () => {
  mkdirSync(captures)
  home = await startHome({ stateFolder: join(folder, 'state'), sources: [planOfArgument(`folder:${captures}`)] })
})
afterEach(async () => {
  for (const { id } of await home.client.get<Replay[]>('/api/replays'))
    await home.client.send('DELETE', `/api/replays/${id}`)
})
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

const sentOf = ({ devices }: Overview): number => devices.find(({ id }) => id === CAMERA.mac)?.sent ?? 0
const sentIn = async (client: Client, scope: string): Promise<number> =>
  sentOf(await client.get(`/api/traffic/${scope}/overview?from=0&to=${2 ** 32}`))

describe('analyze', () => {
  const rules = openRules(compiledRulesFolder())

  test.each(CLOCKS)('counts every packet: $name', async ({ bytes }) => {
    const path = join(folder, 'analyzed')
    writeFileSync(path, bytes)
    const { capture, devices } = await analyzeFile(path, { rules })
    expect([capture.packets, capture.ipPackets, capture.ipBytes]).toEqual([PACKETS, PACKETS, SENT])
    expect(devices.find(({ id }) => id === CAMERA.mac)?.sent).toBe(SENT)
    for (const time of [capture.first, capture.last]) expect(time).toMatch(/^(?:19[7-9]|20|21)\d+-/)
  })

  test.skipIf(HOSTILE.length === 0).each(HOSTILE)('reads %s', async (name) => {
    const { capture } = await analyzeFile(join(hostile, name), { rules })
    expect(capture.ipPackets).toBeGreaterThan(2)
    expect(capture.problems.some(({ message }) => message.includes('impossible time'))).toBe(true)
  })
})

/** Plays to the end; resolves with what it says then. */
async function played(name: string, bytes: Uint8Array): Promise<Replay> {
  const { id } = await home.client.upload<Replay>(name, bytes)
  const replay = (): Promise<Replay> => home.client.get(`/api/replays/${id}`)
  await eventually(replay, ({ state }) => state === 'ready' || state === 'failed')
  await home.client.send('POST', `/api/replays/${id}/control`, { action: 'speed', speed: 'max' })
  await home.client.send('POST', `/api/replays/${id}/control`, { action: 'play' })
  return await eventually(replay, ({ state }) => state === 'ended' || state === 'failed')
}

describe('a replay', () => {
  test.each(CLOCKS)('counts every packet, and its pages answer: $name', async ({ name, bytes }) => {
    const { id, state, packets, first, last } = await played(`${name}.pcap`, bytes)
    expect([state, packets]).toEqual(['ended', PACKETS])
    const scope = `/api/traffic/${id}`
    const range = `from=${Math.floor(first ?? 0)}&to=${Math.floor(last ?? 0) + 1}`
    expect(sentOf(await home.client.get(`${scope}/overview?${range}`))).toBe(SENT)
    const { sent } = await home.client.get<Series>(`${scope}/series?${range}`)
    expect(sent.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(SENT)
    const device = `${scope}/devices/${encodeURIComponent(CAMERA.mac)}`
    expect((await home.client.get<HourGrid>(`${device}/grid`)).days).toHaveLength(7)
    await home.client.get(`${scope}/totals?period=month`)
    await home.client.get(`${scope}/alerts`)
  })

  test.skipIf(HOSTILE.length === 0).each(HOSTILE)('plays %s to its end', async (name) => {
    const { state, problems } = await played(name, readFileSync(join(hostile, name)))
    expect(state).toBe('ended')
    expect(problems.some(({ message }) => message.includes('impossible time'))).toBe(true)
  })
})

describe('a live home', () => {
  test('counts every packet of captures in a folder, and says what is wrong with their times', async () => {
    for (const place of CLOCKS.keys()) {
      // The same packet at the same time would be a copy.
      const { bytes } = impossibleClocks(tcpOut(CAMERA, SERVER, { sequence: 1_000 * place }))[place]
      writeFileSync(join(captures, `home-${place}.pcap`), bytes)
      await eventually(
        () => home.client.get<TrafficStatus>('/api/traffic/live/status'),
        ({ sources: [source] }) => source?.packets === (place + 1) * PACKETS,
      )
    }
    await eventually(
      () => sentIn(home.client, 'live'),
      (sent) => sent === CLOCKS.length * SENT,
    )
    const { sources, now } = await home.client.get<TrafficStatus>('/api/traffic/live/status')
    expect(sources[0]?.problem).toMatch(/packets? ha(?:s|ve) an impossible time/)
    // Nothing is to come: what the machine's clock rules out counts no later than now.
    const ahead = `from=${Math.floor(now) + 86_400 * 2}&to=${2 ** 32}`
    expect(sentOf(await home.client.get<Overview>(`/api/traffic/live/overview?${ahead}`))).toBe(0)
  }, 120_000)

  test.skipIf(HOSTILE.length === 0)('goes on behind the captures of the red team', async () => {
    const before = await sentIn(home.client, 'live')
    for (const name of HOSTILE) writeFileSync(join(captures, name), readFileSync(join(hostile, name)))
    writeFileSync(join(captures, 'z.pcap'), CLOCKS.at(-2)?.bytes as Uint8Array)
    await eventually(
      () => sentIn(home.client, 'live'),
      (sent) => sent === before + SENT,
    )
    const { sources } = await home.client.get<TrafficStatus>('/api/traffic/live/status')
    expect(sources[0]?.problem ?? '').not.toMatch(/engine/)
  })

  test('counts every packet on standard input', async () => {
    const cli = join(import.meta.dirname, '../../../dist/cli.js')
    const options = ['serve', '--port', '0', '--state', join(folder, 'stdin-state'), '--source', '-']
    const service = spawn(process.execPath, [cli, ...options], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = new Promise((resolve) => service.on('exit', resolve))
    try {
      const url = await new Promise<string>((resolve) => {
        let said = ''
        service.stdout.on('data', (piece: Buffer) => {
          said += piece.toString()
          const found = /http:\/\/localhost:\d+\/\S*/.exec(said)?.[0]
          if (found !== undefined) resolve(found)
        })
      })
      const client = await logIn({ url, port: Number(new URL(url).port) })
      service.stdin.end(CLOCKS.find(({ name }) => name === 'alternately possible and not')?.bytes)
      await eventually(
        () => sentIn(client, 'live'),
        (sent) => sent === SENT,
      )
    } finally {
      service.kill('SIGTERM')
      await ended
    }
  })
})
