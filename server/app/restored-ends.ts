// Ends of incidents that were going on when Telltale stopped: told once it is sure that they do not go on.
import type { Clock } from '../notify/queue.ts'

/** What goes on shows itself again within the ten seconds of an upload window, and the time that a source takes. */
const PATIENCE_MS = 30_000

/**
 * After a restart every incident is over until more of it comes: its first update is kept back for a while, and given up
 * if another one comes meanwhile.
 */
export class RestoredEnds {
  private readonly clock: Clock
  /** Ids of incidents of which no update has come since the restart. */
  private readonly expected = new Set<string>()
  /** Kept back, by id: whose they are, and how to drop them. */
  private readonly waiting = new Map<string, { device: string | null; cancel: () => void }>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** The incidents went on before the restart. */
  expect(ids: readonly string[]): void {
    for (const id of ids) this.expected.add(id)
  }

  /** True where the update is kept back: `tell` is called later, unless another update comes. */
  keepsBack(id: string, device: string | null, isOver: boolean, tell: () => void): boolean {
    this.waiting.get(id)?.cancel()
    this.waiting.delete(id)
    if (!this.expected.delete(id) || !isOver) return false
    const cancel = this.clock.after(PATIENCE_MS, () => {
      this.waiting.delete(id)
      tell()
    })
    this.waiting.set(id, { device, cancel })
    return true
  }

  forget(devices: readonly string[]): void {
    this.drop((device) => device !== null && devices.includes(device))
  }

  stop(): void {
    this.drop(() => true)
  }

  private drop(fits: (device: string | null) => boolean): void {
    for (const [id, { device, cancel }] of this.waiting) {
      if (!fits(device)) continue
      cancel()
      this.waiting.delete(id)
    }
  }
}
