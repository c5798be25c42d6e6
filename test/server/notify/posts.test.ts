// What channels send and how they take each answer: addresses, headers, bodies, statuses, and the defaults of settings.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WordedAlert } from '../../../server/alerts/alert.ts'
import { notificationOf } from '../../../server/notify/notification.ts'
import { defaults, validate } from '../../../server/settings/settings.ts'
import { HOSTILE_NAMES } from '../../support/hostile-names.ts'
import { openChannel } from './open-channel.ts'
import { SmtpSink } from './smtp-sink.ts'
import { uploadAlert } from './upload-alert.ts'

const ALERT = {
  id: 'alert-1',
  kind: 'silent',
  device: 'aa',
  company: null,
  from: 1_000,
  to: 1_060,
  seen: 1,
  usual: 0,
  unit: 'seconds',
  sent: 3,
  received: 5,
  sure: 0.8,
  learning: false,
  detail: null,
  direction: 'none',
  times: 1,
  state: 'open',
  destination: null,
  bytes: 0,
  peak: 0,
  isOver: true,
  destinations: [],
  decided: null,
  message: 'Küche: plug has been silent',
  advice: ['Look at it.', 'Twice.'],
} as WordedAlert
const NOTICE = notificationOf(ALERT)
const TEXT = 'Küche: plug has been silent\nSeen: 1 second; usual: none; 80 % sure\nLook at it.\nTwice.'

let server: Server
let status: number | null = 200
let received: { request: IncomingMessage; body: string }[] = []
let base = ''

beforeEach(async () => {
  status = 200
  received = []
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push({ request, body: Buffer.concat(parts).toString() })
      if (status !== null) response.writeHead(status).end('x'.repeat(100_000))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  return new Promise((done) => server.close(done))
})

const webhook = (url: string, privateAddresses = true, secret = '') =>
  openChannel('webhook', { url, secret, privateAddresses }, () => 1_700_000_000_999).send(NOTICE)

describe('a webhook', () => {
  it('is posted whole, with the id of the notification, and signed with a secret only', async () => {
    expect(await webhook(`${base}/hook?x=1`)).toEqual({ done: true })
    const [{ request, body }] = received as [(typeof received)[0]]
    expect([request.method, request.url]).toEqual(['POST', '/hook?x=1'])
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'telltale',
      'x-telltale-id': 'alert-1-1000',
      'content-length': String(Buffer.byteLength(body)),
    })
    expect(Object.keys(request.headers).filter((name) => /signature|timestamp/.test(name))).toEqual([])
    expect(JSON.parse(body)).toEqual({
      id: 'alert-1-1000',
      alert: ALERT,
      title: 'Telltale',
      text: TEXT,
      phase: 'end',
      sequence: 1,
      bytes: 0,
      seconds: 60,
      destination: null,
    })
    await webhook(base, true, 's')
    expect(received[1]?.request.headers['x-telltale-timestamp']).toBe('1700000000')
  })

  it.each([
    [200, null, false],
    [201, null, false],
    [204, null, false],
    [299, null, false],
    [300, 'webhook: it answered 300 and wants to lead elsewhere: give the final address', false],
    [399, 'webhook: it answered 399 and wants to lead elsewhere: give the final address', false],
    [400, 'webhook: it answered 400', false],
    [407, 'webhook: it answered 407', false],
    [408, 'webhook: it answered 408', true],
    [425, 'webhook: it answered 425', true],
    [426, 'webhook: it answered 426', false],
    [429, 'webhook: it answered 429', true],
    [499, 'webhook: it answered 499', false],
    [500, 'webhook: it answered 500', true],
    [599, 'webhook: it answered 599', true],
  ])('that is answered %i fails with %j, to be tried again: %s', async (code, reason, again) => {
    status = code
    expect(await webhook(base)).toEqual(reason === null ? { done: true } : { done: false, again, reason })
    expect(received).toHaveLength(1)
  })

  it.each<[url: string, isAllowed: boolean, reason: string, again: boolean]>([
    ['no address', true, 'its address is no web address: it should begin with https://', false],
    ['', true, 'its address is no web address: it should begin with https://', false],
    ['ftp://127.0.0.1/', true, 'its address should begin with https:// or http://', false],
    ['file:///etc/passwd', true, 'its address should begin with https:// or http://', false],
    ['http://127.0.0.1:1/', true, 'it cannot be reached at the moment', true],
    ['https://127.0.0.1:1/', true, 'it cannot be reached at the moment', true],
    [`http://${'x'.repeat(64)}.example/`, true, 'the name in its address is not known at the moment', true],
    ...['http://127.0.0.1:1/', 'https://[::1]:1/', 'http://192.168.1.1/', 'http://localhost:1/'].map(
      (url): [string, boolean, string, boolean] => [
        url,
        false,
        'its address is in a home network: allow private addresses in its settings if that is meant',
        false,
      ],
    ),
  ])('to %j (at home: %s) fails with "%s"', async (url, isAllowed, reason, again) => {
    expect(await webhook(url, isAllowed)).toEqual({ done: false, again, reason: `webhook: ${reason}` })
  })

  it('over TLS does not go to a server without', async () => {
    expect(await webhook(base.replace('http:', 'https:'))).toEqual({
      done: false,
      again: true,
      reason: 'webhook: it cannot be reached at the moment',
    })
    expect(received).toEqual([])
  })

  it('waits ten seconds for an answer', async () => {
    status = null
    const begin = performance.now()
    expect(await webhook(base)).toMatchObject({ done: false, again: true })
    const seconds = (performance.now() - begin) / 1_000
    expect(seconds).toBeGreaterThan(9.9)
    expect(seconds).toBeLessThan(14.5)
  }, 40_000)
})

