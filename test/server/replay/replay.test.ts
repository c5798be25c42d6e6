// An uploaded recording gives what analyze gives, device by device and company by company, and is deleted
// afterwards.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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
async function playToEnd(bytes: Uint8Array): Promise<Replay> {
  const { client } = home
  const { id } = await client.upload<Replay>('recording.pcap', bytes)
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
