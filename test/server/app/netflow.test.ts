// Flow records through the whole product: bytes in their seconds, names of the DNS log beside them, gaps, and Forget.
import { createSocket, type Socket } from 'node:dgram'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Overview, SourceStatus, TrafficStatus } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import {
  address,
  dataSet,
  DEVICE,
  FAR,
  field,
  type Field,
  flowFields,
  ipfix,
  templateSet,
  v5,
} from '../../support/flow-exports.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-netflow-'))
const log = join(folder, 'queries.log')
let exporter: Socket
let home: TestHome
let port = 0
let sequence = 0
const clock = (): number => Math.floor(Date.now() / 1000)

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port: found } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return found
}

beforeAll(async () => {
  exporter = createSocket('udp4')
  await new Promise<void>((resolve) => exporter.bind(0, '127.0.0.1', resolve))
  port = await freePort()
  writeFileSync(log, '')
  const sources = [planOfArgument(`netflow:${port}`), planOfArgument(`dns:zeek:${log}`)]
  home = await startHome({ stateFolder: join(folder, 'state'), sources })
  await eventually(status, (source) => source?.state === 'starting')
}, 60_000)
afterAll(async () => {
  await home?.close()
  exporter.close()
  rmSync(folder, { recursive: true, force: true })
})

const status = async (): Promise<SourceStatus | undefined> =>
  (await home.client.get<TrafficStatus>('/api/traffic/live/status')).sources.find(({ kind }) => kind === 'netflow')
const send = (bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => exporter.send(bytes, port, '127.0.0.1', () => resolve()))
const overview = (from: number): Promise<Overview> =>
  home.client.get<Overview>(`/api/traffic/live/overview?from=${from}&to=${clock() + 60}`)

/** A flow of the last `seconds` up to now, by absolute times. */
const flow = (seconds: number, bytes: number, more: Field[] = []): Field[] => {
  const now = Date.now()
  const span = [field(152, now - seconds * 1000, 8), field(153, now, 8)]
  return flowFields([...span, field(1, bytes, 8), field(2, Math.ceil(bytes / 1000), 4), ...more])
}
const message = (fields: Field[]): Uint8Array =>
  ipfix([templateSet(300, fields), dataSet(300, fields)], { exported: clock(), sequence: sequence++ })
const from = (device: string): Field => ({ id: 8, bytes: address(device) })

test('flow records are spread over the seconds of their flow, to the byte, and their source says how late they are', async () => {
  const began = clock()
  await send(message(flow(40, 4_000_000)))
  const shown = await eventually(
    () => overview(began - 120),
    ({ sent }) => sent === 4_000_000,
  )
  expect(shown.devices.map(({ id, sent }) => [id, sent])).toEqual([[DEVICE, 4_000_000]])
  const [{ sparkline = [] } = {}] = shown.devices
  // Six seconds a piece.
  expect(sparkline.filter((sent) => sent > 0).length).toBeGreaterThanOrEqual(7)
  const { state, packets, problem, note, countsLookups } = (await status()) ?? {}
  expect({ state, packets, problem, countsLookups }).toEqual({ state: 'running', packets: 1, problem: null })
  expect(note).toMatch(/^Bytes appear up to 4\d s late: a flow that goes on is sent every 4\d s\./)
})

test('a flow has the name that its device had looked up before it began', async () => {
  const now = clock()
  const device = '192.168.7.21'
  const answer = (at: number, query: string): string =>
    `${JSON.stringify({ ts: at, 'id.orig_h': device, query, qtype_name: 'A', rcode_name: 'NOERROR', answers: [FAR] })}\n`
  appendFileSync(log, answer(now - 50, 'cam.wyze.com') + answer(now - 10, 'www.wikipedia.org'))
  const asked = async (): Promise<number> =>
    (await home.client.get<TrafficStatus>('/api/traffic/live/status')).sources.find((one) => one.countsLookups === true)
      ?.packets ?? 0
  await eventually(asked, (count) => count === 2)
  await send(message(flow(30, 70_000, [from(device)])))
  const shown = await eventually(
    () => overview(now - 120),
    ({ companies }) => companies.some(({ sent }) => sent === 70_000),
  )
  expect(shown.companies.find(({ sent }) => sent === 70_000)?.slug).toBe('wyze')
})

test('what was lost, sampled and impossible is said', async () => {
  await send(
    v5([{ source: '192.168.7.22', octets: 9_000, packets: 9 }], { exported: clock(), sequence: 0, sampling: 100 }),
  )
  await send(v5([{ octets: 4_294_967_290, packets: 2 }], { exported: clock(), sequence: 41, sampling: 100 }))
  const said = await eventually(status, (source) => source?.dropped === 40)
  expect(said?.problem).toContain('Not counted: 1 flow with more bytes than its packets or its time can hold.')
  expect(said?.problem).toContain('Lost on the way, by the exporters’ numbering: 40 records of 127.0.0.1.')
  expect(said?.note).toContain('It looks at 1 of 100 packets')
})

test('a device that is forgotten leaves no trace of its flows', async () => {
  const id = '02:ca:fe:00:00:01'
  const device = '192.168.7.99'
  const far = '203.0.113.77'
  const ends = [from(device), { id: 12, bytes: address(far) }, { id: 56, bytes: [2, 0xca, 0xfe, 0, 0, 1] }]
  await send(message(flow(5, 70_000, ends)))
  const isThere = ({ devices }: Overview): boolean => devices.some((one) => one.id === id && one.sent === 70_000)
  await eventually(() => overview(clock() - 120), isThere)
  await home.client.send('POST', `/api/devices/${id}/forget`, { ignore: false })
  await eventually(
    () => overview(clock() - 120),
    (now) => !isThere(now),
  )
  await home.close()
  for (const file of readdirSync(home.stateFolder, { recursive: true, withFileTypes: true })) {
    const bytes = file.isFile() ? readFileSync(join(file.parentPath, file.name), 'latin1') : ''
    for (const trace of [id, device, far]) expect([file.name, bytes.includes(trace)]).toEqual([file.name, false])
  }
})