describe('ntfy', () => {
  it('is told topic, title and text, and the token in a header where there is one', async () => {
    const send = (token: string) =>
      openChannel('ntfy', { server: base, topic: 'my-topic', token, privateAddresses: true }).send(NOTICE)
    expect([await send('the-token'), await send('')]).toEqual([{ done: true }, { done: true }])
    expect(received.map(({ request }) => request.headers.authorization)).toEqual(['Bearer the-token', undefined])
    for (const { request, body } of received) {
      expect([request.method, request.headers['content-type']]).toEqual(['POST', 'application/json'])
      expect(JSON.parse(body)).toEqual({
        topic: 'my-topic',
        title: 'Telltale',
        message: TEXT,
        tags: ['eyes'],
        sequence_id: 'alert-1-1000',
      })
    }
    status = 403
    expect(await send('x')).toEqual({ done: false, again: false, reason: 'ntfy: it answered 403' })
  })

  it('goes to no machine at home unless that is allowed', async () => {
    const { again } = (await openChannel('ntfy', { server: base, topic: 't', privateAddresses: false }).send(
      NOTICE,
    )) as { again: boolean }
    expect([again, received]).toEqual([false, []])
  })
})

describe('an e-mail', () => {
  let sink: SmtpSink
  let port = 0
  beforeEach(async () => {
    sink = new SmtpSink()
    port = await sink.listen()
  })
  afterEach(() => sink.close())
  const send = (more: object = {}, alert = ALERT) =>
    openChannel('email', {
      host: '127.0.0.1',
      port,
      to: 'me@home.example',
      from: '',
      privateAddresses: true,
      plain: true,
      ...more,
    }).send(notificationOf(alert))

  it('comes from the address it goes to unless another is given', async () => {
    await send()
    await send({ from: 'telltale@home.example' })
    expect(sink.mails.map((mail) => /^From: (.*)$/m.exec(mail)?.[1]?.trim())).toEqual([
      'me@home.example',
      'telltale@home.example',
    ])
    expect(sink.mails.map((mail) => /^To: (.*)$/m.exec(mail)?.[1]?.trim())).toEqual([
      'me@home.example',
      'me@home.example',
    ])
  })

  it('has a subject of two hundred letters at most', async () => {
    await send({}, { ...ALERT, message: 'y'.repeat(500) })
    const head = sink.mails[0]?.split('\r\n\r\n')[0]?.replace(/\r\n[ \t]/g, ' ') ?? ''
    const subject = /^Subject: (.*)$/m.exec(head)?.[1]?.trim() ?? ''
    expect(subject.replaceAll(' ', '')).toBe(`Telltale:${'y'.repeat(190)}`)
  })

  it('is not sent readable unless that is allowed, nor to a server at home', async () => {
    expect(await send({ plain: false })).toEqual({
      done: false,
      again: false,
      reason: 'e-mail: the mail server offers no encryption',
    })
    expect(await send({ privateAddresses: false })).toEqual({
      done: false,
      again: false,
      reason: 'e-mail: the mail server is in a home network: allow private addresses in its settings if that is meant',
    })
    expect([sink.mails, sink.recipients]).toEqual([[], []])
  })

  it.each([
    ['450 later\r\n', true, 'the mail server answered 450'],
    ['499 later\r\n', true, 'the mail server answered 499'],
    ['500 never\r\n', false, 'the mail server answered 500'],
    ['550 never\r\n', false, 'the mail server answered 550'],
  ])('that is answered %j is tried again: %s', async (refusal, again, reason) => {
    sink.refusal = refusal
    expect(await send()).toEqual({ done: false, again, reason: `e-mail: ${reason}` })
  })

  it('is tried again where the server or its name is not there', async () => {
    expect(await send({ port: 1 })).toEqual({
      done: false,
      again: true,
      reason: 'e-mail: the mail server cannot be reached at the moment',
    })
    expect(await send({ host: `${'x'.repeat(64)}.example` })).toEqual({
      done: false,
      again: true,
      reason: 'e-mail: the name of the mail server is not known at the moment',
    })
  })
})

