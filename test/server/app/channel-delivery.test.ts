// An alert of the live home reaches all channels once, though their servers were away and the program was killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TrafficStatus, AlertRow, SettingsPage, Totals } from '../../../server/api.ts'
import type { ChannelState } from '../../../server/app/channel-state.ts'
import { loudUpload } from '../../support/loud-upload.ts'
import { type Client, eventually, logIn } from '../../support/running.ts'
import { isBuilt, NOT_BUILT } from '../../e2e/real-server.ts'
import { CAMERA, type Host, PHONE, SPEAKER } from '../engine/lab.ts'
import { freePort, Listener, Mosquitto, MOSQUITTO, NO_MOSQUITTO } from '../notify/mosquitto.ts'
import { SmtpSink } from '../notify/smtp-sink.ts'

/** As long as a server is away: a minute in the slow suite. */
const AWAY_MS = Number(process.env['TELLTALE_AWAY_MS'] ?? 4_000)
const PATIENCE_MS = 60_000 + 2 * AWAY_MS

const SECRETS = [
  'webhook-path-7f3a',
  'webhook-key-81c2',
  'ntfy-topic-55d0',
  'ntfy-token-9e1b',
  'mail-password-c4a7',
  'mqtt-password-02fe',
]
const [PATH, KEY, TOPIC, TOKEN, MAIL_PASSWORD, MQTT_PASSWORD] = SECRETS as [
  string,
  string,
  string,
  string,
  string,
  string,
]
/** In the last hour, and early in it: what is loud in an hour is counted by the hour of the clock. */
const START = Math.floor(Date.now() / 3_600_000 - 1) * 3_600 + 60
const KINDS = [
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
]
const ONLY_QUIET_HOURS = {
  ...Object.fromEntries(KINDS.map((kind) => [kind, false])),
  quietHours: ['00:00-24:00'],
  quietFloorMegabytes: 1,
}

interface Request {
  headers: IncomingHttpHeaders
  body: string
}

/** Comes up on its port when it is told to. */
class HttpSink {
  readonly got: Request[] = []
  private readonly server = createServer((request, response) => {
    let body = ''
    request
      .setEncoding('utf8')
      .on('data', (piece: string) => (body += piece))
      .on('end', () => {
        this.got.push({ headers: request.headers, body })
        response.writeHead(204, { connection: 'close' }).end()
      })
  })

  listen(port: number): Promise<void> {
    return new Promise((done) => this.server.listen(port, '127.0.0.1', done))
  }

  close(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((done) => void this.server.close(() => done()))
  }
}

const folder = mkdtempSync(join(tmpdir(), 'telltale-channels-'))
const captures = join(folder, 'captures')
const stateFolder = join(folder, 'state')
const webhook = new HttpSink()
const ntfy = new HttpSink()
const mail = new SmtpSink()
const ports = { webhook: 0, ntfy: 0, mail: 0, mqtt: 0 }
let broker: Mosquitto | null = null
let program: ChildProcess | null = null
let client: Client
/** Everything that the program printed. */
let printed = ''
const answers: string[] = []

async function startProgram(): Promise<void> {
  const child = spawn(
    process.execPath,
    ['dist/cli.js', 'serve', '--port', '0', '--state', stateFolder, '--source', `folder:${captures}`],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  program = child
  let here = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      here += piece
      printed += piece
    })
  const url = await eventually(
    async () => /http:\/\/localhost:\d+\/\S*/.exec(here)?.[0] ?? null,
    (found) => found !== null,
    PATIENCE_MS,
  )
  client = await logIn({
    url: url as string,
    port: Number(new URL(url as string).port),
  })
}

/** In the middle of whatever it does. */
async function killProgram(): Promise<void> {
  const child = program
  program = null
  if (child === null || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGKILL')
  await ended
}

function stateOnDisk(): ChannelState {
  return JSON.parse(readFileSync(join(stateFolder, 'channels.json'), 'utf8')) as ChannelState
}

/** How often delivery of what waits was tried, by channel. */
function attempts(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(stateOnDisk().waiting).map(([name, [first]]) => [name, first?.attempts ?? 0]),
  )
}

const alertsOf = async ({ mac }: Host): Promise<AlertRow[]> =>
  (await client.get<AlertRow[]>('/api/traffic/live/alerts')).filter(({ device }) => device === mac)
const channels = (): string[] => ['webhook', 'ntfy', 'email', ...(broker === null ? [] : ['mqtt'])]
const pathOf = ({ mac }: Host): string => `/api/devices/${encodeURIComponent(mac)}`

