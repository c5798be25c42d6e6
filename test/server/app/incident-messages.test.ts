// An upload of the live home reaches the channels at its start, at ten times as much and at its end, with its total.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { AlertRow, TrafficStatus } from '../../../server/api.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { isBuilt, NOT_BUILT } from '../../e2e/real-server.ts'
import { eventually, PASSWORD } from '../../support/running.ts'
import { Browser, Program } from '../../upgrade/program.ts'
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

const CLI = join(import.meta.dirname, '../../../dist/cli.js')
/** Seconds that pass in one where the clock is fast: an upload is over twenty seconds after its last packet. */
const FAST = 3
const PATIENCE_MS = 90_000
const TIMEOUT_MS = 3 * PATIENCE_MS
/** As segmentation offload hands a packet to a capture, which keeps the beginning. */
const PACKET = 60_000
const KEPT_BYTES = 66
/** Behind Ethernet, IPv4 and the ports. */
const SEQUENCE_AT = 38
/** Bytes a second. */
const QUIET = 1_400_000
const LOUD = 10 * QUIET
const BETWEEN = 2 * QUIET

/** A home whose camera uploads, with a webhook and a mailbox. */
class UploadingHome {
  readonly posts: Post[] = []
  readonly mail = new SmtpSink()
  /** Sent by the camera so far, as IP counts it. */
  sent = 0
  private readonly folder = mkdtempSync(join(tmpdir(), 'telltale-messages-'))
  private readonly captures = join(this.folder, 'captures')
  private readonly rate: number
  private readonly sink = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () => {
      this.posts.push(JSON.parse(body) as Post)
      response.writeHead(204).end()
    })
  })
  private program: Program | null = null
  private sequence = 0
  private owner = new Browser('')

  constructor(rate: number) {
    this.rate = rate
  }

  async open(): Promise<void> {
    mkdirSync(this.captures)
    writeFileSync(join(this.captures, 'home-1.pcap'), pcapHeader({}))
    await new Promise<void>((done) => this.sink.listen(0, '127.0.0.1', done))
    const port = await this.mail.listen()
    await this.start(Math.floor(Date.now() / 1000))
    await this.owner.send('PATCH', '/api/settings', {
      alerts: { newDevice: false, newCompany: false, unencrypted: false, flood: false },
      webhook: { url: `http://127.0.0.1:${(this.sink.address() as AddressInfo).port}/hook`, privateAddresses: true },
      email: { host: '127.0.0.1', port, to: 'me@home.example', plain: true, privateAddresses: true },
    })
    this.capture([arpFrom(CAMERA)])
  }

  async close(): Promise<void> {
    await this.program?.stop()
    await this.mail.close()
    this.sink.closeAllConnections()
    this.sink.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** The clock goes on. */
  async restart(): Promise<void> {
    await this.program?.stop()
    await this.start(this.now())
  }

  /** The camera sends so many bytes a second to an address without a name, until it is so. */
  async uploadUntil(bytes: number, isSo: () => boolean): Promise<void> {
    const frame = tcpOut(CAMERA, SERVER, { payload: new Uint8Array(PACKET) })
    const begun = this.now()
    let count = 0
    const timer = setInterval(() => {
      const frames = new Array<Uint8Array>(Math.ceil(((this.now() - begun) * bytes) / PACKET) - count).fill(frame)
      this.capture(frames)
      count += frames.length
      this.sent += frames.length * ipLength(frame)
    }, 50)
    try {
      await eventually(async () => isSo(), Boolean, PATIENCE_MS)
    } finally {
      clearInterval(timer)
    }
  }

  /** Resolves once the last post is about an end. */
  async isOver(): Promise<void> {
    await eventually(
      async () => this.posts.at(-1)?.phase,
      (phase) => phase === 'end',
      PATIENCE_MS,
    )
  }

  /** "It was me" about the incident that is open; resolves once the clock of the home has gone on. */
  async decide(): Promise<void> {
    const alerts = await this.owner.get<AlertRow[]>('/api/traffic/live/alerts')
    const { id } = alerts.find(({ state }) => state === 'open') as AlertRow
    const now = async (): Promise<number> => (await this.owner.get<TrafficStatus>('/api/traffic/live/status')).now
    const before = await now()
    await this.owner.send('POST', `/api/alerts/${id}/decision`, { decision: 'it-was-me' })
    // An upload that begins in the second of the decision is part of what was decided.
    await eventually(now, (second) => second > before + 3)
  }

  private now(): number {
    return this.program?.now() ?? Date.now() / 1000
  }

  private async start(start: number): Promise<void> {
    this.program = await Program.start({
      cli: CLI,
      stateFolder: join(this.folder, 'state'),
      workingFolder: this.folder,
      clock: { start, rate: this.rate },
      args: ['--source', `folder:${this.captures}`],
    })
    this.owner = new Browser(this.program.origin)
    await this.owner.enter(PASSWORD, new URL(this.program.url).searchParams.get('token'))
  }

  /** What is kept of the frame, each with a sequence number of its own. */
  private numbered(frame: Uint8Array): Uint8Array {
    const kept = Buffer.from(frame.subarray(0, KEPT_BYTES))
    if (kept.length > SEQUENCE_AT + 4) kept.writeUInt32BE((this.sequence += PACKET) % 2 ** 32, SEQUENCE_AT)
    return kept
  }

  private capture(frames: readonly Uint8Array[]): void {
    const now = this.now()
    const seconds = Math.floor(now)
    const nanos = Math.floor((now - seconds) * 1e6) * 1000
    const records = frames.map((frame) =>
      pcapRecord({ seconds, nanos, bytes: this.numbered(frame), originalLength: frame.length }),
    )
    appendFileSync(join(this.captures, 'home-1.pcap'), Buffer.concat(records))
  }
}

