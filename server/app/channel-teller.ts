// What one channel is told of alerts: updates go through its policy into its queue, and summaries when they are due.
import type { WordedAlert } from '../alerts/alert.ts'
import type { Names } from '../alerts/words.ts'
import { noticeId } from '../notify/notice-id.ts'
import { notificationOf, summaryNotification } from '../notify/notification.ts'
import type { NotificationPolicy } from '../notify/policy.ts'
import type { Clock, NotificationQueue } from '../notify/queue.ts'

export interface TellerOptions {
  policy: NotificationPolicy
  queue: NotificationQueue
  clock: Clock
  /** Writes down what the policy remembers; the queue's part is saved by itself. */
  save: () => Promise<void>
  /** What could not be written down. Never called with secrets. */
  report: (error: unknown) => void
}

export class Teller {
  private readonly options: TellerOptions
  private cancel: (() => void) | null = null
  private stopped = false

  constructor(options: TellerOptions) {
    this.options = options
  }

  start(): void {
    this.plan()
  }

  stop(): void {
    this.stopped = true
    this.cancel?.()
    this.cancel = null
  }

  /**
   * Resolves once it is on the disk what is to be sent. Never rejects: what cannot be written down is sent too.
   * `isRestored`: the alert is as it was written down before a restart.
   */
  async tell(alert: WordedAlert, names: Names, isRestored = false): Promise<void> {
    const { policy, queue, clock, save, report } = this.options
    const id = noticeId(alert)
    const who = names.device ?? alert.device ?? 'The home'
    const known = isRestored ? atLeast(alert, policy.amountTold(id)) : alert
    const { told, hasChanged } = policy.update({ alert: known, who, now: clock.now(), waits: queue.waits(id) })
    try {
      if (told !== null) await queue.add(notificationOf(known, told, names))
      // The owner knows of it: what waits is no news.
      else if (alert.state !== 'open' && queue.waits(id)) await queue.drop((one) => one.id === id)
      else if (hasChanged) await save()
    } catch (error) {
      report(error)
    }
    this.plan()
  }

  /** Nothing that waits names the devices. */
  async forget(ids: readonly string[]): Promise<void> {
    const { policy, queue, report } = this.options
    policy.forget(ids)
    await queue
      .drop(
        ({ alert, devices = [] }) =>
          (alert.device !== null && ids.includes(alert.device)) || devices.some((device) => ids.includes(device)),
      )
      .catch(report)
    this.plan()
  }

  private plan(): void {
    this.cancel?.()
    this.cancel = null
    const { policy, clock } = this.options
    const wait = policy.wait(clock.now())
    if (this.stopped || wait === null) return
    this.cancel = clock.after(wait, () => void this.sumUp())
  }

  private async sumUp(): Promise<void> {
    const { policy, queue, clock, report } = this.options
    const summary = policy.summary(clock.now())
    if (summary !== null) await queue.add(summaryNotification(summary, clock.now())).catch(report)
    this.plan()
  }
}

/** What was told of an upload was sent, also where its last seconds were lost with Telltale. */
function atLeast(alert: WordedAlert, bytes: number): WordedAlert {
  return alert.unit === 'bytes' && alert.bytes > 0 && alert.bytes < bytes ? { ...alert, bytes } : alert
}
