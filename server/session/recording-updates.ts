// What did each device of a recording do, and what of it stands out? Told while it plays, by the very engine that
// analyses files.
import type { RecordingDetection } from '../detection/recording-detection.ts'
import type { SeenDevice } from '../model/seen-device.ts'
import type { ActivityUpdate } from '../detection/activity.ts'

export class RecordingWatch {
  private readonly activity: RecordingDetection
  private readonly devices = new Map<string, SeenDevice>()
  private hasFinished = false
  private toldFinish = false

  /** `activity` follows the ticks of the recording's engine. */
  constructor(activity: RecordingDetection) {
    this.activity = activity
  }

  know(described: readonly SeenDevice[], gone: readonly number[]): void {
    for (const device of described) this.devices.set(device.id, device)
    for (const [id, { index }] of this.devices) if (gone.includes(index)) this.devices.delete(id)
  }

  finish(): void {
    this.hasFinished = true
  }

  /** What is new since the last call; all of it, as it turned out, once the recording has ended. */
  drainUpdate(): ActivityUpdate | null {
    const devices = [...this.devices.values()].map((device) => ({
      ...device,
      kind: device.kind === 'unknown' ? null : device.kind,
    }))
    if (!this.hasFinished) return this.activity.drainUpdate(devices, false)
    if (this.toldFinish) return null
    this.toldFinish = true
    return this.activity.drainUpdate(devices, true)
  }
}
