// Alerts of a real home reach its channels once, keep their evidence, and outlive a restart with the decisions on
// them.
import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  AlertPage,
  AlertRow,
  ChannelTest,
  EventCounts,
  EventPage,
  EventRow,
  Receipt,
  SettingsPage,
} from '../../../server/api.ts'
import { SECRET_IS_SET } from '../../../server/settings/settings.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, dnsAnswerA, OTHER_SERVER, PHONE, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-alerts-'))
const captures = join(folder, 'captures')
const stateFolder = join(folder, 'state')
const SECRET = 'between the two of us'
/** Clear of midnight's edge effects and in the past: a folder's packets are read at once. */
const START = Math.floor(Date.now() / 1000) - 3_600

const ONLY_QUIET_HOURS = Object.fromEntries(
  [
    'uploadSpike',
    'largeUpload',
    'newDevice',
    'newCompany',
    'voiceBusy',
    'cameraAway',
    'aroundYourDns',
    'unencrypted',
    'silent',
    'sourceStopped',
    'flood',
    'addressConflict',
  ].map((kind) => [kind, false]),
)

const pages = `/api/traffic/live/events/page?from=${START - 10}&to=${START + 400}`
/** A day around it, whole days of the zone. */
const countsOfDay = `/api/traffic/live/counts?from=${START - 86_400}&to=${START + 86_400}`

let home: TestHome
let sink: Server
const heard: { body: string; signature: string; timestamp: string }[] = []

async function open(): Promise<void> {
  home = await startHome({ stateFolder, sources: [planOfArgument(`folder:${captures}`)] })
}
const alertsNow = (): Promise<AlertRow[]> => home.client.get('/api/traffic/live/alerts')
const found = (traces: string[]): string[] =>
  readdirSync(stateFolder).flatMap((name) =>
    traces.filter((trace) => readFileSync(join(stateFolder, name)).includes(trace)).map((trace) => `${name}: ${trace}`),
  )

/** A camera that sends a company 1.2 MB every second for a minute. */
function upload(): Uint8Array {
  const records: Uint8Array[] = [pcapHeader({})]
  const put = (seconds: number, bytes: Uint8Array): void => {
    records.push(pcapRecord({ seconds, nanos: 1000, bytes }))
  }
  for (const bytes of [
    arpFrom(CAMERA),
    dnsAnswerA(CAMERA, 'clips.wyze.com', SERVER),
    tcpOut(CAMERA, SERVER, { payload: tlsHello('clips.wyze.com') }),
    arpFrom(PHONE),
    tcpOut(PHONE, OTHER_SERVER),
  ])
    put(START, bytes)
  const payload = new Uint8Array(1_400)
  for (let second = 1; second <= 60; second++)
    for (let packet = 0; packet < 40; packet++) put(START + second, tcpOut(CAMERA, SERVER, { payload }))
  put(START + 300, tcpOut(PHONE, OTHER_SERVER))
  return Buffer.concat(records)
}

