// The open channels: which emits an alert, and when. Only alerts of the real home.
import { BoundedMap } from '../../capture/bounded-map.ts'
import type { Alert } from '../alerts/alert.ts'
import type { ChannelFacts, ChannelTest } from '../api.ts'
import type { Names } from '../alerts/words.ts'
import type { Channel } from '../notify/channel.ts'
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
import { noticeId } from '../notify/notice-id.ts'
import { testNotification } from '../notify/notification.ts'
import { NotificationPolicy } from '../notify/policy.ts'
import { MAX_TOLD, newPolicyMemory } from '../notify/policy-memory.ts'
import { type Clock, NotificationQueue, type Pauses } from '../notify/queue.ts'
import type { Log } from '../log.ts'
import { BrokerDevices } from './channel-broker.ts'
import type { ChannelState, DeviceState } from './channel-state.ts'
import { Teller } from './channel-teller.ts'
import { RestoredEnds } from './restored-ends.ts'
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

/** What goes with an alert. */
export interface Emitted {
  names?: Names
  /** The owner wants to hear no more of it. */
  isMuted?: boolean
  /** It is as it was written down before the session began: over, until more of it comes. */
  isRestored?: boolean
}

const NO_NAMES: Names = { device: null, company: null }

interface Open {
  text: string
  channel: Channel
  queue: NotificationQueue
  teller: Teller
  /** Of a channel that shows devices. */
  brokerDevices: BrokerDevices | null
  /** The receiver's place: elsewhere nothing is known of its devices. */
  place: string
}

export class Channels {
  private readonly options: ChannelsOptions
  private readonly open = new Map<ChannelName, Open>()
  /** The alerts of this run and the one before, by notification: to a channel that is opened later they are no news. */
  private readonly seen = new BoundedMap<string, Alert>('alerts seen', MAX_TOLD)
  /** Why the last attempt of a channel failed. */
  private readonly problems = new Map<ChannelName, string>()
  private readonly restored: RestoredEnds
  private work: Promise<unknown> = Promise.resolve()

  constructor(options: ChannelsOptions) {
    this.options = options
    this.restored = new RestoredEnds(options.clock)
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
        if (kept.data.told[name] === undefined) {
          kept.data.told[name] = newPolicyMemory()
          this.learn(name, [...this.seen.values()])
        }
        this.open.set(name, this.openOne(name, text))
      }
      // Settings are on the disk by now: what the channels note of them is written with the next change.
      await kept.save().catch((err: unknown) => this.options.log.error({ err }, NOT_WRITTEN))
    })
  }

  /** Alerts known from before a restart are no update. */
  know(alerts: readonly Alert[]): void {
    for (const alert of alerts) this.seen.renew(noticeId(alert), alert)
    for (const name of CHANNEL_NAMES) if (this.options.kept.data.told[name] !== undefined) this.learn(name, alerts)
  }

  /**
   * Each channel is told of an alert as soon as it is as sure as the channel's settings ask, and from then on as its
   * policy says.
   */
  emit(alert: WordedAlert, { names = NO_NAMES, isMuted = false, isRestored = false }: Emitted = {}): Promise<void> {
    return this.inTurn(async () => {
      const id = noticeId(alert)
      const told: WordedAlert = isMuted && alert.state === 'open' ? { ...alert, state: 'expected' } : alert
      this.restored.drop(id)
      if (!isRestored) return this.tell(told, names)
      this.seen.renew(id, alert)
      if (told.state !== 'open') return
      if (!told.isOver || !this.isRunning(id)) return this.tell(told, names)
      this.restored.keepBack(id, alert.device, () => void this.inTurn(() => this.tell(told, names, true)))
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
    const delivery = await known.channel.send(testNotification(this.options.clock.now()))
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
      this.restored.forget(ids)
      for (const { teller } of this.open.values()) await teller.forget(ids)
      for (const name of DEVICE_CHANNELS) {
        const brokerDevices = this.open.get(name)?.brokerDevices ?? null
        if (brokerDevices !== null) await brokerDevices.forget(ids)
        else clearLater(kept.data[name], ids)
      }
      return await kept.purge()
    })
  }

  close(): Promise<void> {
    this.restored.stop()
    return this.inTurn(async () => {
      for (const known of this.open.values()) await this.shut(known, true)
    })
  }

  /** Some channel was told that it goes on. */
  private isRunning(id: string): boolean {
    return [...this.open.keys()].some((name) => this.policyOf(name).isRunning(id))
  }

  private async tell(alert: WordedAlert, names: Names, isRestored = false): Promise<void> {
    this.seen.renew(noticeId(alert), alert)
    for (const [name, { teller }] of this.open)
      if (this.isWanted(name, alert.sure) || this.policyOf(name).knows(noticeId(alert)))
        await teller.tell(alert, names, isRestored)
  }

  /** One change after the other: an alert that comes meanwhile finds the channels as they are then. */
  private inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    const done = this.work.then(task)
    this.work = done.catch(() => undefined)
    return done
  }

  private isWanted(name: ChannelName, sure: number): boolean {
    return this.options.settings()[name].which === 'all' || sure >= SURE
  }

  private policyOf(name: ChannelName): NotificationPolicy {
    const { told } = this.options.kept.data
    return new NotificationPolicy((told[name] ??= newPolicyMemory()), channelOf(name))
  }

  /** They are no news to the channel. */
  private learn(name: ChannelName, alerts: readonly Alert[]): void {
    const policy = this.policyOf(name)
    for (const alert of alerts) if (this.isWanted(name, alert.sure)) policy.know(alert)
  }

  private isQuiet(name: ChannelName): boolean {
    const { clock, settings, timeZone } = this.options
    const { weekday, minute } = localClock(timeZone())(Math.floor(clock.now() / 1000))
    return isWithin(parseSchedules(settings()[name].quiet), weekday, minute)
  }

  private async shut({ queue, teller, brokerDevices }: Open, comesBack: boolean): Promise<void> {
    teller.stop()
    await queue.stop()
    if (brokerDevices !== null) await (comesBack ? brokerDevices.stop() : brokerDevices.leave())
  }

  private openOne(name: ChannelName, text: string): Open {
    const { kept, clock, settings, devices, pauses, log } = this.options
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
    const teller = new Teller({
      policy: this.policyOf(name),
      queue,
      clock,
      save: () => kept.save(),
      report: (err) => log.error({ err }, `${channelOf(name).label}: what waits could not be written down`),
    })
    queue.start()
    teller.start()
    brokerDevices?.start()
    return { text, channel, queue, teller, brokerDevices, place: placeOf(name, settings()) }
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
