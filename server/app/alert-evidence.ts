// The evidence of alerts: the minutes around each alert and the answers about it, kept before the history drops them.
import { LIVE_SCOPE, type ScopeId } from '../api.ts'
import type { Alert } from '../alerts/alert.ts'
import { alertAnswers, alertSeries } from '../queries/activity.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { AlertStore, Evidence } from './alert-store.ts'
import type { Scopes } from './scopes.ts'

/** Minutes after an alert are complete this long after it. */
const EVIDENCE_SECONDS = 6 * 3_600

export interface AlertEvidenceParts {
  scopes: Scopes
  settings: SettingsStore
  alertStore: AlertStore
}

export class AlertEvidence {
  private readonly parts: AlertEvidenceParts

  constructor(parts: AlertEvidenceParts) {
    this.parts = parts
  }

  /** Keeps the evidence of an alert of the real home that has none yet. */
  begin(alert: Alert): void {
    if (this.parts.alertStore.evidenceOf(alert.id) === null)
      void this.evidenceOf(LIVE_SCOPE, alert).catch(() => undefined)
  }

  /** Called regularly: what came after an alert is kept with it, too, until its six hours are over. */
  async update(): Promise<void> {
    const { scopes, alertStore } = this.parts
    if (!scopes.isRealHome) return
    for (const alert of scopes.live.activity.allAlerts()) {
      const kept = alertStore.evidenceOf(alert.id)
      if (kept !== null && kept.at <= alert.to + EVIDENCE_SECONDS) await this.evidenceOf(LIVE_SCOPE, alert)
    }
  }

  /**
   * Of a real home the kept evidence; of the sample and of recordings, whose history keeps everything, what the history
   * has now.
   */
  async evidenceOf(scope: ScopeId, alert: Alert): Promise<Pick<Evidence, 'series' | 'answers'>> {
    const { scopes, settings, alertStore } = this.parts
    const view = scopes.viewOf(scope)
    const isKept = scope === LIVE_SCOPE && !scopes.isSample(scope)
    const kept = isKept ? alertStore.evidenceOf(alert.id) : null
    if (kept !== null && kept.at > alert.to + EVIDENCE_SECONDS) return kept
    const minutesEnd = view.now() - settings.values.storage.minuteHours * 3_600
    // What was kept while there were minutes is better than what is left of them.
    if (kept !== null && alert.from - EVIDENCE_SECONDS < minutesEnd) return kept
    const [series, answers] = await Promise.all([alertSeries(view, alert), alertAnswers(view, alert)])
    const evidence = { device: alert.device, at: view.now(), series, answers }
    if (isKept) alertStore.keepEvidence(alert.id, evidence)
    return evidence
  }
}
