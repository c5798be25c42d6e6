// Which channels hear of an alert, and when? Only those of the real home.
import type { Alert } from '../alerts/alert.ts'
import { localClock } from '../alerts/local-time.ts'
import { parseSchedules } from '../alerts/schedule.ts'
import { isWithin } from '../alerts/settings.ts'
import type { ChannelTest } from '../api.ts'
import type { Settings } from '../config.ts'
import { type Channel, noticeOf } from '../notify/channel.ts'
import { emailChannel } from '../notify/email.ts'
import { ntfyChannel } from '../notify/ntfy.ts'
import { type Clock, NoticeQueue, type Waiting } from '../notify/queue.ts'
import { webhookChannel } from '../notify/webhook.ts'
import { ServiceError } from '../service.ts'
import type { Kept } from './decisions.ts'

/** Waiting notices by channel, as kept on disk. */
export interface WaitingNotices {
  waiting: Record<string, Waiting[]>
}

export const CHANNEL_NAMES = ['webhook', 'ntfy', 'email'] as const
type ChannelName = (typeof CHANNEL_NAMES)[number]

/** An alert about which one is at least this sure. */
const SURE = 0.85

export interface ChannelsOptions {
  kept: Kept<WaitingNotices>
  settings: () => Settings
  timeZone: () => string
  clock: Clock
  say: (sentence: string) => void
}

interface Open {
  text: string
  queue: NoticeQueue
}

export class Channels {
  private readonly options: ChannelsOptions
  private readonly open = new Map<ChannelName, Open>()
  /** Alerts that were told, so that one that goes on is told once. */
  private readonly told = new Set<string>()

  constructor(options: ChannelsOptions) {
    this.options = options
  }

  /** Opens what the settings name, closes what they name no more. */
  async apply(): Promise<void> {
    const settings = this.options.settings()
    for (const name of CHANNEL_NAMES) {
      const text = JSON.stringify(settings[name])
      const known = this.open.get(name)
      if (known?.text === text) continue
      await known?.queue.stop()
      this.open.delete(name)
      const channel = channelOf(name, settings)
      if (channel === null) delete this.options.kept.data.waiting[name]
      else this.open.set(name, { text, queue: this.startQueue(name, channel) })
    }
    await this.options.kept.save()
  }

  /** Alerts known from before a restart are no news. */
  know(alerts: readonly Alert[]): void {
    for (const { id } of alerts) this.told.add(id)
  }

  async tell(alert: Alert): Promise<void> {
    if (this.told.has(alert.id) || alert.state !== 'open') return
    this.told.add(alert.id)
    const { settings, timeZone } = this.options
    const { weekday, minute } = localClock(timeZone())(alert.to)
    for (const [name, { queue }] of this.open) {
      const { which, quiet } = settings()[name]
      if ((which === 'sure' && alert.sure < SURE) || isWithin(parseSchedules(quiet), weekday, minute)) continue
      await queue.add(noticeOf(alert))
    }
  }

  /** Sends a made-up alert now, past the queue. */
  async test(name: string): Promise<ChannelTest> {
    const channel = (CHANNEL_NAMES as readonly string[]).includes(name) ? channelOf(name as ChannelName, this.options.settings()) : null
    if (channel === null) throw new ServiceError(404, 'no-such-channel', 'This channel is not set up: fill in its address and save first')
    const delivery = await channel.send(noticeOf(testAlert(this.options.clock.now() / 1000)))
    return { delivered: delivery.done, reason: delivery.done ? null : delivery.reason }
  }

  /** No notice about the devices waits any longer. Resolves to how many files were rewritten. */
  async forget(ids: readonly string[]): Promise<number> {
    const { kept, settings } = this.options
    for (const { queue } of this.open.values()) await queue.stop()
    this.open.clear()
    const { waiting } = kept.data
    for (const name of Object.keys(waiting)) waiting[name] = (waiting[name] ?? []).filter(({ notice }) => notice.alert.device === null || !ids.includes(notice.alert.device))
    const files = await kept.purge()
    for (const name of CHANNEL_NAMES) {
      const channel = channelOf(name, settings())
      if (channel !== null) this.open.set(name, { text: JSON.stringify(settings()[name]), queue: this.startQueue(name, channel) })
    }
    return files
  }

  async close(): Promise<void> {
    for (const { queue } of this.open.values()) await queue.stop()
  }

  private startQueue(name: ChannelName, channel: Channel): NoticeQueue {
    const { kept, clock, say } = this.options
    const queue = new NoticeQueue(channel, {
      load: () => [...(kept.data.waiting[name] ?? [])],
      save: async (waiting) => {
        kept.data.waiting[name] = [...waiting]
        await kept.save()
      },
    }, clock, (reason) => { if (reason !== null) say(reason) })
    queue.start()
    return queue
  }
}

/** Null where the channel is off. */
function channelOf(name: ChannelName, { webhook, ntfy, email }: Settings): Channel | null {
  switch (name) {
    case 'webhook':
      return webhook.url === '' ? null : webhookChannel({ url: webhook.url, secret: webhook.secret, allowPrivate: webhook.privateAddresses })
    case 'ntfy':
      return ntfy.server === '' || ntfy.topic === '' ? null : ntfyChannel({ server: ntfy.server, topic: ntfy.topic, token: ntfy.token, allowPrivate: ntfy.privateAddresses })
    case 'email':
      return email.host === '' || email.to === '' ? null : emailChannel({ ...email, allowPrivate: email.privateAddresses, allowPlain: email.plain })
  }
}

function testAlert(now: number): Alert {
  return {
    id: 'test', kind: 'large-upload', device: null, company: null, from: now, to: now, seen: 0, usual: null, unit: 'bytes', sent: 0, received: 0, sure: 1,
    learning: false, detail: null, direction: 'none', times: 1, state: 'open', message: 'This is a test: alerts of Telltale will arrive here.', advice: [],
  }
}

/** What a stored file says, as far as it can be used. */
export function readWaitingNotices(stored: unknown): WaitingNotices {
  const { waiting } = (stored ?? {}) as Partial<WaitingNotices>
  const read: WaitingNotices = { waiting: {} }
  for (const name of CHANNEL_NAMES) {
    const list = waiting?.[name]
    if (Array.isArray(list)) read.waiting[name] = list.filter(isWaiting)
  }
  return read
}

function isWaiting(value: unknown): value is Waiting {
  const { notice, since, attempts, next } = (value ?? {}) as Partial<Waiting>
  return typeof notice?.id === 'string' && typeof notice.text === 'string' && typeof notice.alert === 'object' && [since, attempts, next].every(Number.isFinite)
}