beforeAll(async () => {
  sink = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      heard.push({
        body,
        signature: String(request.headers['x-telltale-signature']),
        timestamp: String(request.headers['x-telltale-timestamp']),
      })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  mkdirSync(captures, { recursive: true })
  await open()
})
afterAll(async () => {
  await home.close()
  sink.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('alerts of a real home', () => {
  test('are reported to no machine at home unless the owner says so, and a secret is never shown again', async () => {
    const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`
    const page = await home.client.send<SettingsPage>('PATCH', '/api/settings', {
      home: { learningDays: 0 },
      alerts: { ...ONLY_QUIET_HOURS, quietHours: ['00:00-24:00'], quietFloorMegabytes: 1 },
      webhook: { url, secret: SECRET },
    })
    expect(page.values['webhook']).toMatchObject({ url: SECRET_IS_SET, secret: SECRET_IS_SET })
    expect(JSON.stringify(await home.client.get('/api/settings'))).not.toContain(SECRET)
    const refused = await home.client.send<ChannelTest>('POST', '/api/channels/webhook/test')
    expect(refused.delivered).toBe(false)
    expect(refused.reason).toContain('home network')
    await home.client.send('PATCH', '/api/settings', { webhook: { privateAddresses: true, secret: SECRET_IS_SET } })
    expect(await home.client.send<ChannelTest>('POST', '/api/channels/webhook/test')).toEqual({
      delivered: true,
      reason: null,
    })
    expect(heard.length).toBe(1)
  })

  test('come with their minutes and reach the channel once, signed', async () => {
    writeFileSync(join(captures, 'home-1.pcap'), upload())
    const [alert] = await eventually(alertsNow, (alerts) => alerts.some(({ kind }) => kind === 'new-destination'))
    expect([alert?.kind, alert?.device, alert?.state]).toEqual(['new-destination', CAMERA.mac, 'open'])
    const page = await eventually(
      () => home.client.get<AlertPage>(`/api/traffic/live/alerts/${alert?.id}`),
      ({ series }) => series.sent.some((sent) => (sent ?? 0) > 1e6),
    )
    expect(page.series.step).toBe(60)
    expect(page.answers.hosts.map(({ host }) => host)).toContain('clips.wyze.com')
    expect(page.alert.destinations).toEqual([
      { company: page.alert.company, host: 'clips.wyze.com', address: SERVER, bytes: page.alert.bytes },
    ])
    expect(page.alert.company).toMatchObject({ slug: 'wyze', name: 'Wyze' })
    const reported = await eventually(
      async () => heard.slice(1),
      (notifications) => notifications.length > 0,
    )
    const { body, signature, timestamp } = reported[0]
    expect(signature).toBe(`sha256=${createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex')}`)
    expect(JSON.parse(body)).toMatchObject({ alert: { kind: 'new-destination', device: CAMERA.mac } })
  })

  test('and what was decided are the same after a restart, and nothing is reported twice', async () => {
    const [alert] = (await alertsNow()) as [AlertRow]
    const before = heard.length
    await home.client.send('POST', `/api/alerts/${alert.id}/decision`, { decision: 'expected' })
    await home.client.send('POST', `/api/alerts/${alert.id}/mute`, { on: true })
    await eventually(alertsNow, ([one]) => one?.state === 'expected' && one.muted)
    const events = await home.client.get<EventRow[]>(`/api/traffic/live/events?from=${START - 10}&to=${START + 400}`)
    const page = await home.client.get<EventPage>(`${pages}&limit=1`)
    expect(page.total).toBe(events.length)
    expect(page.events.map(({ id, message }) => [id, message])).toEqual(
      events.slice(-1).map((one) => [one.id, one.message]),
    )
    const counts = await home.client.get<EventCounts>(countsOfDay)
    expect(counts.counts.reduce((sum, { sure, possible }) => sum + sure + possible, 0)).toBe(events.length)
    expect(counts.counts.reduce((sum, { sent }) => sum + sent, 0)).toBe(events.reduce((sum, { sent }) => sum + sent, 0))
    expect(counts.days.length).toBeGreaterThan(0)
    await home.close()
    await open()
    expect((await home.client.get<EventPage>(pages)).events.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    expect((await home.client.get<EventCounts>(countsOfDay)).counts).toEqual(counts.counts)
    const [again] = await eventually(alertsNow, (alerts) => alerts.length > 0)
    expect([again?.id, again?.state, again?.muted]).toEqual([alert.id, 'expected', true])
    expect(
      (await home.client.get<AlertPage>(`/api/traffic/live/alerts/${alert.id}`)).series.sent.some(
        (sent) => (sent ?? 0) > 1e6,
      ),
    ).toBe(true)
    const kept = await home.client.get<EventRow[]>(`/api/traffic/live/events?from=${START - 10}&to=${START + 400}`)
    expect(kept.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    expect(heard.length).toBe(before)
  })

  test('say nothing of a device of which only totals are kept', async () => {
    await home.client.send('PATCH', `/api/devices/${encodeURIComponent(PHONE.mac)}`, { level: 'totals' })
    expect(
      await home.client.get<EventRow[]>(
        `/api/traffic/live/events?from=${START - 10}&to=${START + 400}&device=${encodeURIComponent(PHONE.mac)}`,
      ),
    ).toEqual([])
    const { counts } = await home.client.get<EventCounts>(countsOfDay)
    expect(counts.filter(({ device }) => device === PHONE.mac)).toEqual([])
  })

  test('go with a forgotten device, from every file', async () => {
    const traces = [CAMERA.mac, 'clips.wyze.com']
    expect(found(traces).some((trace) => trace.startsWith('alerts.json'))).toBe(true)
    await home.client.send<Receipt>('POST', `/api/devices/${encodeURIComponent(CAMERA.mac)}/forget`, { ignore: true })
    expect((await alertsNow()).filter(({ device }) => device === CAMERA.mac)).toEqual([])
    expect(found(traces)).toEqual([])
    expect((await home.client.get<EventPage>(pages)).events.filter(({ device }) => device === CAMERA.mac)).toEqual([])
    await home.close()
    expect(found(traces)).toEqual([])
    await open()
  })
})
