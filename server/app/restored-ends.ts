// Ends of incidents that were going on when Telltale stopped: told once it is sure that they do not go on.
import type { Clock } from '../notify/queue.ts'

/** What goes on shows itself again within the ten seconds of an upload window, and the time that a source takes. */
const PATIENCE_MS = 30_000

/** After a restart every incident is over until more of it comes: what to tell of it then is kept back for a while. */
export class RestoredEnds {
  private readonly clock: Clock
  /** By id: whose they are, and how to drop them. */
  private readonly waiting = new Map<string, { device: string | null; cancel: () => void }>()
  private isStopped = false

  constructor(clock: Clock) {
    this.clock = clock
  }

  /**
   * `tell` is called later, unless another update of the incident comes. Never once this was stopped: a session ends
   * after the channels, and the next start finds the incident over again.
   */
  keepBack(id: string, device: string | null, tell: () => void): void {
    if (this.isStopped) return
    const cancel = this.clock.after(PATIENCE_MS, () => {
      this.waiting.delete(id)
      tell()
    })
    this.waiting.set(id, { device, cancel })
  }

  /** Another update has come. */
  drop(id: string): void {
    this.dropAll((one) => one === id)
  }

  forget(devices: readonly string[]): void {
    this.dropAll((_id, device) => device !== null && devices.includes(device))
  }

  stop(): void {
    this.isStopped = true
    this.dropAll(() => true)
  }

  private dropAll(fits: (id: string, device: string | null) => boolean): void {
    for (const [id, { device, cancel }] of this.waiting) {
      if (!fits(id, device)) continue
      cancel()
      this.waiting.delete(id)
    }
  }
}
