// Which channels hear of an alert, and when? Only those of the real home.
import type { Alert } from '../alerts/alert.ts'
import { localClock } from '../alerts/local-time.ts'
import { parseSchedules } from '../alerts/schedule.ts'
import { isWithin } from '../alerts/settings.ts'
import type { ChannelFacts, ChannelTest } from '../api.ts'
import { CHANNEL_NEEDS, type Settings } from '../settings/settings.ts'
import { type Channel, notificationOf } from '../notify/channel.ts'
import { emailChannel } from '../notify/email.ts'
import { type HomeDevice, numberOf } from '../notify/home-assistant.ts'
import { MqttChannel } from '../notify/mqtt.ts'
import { ntfyChannel } from '../notify/ntfy.ts'
import { type Clock, NotificationQueue, type Pauses } from '../notify/queue.ts'
import { webhookChannel } from '../notify/webhook.ts'
import { BrokerDevices } from './channel-broker.ts'
import { type ChannelState, MAX_TOLD } from './channel-state.ts'
import { ServiceError } from '../model/service-error.ts'
import type { Stored } from '../store/stored.ts'

export const CHANNEL_NAMES = ['webhook', 'ntfy', 'email', 'mqtt'] as const
type ChannelName = (typeof CHANNEL_NAMES)[number]

/** An alert about which one is at least this sure. */
const SURE = 0.85

export interface ChannelsOptions {
  kept: Stored<ChannelState>
  settings: () => Settings
  timeZone: () => string
  clock: Clock
  say: (sentence: string) => void
  /** What the broker is told of the devices; null while no real home is on the page. */
  devices: () => Promise<readonly HomeDevice[] | null>
  /** Between attempts; the queue's own where absent. */
  pauses?: Pauses
}

interface Open {
  text: string
  channel: Channel
  queue: NotificationQueue
  /** Of the broker only. */
  brokerDevices: BrokerDevices | null
  /** The broker's place: elsewhere nothing is known of its devices. */
  place: string
}

export class Channels {
  private readonly options: ChannelsOptions
  private readonly open = new Map<ChannelName, Open>()
  /**
   * How sure one was of the alerts of this run and the one before, by notification: a channel that is opened later is not
   * told of them.
   */
  private readonly seen = new Map<string, number>()
  /** Why the last attempt of a channel failed. */
  private readonly problems = new Map<ChannelName, string>()
  private work: Promise<unknown> = Promise.resolve()

  constructor(options: ChannelsOptions) {
    this.options = options
  }

  /** Opens what the settings name, closes what they name no more. */
  apply(): Promise<void> {
    return this.inTurn(async () => {
      const { kept, settings } = this.options
      for (const name of CHANNEL_NAMES) {
        const text = JSON.stringify(settings()[name])
        const known = this.open.get(name)
        if (known?.text === text) continue
        const isOn = isSetUp(name, settings())
        if (known !== undefined) await this.shut(known, isOn && placeOf(name, settings()) === known.place)
        this.open.delete(name)
        this.problems.delete(name)
        if (!isOn) {
          delete kept.data.waiting[name]
          delete kept.data.told[name]
          continue
        }
        kept.data.told[name] ??= [...this.seen].filter(([, sure]) => this.isWanted(name, sure)).map(([id]) => id)
        this.open.set(name, this.openOne(name, text))
      }
      await kept.save()
    })
  }

