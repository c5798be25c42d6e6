// The engine's pipeline of a home that only has a DNS log, on a clock that the test sets.
import type { Alert } from '../../server/alerts/alert.ts'
import type { AlertMemory } from '../../server/alerts/memory.ts'
import { messageOf } from '../../server/alerts/words.ts'
import { DEFAULT_SETTINGS } from '../../server/alerts/settings.ts'
import type { LogRecord } from '../../capture/logs/record.ts'
import type { Rules } from '../../server/rulebook/open.ts'
import { Pipeline } from '../../server/session/pipeline.ts'
import type { Asked } from './log-home.ts'

export class LogLab {
  /** The latest of each. */
  readonly alerts = new Map<string, Alert>()
  readonly kinds = new Map<string, string>()
  private memory: AlertMemory | null = null
  private readonly pipeline: Pipeline

  constructor(rules: Rules, memory: AlertMemory | null = null) {
    this.pipeline = new Pipeline(
      rules,
      {
        source: { kind: 'live', sources: [] },
        home: [],
        timeZone: 'UTC',
        names: [],
        accountedUntil: null,
        ownHistory: false,
        alerts: { settings: DEFAULT_SETTINGS, memory },
        policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
      },
      null,
      (message) => {
        if (message.type === 'activity') for (const alert of message.update.alerts) this.alerts.set(alert.id, alert)
        if (message.type === 'memory') this.memory = message.memory
        if (message.type === 'devices') for (const { id, kind } of message.devices) this.kinds.set(id, kind)
      },
    )
  }

  record(record: LogRecord, now: number): void {
    this.pipeline.log(record, now, true)
  }

  flush(now: number): void {
    this.pipeline.mark(now)
    this.pipeline.flush(now, [])
  }

  /** Lives through `asked`, which is in order, with a flush every `step` seconds. */
  live(asked: Iterable<Asked>, from: number, until: number, step = 60): void {
    let next = from + step
    for (const { second, client, name } of asked) {
      for (; second >= next; next += step) this.flush(next)
      this.record({ kind: 'query', time: second, client, name, type: 1 }, second)
    }
    for (; next <= until; next += step) this.flush(next)
  }

  /** What a restart finds on the disk. */
  keptMemory(): AlertMemory {
    this.pipeline.sendMemory()
    return JSON.parse(JSON.stringify(this.memory)) as AlertMemory
  }

  told(): string[] {
    return [...this.alerts.values()].map(({ kind, device, company }) => [kind, device, company].join(' ').trim())
  }

  messages(): string[] {
    return [...this.alerts.values()].map((alert) => messageOf(alert, { device: alert.device, company: alert.company }))
  }
}
