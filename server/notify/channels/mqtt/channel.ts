// Alerts and devices at an MQTT broker, and in Home Assistant through it.
import { Broker, BrokerError, type BrokerSettings } from './broker.ts'
import type { Channel, ClearingStore, Delivery, DeviceDisplay, AlertNotification } from '../../channel.ts'
import { type HomeDevice, MAX_DEVICES, numberOf } from '../../home-device.ts'
import {
  availabilityTopic,
  clearingMessages,
  configMessages,
  isTopicPrefix,
  stateMessage,
  topicsOf,
  type Retained,
  type Topics,
} from './home-assistant.ts'

export interface MqttSettings extends BrokerSettings {
  /** Home Assistant's discovery prefix, "homeassistant" unless it was changed there; empty: alerts only, no devices. */
  discovery: string
  /** Made once, by chance, and kept: two installations at one broker stay apart by it. */
  identity: string
}

/** While the broker is away devices are tried again ever more rarely. */
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 300_000

/**
 * Alerts go to `telltale/<number>/alert`, acknowledged (QoS 1), not retained; the `id` is the same in all messages of
 * an incident, so that an automation can replace what it showed. `update` is called now and then with the devices of
 * the home, and brings the connection back after a loss; `clear` leaves nothing of a device at the broker.
 */
export class MqttChannel implements Channel, DeviceDisplay {
  readonly devices: DeviceDisplay = this
  readonly name = 'MQTT'
  private readonly broker: Broker
  private readonly topics: Topics
  private readonly withDevices: boolean
  private readonly clearing: ClearingStore
  private readonly now: () => number
  private readonly report: (reason: string | null) => void
  /** Payloads published over `connection`, by topic. */
  private readonly published = new Map<string, string>()
  private connection: object | null = null
  private toClear: Set<string>
  private failures = 0
  private nextTry = Number.NEGATIVE_INFINITY
  private work: Promise<void> = Promise.resolve()

  /** `report` receives why devices could not be published, and null once they are. */
  constructor(
    settings: MqttSettings,
    clearing: ClearingStore,
    now: () => number = Date.now,
    report: (reason: string | null) => void = () => undefined,
  ) {
    this.topics = topicsOf(isTopicPrefix(settings.discovery) ? settings.discovery : 'homeassistant', settings.identity)
    this.withDevices = settings.discovery !== ''
    this.broker = new Broker(settings, availabilityTopic(this.topics))
    this.clearing = clearing
    this.now = now
    this.report = report
    this.toClear = new Set(clearing.load())
  }

  async send(notification: AlertNotification): Promise<Delivery> {
    try {
      await this.broker.publish({ topic: `${this.topics.base}/alert`, payload: JSON.stringify(notification) }, false)
      return { done: true }
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      return { done: false, again: error.again, reason: `${this.name}: ${error.message}` }
    }
  }

  /** Tells what changed. Never throws; resolves when it is done, or put off as the broker is away. */
  update(devices: readonly HomeDevice[]): Promise<void> {
    return this.inTurn(async () => {
      if (this.now() < this.nextTry) return
      await this.attempt(async () => {
        await this.clearNow()
        if (!this.withDevices) return
        for (const device of devices.slice(0, MAX_DEVICES)) {
          if (this.toClear.has(this.numberOf(device.id))) continue
          for (const message of [...configMessages(this.topics, device), stateMessage(this.topics, device)])
            await this.emit(message)
        }
      })
    })
  }

  /** What stands for a device at the broker. */
  numberOf(id: string): string {
    return numberOf(this.topics.identity, id)
  }

  /**
   * Takes the devices with these numbers from the broker. Resolves once that is done, or is sure to be with the next
   * connection, be it after a restart: that is on the disk before anything else.
   */
  async clear(numbers: readonly string[]): Promise<void> {
    for (const number of numbers) this.toClear.add(number)
    await this.clearing.save([...this.toClear])
    await this.inTurn(() => this.attempt(() => this.clearNow()))
  }

  /** Says that Telltale is away, and hangs up. */
  async stop(): Promise<void> {
    await this.inTurn(() => this.broker.close())
  }

  private inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.work.then(task)
    this.work = done.catch(() => undefined)
    return done
  }

  private async attempt(task: () => Promise<void>): Promise<void> {
    try {
      await this.broker.open()
      await task()
      this.failures = 0
      this.nextTry = Number.NEGATIVE_INFINITY
      this.report(null)
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      this.nextTry = this.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures)
      this.failures++
      this.report(`${this.name}: ${error.message}`)
    }
  }

  private async clearNow(): Promise<void> {
    for (const number of [...this.toClear]) {
      for (const message of clearingMessages(this.topics, number)) {
        await this.broker.publish(message, true)
        this.published.delete(message.topic)
      }
      this.toClear.delete(number)
      await this.clearing.save([...this.toClear])
    }
  }

  private async emit(message: Retained): Promise<void> {
    if (this.broker.connection !== this.connection) {
      // A broker that was away may have lost what it retained.
      this.published.clear()
      this.connection = this.broker.connection
    }
    if (this.published.get(message.topic) === message.payload) return
    await this.broker.publish(message, true)
    this.published.set(message.topic, message.payload)
  }
}
