// Detection in a recording while it plays, by the same RecordingDetection that analyzes files.
import type { AlertCommand } from '../alerts/command.ts'
import type { Engine } from '../engine/engine.ts'
import type { Tick } from '../engine/tick.ts'
import type { SeenDevice } from '../model/seen-device.ts'
import type { Rules } from '../rulebook/open.ts'
import type { ActivityUpdate } from './activity.ts'
import type { AccountedTraffic, Detection } from './detection.ts'
import { RecordingDetection } from './recording-detection.ts'

export interface RecordingUpdatesOptions {
  rules: Rules
  timeZone: string
}

export class RecordingUpdates implements Detection {
  private readonly options: RecordingUpdatesOptions
  private detection: RecordingDetection
  private readonly devices = new Map<string, SeenDevice>()
  private hasFinished = false
  private hasEmittedFinish = false

  constructor(engine: Engine, options: RecordingUpdatesOptions) {
    this.options = options
    this.detection = this.newDetection(engine)
  }

  addTick(tick: Tick): void {
    this.detection.addTick(tick)
  }

  add({ described, gone }: AccountedTraffic): void {
    for (const device of described) this.devices.set(device.id, device)
    for (const [id, { index }] of this.devices) if (gone.includes(index)) this.devices.delete(id)
  }

  /** Levels and settings are the home's: a recording is read as `analyze` reads it. */
  setPolicy(): void {}

  changeSettings(): void {}

  /** Nothing is muted in a recording. */
  apply(command: AlertCommand): void {
    if ('id' in command) this.detection.apply(command.id, command.order)
  }

  renew(engine: Engine): void {
    this.detection = this.newDetection(engine)
    this.devices.clear()
    this.hasFinished = false
    this.hasEmittedFinish = false
  }

  finish(): void {
    this.hasFinished = true
  }

  /** What is new since the last call; all of it, as it turned out, once the recording has ended. */
  drainUpdate(): ActivityUpdate | null {
    if (this.hasEmittedFinish) return null
    this.hasEmittedFinish = this.hasFinished
    const devices = [...this.devices.values()].map((device) => ({
      ...device,
      kind: device.kind === 'unknown' ? null : device.kind,
    }))
    return this.detection.drainUpdate(devices, this.hasFinished)
  }

  memory(): null {
    return null
  }

  private newDetection(engine: Engine): RecordingDetection {
    const { rules, timeZone } = this.options
    return new RecordingDetection(engine, rules, { timeZone, isFollowed: true })
  }
}
