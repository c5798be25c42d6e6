// The messages that channels would send about alerts: by the policy of channels, of those that can replace a message
// and of those that cannot.
import type { Alert } from '../alerts/alert.ts'
import { NotificationPolicy, type Update } from '../notify/policy.ts'
import { newPolicyMemory } from '../notify/policy-memory.ts'

/** Of one home. */
export class Pushes {
  private readonly replacing = new NotificationPolicy(newPolicyMemory(), { updates: true })
  private readonly plain = new NotificationPolicy(newPolicyMemory(), { updates: false })
  /** Notifications by the alert's id, of a channel that cannot replace: each is a new one. */
  private readonly counts = new Map<string, number>()

  /** Whether a channel that can replace has a message to send about the update. `now` in seconds. */
  tell(alert: Alert, who: string, now: number): boolean {
    const update: Update = { alert, who, now: now * 1_000, waits: false }
    for (const policy of [this.replacing, this.plain]) policy.summary(update.now)
    if (this.plain.update(update).told !== null) this.counts.set(alert.id, this.count(alert.id) + 1)
    return this.replacing.update(update).told !== null
  }

  /** Notifications about the alert, of a channel that cannot replace. */
  count(id: string): number {
    return this.counts.get(id) ?? 0
  }
}