  /** Alerts known from before a restart are no update. */
  know(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      this.note(alert)
      for (const name of CHANNEL_NAMES)
        if (this.options.kept.data.told[name] !== undefined && this.isWanted(name, alert.sure))
          this.markEmitted(name, notificationOf(alert).id)
    }
  }

  /** Each channel hears of an alert once, as soon as one is as sure of it as the channel wants. */
  emit(alert: Alert): Promise<void> {
    return this.inTurn(async () => {
      if (alert.state !== 'open') return
      this.note(alert)
      const notification = notificationOf(alert)
      for (const [name, { queue }] of this.open) {
        if (!this.isWanted(name, alert.sure) || !this.markEmitted(name, notification.id)) continue
        // What a full disk keeps one channel from writing down the others hear all the same.
        await queue.add(notification).catch(() => this.options.say(`${name}: what waits could not be written down`))
      }
    })
  }

  /** How those are that are on. */
  facts(): Record<string, ChannelFacts> {
    return Object.fromEntries(
      [...this.open].map(([name, { queue }]) => [
        name,
        { waiting: queue.length, problem: this.problems.get(name) ?? null },
      ]),
    )
  }

  /** Sends a made-up alert now, past the queue. */
  async test(name: string): Promise<ChannelTest> {
    const known = this.open.get(name as ChannelName)
    if (known === undefined)
      throw new ServiceError(404, 'no-such-channel', 'This channel is not set up: fill in its address and save first')
    const delivery = await known.channel.send(notificationOf(testAlert(this.options.clock.now() / 1000)))
    if (delivery.done) this.problems.delete(name as ChannelName)
    return { delivered: delivery.done, reason: delivery.done ? null : delivery.reason }
  }

  /**
   * No notification about the devices waits any longer, and no broker keeps them. Resolves to how many files were rewritten.
   */
  forget(ids: readonly string[]): Promise<number> {
    return this.inTurn(async () => {
      const { kept } = this.options
      for (const { queue } of this.open.values())
        await queue.drop(({ alert }) => alert.device !== null && ids.includes(alert.device))
      const brokerDevices = this.open.get('mqtt')?.brokerDevices ?? null
      if (brokerDevices !== null) await brokerDevices.forget(ids)
      else clearLater(kept.data, ids)
      return await kept.purge()
    })
  }

  close(): Promise<void> {
    return this.inTurn(async () => {
      for (const known of this.open.values()) await this.shut(known, true)
    })
  }

  /** One change after the other: an alert that comes meanwhile finds the channels as they are then. */
  private inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    const done = this.work.then(task)
    this.work = done.catch(() => undefined)
    return done
  }

  private note(alert: Alert): void {
    const { id } = notificationOf(alert)
    this.seen.delete(id)
    this.seen.set(id, alert.sure)
    for (const oldest of this.seen.keys()) if (this.seen.size > MAX_TOLD) this.seen.delete(oldest)
  }

  private isWanted(name: ChannelName, sure: number): boolean {
    return this.options.settings()[name].which === 'all' || sure >= SURE
  }

  /** False where it was before. */
  private markEmitted(name: ChannelName, id: string): boolean {
    const told = (this.options.kept.data.told[name] ??= [])
    if (told.includes(id)) return false
    told.push(id)
    if (told.length > MAX_TOLD) told.shift()
    return true
  }

  private isQuiet(name: ChannelName): boolean {
    const { clock, settings, timeZone } = this.options
    const { weekday, minute } = localClock(timeZone())(Math.floor(clock.now() / 1000))
    return isWithin(parseSchedules(settings()[name].quiet), weekday, minute)
  }

  private async shut({ queue, brokerDevices }: Open, comesBack: boolean): Promise<void> {
    await queue.stop()
    if (brokerDevices !== null) await (comesBack ? brokerDevices.stop() : brokerDevices.leave())
  }

  private openOne(name: ChannelName, text: string): Open {
    const { kept, clock, settings, devices, pauses } = this.options
    const channel = this.channelOf(name)
    const store = {
      load: () => [...(kept.data.waiting[name] ?? [])],
      save: async (waiting: readonly (typeof kept.data.waiting)[string][number][]) => {
        kept.data.waiting[name] = [...waiting]
        await kept.save()
      },
    }
    const queue = new NotificationQueue(channel, store, clock, this.reporter(name), pauses, () => this.isQuiet(name))
    const brokerDevices = channel instanceof MqttChannel ? new BrokerDevices({ channel, kept, clock, devices }) : null
    queue.start()
    brokerDevices?.start()
    return { text, channel, queue, brokerDevices, place: placeOf(name, settings()) }
  }

  private channelOf(name: ChannelName): Channel {
    const { webhook, ntfy, email, mqtt } = this.options.settings()
    switch (name) {
      case 'webhook':
        return webhookChannel({ url: webhook.url, secret: webhook.secret, allowPrivate: webhook.privateAddresses })
      case 'ntfy':
        return ntfyChannel({
          server: ntfy.server,
          topic: ntfy.topic,
          token: ntfy.token,
          allowPrivate: ntfy.privateAddresses,
        })
      case 'email':
        return emailChannel({ ...email, allowPrivate: email.privateAddresses, allowPlain: email.plain })
      case 'mqtt': {
        const { kept, clock } = this.options
        const clearing = {
          load: () => [...kept.data.mqtt.clearing],
          save: async (numbers: readonly string[]) => {
            kept.data.mqtt.clearing = [...numbers]
            await kept.save()
          },
        }
        return new MqttChannel(
          { ...mqtt, allowPrivate: mqtt.privateAddresses, identity: kept.data.mqtt.identity },
          clearing,
          () => clock.now(),
          this.reporter(name),
        )
      }
    }
  }

  /** Says each reason once, until things go well again. */
  private reporter(name: ChannelName): (reason: string | null) => void {
    return (reason) => {
      if (reason !== null && reason !== this.problems.get(name)) this.options.say(reason)
      if (reason === null) this.problems.delete(name)
      else this.problems.set(name, reason)
    }
  }
}

function isSetUp(name: ChannelName, settings: Settings): boolean {
  const fields: Record<string, unknown> = settings[name]
  return CHANNEL_NEEDS[name].every((field) => fields[field] !== '')
}

function placeOf(name: ChannelName, { mqtt }: Settings): string {
  return name === 'mqtt' ? JSON.stringify([mqtt.host, mqtt.port, mqtt.discovery]) : ''
}

/** While no broker is set up, what an earlier one may still keep of the devices is cleared once it is again. */
function clearLater({ mqtt }: ChannelState, ids: readonly string[]): void {
  const numbers = ids.map((id) => numberOf(mqtt.identity, id)).filter((number) => mqtt.devices.includes(number))
  mqtt.devices = mqtt.devices.filter((number) => !numbers.includes(number))
  mqtt.clearing.push(...numbers)
}

function testAlert(now: number): Alert {
  return {
    id: 'test',
    kind: 'large-upload',
    device: null,
    company: null,
    from: now,
    to: now,
    seen: 0,
    usual: null,
    unit: 'bytes',
    sent: 0,
    received: 0,
    sure: 1,
    learning: false,
    detail: null,
    direction: 'none',
    times: 1,
    state: 'open',
    message: 'This is a test: alerts of Telltale will arrive here.',
    advice: [],
  }
}
