// What is at hand for each device, and which devices moved something since the clock last went round.
import type { AtHand } from './at-hand.ts'
import type { UploadMeter } from './upload-meter.ts'

export class Hands {
  private readonly byIndex = new Map<number, AtHand>()
  /** Devices that moved something, in the order of the first time, as far as the meter does not hold them. */
  private active: AtHand[] = []
  private readonly meter: UploadMeter

  /** The meter counts the cells of those that are at hand. */
  constructor(meter: UploadMeter) {
    this.meter = meter
  }

  get(index: number): AtHand | undefined {
    return this.byIndex.get(index)
  }

  set(index: number, atHand: AtHand): void {
    this.takeFromMeter()
    this.byIndex.set(index, atHand)
    this.meter.count(index, true)
  }

  delete(index: number): void {
    this.takeFromMeter()
    this.byIndex.delete(index)
    this.meter.count(index, false)
  }

  clear(): void {
    this.takeFromMeter()
    this.byIndex.clear()
    this.meter.countNone()
  }

  /** A device that is at hand moved something; undefined where it is not. */
  move(index: number, second: number): AtHand | undefined {
    return this.meter.noteActive(index, second) ? this.byIndex.get(index) : undefined
  }

  /** The same of one that the meter does not count. */
  moveUncounted(atHand: AtHand, second: number): void {
    this.takeFromMeter()
    this.noteActive(atHand, second)
  }

  /** Devices that moved something since the last call; `activeAt` says when last. */
  takeActive(): AtHand[] {
    this.takeFromMeter()
    const { active } = this
    this.active = []
    return active
  }

  /** Of these devices nothing is active. */
  forgetActive(ids: ReadonlySet<string>): void {
    this.takeFromMeter()
    this.active = this.active.filter(({ device }) => !ids.has(device.id))
  }

  private takeFromMeter(): void {
    this.meter.takeActive((index, second) => {
      const atHand = this.byIndex.get(index)
      if (atHand !== undefined) this.noteActive(atHand, second)
    })
  }

  private noteActive(atHand: AtHand, second: number): void {
    if (atHand.activeAt === null) this.active.push(atHand)
    atHand.activeAt = second
  }
}
