// Handing events of a session's thread to the history of the serving thread.
import type { ActivityUpdate } from '../detection/activity.ts'
import type { History } from '../history/history.ts'
import { eventBatch } from '../model/batch.ts'
import { keepsEvents, levelIn, type Policy } from '../model/policy.ts'

/** What was under way while a level was lowered is not kept. */
export function keepEvents(
  history: History,
  policy: Policy,
  { events, withdrawn, replace }: Pick<ActivityUpdate, 'events' | 'withdrawn' | 'replace'>,
): void {
  if (events.length === 0 && withdrawn.length === 0 && !replace) return
  const kept = events.flatMap((event) => {
    const level = levelIn(policy, event.device)
    if (!keepsEvents(level)) return []
    return level === 'companies' ? [{ ...event, host: null, reasons: [] }] : [event]
  })
  const gone = events.filter(({ device }) => !keepsEvents(levelIn(policy, device))).map(({ id }) => id)
  history.add(eventBatch({ events: kept, withdrawn: [...withdrawn, ...gone], replace }))
}
