// An uploaded recording gives what analyze gives, device by device and company by company, and is deleted
// afterwards.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../../../server/analyze/analysis.ts'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import type { TrafficStatus, Overview, Replay } from '../../../server/api.ts'
import { spoolFolder } from '../../../server/replay/spool.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { routine, writeLog } from '../../support/log-home.ts'
import { bytesOf, realCaptures } from '../../support/real-captures.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, dnsAnswerA, PHONE, SERVER, tcpIn, tcpOut, tlsHello } from '../engine/lab.ts'

const rules = openRules(compiledRulesFolder())
const folder = mkdtempSync(join(tmpdir(), 'telltale-replay-'))
let home: TestHome
beforeAll(async () => {
  home = await startHome()
})
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Uploads a recording and plays it at the highest speed to its end. */
async function playToEnd(bytes: Uint8Array, name = 'recording.pcap'): Promise<Replay> {
  const { client } = home
  const { id } = await client.upload<Replay>(name, bytes)
  const facts = (): Promise<Replay> => client.get(`/api/replays/${id}`)
  await eventually(facts, ({ state }) => state === 'ready' || state === 'failed')
  await client.send('POST', `/api/replays/${id}/control`, { action: 'speed', speed: 'max' })
  await client.send('POST', `/api/replays/${id}/control`, { action: 'play' })
  return await eventually(facts, ({ state }) => state === 'ended' || state === 'failed')
}

async function overviewOf({ id }: Replay): Promise<Overview> {
  const { first, last } = await home.client.get<TrafficStatus>(`/api/traffic/${id}/status`)
  return await home.client.get(
    `/api/traffic/${id}/overview?from=${Math.floor(first ?? 0)}&to=${Math.ceil(last ?? 0) + 1}`,
  )
}

const sorted = (record: Record<string, number[]>): [string, number[]][] =>
  Object.entries(record)
    .filter(([, bytes]) => bytes.some((one) => one !== 0))
    .sort(([one], [other]) => (one < other ? -1 : 1))

function sumsOfAnalysis({ devices }: Analysis): { devices: [string, number[]][]; companies: [string, number[]][] } {
  const companies: Record<string, number[]> = {}
  for (const { company, sent, received } of devices.flatMap(({ endpoints }) => endpoints)) {
    const sum = (companies[company ?? ''] ??= [0, 0])
    sum[0] = sum[0] + sent
    sum[1] = sum[1] + received
  }
  return {
    devices: sorted(
      Object.fromEntries(
        devices.map(({ id, sent, received, sentLocal, receivedLocal }) => [
          id,
          [sent, received, sentLocal, receivedLocal],
        ]),
      ),
    ),
    companies: sorted(companies),
  }
}

function sumsOfOverview({ devices, companies }: Overview): ReturnType<typeof sumsOfAnalysis> {
  return {
    devices: sorted(
      Object.fromEntries(
        devices.map(({ id, sent, received, sentLocal, receivedLocal }) => [
          id,
          [sent, received, sentLocal, receivedLocal],
        ]),
      ),
    ),
    companies: sorted(Object.fromEntries(companies.map(({ slug, sent, received }) => [slug ?? '', [sent, received]]))),
  }
}

async function analysisOf(bytes: Uint8Array): Promise<Analysis> {
  const path = join(folder, 'analyzed.pcap')
  writeFileSync(path, bytes)
  return await analyzeFile(path, { rules })
}

