// The queue of a channel: notifications wait in it, over a restart too, until the receiver takes them.
import type { Channel, Delivery, AlertNotification } from './channel.ts'

/** Waiting notifications of a channel; beyond, the oldest goes. */
export const MAX_WAITING = 200
/** Milliseconds between attempts: they double from the first to the longest. */
export interface Pauses {
  first: number
  longest: number
}

const PAUSES: Pauses = { first: 2_000, longest: 300_000 }
/** While nothing may be sent, it is looked this often whether it may be again. */
const HELD_MS = 30_000
/** A notification older than this is dropped. */
const STALE_MS = 24 * 3_600_000

export interface Waiting {
  notification: AlertNotification
  since: number
  attempts: number
  /** Not before this time. */
  next: number
}

/** Where the queue is kept over a restart; `save` is called with every change and is done when it is on the disk. */
export interface QueueStore {
  load(): Waiting[]
  save(waiting: readonly Waiting[]): Promise<void>
}

export interface Clock {
  now(): number
  /** Calls back after so many milliseconds; returns how to call it off. */
  after(milliseconds: number, call: () => void): () => void
}

/**
 * Delivers in order, one at a time. A notification leaves the queue once the receiver took it: killed between the two,
 * Telltale sends it again with the same id and number.
 */
export class NotificationQueue {
  private readonly channel: Channel
  private readonly store: QueueStore
  private readonly clock: Clock
  private readonly report: (reason: string | null) => void
  private readonly pauses: Pauses
  private readonly isHeld: () => boolean
  private waiting: Waiting[]
  private cancel: (() => void) | null = null
  private working: Promise<void> | null = null
  /** On its way to the receiver. */
  private sending: AlertNotification | null = null
  private stopped = false

  /** `report` receives the reason of each failure, and null after a success; nothing is sent while `isHeld`. */
  constructor(
    channel: Channel,
    store: QueueStore,
    clock: Clock,
    report: (reason: string | null) => void = () => undefined,
    pauses: Pauses = PAUSES,
    isHeld: () => boolean = () => false,
  ) {
    this.channel = channel
    this.store = store
    this.clock = clock
    this.report = report
    this.pauses = pauses
    this.isHeld = isHeld
    this.waiting = store.load()
  }

  start(): void {
    this.stopped = false
    this.plan()
  }

  /** Ends after the attempt at hand; what waits is kept. */
  async stop(): Promise<void> {
    this.stopped = true
    this.cancel?.()
    this.cancel = null
    await this.working
  }

  /** Whether a message of the incident waits that is not on its way yet. */
  waits(id: string): boolean {
    return this.waiting.some(({ notification }) => notification.id === id && notification !== this.sending)
  }

  /** Resolves when the notification is on the disk. One of the same incident that waits still gives its place to it. */
  async add(notification: AlertNotification): Promise<void> {
    const known = this.waiting.find((one) => one.notification.id === notification.id)
    if (known !== undefined) Object.assign(known, { notification, since: this.clock.now() })
    else this.waiting.push({ notification, since: this.clock.now(), attempts: 0, next: this.clock.now() })
    if (this.waiting.length > MAX_WAITING) this.waiting.shift()
    try {
      await this.store.save(this.waiting)
    } finally {
      // What cannot be written down can be sent all the same.
      this.plan()
    }
  }

  /** Resolves when the notifications that fit wait no more, on the disk either. */
  async drop(fits: (notification: AlertNotification) => boolean): Promise<void> {
    this.waiting = this.waiting.filter(({ notification }) => !fits(notification))
    await this.store.save(this.waiting)
    this.plan()
  }

  get length(): number {
    return this.waiting.length
  }

  private plan(): void {
    if (this.stopped || this.working !== null) return
    this.cancel?.()
    this.cancel = null
    const first = this.waiting[0]
    if (first === undefined) return
    this.cancel = this.clock.after(Math.max(this.isHeld() ? HELD_MS : 0, first.next - this.clock.now()), () => {
      this.cancel = null
      if (this.isHeld()) return this.plan()
      this.working = this.attempt(first).finally(() => {
        this.working = null
        this.plan()
      })
    })
  }

  private async attempt(first: Waiting): Promise<void> {
    const { notification } = first
    const delivery = this.clock.now() - first.since > STALE_MS ? TOO_OLD : await this.deliver(notification)
    if (delivery.done || !delivery.again) {
      // One that took its place meanwhile is still to be sent.
      if (first.notification !== notification) Object.assign(first, { attempts: 0, next: this.clock.now() })
      else this.waiting = this.waiting.filter((one) => one !== first)
    } else {
      first.attempts++
      first.next = this.clock.now() + Math.min(this.pauses.longest, this.pauses.first * 2 ** (first.attempts - 1))
    }
    this.report(delivery.done ? null : delivery.reason)
    // A full disk stops no delivery: the next change writes down what this one could not.
    await this.store
      .save(this.waiting)
      .catch(() => this.report(`${this.channel.name}: what waits could not be written down`))
  }

  private async deliver(notification: AlertNotification): Promise<Delivery> {
    this.sending = notification
    try {
      return await this.channel.send(notification)
    } catch {
      // The text of an unforeseen error may hold an address with its secret.
      return { done: false, again: true, reason: `${this.channel.name}: something unforeseen went wrong` }
    } finally {
      this.sending = null
    }
  }
}

const TOO_OLD: Delivery = {
  done: false,
  again: false,
  reason: 'a notification could not be delivered for a day and was given up',
}
