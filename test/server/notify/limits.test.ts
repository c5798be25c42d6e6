// Queues and pauses of channels at their limits, addresses of a home, and the text of a notification.
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { isPrivateAddress } from '../../../capture/ip-address.ts'
import type { WordedAlert } from '../../../server/alerts/alert.ts'
import type { Channel, Delivery, AlertNotification } from '../../../server/notify/channel.ts'
import { configMessages, stateMessage, topicsOf } from '../../../server/notify/channels/mqtt/home-assistant.ts'
import { MqttChannel } from '../../../server/notify/channels/mqtt/channel.ts'
import { NotificationQueue, type Clock, type QueueStore, type Waiting } from '../../../server/notify/queue.ts'

const notification = (id: string, text = 'text'): AlertNotification => ({
  id,
  alert: {} as WordedAlert,
  title: 'Telltale',
  text,
  phase: 'start',
  sequence: 1,
  bytes: 0,
  seconds: 0,
  destination: null,
})

/** Time that the test moves; what is planned is called when it is due. */
class TestClock implements Clock {
  time = 1_000_000
  planned: { at: number; call: () => void }[] = []

  now = (): number => this.time

  after(milliseconds: number, call: () => void): () => void {
    const one = { at: this.time + milliseconds, call }
    this.planned.push(one)
    return () => (this.planned = this.planned.filter((other) => other !== one))
  }

  /** How long until the next call. */
  get wait(): number | null {
    return this.planned.length === 0 ? null : Math.min(...this.planned.map(({ at }) => at)) - this.time
  }

  /** Moves to the next call, makes it, and waits until it is done. */
  async next(): Promise<void> {
    const [first] = this.planned.toSorted((one, other) => one.at - other.at)
    if (first === undefined) throw new Error('nothing is planned')
    this.planned = this.planned.filter((one) => one !== first)
    this.time = Math.max(this.time, first.at)
    first.call()
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
}

class Lab {
  readonly clock = new TestClock()
  readonly sent: string[] = []
  readonly texts: string[] = []
  /** Called while a message is on its way. */
  during = (): void => undefined
  readonly reports: (string | null)[] = []
  readonly saved: string[][] = []
  answer: Delivery = { done: true }
  held = false
  readonly queue: NotificationQueue