if (!isBuilt()) console.log(NOT_BUILT)

// Each waits for ends of uploads, in a home of its own.
describe.skipIf(!isBuilt()).concurrent('an upload of the live home', { timeout: TIMEOUT_MS }, () => {
  const homes: UploadingHome[] = []
  afterAll(async () => {
    for (const home of homes) await home.close()
  }, PATIENCE_MS)
  async function openHome(rate: number): Promise<UploadingHome> {
    const home = new UploadingHome(rate)
    homes.push(home)
    await home.open()
    return home
  }

  test('start, growth and end have one id, and the total of the end is what was sent', async () => {
    const home = await openHome(FAST)
    const { posts, mail } = home
    await home.uploadUntil(QUIET, () => posts.length > 0)
    const [start] = posts as [Post]
    expect(start).toMatchObject({ phase: 'start', sequence: 1, destination: SERVER })
    expect(start.text.split('\n')[0]).toMatch(/ has been sending to 203\.0\.113\.5 for \d+ s, [\d.]+ MB so far$/)
    await home.uploadUntil(LOUD, () => posts.length > 1)
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
    expect(Math.abs(end.bytes / home.sent - 1)).toBeLessThan(0.01)
    // A mail cannot be replaced: its growth waits for a minute, and the end came first.
    await eventually(
      async () => mail.mails.length,
      (count) => count > 1,
      PATIENCE_MS,
    )
    expect(mail.mails.map((text) => /so far|stopped after/.exec(text)?.[0])).toEqual(['so far', 'stopped after'])
  })

  test('what comes after "it was me" is another incident with a total of its own', async () => {
    const home = await openHome(FAST)
    const { posts } = home
    await home.uploadUntil(BETWEEN, () => posts.length > 0)
    await home.isOver()
    const before = posts.length
    await home.decide()
    home.sent = 0
    await home.uploadUntil(BETWEEN, () => posts.length > before)
    await home.isOver()
    const first = posts[before]
    expect(first?.id).not.toBe(posts[0]?.id)
    expect(posts.slice(before).every(({ id }) => id === first?.id)).toBe(true)
    expect(Math.abs((posts.at(-1)?.bytes ?? 0) / home.sent - 1)).toBeLessThan(0.01)
  })

  test('an incident that goes on while Telltale is started again is told to be over once', async () => {
    // A start takes as long as it does: with a fast clock the upload would be over before.
    const home = await openHome(1)
    await home.uploadUntil(BETWEEN, () => home.posts.length > 0)
    await home.restart()
    await home.isOver()
    expect(home.posts.map(({ phase }) => phase)).toEqual(['start', 'end'])
  })
})
