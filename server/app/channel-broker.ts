// Keeps what a receiver shows of the devices at home up to date, for as long as they are there.
import type { DeviceDisplay } from '../notify/channel.ts'
import { type HomeDevice, MAX_DEVICES } from '../notify/home-device.ts'
import type { Clock } from '../notify/queue.ts'
import type { DeviceState } from './channel-state.ts'

/** Often enough for a dashboard, seldom enough for a small broker. */
const UPDATE_MS = 15_000
/** Who forgets a device is kept waiting no longer by a receiver that is away: the device is taken from it later. */
const PATIENCE_MS = 3_000

export interface BrokerDevicesOptions {
  channel: DeviceDisplay
  state: DeviceState
  /** Resolves once the state is on the disk. */
  save: () => Promise<void>
  clock: Clock
  /** Null while nothing of a real home is on the page. May reject: then it is asked again. */
  devices: () => Promise<readonly HomeDevice[] | null>
}

export class BrokerDevices {
  private readonly options: BrokerDevicesOptions
  private cancel: (() => void) | null = null
  private working: Promise<void> = Promise.resolve()
  private stopped = false
  /** Numbers of those forgotten while an update was on its way. */
  private readonly forgotten = new Set<string>()

  constructor(options: BrokerDevicesOptions) {
    this.options = options
  }

  start(): void {
    this.plan(0)
  }

  /** Resolves once the devices are taken from the receiver, or are sure to be. */
  async forget(ids: readonly string[]): Promise<void> {
    const { channel, clock } = this.options
    const numbers = ids.map((id) => channel.numberOf(id))
    for (const number of numbers) this.forgotten.add(number)
    let stopWaiting = (): void => undefined
    const patience = new Promise<void>((done) => (stopWaiting = clock.after(PATIENCE_MS, done)))
    await Promise.race([this.clear(numbers.filter((number) => this.numbers.includes(number))), patience])
    stopWaiting()
  }

  /** Says that Telltale is away. */
  async stop(): Promise<void> {
    this.stopped = true
    this.cancel?.()
    await this.working
    await this.options.channel.stop()
  }

  /** Telltale will not come back to this receiver: takes all devices from it, where it can be reached. */
  async leave(): Promise<void> {
    this.stopped = true
    this.cancel?.()
    await this.working
    await this.clear(this.numbers)
    await this.options.channel.stop()
  }

  private get numbers(): string[] {
    return this.options.state.devices
  }

  private plan(milliseconds: number): void {
    if (this.stopped) return
    this.cancel = this.options.clock.after(milliseconds, () => {
      // Books that are being changed answer again the next time.
      this.working = this.update().catch(() => undefined)
      void this.working.then(() => this.plan(UPDATE_MS))
    })
  }

  private async update(): Promise<void> {
    const { channel, devices } = this.options
    this.forgotten.clear()
    const found = await devices()
    if (found === null) return channel.update([])
    const published = found.slice(0, MAX_DEVICES)
    const present = new Set(published.map(({ id }) => channel.numberOf(id)))
    const gone = this.numbers.filter((number) => !present.has(number))
    if (gone.length > 0) await this.clear(gone)
    await this.keep(present)
    await channel.update(published.filter(({ id }) => !this.forgotten.has(channel.numberOf(id))))
  }

  /** Saved before they are published to the receiver: whatever happens then, they can be removed from it. */
  private async keep(present: Set<string>): Promise<void> {
    const { state, save } = this.options
    for (const number of this.forgotten) present.delete(number)
    if ([...present].every((number) => this.numbers.includes(number))) return
    state.devices = [...present]
    await save()
  }

  private async clear(numbers: readonly string[]): Promise<void> {
    const { state, channel } = this.options
    // Both lists are in one file: a number is always on one of them.
    state.devices = this.numbers.filter((number) => !numbers.includes(number))
    await channel.clear(numbers)
  }
}
