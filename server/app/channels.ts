// The open channels: which emits an alert, and when. Only alerts of the real home.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { Alert } from '../alerts/alert.ts'
import type { ChannelFacts, ChannelTest } from '../api.ts'
import { type Channel, notificationOf } from '../notify/channel.ts'
import {
  CHANNEL_NAMES,
  channelOf,
  type ChannelName,
  DEVICE_CHANNELS,
  isSetUp,
  showsDevices,
} from '../notify/channels/index.ts'
import { type HomeDevice, numberOf } from '../notify/home-device.ts'
import type { WordedAlert } from '../alerts/alert.ts'
import { localClock } from '../model/local-time.ts'
import { isWithin, parseSchedules } from '../model/schedule.ts'
import { noticeId } from '../notify/channel.ts'
import { type Clock, NotificationQueue, type Pauses } from '../notify/queue.ts'
import type { Log } from '../log.ts'
import { BrokerDevices } from './channel-broker.ts'
import { type ChannelState, type DeviceState, MAX_TOLD } from './channel-state.ts'
import { ServiceError } from '../model/service-error.ts'
import type { Stored } from '../store/stored.ts'
import type { Settings } from '../settings/schema.ts'

/** An alert about which one is at least this sure. */
const SURE = 0.85

const NOT_WRITTEN = 'The state of the channels could not be written down'

export interface ChannelsOptions {
  kept: Stored<ChannelState>
  settings: () => Settings
  timeZone: () => string
  clock: Clock
  log: Log
  /** The devices for channels that show them; null while no real home is on the page. */
  devices: () => Promise<readonly HomeDevice[] | null>
  /** Between attempts; the queue's own where absent. */
  pauses?: Pauses
}

interface Open {
  text: string
  channel: Channel
  queue: NotificationQueue
  /** Of a channel that shows devices. */
  brokerDevices: BrokerDevices | null
  /** The receiver's place: elsewhere nothing is known of its devices. */
  place: string
}

export class Channels {
  private readonly options: ChannelsOptions
  private readonly open = new Map<ChannelName, Open>()
  /**
   * How sure one was of the alerts of this run and the one before, by notification: a channel that is opened later does
   * not emit them.
   */
  private readonly seen = new BoundedMap<string, number>('alerts seen', MAX_TOLD)
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
        const isOn = isSetUp(name, settings()[name])
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
      // Settings are on the disk by now: what the channels note of them is written with the next change.
      await kept.save().catch((err: unknown) => this.options.log.error({ err }, NOT_WRITTEN))
    })
  }

  /** Alerts known from before a restart are no update. */
  know(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      this.note(alert)
      for (const name of CHANNEL_NAMES)
        if (this.options.kept.data.told[name] !== undefined && this.isWanted(name, alert.sure))
          this.markEmitted(name, noticeId(alert))
    }
  }

  /** Each channel emits an alert once, as soon as it is as sure as the channel's settings ask. */
  emit(alert: WordedAlert): Promise<void> {
    return this.inTurn(async () => {
      if (alert.state !== 'open') return
      this.note(alert)
      const notification = notificationOf(alert)
      for (const [name, { queue }] of this.open) {
        if (!this.isWanted(name, alert.sure) || !this.markEmitted(name, notification.id)) continue
        // Where a full disk keeps one channel from saving it, the others emit it all the same.
        await queue
          .add(notification)
          .catch((err: unknown) =>
            this.options.log.error({ err }, `${channelOf(name).label}: what waits could not be written down`),
          )
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
   * No notification about the devices waits any longer, and no receiver shows them. Resolves to how many files were
   * rewritten.
   */
  forget(ids: readonly string[]): Promise<number> {
    return this.inTurn(async () => {
      const { kept } = this.options
      for (const { queue } of this.open.values())
        await queue
          .drop(({ alert }) => alert.device !== null && ids.includes(alert.device))
          .catch((err: unknown) => this.options.log.error({ err }, NOT_WRITTEN))
      for (const name of DEVICE_CHANNELS) {
        const brokerDevices = this.open.get(name)?.brokerDevices ?? null
        if (brokerDevices !== null) await brokerDevices.forget(ids)
        else clearLater(kept.data[name], ids)
      }
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
    this.seen.renew(noticeId(alert), alert.sure)
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
    const channel = this.create(name)
    const store = {
      load: () => [...(kept.data.waiting[name] ?? [])],
      save: async (waiting: readonly (typeof kept.data.waiting)[string][number][]) => {
        kept.data.waiting[name] = [...waiting]
        await kept.save()
      },
    }
    const queue = new NotificationQueue(channel, store, clock, this.reporter(name), pauses, () => this.isQuiet(name))
    const brokerDevices =
      showsDevices(name) && channel.devices !== undefined
        ? new BrokerDevices({
            channel: channel.devices,
            state: kept.data[name],
            save: () => kept.save(),
            clock,
            devices,
          })
        : null
    queue.start()
    brokerDevices?.start()
    return { text, channel, queue, brokerDevices, place: placeOf(name, settings()) }
  }

  private create(name: ChannelName): Channel {
    const { kept, clock, settings } = this.options
    const state: DeviceState | null = showsDevices(name) ? kept.data[name] : null
    return channelOf(name).create(settings()[name], {
      now: () => clock.now(),
      identity: state?.identity ?? '',
      clearing: {
        load: () => [...(state?.clearing ?? [])],
        save: async (numbers) => {
          if (state !== null) state.clearing = [...numbers]
          await kept.save()
        },
      },
      report: this.reporter(name),
    })
  }

  /** Says each reason once, until things go well again. */
  private reporter(name: ChannelName): (reason: string | null) => void {
    return (reason) => {
      if (reason !== null && reason !== this.problems.get(name)) this.options.log.warn(reason)
      if (reason === null) this.problems.delete(name)
      else this.problems.set(name, reason)
    }
  }
}

function placeOf(name: ChannelName, settings: Settings): string {
  return channelOf(name).place?.(settings[name]) ?? ''
}

/** While the channel is off, what its receiver may still show of the devices is taken from it once it is on again. */
function clearLater(state: DeviceState, ids: readonly string[]): void {
  const numbers = ids.map((id) => numberOf(state.identity, id)).filter((number) => state.devices.includes(number))
  state.devices = state.devices.filter((number) => !numbers.includes(number))
  state.clearing.push(...numbers)
}

function testAlert(now: number): WordedAlert {
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
    destination: null,
    bytes: 0,
    peak: 0,
    isOver: true,
    destinations: [],
    decided: null,
    message: 'This is a test: alerts of Telltale will arrive here.',
    advice: [],
  }
}
