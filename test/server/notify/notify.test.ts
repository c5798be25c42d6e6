// A notification reaches its receiver once and nobody else, though the receiver or Telltale was away.
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WordedAlert } from '../../../server/alerts/alert.ts'
import type { Channel, Delivery, AlertNotification } from '../../../server/notify/channel.ts'
import { notificationOf } from '../../../server/notify/notification.ts'
import { isPrivateAddress } from '../../../capture/ip-address.ts'
import {
  MAX_WAITING,
  NotificationQueue,
  type Clock,
  type QueueStore,
  type Waiting,
} from '../../../server/notify/queue.ts'
import { openChannel } from './open-channel.ts'

const ALERT: WordedAlert = {
  id: 'alert-1',
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
  message: 'Hall camera sent 4.0 MB',
  advice: ['Look whether somebody was there.'],
}
const SECRET = 'a-shared-secret'

interface Received {
  headers: IncomingMessage['headers']
  body: string
}

let server: Server
let received: Received[] = []
let answer = 200
let location = ''

beforeEach(async () => {
  received = []
  answer = 200
  location = ''
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
      response.writeHead(answer, location === '' ? {} : { location }).end('thanks')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterEach(() => new Promise((done) => server.close(done)))

const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/very-secret-path`

describe('a webhook', () => {
  it('posts JSON whose signature verifies', async () => {
    expect(
      await openChannel(
        'webhook',
        { url: url(), secret: SECRET, privateAddresses: true },
        () => 1_700_000_000_000,
      ).send(notificationOf(ALERT)),
    ).toEqual({ done: true })
    const [{ headers, body }] = received as [Received]
    expect(headers['x-telltale-signature']).toBe(
      `sha256=${createHmac('sha256', SECRET).update(`1700000000.${body}`).digest('hex')}`,
    )
    expect(JSON.parse(body)).toMatchObject({
      id: 'alert-1-1000',
      alert: { kind: 'quiet-hours' },
      text: [
        'Hall camera sent 4.0 MB',
        'Seen: 4.0 MB in 60 seconds; usual: next to nothing; 80 % sure',
        'Look whether somebody was there.',
      ].join('\n'),
    })
  })

  it('goes to no private address unless the owner says so', async () => {
    const delivery = await openChannel('webhook', { url: url(), secret: '', privateAddresses: false }).send(
      notificationOf(ALERT),
    )
    expect(delivery).toMatchObject({ done: false, again: false })
    expect(received).toEqual([])
    expect(
      await openChannel('webhook', {
        url: url().replace('127.0.0.1', 'localhost'),
        secret: '',
        privateAddresses: false,
      }).send(notificationOf(ALERT)),
    ).toMatchObject({ done: false, again: false })
  })

  it('follows no redirect', async () => {
    answer = 302
    location = url()
    expect(
      await openChannel('webhook', { url: url(), secret: '', privateAddresses: true }).send(notificationOf(ALERT)),
    ).toMatchObject({
      done: false,
      again: false,
    })
    expect(received).toHaveLength(1)
  })

  it.each([
    [500, true],
    [503, true],
    [429, true],
    [404, false],
    [401, false],
  ])('takes the answer %i for "again": %s', async (status, again) => {
    answer = status
    expect(
      await openChannel('webhook', { url: url(), secret: SECRET, privateAddresses: true }).send(notificationOf(ALERT)),
    ).toMatchObject({ done: false, again })
  })

  it('names neither address nor secret when it fails', async () => {
    const failures: Delivery[] = []
    // A label of more than 63 letters (RFC 1035) is unknown without a question to anybody.
    for (const bad of [
      'no address',
      'ftp://10.0.0.1/very-secret-path',
      'http://127.0.0.1:1/very-secret-path',
      `http://${'x'.repeat(64)}.example/very-secret-path`,
    ]) {
      failures.push(
        await openChannel('webhook', { url: bad, secret: SECRET, privateAddresses: true }).send(notificationOf(ALERT)),
      )
    }
    expect(failures.every(({ done }) => !done)).toBe(true)
    expect(JSON.stringify(failures)).not.toMatch(/very-secret-path|a-shared-secret/)
  })
})

describe('ntfy', () => {
  it('publishes to the topic with the token', async () => {
    await openChannel('ntfy', { server: url(), topic: 'home-7f3a', token: 'tk_1', privateAddresses: true }).send(
      notificationOf(ALERT),
    )
    const [{ headers, body }] = received as [Received]
    expect(headers.authorization).toBe('Bearer tk_1')
    expect(JSON.parse(body)).toMatchObject({
      topic: 'home-7f3a',
      title: 'Telltale',
      message: expect.stringContaining('Hall camera') as string,
    })
  })
})

