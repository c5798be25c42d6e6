// The dry runs of alert settings: begun, followed and ended. One at a time; its result is kept in memory until the
// next.
import { randomBytes } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { Alert } from '../alerts/alert.ts'
import { DETECTORS } from '../alerts/detectors/index.ts'
import { titleOf } from '../alerts/words.ts'
import type { ScopeId, DryRun, DryRunReach, DryRunResult, DryRunAlert } from '../api.ts'
import { compareAlerts } from './compare.ts'
import { dryRunOverHistory, type HistoryDryRun } from './history-run.ts'
import type { FromDryRun, RecordingDryRun } from './messages.ts'
import { ServiceError } from '../model/service-error.ts'

/** Alerts listed; the others are counted. */
const MAX_LISTED = 200

/** An alert with its sentence. */
type Said = Alert & { message: string }

/** Found by one of the two ways. */
interface Outcome {
  today: Said[]
  tried: Said[]
  from: number
  to: number
  reach: DryRunReach[]
}

export class DryRuns {
  private readonly workerFile: () => URL
  private current: { dryRun: DryRun; stop: AbortController } | null = null

  /** `workerFile`: the built file of server/dry-run/dry-run-worker.ts. */
  constructor(workerFile: () => URL) {
    this.workerFile = workerFile
  }

  /** `messageOf` says an alert in the owner's own words. */
  overHistory(
    scope: ScopeId,
    dryRun: Omit<HistoryDryRun, 'progress' | 'signal'>,
    messageOf: (alert: Alert) => string,
  ): DryRun {
    const said = (alert: Alert): Said => ({ ...alert, message: messageOf(alert) })
    return this.begin(scope, async (progress, signal) => {
      const {
        alerts: [today = [], tried = []],
        reach,
      } = await dryRunOverHistory({ ...dryRun, progress, signal })
      return { today: today.map(said), tried: tried.map(said), from: dryRun.from, to: dryRun.to, reach }
    })
  }

  overRecording(scope: ScopeId, dryRun: RecordingDryRun): DryRun {
    return this.begin(scope, async (progress, signal) => {
      const {
        alerts: [today = [], tried = []],
        first,
        last,
      } = await inThread(this.workerFile(), dryRun, progress, signal)
      const [from, to] = [first ?? 0, last ?? 0]
      return {
        today,
        tried,
        from,
        to,
        // What no dry run can show is in no recording either.
        reach: DETECTORS.map(({ kind, dryRun }) => {
          const title = titleOf(kind)
          return dryRun === null ? { kind, title, grain: null, from: null } : { kind, title, grain: 'second', from }
        }),
      }
    })
  }

  /** Throws a ServiceError where there is none, or another took its place. */
  get(id: string): DryRun {
    if (this.current?.dryRun.id !== id)
      throw new ServiceError(
        404,
        'no-such-dry-run',
        'This dry run is over, and another may have been begun; begin it again',
      )
    return this.current.dryRun
  }

  end(id: string): void {
    this.get(id)
    this.stop()
  }

  /** Gives up what is under way, and forgets what was found. */
  stop(): void {
    this.current?.stop.abort(new Error('The dry run was given up'))
    this.current = null
  }

  private begin(
    scope: ScopeId,
    run: (progress: (share: number) => void, signal: AbortSignal) => Promise<Outcome>,
  ): DryRun {
    this.stop()
    const stop = new AbortController()
    const dryRun: DryRun = {
      id: randomBytes(6).toString('hex'),
      scope,
      state: 'running',
      progress: 0,
      result: null,
      error: null,
    }
    this.current = { dryRun, stop }
    run((share) => (dryRun.progress = share), stop.signal).then(
      (outcome) => Object.assign(dryRun, { state: 'done', progress: 1, result: resultOf(outcome) }),
      // One that was given up nobody can ask for any more.
      (error: unknown) =>
        Object.assign(dryRun, {
          state: 'failed',
          error: { code: 'dry-run-failed', message: error instanceof Error ? error.message : String(error) },
        }),
    )
    return dryRun
  }
}

function resultOf({ today, tried, from, to, reach }: Outcome): DryRunResult {
  const rows = compareAlerts(today, tried)
  return {
    from,
    to,
    today: today.length,
    tried: tried.length,
    reach,
    more: Math.max(0, rows.length - MAX_LISTED),
    alerts: rows.slice(0, MAX_LISTED).map(({ alert, change }): DryRunAlert => {
      const { kind, device, sent, received, message } = alert
      const title = titleOf(kind)
      return { change, kind, title, from: alert.from, to: alert.to, device, sent, received, message }
    }),
  }
}

function inThread(
  file: URL,
  dryRun: RecordingDryRun,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Extract<FromDryRun, { type: 'done' }>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, {
      workerData: dryRun,
      resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MEGABYTES },
    })
    const giveUp = (): void => void worker.terminate()
    signal.addEventListener('abort', giveUp, { once: true })
    worker.on('message', (message: FromDryRun) => {
      if (message.type === 'progress') return progress(message.share)
      if (message.type === 'failed') reject(new Error(message.message))
      else resolve(message)
      void worker.terminate()
    })
    worker.on('error', reject)
    worker.on('exit', () => {
      signal.removeEventListener('abort', giveUp)
      reject(new Error('The dry run was given up'))
    })
  })
}

/** As much as an open recording may take. */
const MAX_MEMORY_MEGABYTES = 1_024