const small = pcapFile({}, [
  { seconds: 1_700_000_000, bytes: arpFrom(CAMERA) },
  { seconds: 1_700_000_001, bytes: dnsAnswerA(CAMERA, 'api.amazonalexa.com', SERVER) },
  { seconds: 1_700_000_002, bytes: tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') }) },
  { seconds: 1_700_000_003, bytes: tcpIn(CAMERA, SERVER) },
  { seconds: 1_700_003_600, bytes: tcpOut(PHONE, SERVER) },
])

describe('a replayed recording', () => {
  test('adds up to what analyze says, and its cells to its totals', async () => {
    const replay = await playToEnd(small)
    const overview = await overviewOf(replay)
    expect(sumsOfOverview(overview)).toEqual(sumsOfAnalysis(await analysisOf(small)))
    expect(overview.cells.reduce((sum, [, , , sent]) => sum + sent, 0)).toBe(overview.sent)
    expect(overview.cells.reduce((sum, [, , , , received]) => sum + received, 0)).toBe(overview.received)
    await home.client.send('DELETE', `/api/replays/${replay.id}`)
  })

  test('is deleted from the spool when it is closed', async () => {
    const before = spooled()
    const { id } = await home.client.upload<Replay>('../../etc/passwd', small)
    expect(spooled()).toBe(before + 1)
    expect((await home.client.get<Replay>(`/api/replays/${id}`)).name).toBe('passwd')
    await home.client.send('DELETE', `/api/replays/${id}`)
    expect(spooled()).toBe(before)
  })

  test('never reaches the live history', async () => {
    const replay = await playToEnd(small)
    const { devices } = await home.client.get<Overview>(`/api/traffic/live/overview?from=1699999999&to=1700010000`)
    expect(devices.filter(({ sent, received }) => sent + received > 0)).toEqual([])
    await home.client.send('DELETE', `/api/replays/${replay.id}`)
  })
})

describe('a replayed log', () => {
  const START = Date.parse('2026-11-24T10:00:00Z') / 1000
  const asked = routine(START, START + 6 * 3_600)
  const log = (format: string): Buffer => {
    const path = join(folder, `${format}.log`)
    writeLog(format, path, asked)
    return readFileSync(path)
  }

  test.each(['unbound', 'bind', 'pihole-ftl'])('of %s shows every look-up by device, and no bytes', async (format) => {
    const replay = await playToEnd(log(format), `${format}.log`)
    expect(replay).toMatchObject({ state: 'ended', format: null, lookupsOnly: true, packetsTotal: asked.length })
    const overview = await overviewOf(replay)
    const counts = Object.fromEntries(overview.devices.map(({ addresses, lookups }) => [addresses[0], lookups]))
    const expected: Record<string, number> = {}
    for (const { client } of asked) expected[client] = (expected[client] ?? 0) + 1
    expect(counts).toEqual(expected)
    expect([overview.sent, overview.received]).toEqual([0, 0])
    expect((await home.client.get<TrafficStatus>(`/api/traffic/${replay.id}/status`)).lookupsOnly).toBe(true)
    await home.client.send('DELETE', `/api/replays/${replay.id}`)
  })

  test('gives the same when it is played once more', async () => {
    const replay = await playToEnd(log('unbound'), 'unbound.log')
    const once = await overviewOf(replay)
    await home.client.send('POST', `/api/replays/${replay.id}/control`, { action: 'seek', to: replay.first ?? 0 })
    await home.client.send('POST', `/api/replays/${replay.id}/control`, { action: 'play' })
    await eventually(
      () => home.client.get<Replay>(`/api/replays/${replay.id}`),
      ({ state, packets }) => state === 'ended' && packets === asked.length,
    )
    expect((await overviewOf(replay)).companies).toEqual(once.companies)
    await home.client.send('DELETE', `/api/replays/${replay.id}`)
  })

  test('that is none is refused with the sentence about captures', async () => {
    const { state, error } = await playToEnd(Buffer.from('Dear all,\nthis is no log.\n'), 'letter.txt')
    expect(state).toBe('failed')
    expect(error?.code).toBe('not-a-capture')
  })
})

const captures = realCaptures()
describe.skipIf(captures === null)('replayed real captures', () => {
  test('add up to what analyze says, to the byte', async () => {
    const chosen = (captures ?? [])
      .map((capture) => ({ capture, bytes: bytesOf(capture) }))
      .filter(({ bytes }) => bytes.length > 100_000 && bytes.length < 900_000)
      .filter((_, index) => index % 8 === 0)
    expect(chosen.length).toBeGreaterThan(5)
    for (const { capture, bytes } of chosen) {
      const replay = await playToEnd(bytes)
      if (replay.state === 'failed') continue
      expect({ path: capture.path, ...sumsOfOverview(await overviewOf(replay)) }).toEqual({
        path: capture.path,
        ...sumsOfAnalysis(await analysisOf(bytes)),
      })
      await home.client.send('DELETE', `/api/replays/${replay.id}`)
    }
  })
})

/** Recordings in the spool of this service. */
function spooled(): number {
  return readdirSync(spoolFolder(home.stateFolder)).length
}
