// An upload of the live home reaches the channels at its start, at ten times as much and at its end, with its total.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertRow, TrafficStatus } from '../../../server/api.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, ipLength, SERVER, tcpOut } from '../engine/lab.ts'
import { SmtpSink } from '../notify/smtp-sink.ts'

interface Post {
  id: string
  phase: string
  sequence: number
  bytes: number
  seconds: number
  destination: string | null
  text: string
}

const folder = mkdtempSync(join(tmpdir(), 'telltale-messages-'))
const captures = join(folder, 'captures')
/** An upload is over twenty seconds after its last packet. */
const PATIENCE_MS = 90_000
const TIMEOUT_MS = 3 * PATIENCE_MS
const PACKET = 1_400
const posts: Post[] = []
const mail = new SmtpSink()
const sink = createServer((request, response) => {
  let body = ''
  request.on('data', (piece: Buffer) => (body += piece.toString()))
  request.on('end', () => {
    posts.push(JSON.parse(body) as Post)
    response.writeHead(204).end()
  })
})
let home: TestHome
/** Sent by the camera so far, as IP counts it. */
let sent = 0

function capture(frames: readonly Uint8Array[]): void {
  const now = Date.now() / 1000
  const seconds = Math.floor(now)
  const nanos = Math.floor((now - seconds) * 1e6) * 1000
  appendFileSync(
    join(captures, 'home-1.pcap'),
    Buffer.concat(frames.map((bytes) => pcapRecord({ seconds, nanos, bytes }))),
  )
}

/** The camera sends so many packets each 50 ms to an address without a name, until it is so. */
async function uploadUntil(packets: number, isSo: () => boolean): Promise<void> {
  const frame = tcpOut(CAMERA, SERVER, { payload: new Uint8Array(PACKET) })
  const timer = setInterval(() => {
    capture(new Array<Uint8Array>(packets).fill(frame))
    sent += packets * ipLength(frame)
  }, 50)
  try {
    await eventually(async () => isSo(), Boolean, PATIENCE_MS)
  } finally {
    clearInterval(timer)
  }
}
/** "It was me" about the incident that is open; resolves once the clock of the home has gone on. */
async function decide(): Promise<void> {
  const alerts = await home.client.get<AlertRow[]>('/api/traffic/live/alerts')
  const { id } = alerts.find(({ state }) => state === 'open') as AlertRow
  const now = async (): Promise<number> => (await home.client.get<TrafficStatus>('/api/traffic/live/status')).now
  const before = await now()
  await home.client.send('POST', `/api/alerts/${id}/decision`, { decision: 'it-was-me' })
  // An upload that begins in the second of the decision is part of what was decided.
  await eventually(now, (second) => second > before + 3)
}
const open = async (): Promise<void> => {
  home = await startHome({ stateFolder: join(folder, 'state'), sources: [planOfArgument(`folder:${captures}`)] })
}

beforeAll(async () => {
  mkdirSync(captures)
  writeFileSync(join(captures, 'home-1.pcap'), pcapHeader({}))
  await new Promise<void>((done) => sink.listen(0, '127.0.0.1', done))
  const port = await mail.listen()
  await open()
  await home.client.send('PATCH', '/api/settings', {
    alerts: { newDevice: false, newCompany: false, unencrypted: false, flood: false },
    webhook: { url: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`, privateAddresses: true },
    email: { host: '127.0.0.1', port, to: 'me@home.example', plain: true, privateAddresses: true },
  })
})
afterAll(async () => {
  await home.close()
  await mail.close()
  sink.closeAllConnections()
  sink.close()
  rmSync(folder, { recursive: true, force: true })
})

test(
  'start, growth and end have one id, and the total of the end is what was sent',
  { timeout: TIMEOUT_MS },
  async () => {
    capture([arpFrom(CAMERA)])
    await uploadUntil(50, () => posts.length > 0)
    const [start] = posts as [Post]
    expect(start).toMatchObject({ phase: 'start', sequence: 1, destination: SERVER })
    expect(start.text.split('\n')[0]).toMatch(/ has been sending to 203\.0\.113\.5 for \d+ s, [\d.]+ MB so far$/)
    await uploadUntil(500, () => posts.length > 1)
    await eventually(
      async () => posts.length,
      (count) => count > 2,
      PATIENCE_MS,
    )
    expect(posts.map(({ phase, sequence }) => [phase, sequence])).toEqual([
      ['start', 1],
      ['growth', 2],
      ['end', 3],
    ])
    expect(new Set(posts.map(({ id }) => id)).size).toBe(1)
    const end = posts.at(-1) as Post
    expect(end.text.split('\n')[0]).toMatch(/ stopped after \d+ s: [\d.]+ MB to 203\.0\.113\.5$/)
    expect(Math.abs(end.bytes / sent - 1)).toBeLessThan(0.01)
    // A mail cannot be replaced: its growth waits for a minute, and the end came first.
    await eventually(
      async () => mail.mails.length,
      (count) => count > 1,
      PATIENCE_MS,
    )
    expect(mail.mails.map((text) => /so far|stopped after/.exec(text)?.[0])).toEqual(['so far', 'stopped after'])
  },
)

test('what comes after "it was me" is another incident with a total of its own', { timeout: TIMEOUT_MS }, async () => {
  await decide()
  sent = 0
  await uploadUntil(100, () => posts.length > 3)
  await eventually(
    async () => posts.at(-1)?.phase,
    (phase) => phase === 'end',
    PATIENCE_MS,
  )
  const [, , , first] = posts
  expect(first?.id).not.toBe(posts[0]?.id)
  expect(posts.slice(3).every(({ id }) => id === first?.id)).toBe(true)
  expect(Math.abs((posts.at(-1)?.bytes ?? 0) / sent - 1)).toBeLessThan(0.01)
})

test(
  'an incident that goes on while Telltale is started again is told to be over once',
  { timeout: TIMEOUT_MS },
  async () => {
    const before = posts.length
    await decide()
    await uploadUntil(100, () => posts.length > before)
    await home.close()
    await open()
    await eventually(
      async () => posts.at(-1)?.phase,
      (phase) => phase === 'end',
      PATIENCE_MS,
    )
    expect(posts.slice(before).map(({ phase }) => phase)).toEqual(['start', 'end'])
  },
)
