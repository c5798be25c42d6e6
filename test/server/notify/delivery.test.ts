// Is an alert delivered once over each channel, though its server was away and Telltale was killed meanwhile?
import { spawn, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { notificationOf, type AlertNotification } from '../../../server/notify/channel.ts'
import { ntfyChannel } from '../../../server/notify/ntfy.ts'
import { webhookChannel } from '../../../server/notify/webhook.ts'
import type { ChannelPlan, DeliveryPlan } from './deliver-until-killed.ts'
import { freePort, Listener, Mosquitto, MOSQUITTO, NO_MOSQUITTO } from './mosquitto.ts'
import { SmtpSink } from './smtp-sink.ts'

const SECRET = 'a-secret-that-is-never-printed'
const notification = (id: string): AlertNotification =>
  notificationOf({
    id,
    kind: 'quiet-hours',
    device: 'aa',
    company: null,
    from: 1_000,
    to: 1_060,
    seen: 4e6,
    usual: 0,
    unit: 'bytes',
    sent: 4e6,
    received: 0,
    sure: 0.8,
    learning: false,
    detail: null,
    direction: 'out',
    times: 1,
    state: 'open',
    message: `Hall camera sent 4.0 MB (${id})`,
    advice: ['Look whether somebody was there.'],
  })
const NOTICES = [notification('alert-1'), notification('alert-2')]

/** One that receives: comes up on a port that was given out before, and tells what it got. */
interface Sink {
  start(): Promise<void>
  /** Texts of what arrived, in order. */
  got(): string[]
  stop(): Promise<void>
}

function httpSink(port: number, check: (headers: IncomingMessage['headers'], body: string) => void): Sink {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request
      .setEncoding('utf8')
      .on('data', (piece: string) => (body += piece))
      .on('end', () => {
        check(request.headers, body)
        bodies.push(body)
        response.end('thanks')
      })
  })
  return {
    start: () => new Promise((done) => server.listen(port, '127.0.0.1', done)),
    got: () => bodies,
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}

function mailSink(port: number): Sink {
  const sink = new SmtpSink()
  return { start: async () => void (await sink.listen(port)), got: () => sink.mails, stop: () => sink.close() }
}

/** The broker knows its listener from before it was away, and keeps for it what comes while neither is there. */
async function mqttSink(port: number): Promise<Sink> {
  const broker = new Mosquitto(port, undefined, true)
  const who = { clientId: 'listener', clean: false }
  await broker.start()
  await (await Listener.at(port, who)).close()
  await broker.stop()
  const alerts: string[] = []
  return {
    start: () => broker.start(),
    got: () => alerts,
    stop: async () => {
      const listener = await Listener.at(port, who)
      // Killed, Telltale says nothing any more: the broker does.
      await listener.until(({ topic, text }) => topic.endsWith('/availability') && text === 'offline')
      alerts.push(...listener.heard.filter(({ topic }) => topic.endsWith('/alert')).map(({ text }) => text))
      await listener.close()
      await broker.remove()
    },
  }
}