/** Who each message that arrived is about, by channel. */
async function arrived(listener: Listener | null): Promise<Record<string, string[]>> {
  const about = (text: string): string =>
    [CAMERA, SPEAKER].find(({ mac }) => text.includes(mac) || text.includes(mac.slice(-5)))?.mac ?? text
  return {
    webhook: webhook.got.map(({ body }) => about(body)),
    ntfy: ntfy.got.map(({ body }) => about(body)),
    email: mail.mails.map(about),
    ...(listener === null
      ? {}
      : { mqtt: listener.heard.filter(({ topic }) => topic.endsWith('/alert')).map(({ text }) => about(text)) }),
  }
}

if (MOSQUITTO === null) console.log(NO_MOSQUITTO)
if (!isBuilt()) console.log(NOT_BUILT)

describe.skipIf(!isBuilt())('an alert of the live home', () => {
  /** The broker keeps for it what comes while it is away. */
  const WHO = { clientId: 'listener', clean: false }

  beforeAll(async () => {
    mkdirSync(captures, { recursive: true })
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort()
    if (MOSQUITTO !== null) {
      broker = new Mosquitto(ports.mqtt, undefined, true)
      await broker.start()
      await (await Listener.at(ports.mqtt, WHO)).close()
      await broker.stop()
    }
    await startProgram()
    const common = { privateAddresses: true }
    const page = await client.send<SettingsPage>('PATCH', '/api/settings', {
      home: { learningDays: 0 },
      alerts: ONLY_QUIET_HOURS,
      webhook: { url: `http://127.0.0.1:${ports.webhook}/${PATH}`, secret: KEY, ...common },
      ntfy: { server: `http://127.0.0.1:${ports.ntfy}`, topic: TOPIC, token: TOKEN, ...common },
      email: {
        host: '127.0.0.1',
        port: ports.mail,
        password: MAIL_PASSWORD,
        from: 'telltale@home.example',
        to: 'me@home.example',
        plain: true,
        ...common,
      },
      ...(broker === null
        ? {}
        : { mqtt: { host: '127.0.0.1', port: ports.mqtt, user: 'telltale', password: MQTT_PASSWORD, ...common } }),
    })
    answers.push(JSON.stringify(page))
  }, PATIENCE_MS)
  afterAll(async () => {
    await killProgram()
    await Promise.all([webhook.close(), ntfy.close(), mail.close(), broker?.remove()])
    rmSync(folder, { recursive: true, force: true })
  }, PATIENCE_MS)

  test(
    'waits for every channel while its server is away, and outlives a kill',
    async () => {
      writeFileSync(join(captures, 'home-1.pcap'), loudUpload(CAMERA, START))
      await eventually(
        async () => attempts(),
        (tried) => channels().every((name) => (tried[name] ?? 0) > 0),
        PATIENCE_MS,
      )
      await killProgram()
      expect(Object.keys(attempts()).sort()).toEqual(channels().sort())
      await startProgram()
      await eventually(
        () => alertsOf(CAMERA),
        (alerts) => alerts.length > 0,
        PATIENCE_MS,
      )
      await new Promise((done) => setTimeout(done, AWAY_MS))
      await eventually(
        async () => attempts(),
        (tried) => channels().every((name) => (tried[name] ?? 0) > 1),
        PATIENCE_MS,
      )
    },
    3 * PATIENCE_MS,
  )

  test(
    'is delivered once to each, after another kill too',
    async () => {
      await Promise.all([
        webhook.listen(ports.webhook),
        ntfy.listen(ports.ntfy),
        mail.listen(ports.mail),
        broker?.start(),
      ])
      await eventually(
        async () => attempts(),
        (tried) => Object.values(tried).every((count) => count === 0),
        PATIENCE_MS,
      )
      await eventually(
        async () => stateOnDisk().waiting,
        (waiting) => Object.values(waiting).every((notifications) => notifications.length === 0),
        PATIENCE_MS,
      )
      await killProgram()
      await startProgram()
      // Of a folder the newest capture alone is read at a start: the first one, before there is a second.
      await eventually(
        () => client.get<TrafficStatus>('/api/traffic/live/status'),
        ({ last }) => last !== null,
        PATIENCE_MS,
      )
      // What a second device does is reported after what would be reported again.
      writeFileSync(join(captures, 'home-2.pcap'), loudUpload(SPEAKER, START + 600))
      const listener = broker === null ? null : await Listener.at(ports.mqtt, WHO)
      const told = await eventually(
        () => arrived(listener),
        (all) => Object.values(all).every((about) => about.includes(SPEAKER.mac)),
        PATIENCE_MS,
      )
      expect(told).toEqual(Object.fromEntries(channels().map((name) => [name, [CAMERA.mac, SPEAKER.mac]])))
      await listener?.close()
    },
    3 * PATIENCE_MS,
  )

  test('is signed over the body that arrived, and comes with the token', () => {
    for (const { headers, body } of webhook.got) {
      expect(headers['x-telltale-signature']).toBe(
        `sha256=${createHmac('sha256', KEY)
          .update(`${String(headers['x-telltale-timestamp'])}.${body}`)
          .digest('hex')}`,
      )
    }
    expect(ntfy.got.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`])
  })

  test('brings no secret to the console, into an answer or into the file of what waits', async () => {
    const page = await client.get<SettingsPage>('/api/settings')
    expect(page.channels).toEqual(Object.fromEntries(channels().map((name) => [name, { waiting: 0, problem: null }])))
    answers.push(JSON.stringify(page))
    for (const name of channels()) answers.push(JSON.stringify(await client.send('POST', `/api/channels/${name}/test`)))
    await Promise.all([webhook.close(), ntfy.close()])
    for (const name of channels()) answers.push(JSON.stringify(await client.send('POST', `/api/channels/${name}/test`)))
    expect(answers.filter((answer) => answer === '{"delivered":true,"reason":null}')).toHaveLength(
      2 * channels().length - 2,
    )
    expect(
      answers.filter((answer) => answer.startsWith('{"delivered":false') && answer.includes('cannot be reached')),
    ).toHaveLength(2)
    expect(printed).toContain('cannot be reached')
    for (const secret of SECRETS) {
      expect([secret, answers.filter((answer) => answer.includes(secret))]).toEqual([secret, []])
      expect([
        secret,
        printed.includes(secret),
        readFileSync(join(stateFolder, 'channels.json'), 'utf8').includes(secret),
      ]).toEqual([secret, false, false])
    }
  })

  describe.skipIf(MOSQUITTO === null)('and its device at the broker', () => {
    const retained = async (): Promise<string[]> =>
      [...(await Listener.retainedAt(ports.mqtt)).entries()]
        .filter(([topic]) => !topic.endsWith('/availability'))
        .map(([topic, text]) => `${topic} ${text}`)
    const configs = (messages: string[]): number =>
      messages.filter((message) => message.startsWith('homeassistant/') && message.includes('/config ')).length

    test(
      'shows what it sent, its last event and that an alert is open',
      async () => {
        // The broker is told after the page: a while until both say the same.
        const isSent = (sent: unknown): boolean => sent !== 0
        const { messages, states } = await eventually(
          async () => {
            const messages = await retained()
            const states = messages
              .filter((message) => message.includes('/state '))
              .map((message) => JSON.parse(message.slice(message.indexOf(' {'))) as Record<string, unknown>)
            const { devices } = await client.get<Totals>('/api/traffic/live/totals?period=day')
            const onPage = devices.map(({ sent }) => sent.at(-1)).filter(isSent)
            return { messages, states, onPage: onPage.sort() }
          },
          ({ messages, states, onPage }) =>
            configs(messages) >= 4 * 3 &&
            states.filter(({ alert, last_event }) => alert === 'ON' && last_event !== 'none yet').length === 2 &&
            isDeepStrictEqual(
              states
                .map((state) => state['sent_today'])
                .filter(isSent)
                .sort(),
              onPage,
            ),
          PATIENCE_MS,
        )
        const loud = states.filter(({ alert }) => alert === 'ON')
        for (const state of loud) expect(state['last_event']).toMatch(/upload|recording|backup/i)
        expect(messages.join('\n')).not.toMatch(
          new RegExp([CAMERA, SPEAKER, PHONE].map(({ mac }) => `${mac}|${mac.replaceAll(':', '')}`).join('|'), 'i'),
        )
      },
      2 * PATIENCE_MS,
    )

    test('is gone from there as soon as it is forgotten', async () => {
      const before = configs(await retained())
      await client.send('POST', `${pathOf(SPEAKER)}/forget`, { ignore: true })
      const after = await retained()
      expect(configs(after)).toBe(before - 4)
      expect(after.filter((message) => message.includes('"alert":"ON"'))).toHaveLength(1)
      expect(stateOnDisk().mqtt.clearing).toEqual([])
    })

    test('is gone from there though the broker was away and Telltale killed when it was forgotten', async () => {
      const before = configs(await retained())
      await broker?.stop()
      await client.send('POST', `${pathOf(CAMERA)}/forget`, { ignore: true })
      expect(stateOnDisk().mqtt.clearing).toHaveLength(1)
      expect(readFileSync(join(stateFolder, 'channels.json'), 'utf8')).not.toContain(CAMERA.mac)
      await killProgram()
      await broker?.start()
      expect(configs(await retained())).toBe(before)
      await startProgram()
      const after = await eventually(retained, (all) => configs(all) === before - 4, PATIENCE_MS)
      expect(after.filter((message) => message.includes('"alert":"ON"'))).toEqual([])
      expect(stateOnDisk().mqtt.clearing).toEqual([])
    })

    test('is gone from there when the channel is switched off', async () => {
      expect(configs(await retained())).toBeGreaterThan(0)
      await client.send('PATCH', '/api/settings', { mqtt: { host: '' } })
      expect(await retained()).toEqual([])
    })
  })
})