describe('a later message of an incident', () => {
  const upload = uploadAlert({ isOver: true, bytes: 3e8, to: 1_046, message: 'Too much' })
  const END = notificationOf(upload, { phase: 'end', sequence: 3 }, { device: 'Hall camera', company: 'Ring' })
  const START = notificationOf(uploadAlert(), { phase: 'start', sequence: 1 }, { device: 'Hall camera', company: null })

  it('has the same id at a webhook, with its phase, number and total, and a header of its own', async () => {
    const channel = openChannel('webhook', { url: base, privateAddresses: true })
    for (const one of [START, END, END]) expect(await channel.send(one)).toEqual({ done: true })
    const bodies = received.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    expect(bodies.map(({ id, phase, sequence }) => [id, phase, sequence])).toEqual([
      ['alert-1-1000', 'start', 1],
      ['alert-1-1000', 'end', 3],
      ['alert-1-1000', 'end', 3],
    ])
    expect(bodies[0]).toMatchObject({ bytes: 100_000, seconds: 4, destination: 'clips.ring.com' })
    expect(bodies[1]).toMatchObject({
      bytes: 3e8,
      seconds: 47,
      destination: 'Ring',
      alert: { bytes: 3e8, isOver: true },
    })
    expect(received.map(({ request }) => request.headers['x-telltale-id'])).toEqual([
      'alert-1-1000',
      'alert-1-1000-3',
      'alert-1-1000-3',
    ])
  })

  it('takes the place of the first on a phone', async () => {
    const channel = openChannel('ntfy', { server: base, topic: 't', privateAddresses: true })
    for (const one of [START, END]) await channel.send(one)
    const bodies = received.map(({ body }) => JSON.parse(body) as { sequence_id: string; message: string })
    expect(bodies.map(({ sequence_id: id }) => id)).toEqual(['alert-1-1000', 'alert-1-1000'])
    // What an ntfy server takes for an id: letters, digits, - and _, 64 at most.
    expect(bodies[0]?.sequence_id).toMatch(/^[-_A-Za-z0-9]{1,64}$/)
    expect(bodies[1]?.message.split('\n')[0]).toBe('Hall camera stopped after 47 s: 300 MB to Ring')
  })

  it('belongs to the conversation that the first mail began', async () => {
    const sink = new SmtpSink()
    const port = await sink.listen()
    const channel = openChannel('email', {
      host: '127.0.0.1',
      port,
      to: 'me@home.example',
      privateAddresses: true,
      plain: true,
    })
    for (const one of [START, END]) await channel.send(one)
    await sink.close()
    const heads = sink.mails.map((mail) => mail.split('\r\n\r\n')[0]?.replace(/\r\n[ \t]/g, ' ') ?? '')
    const header = (name: string): (string | undefined)[] =>
      heads.map((head) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim())
    expect(header('Message-ID')).toEqual(['<alert-1-1000@telltale.invalid>', '<alert-1-1000-3@telltale.invalid>'])
    expect(header('In-Reply-To')).toEqual([undefined, '<alert-1-1000@telltale.invalid>'])
    expect(header('References')).toEqual([undefined, '<alert-1-1000@telltale.invalid>'])
    expect(header('Subject')).toEqual([
      'Telltale: Hall camera has been sending to clips.ring.com for 4 s, 100 kB so far',
      'Telltale: Hall camera stopped after 47 s: 300 MB to Ring',
    ])
  })

  it('takes no harm from names off the network', () => {
    for (const name of [...HOSTILE_NAMES, 'x'.repeat(9_000)]) {
      const destinations = [{ company: null, host: name, address: name, bytes: 1 }]
      const { text } = notificationOf(uploadAlert({ destinations }), undefined, { device: name, company: name })
      expect([4, 5]).toContain(text.split('\n').length)
      expect(text.length).toBeLessThan(1_000)
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }
  })
})

describe('settings of channels', () => {
  it('are off, private and encrypted until the owner says otherwise', () => {
    const { webhook: hook, ntfy, email, mqtt } = defaults()
    const common = { which: 'all', quiet: [], privateAddresses: false }
    expect(hook).toEqual({ url: '', secret: '', ...common })
    expect(ntfy).toEqual({ server: '', topic: '', token: '', ...common })
    expect(email).toEqual({ host: '', port: 587, user: '', password: '', from: '', to: '', plain: false, ...common })
    expect(mqtt).toMatchObject({ host: '', user: '', password: '', ...common })
  })

  it.each([
    [{ email: { port: 0 } }, false],
    [{ email: { port: 1 } }, true],
    [{ email: { port: 65_535 } }, true],
    [{ email: { port: 65_536 } }, false],
    [{ email: { host: 'x'.repeat(255) } }, true],
    [{ email: { host: 'x'.repeat(256) } }, false],
    [{ email: { user: 'x'.repeat(255) } }, true],
    [{ email: { user: 'x'.repeat(256) } }, false],
    [{ email: { from: 'x'.repeat(256) } }, false],
    [{ email: { to: 'x'.repeat(256) } }, false],
    [{ ntfy: { server: `https://${'x'.repeat(492)}` } }, true],
    [{ ntfy: { server: `https://${'x'.repeat(493)}` } }, false],
    [{ ntfy: { which: 'sure' } }, true],
    [{ ntfy: { which: 'none' } }, false],
  ])('%j is taken: %s', (values, ok) => {
    const change = (): unknown => validate(values)
    if (ok) expect(change).not.toThrow()
    else expect(change).toThrow()
  })
})
