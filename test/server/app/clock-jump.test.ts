// A recording whose clock jumped by decades while it ran: it opens, says so, and every route answers in bounded length.
import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DevicePage, HourGrid, Overview, Replay, Series, TrafficStatus } from '../../../server/api.ts'
import { pcapFile } from '../../../server/sample/packets/pcap-writer.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { CAMERA, ipLength, SERVER, tcpOut } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-jump-'))
const frame = tcpOut(CAMERA, SERVER)
const real = realDataFolder()
const REAL = join(real ?? '', 'cases/25-clock-1970-all/clock-1970.pcap')
if (real === null) console.log(`skipped: ${NO_REAL_DATA}`)
let home: TestHome

beforeAll(async () => {
  home = await startHome({ stateFolder: join(folder, 'state') })
})
afterAll(async () => {
  await home.close()
  rmSync(folder, { recursive: true, force: true })
})

async function played(bytes: Uint8Array): Promise<Replay> {
  const { id } = await home.client.upload<Replay>('clock.pcap', bytes)
  const replay = (): Promise<Replay> => home.client.get(`/api/replays/${id}`)
  const ready = await eventually(replay, ({ state }) => state === 'ready' || state === 'failed')
  expect(ready.problems[0]?.message).toMatch(/^the clock of the capture jumped/)
  await home.client.send('POST', `/api/replays/${id}/control`, { action: 'speed', speed: 'max' })
  await home.client.send('POST', `/api/replays/${id}/control`, { action: 'play' })
  return await eventually(replay, ({ state }) => state === 'ended' || state === 'failed')
}

const at = (...seconds: number[]): Uint8Array =>
  pcapFile(
    {},
    seconds.map((second) => ({ seconds: second, nanos: 0, bytes: frame })),
  )

interface Jump {
  name: string
  bytes: Uint8Array
  sent: number
  stretches: { from: number; to: number }[]
}

const JUMPS: Jump[] = [
  {
    name: 'from 1970 on',
    bytes: at(0, 1, 2, 1_795_946_400, 1_795_946_401),
    sent: 5 * ipLength(frame),
    stretches: [
      { from: 0, to: 2 },
      { from: 1_795_946_400, to: 1_795_946_401 },
    ],
  },
  {
    name: 'by three years and a day',
    bytes: at(1_700_000_000, 1_700_000_001, 1_700_000_000 + 3 * 366 * 86_400),
    sent: 3 * ipLength(frame),
    stretches: [
      { from: 1_700_000_000, to: 1_700_000_001 },
      { from: 1_794_867_200, to: 1_794_867_200 },
    ],
  },
  {
    name: 'as far as a capture can say, and back',
    bytes: at(1_795_946_400, 4_294_967_290, 1_795_946_402),
    sent: 3 * ipLength(frame),
    stretches: [
      { from: 1_795_946_400, to: 1_795_946_400 },
      { from: 4_294_967_290, to: 4_294_967_290 },
      { from: 1_795_946_402, to: 1_795_946_402 },
    ],
  },
]

const REAL_JUMP: Jump[] =
  real === null
    ? []
    : [
        {
          name: 'of a real file',
          bytes: readFileSync(REAL),
          sent: 29_010,
          stretches: [
            { from: 20, to: 24 },
            { from: 1_795_946_400, to: 1_795_946_400 },
          ],
        },
      ]

/** Steps of a chart, at most. */
const MOST_STEPS = 5_001

describe('a clock that jumped', () => {
  test.each([...JUMPS, ...REAL_JUMP])('$name: all pages answer', async ({ bytes, sent, stretches }) => {
    const { id, state, first, last, stretches: found, problems } = await played(bytes)
    expect([state, found]).toEqual(['ended', stretches])
    expect(problems[0]?.message).toMatch(/^the clock of the capture jumped/)
    const scope = `/api/traffic/${id}`
    const span = { from: Math.floor(first ?? 0), to: Math.floor(last ?? 0) + 1 }
    const range = `from=${span.from}&to=${span.to}`
    const all = await home.client.get<Overview>(`${scope}/overview?${range}`)
    expect(all.sent).toBe(sent)
    const parts = await Promise.all(
      stretches.map(({ from, to }) => home.client.get<Overview>(`${scope}/overview?from=${from}&to=${to + 1}`)),
    )
    expect(parts.reduce((sum, part) => sum + part.sent, 0)).toBe(sent)
    const device = `${scope}/devices/${encodeURIComponent(all.devices[0]?.id ?? '')}`
    const page = await home.client.get<DevicePage>(`${device}?${range}`)
    expect(page.device.sent).toBe(sent)
    for (const step of ['', '&step=1', '&step=60', '&step=86400']) {
      const series = await home.client.get<Series>(`${scope}/series?${range}${step}`)
      expect(series.sent.length).toBeLessThanOrEqual(MOST_STEPS)
      expect(series.sent.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(sent)
    }
    expect((await home.client.get<HourGrid>(`${device}/grid`)).days).toHaveLength(7)
    expect(await home.client.get<TrafficStatus>(`${scope}/status`)).toMatchObject({ scope: id })
    for (const path of [
      `companies/-?${range}`,
      `device-rows?${range}`,
      'totals?period=day',
      'totals?period=month',
      'alerts',
      `events?${range}`,
    ])
      await home.client.get(`${scope}/${path}`)
    await home.client.send('DELETE', `/api/replays/${id}`)
  })
})
