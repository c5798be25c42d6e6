// The way of the real home's alerts to its channels, with the names of the time, and to their evidence.
import type { Alert } from '../alerts/alert.ts'
import { worded } from '../alerts/words.ts'
import { alertNames, alertRow } from '../queries/activity.ts'
import type { TrafficView } from '../queries/traffic-view.ts'
import type { Session } from '../session/session.ts'
import type { AlertEvidence } from './alert-evidence.ts'
import type { Channels } from './channels.ts'

export interface AlertSenderOptions {
  channels: Channels
  evidence: AlertEvidence
  /** Of the real home. */
  view: () => TrafficView
}

export class AlertSender {
  private readonly options: AlertSenderOptions
  private session: Session | null = null

  constructor(options: AlertSenderOptions) {
    this.options = options
  }

  /** New or changed alerts of the session. */
  add(session: Session, alerts: readonly Alert[]): void {
    const { channels, evidence } = this.options
    // The first that a session says is what was written down before it.
    const isRestored = session !== this.session
    this.session = session
    const view = this.options.view()
    for (const alert of alerts) {
      const { message, muted } = alertRow(view, alert, session.activity.mutes)
      const names = alertNames(view, alert)
      void channels.emit(worded(alert, message), { names, isMuted: muted, isRestored }).catch(() => undefined)
      // Their minutes are kept before they age.
      evidence.begin(alert)
    }
  }
}