  constructor(waiting: Waiting[] = []) {
    const channel: Channel = {
      name: 'test',
      send: (one) => {
        this.sent.push(one.id)
        this.texts.push(one.text)
        this.during()
        return Promise.resolve(this.answer)
      },
    }
    const store: QueueStore = {
      load: () => waiting,
      save: (list) => {
        this.saved.push(list.map((one) => one.notification.id))
        return Promise.resolve()
      },
    }
    this.queue = new NotificationQueue(
      channel,
      store,
      this.clock,
      (reason) => this.reports.push(reason),
      undefined,
      () => this.held,
    )
    this.queue.start()
  }
}
const AGAIN: Delivery = { done: false, again: true, reason: 'not now' }

describe('a queue', () => {
  it('tries after 2 s, and twice as long after each failure, up to five minutes', async () => {
    const lab = new Lab()
    lab.answer = AGAIN
    await lab.queue.add(notification('a'))
    const waits: (number | null)[] = [lab.clock.wait]
    for (let time = 0; time < 10; time++) {
      await lab.clock.next()
      waits.push(lab.clock.wait)
    }
    expect(waits).toEqual([0, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000])
    lab.answer = { done: true }
    await lab.clock.next()
    expect([lab.queue.length, lab.clock.wait, lab.reports.at(-1)]).toEqual([0, null, null])
  })

  it('is saved with each notification, each attempt and each that is dropped', async () => {
    const lab = new Lab()
    await lab.queue.add(notification('a'))
    await lab.queue.add(notification('b'))
    expect(lab.saved).toEqual([['a'], ['a', 'b']])
    await lab.clock.next()
    expect(lab.saved.at(-1)).toEqual(['b'])
    await lab.queue.drop(({ id }) => id === 'b')
    expect([lab.saved.length, lab.saved.at(-1), lab.queue.length, lab.clock.wait]).toEqual([4, [], 0, null])
  })

  it('holds two hundred notifications; the oldest makes room', async () => {
    const lab = new Lab()
    for (let index = 0; index < 200; index++) await lab.queue.add(notification(`n${index}`))
    expect([lab.queue.length, lab.saved.at(-1)?.[0]]).toEqual([200, 'n0'])
    await lab.queue.add(notification('one more'))
    expect([lab.queue.length, lab.saved.at(-1)?.[0], lab.saved.at(-1)?.at(-1)]).toEqual([200, 'n1', 'one more'])
    await lab.queue.add(notification('n5', 'new text'))
    expect(lab.queue.length).toBe(200)
  })

  it('gives up what is older than a day, to the millisecond', async () => {
    const waiting = (age: number): Waiting[] => [
      { notification: notification('old'), since: 1_000_000 - age, attempts: 3, next: 1_000_000 },
    ]
    const kept = new Lab(waiting(86_400_000))
    await kept.clock.next()
    expect([kept.sent, kept.reports]).toEqual([['old'], [null]])
    const stale = new Lab(waiting(86_400_001))
    await stale.clock.next()
    expect([stale.sent, stale.queue.length]).toEqual([[], 0])
    expect(stale.reports).toEqual(['a notification could not be delivered for a day and was given up'])
  })

  it('looks each half minute whether it may send again while it is held', async () => {
    const lab = new Lab()
    lab.held = true
    await lab.queue.add(notification('a'))
    expect(lab.clock.wait).toBe(30_000)
    await lab.clock.next()
    expect([lab.sent, lab.clock.wait]).toEqual([[], 30_000])
    lab.held = false
    await lab.clock.next()
    expect(lab.sent).toEqual(['a'])
  })

  it('sends the newest message of an incident in place of one that waits, as if it had come first', async () => {
    const lab = new Lab()
    lab.held = true
    for (const id of ['a', 'b']) await lab.queue.add(notification(id))
    const end = { ...notification('a', 'the end'), sequence: 2 }
    lab.clock.time += 86_400_000
    await lab.queue.add(end)
    expect([lab.queue.length, lab.queue.waits('a'), lab.queue.waits('c')]).toEqual([2, true, false])
    lab.held = false
    // What waited for a day is given up; what took its place is not.
    lab.clock.time += 1
    while (lab.queue.length > 0) await lab.clock.next()
    expect(lab.texts).toEqual(['the end'])
    expect(lab.reports).toEqual([null, 'a notification could not be delivered for a day and was given up'])
  })

  it('sends a message that comes while the one before is on its way, be that one taken or refused', async () => {
    for (const answer of [{ done: true }, { done: false, again: false, reason: 'no' }, AGAIN] as Delivery[]) {
      const lab = new Lab()
      lab.answer = answer
      let next: Promise<void> | null = null
      const waits: boolean[] = []
      lab.during = () => {
        lab.during = () => undefined
        waits.push(lab.queue.waits('a'))
        next = lab.queue.add({ ...notification('a', 'the end'), sequence: 2 })
        waits.push(lab.queue.waits('a'))
      }
      await lab.queue.add(notification('a', 'the start'))
      await lab.clock.next()
      await next
      expect(waits).toEqual([false, true])
      lab.answer = { done: true }
      await lab.clock.next()
      expect(lab.texts).toEqual(['the start', 'the end'])
      expect([lab.queue.length, lab.saved.at(-1)]).toEqual([0, []])
    }
  })

  it('sends in order, and keeps what waits when it stops', async () => {
    const lab = new Lab()
    for (const id of ['a', 'b', 'c']) await lab.queue.add(notification(id))
    await lab.clock.next()
    await lab.clock.next()
    expect(lab.sent).toEqual(['a', 'b'])
    await lab.queue.stop()
    expect([lab.clock.wait, lab.queue.length]).toEqual([null, 1])
    await lab.queue.add(notification('d'))
    expect(lab.clock.wait).toBeNull()
    lab.queue.start()
    await lab.clock.next()
    expect(lab.sent).toEqual(['a', 'b', 'c'])
  })
})

describe('a broker that is away', () => {
  it('is tried for devices after 5 s, then after twice as long each time, up to five minutes', async () => {
    // A port that nobody listens at: taken and given back.
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number }
        server.close(() => resolve(port))
      })
    })
    const clock = { now: 50_000 }
    const reports: (string | null)[] = []
    const channel = new MqttChannel(
      {
        host: '127.0.0.1',
        port,
        tls: false,
        authority: '',
        user: '',
        password: '',
        privateAddresses: true,
        discovery: 'homeassistant',
        identity: 'id',
      },
      { load: () => [], save: () => Promise.resolve() },
      () => clock.now,
      (reason) => reports.push(reason),
    )
    for (const pause of [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      const before = reports.length
      await channel.update([])
      expect(reports.length).toBe(before + 1)
      clock.now += pause - 1
      await channel.update([])
      expect(reports.length).toBe(before + 1)
      clock.now += 1
    }
    expect(reports[0]).toBe('MQTT: the broker cannot be reached at the moment')
    await channel.stop()
  })
})

it.each([
  ['9.255.255.255', false],
  ['10.0.0.0', true],
  ['10.255.255.255', true],
  ['11.0.0.0', false],
  ['172.15.255.255', false],
  ['172.16.0.0', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.167.255.255', false],
  ['192.168.0.0', true],
  ['192.169.0.0', false],
  ['127.0.0.1', true],
  ['169.254.1.1', true],
  ['::1', true],
  ['fe80::1', true],
  ['fd00::1', true],
  ['2001:db8::1', true],
  ['2606:4700::1', false],
  ['::ffff:192.168.1.1', true],
  ['8.8.8.8', false],
])('%s is an address of a home: %s', (address, isPrivate) => {
  expect(isPrivateAddress(address)).toBe(isPrivate)
})

it('the state of a device for Home Assistant holds its figures', () => {
  const topics = topicsOf('homeassistant', 'id')
  const device = {
    id: 'aa',
    name: 'Cam',
    vendor: null,
    kind: 'camera',
    sentToday: 4_200_000,
    rateUp: 1_250.4,
    lastEvent: 'x',
    alert: true,
  }
  const state = JSON.parse(stateMessage(topics, device).payload) as Record<string, unknown>
  expect(Object.values(state)).toEqual(expect.arrayContaining([4_200_000, 1_250]))
  expect(configMessages(topics, device)).toHaveLength(4)
})