it.each([
  ['192.168.1.2', true],
  ['10.1.1.1', true],
  ['127.0.0.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['::1', true],
  ['fe80::1%eth0', true],
  ['fd00::1', true],
  ['::ffff:192.168.1.2', true],
  ['64:ff9b::c0a8:102', true],
  ['224.0.0.251', true],
  ['8.8.8.8', false],
  ['2606:4700::1111', false],
])('%s is private: %s', (address, expected) => {
  expect(isPrivateAddress(address)).toBe(expected)
})

/** A clock that stands until it is told to run, and a disk that survives. */
class Bench implements Clock, QueueStore {
  time = 0
  disk = '[]'
  private calls: { at: number; call: () => void }[] = []

  now(): number {
    return this.time
  }

  after(milliseconds: number, call: () => void): () => void {
    const entry = { at: this.time + milliseconds, call }
    this.calls.push(entry)
    return () => (this.calls = this.calls.filter((one) => one !== entry))
  }

  load(): Waiting[] {
    return JSON.parse(this.disk) as Waiting[]
  }

  save(waiting: readonly Waiting[]): Promise<void> {
    this.disk = JSON.stringify(waiting)
    return Promise.resolve()
  }

  async run(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds
    for (;;) {
      await settle()
      const next = this.calls.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0]
      if (next === undefined) break
      this.calls = this.calls.filter((one) => one !== next)
      this.time = Math.max(this.time, next.at)
      next.call()
    }
    this.time = end
  }
}

/** Lets promises that are due be kept. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

class Receiver implements Channel {
  name = 'test'
  isUp = true
  attempts = 0
  readonly got: string[] = []

  send({ id }: AlertNotification): Promise<Delivery> {
    this.attempts++
    if (!this.isUp) return Promise.resolve({ done: false, again: true, reason: 'test: away' })
    this.got.push(id)
    return Promise.resolve({ done: true })
  }
}

describe('the queue', () => {
  const notification = (number: number): AlertNotification => notificationOf({ ...ALERT, id: `alert-${number}` })

  it('delivers once, in order, after the receiver was away for a minute, trying ever more rarely', async () => {
    const bench = new Bench()
    const receiver = new Receiver()
    const reports: (string | null)[] = []
    const queue = new NotificationQueue(receiver, bench, bench, (reason) => reports.push(reason))
    queue.start()
    receiver.isUp = false
    await queue.add(notification(1))
    await queue.add(notification(2))
    await bench.run(60_000)
    expect(receiver.attempts).toBeLessThan(8)
    receiver.isUp = true
    await bench.run(120_000)
    expect(receiver.got).toEqual(['alert-1-1000', 'alert-2-1000'])
    expect(reports.slice(-2)).toEqual([null, null])
    expect(queue.length).toBe(0)
  })

  it('goes on after Telltale was killed while the receiver was away', async () => {
    const bench = new Bench()
    const receiver = new Receiver()
    receiver.isUp = false
    const killed = new NotificationQueue(receiver, bench, bench)
    killed.start()
    await killed.add(notification(1))
    await bench.run(10_000)
    await killed.stop()
    receiver.isUp = true
    const next = new NotificationQueue(receiver, bench, bench)
    next.start()
    await bench.run(600_000)
    expect(receiver.got).toEqual(['alert-1-1000'])
    expect(bench.load()).toEqual([])
  })

  it('gives up what is refused for good, and what is older than a day', async () => {
    const bench = new Bench()
    const receiver = new Receiver()
    const queue = new NotificationQueue(
      { name: 'test', send: () => Promise.resolve({ done: false, again: false, reason: 'test: no' }) },
      bench,
      bench,
    )
    queue.start()
    await queue.add(notification(1))
    await bench.run(1_000)
    expect(queue.length).toBe(0)
    receiver.isUp = false
    const patient = new NotificationQueue(receiver, bench, bench)
    patient.start()
    await patient.add(notification(2))
    await bench.run(26 * 3_600_000)
    expect(patient.length).toBe(0)
  })

  it('keeps to its cap, and tells an alert that grew once', async () => {
    const bench = new Bench()
    const queue = new NotificationQueue(new Receiver(), bench, bench)
    for (let number = 0; number < MAX_WAITING + 50; number++) await queue.add(notification(number))
    expect(queue.length).toBe(MAX_WAITING)
    await queue.add(notification(MAX_WAITING))
    expect(queue.length).toBe(MAX_WAITING)
  })

  it('survives a channel that throws, without repeating what it threw', async () => {
    const bench = new Bench()
    const reports: (string | null)[] = []
    const queue = new NotificationQueue(
      { name: 'test', send: () => Promise.reject(new Error('https://host/very-secret')) },
      bench,
      bench,
      (reason) => reports.push(reason),
    )
    queue.start()
    await queue.add(notification(1))
    await bench.run(1_000)
    expect(reports).toEqual(['test: something unforeseen went wrong'])
    expect(queue.length).toBe(1)
  })
})
