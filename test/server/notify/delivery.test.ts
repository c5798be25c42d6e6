// An alert is delivered once over each channel, though its server was away and Telltale was killed meanwhile.
import { spawn, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WordedAlert } from '../../../server/alerts/alert.ts'
import { notificationOf } from '../../../server/notify/notification.ts'
import { channelOf } from '../../../server/notify/channels/index.ts'
import type { DeliveryPlan } from './deliver-until-killed.ts'
import { freePort, Listener, Mosquitto, MOSQUITTO, NO_MOSQUITTO } from './mosquitto.ts'
import { openChannel } from './open-channel.ts'
import { SmtpSink } from './smtp-sink.ts'
import { uploadAlert } from './upload-alert.ts'

const SECRET = 'a-secret-that-is-never-printed'
const alert = (id: string): WordedAlert => ({
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
  destination: null,
  bytes: 0,
  peak: 0,
  isOver: true,
  destinations: [],
  decided: null,
  message: `Hall camera sent 4.0 MB (${id})`,
  advice: ['Look whether somebody was there.'],
})
const ALERTS = [alert('alert-1'), alert('alert-2')]

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

/** Attempts that failed, as they were written down: the count of each line is at least one more than before. */
function failures(lines: readonly string[]): number {
  return Math.max(0, ...lines.map((line) => Number(/^waiting [1-9]\d* attempts (\d+)$/.exec(line)?.[1] ?? 0)))
}

async function deliver(plan: Pick<DeliveryPlan, 'channel' | 'section'>, sink: Sink): Promise<void> {
  const file = join(folder, 'channels.json')
  // The server is away, and Telltale is killed after its second attempt.
  await runUntil(
    { ...plan, folder, alerts: ALERTS },
    (lines) => lines.includes('ready') && failures(lines.slice(lines.indexOf('ready'))) >= 2,
  )
  expect(statSync(file).mode & 0o077).toBe(0)
  // Started again it still fails, until the server comes up; it is killed once nothing waits on the disk.
  let coming: Promise<void> | null = null
  const lines = await runUntil(
    { ...plan, folder, alerts: [] },
    (said) => said.at(-1) === 'waiting 0 attempts 0',
    (said) => {
      if (failures(said) > failures(said.slice(0, 1))) coming ??= sink.start()
    },
  )
  await coming
  expect(lines[0]).toMatch(/^waiting 2 attempts \d+$/)
  // And once more, with the same alerts: nothing is left to deliver, and what was told is not told again.
  const again = await runUntil({ ...plan, folder, alerts: ALERTS }, (said) => said.at(-1) === 'ready')
  expect(new Set(again)).toEqual(new Set(['waiting 0 attempts 0', 'ready']))
  await sink.stop()
  const got = sink.got()
  expect(got.map((text) => /alert-[12]/.exec(text)?.[0])).toEqual(['alert-1', 'alert-2'])
  // By the notification's id a receiver drops or replaces a repetition.
  expect(got.every((text) => /alert-[12]-1000/.test(text))).toBe(channelOf(plan.channel).replaces)
  expect(output).not.toContain(SECRET)
  expect(readFileSync(file, 'utf8')).not.toContain(SECRET)
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
    const section = { url: `http://127.0.0.1:${port}/${SECRET}`, secret: SECRET, privateAddresses: true }
    await deliver({ channel: 'webhook', section }, sink)
    expect(verified).toBe(2)
  })

  it('ntfy', async () => {
    const port = await freePort()
    let known = 0
    const sink = httpSink(port, (headers) => {
      if (headers.authorization === `Bearer ${SECRET}`) known++
    })
    const section = { server: `http://127.0.0.1:${port}`, topic: SECRET, token: SECRET, privateAddresses: true }
    await deliver({ channel: 'ntfy', section }, sink)
    expect(known).toBe(2)
  })

  it('e-mail', async () => {
    const port = await freePort()
    const section = {
      host: '127.0.0.1',
      port,
      password: SECRET,
      from: 'telltale@home.example',
      to: 'me@home.example',
      privateAddresses: true,
      plain: true,
    }
    await deliver({ channel: 'email', section }, mailSink(port))
  })

  if (MOSQUITTO === null) console.log(NO_MOSQUITTO)
  it.skipIf(MOSQUITTO === null)('MQTT, and the broker says that Telltale is gone', async () => {
    const port = await freePort()
    const section = {
      host: '127.0.0.1',
      port,
      user: 'telltale',
      password: SECRET,
      privateAddresses: true,
      discovery: '',
    }
    await deliver({ channel: 'mqtt', section }, await mqttSink(port))
  })
})

describe('an incident that goes on while Telltale is killed again and again', () => {
  const update = (bytes: number, isOver = false): WordedAlert => uploadAlert({ bytes, isOver, to: 1_000 + bytes / 1e6 })
  const got: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request
      .setEncoding('utf8')
      .on('data', (piece: string) => (body += piece))
      .on('end', () => {
        const { phase, bytes } = JSON.parse(body) as { phase: string; bytes: number }
        got.push(`${String(request.headers['x-telltale-id'])} ${phase} ${bytes}`)
        if (killsAtNext) {
          killsAtNext = false
          children.at(-1)?.kill('SIGKILL')
        } else response.end('thanks')
      })
  })
  /** It is killed when its message has arrived, before it has heard so. */
  let killsAtNext = false
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })
  const isIdle = (lines: string[]): boolean => lines.includes('ready') && lines.at(-1) === 'waiting 0 attempts 0'

  it('is told of each phase once: a repetition has the id of the message that it repeats', async () => {
    const port = await freePort()
    const section = { url: `http://127.0.0.1:${port}/hook`, privateAddresses: true }
    const run = (alerts: WordedAlert[], fits: (lines: string[]) => boolean): Promise<string[]> =>
      runUntil({ channel: 'webhook', section, folder, alerts }, fits)
    const listen = (): Promise<void> => new Promise((done) => server.listen(port, '127.0.0.1', done))
    await listen()
    killsAtNext = true
    await run([update(1e5), update(2e5)], () => false)
    await run([], (lines) => lines.at(-1) === 'waiting 0 attempts 0' && lines.length > 2)
    // The same updates once more, as where the last seconds were lost: nothing is told.
    await run([update(1e5), update(2e5)], (lines) => lines.includes('ready'))
    await new Promise((done) => (server.closeAllConnections(), server.close(done)))
    await run([update(2e6)], (lines) => failures(lines) >= 2)
    await run(
      [update(3e6), update(4e6, true)],
      (lines) => lines.includes('ready') && failures(lines.slice(lines.indexOf('ready'))) > 2,
    )
    await listen()
    await run([update(4e6, true)], isIdle)
    // The growth waits still when the end comes.
    await run([update(9e7), update(9e7, true)], isIdle)
    await run([update(9e7, true)], (lines) => lines.includes('ready'))
    expect(got).toEqual([
      'alert-1-1000 start 100000',
      'alert-1-1000 start 100000',
      'alert-1-1000-3 end 4000000',
      'alert-1-1000-5 end 90000000',
    ])
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
      ? openChannel('webhook', { url, secret: SECRET, privateAddresses: true })
      : openChannel('ntfy', { server: url, topic: 'topic', token: SECRET, privateAddresses: true })
  expect(await channel.send(notificationOf(alert('alert-1')))).toMatchObject({ done: false, again: false })
  expect(paths).toEqual(['/here'])
  await new Promise((done) => server.close(done))
})