/** One file that starts quickly. */
let program = ''
beforeAll(() => {
  program = fileURLToPath(new URL('../../../node_modules/.cache/deliver-until-killed.mjs', import.meta.url))
  buildSync({
    entryPoints: [fileURLToPath(new URL('deliver-until-killed.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  })
})

let folder = ''
let output = ''
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-delivery-'))
  output = ''
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Runs until a line of it fits, then kills it in the middle of whatever it does. Returns the lines. */
async function runUntil(
  plan: DeliveryPlan,
  fits: (lines: string[]) => boolean,
  meanwhile: (lines: string[]) => void = () => undefined,
): Promise<string[]> {
  const child = spawn(process.execPath, [program, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let text = ''
  const lines = (): string[] => text.split('\n').slice(0, -1)
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (output += piece))
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      output += piece
      meanwhile(lines())
      if (fits(lines())) child.kill('SIGKILL')
    })
    child.on('close', (_code, signal) =>
      signal === 'SIGKILL' ? resolve(lines()) : reject(new Error(`ended by itself: ${output}`)),
    )
  })
}

async function deliver(channel: ChannelPlan, sink: Sink): Promise<void> {
  const failures = (lines: string[]): number => lines.filter((line) => line.startsWith(`${channel.kind}: `)).length
  // The server is away, and Telltale is killed after its second attempt.
  await runUntil({ folder, channel, notifications: NOTICES }, (lines) => failures(lines) >= 2)
  expect(statSync(join(folder, 'queue.json')).mode & 0o077).toBe(0)
  // Started again it still fails, until the server comes up; it is killed once its queue is empty on the disk.
  let coming: Promise<void> | null = null
  const lines = await runUntil(
    { folder, channel, notifications: [] },
    (said) => said.at(-1) === 'waiting 0',
    (said) => {
      if (failures(said) >= 1) coming ??= sink.start()
    },
  )
  await coming
  expect(lines[0]).toBe('waiting 2')
  expect(lines.filter((line) => line === 'delivered')).toHaveLength(2)
  // And once more: nothing is left to deliver.
  expect(await runUntil({ folder, channel, notifications: [] }, (said) => said.length > 0)).toEqual(['waiting 0'])
  await sink.stop()
  const got = sink.got()
  expect(got.map((text) => /alert-[12]/.exec(text)?.[0])).toEqual(['alert-1', 'alert-2'])
  expect(output).not.toContain(SECRET)
  expect(readFileSync(join(folder, 'queue.json'), 'utf8')).not.toContain(SECRET)
}

describe('delivered once and in order, though the server was away and Telltale killed twice', () => {
  it('webhook, and its signature verifies', async () => {
    const port = await freePort()
    let verified = 0
    const sink = httpSink(port, (headers, body) => {
      const expected = createHmac('sha256', SECRET)
        .update(`${String(headers['x-telltale-timestamp'])}.${body}`)
        .digest('hex')
      if (headers['x-telltale-signature'] === `sha256=${expected}`) verified++
    })
    await deliver(
      { kind: 'webhook', settings: { url: `http://127.0.0.1:${port}/${SECRET}`, secret: SECRET, allowPrivate: true } },
      sink,
    )
    expect(verified).toBe(2)
  })

  it('ntfy', async () => {
    const port = await freePort()
    let known = 0
    const sink = httpSink(port, (headers) => {
      if (headers.authorization === `Bearer ${SECRET}`) known++
    })
    await deliver(
      {
        kind: 'ntfy',
        settings: { server: `http://127.0.0.1:${port}`, topic: SECRET, token: SECRET, allowPrivate: true },
      },
      sink,
    )
    expect(known).toBe(2)
  })

  it('e-mail', async () => {
    const port = await freePort()
    const settings = {
      host: '127.0.0.1',
      port,
      user: '',
      password: SECRET,
      from: 'telltale@home.example',
      to: 'me@home.example',
      allowPrivate: true,
      allowPlain: true,
    }
    await deliver({ kind: 'e-mail', settings }, mailSink(port))
  })

  if (MOSQUITTO === null) console.log(NO_MOSQUITTO)
  it.skipIf(MOSQUITTO === null)('MQTT, and the broker says that Telltale is gone', async () => {
    const port = await freePort()
    const settings = {
      host: '127.0.0.1',
      port,
      tls: false,
      authority: '',
      user: 'telltale',
      password: SECRET,
      allowPrivate: true,
      discovery: '',
      identity: 'by-chance',
    }
    await deliver({ kind: 'MQTT', settings }, await mqttSink(port))
  })
})

it.each(['webhook', 'ntfy'])('%s follows no redirect, not even to the same server', async (kind) => {
  const paths: (string | undefined)[] = []
  const server = createServer((request, response) => {
    paths.push(request.url)
    request.resume()
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  const port = await freePort()
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const url = `http://127.0.0.1:${port}/here`
  const channel =
    kind === 'webhook'
      ? webhookChannel({ url, secret: SECRET, allowPrivate: true })
      : ntfyChannel({ server: url, topic: 'topic', token: SECRET, allowPrivate: true })
  expect(await channel.send(NOTICES[0] as AlertNotification)).toMatchObject({ done: false, again: false })
  expect(paths).toEqual(['/here'])
  await new Promise((done) => server.close(done))
})
