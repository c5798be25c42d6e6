// The events of the service: what sessions and replays emit, as rows of the API, for the live feed.
import { LIVE_SCOPE, type Device, type Replay, type ScopeId, type TrafficStatus } from '../api.ts'
import type { Alert } from '../alerts/alert.ts'
import type { ActivityUpdate } from '../detection/activity.ts'
import type { ServiceEvents } from '../http/service.ts'
import { alertRow, eventRow } from '../queries/activity.ts'
import type { Session } from '../session/session.ts'
import type { Scopes } from './scopes.ts'

/** Events of one update that are emitted: the newest. */
const MAX_EVENTS_EMITTED = 30

export interface ServiceEmitterParts {
  scopes: Scopes
  status: (scope: ScopeId) => Promise<TrafficStatus>
  devices: (scope: ScopeId) => Device[]
  /** Called with the alerts of a real home. */
  addAlerts: (session: Session, alerts: readonly Alert[]) => void
}

export class ServiceEmitter {
  private readonly parts: ServiceEmitterParts
  private readonly listeners: { [Name in keyof ServiceEvents]: ServiceEvents[Name][] } = {
    second: [],
    part: [],
    devices: [],
    status: [],
    replay: [],
    alerts: [],
    events: [],
    changed: [],
  }

  constructor(parts: ServiceEmitterParts) {
    this.parts = parts
  }

  on<Name extends keyof ServiceEvents>(event: Name, listener: ServiceEvents[Name]): void {
    this.listeners[event].push(listener)
  }

  /** Passes on what the live session emits; called each time another one has been started. */
  listenToLive(session: Session): void {
    const isSample = this.parts.scopes.isSample(LIVE_SCOPE)
    session.on('tick', () => {
      this.emitTick(LIVE_SCOPE)
      void this.parts.status(LIVE_SCOPE).then(
        (status) => this.emit('status', LIVE_SCOPE, status),
        () => {},
      )
    })
    session.on('part', () => this.emit('part', LIVE_SCOPE))
    session.on('devices', (ids) => this.emitDevices(LIVE_SCOPE, ids))
    session.on('changed', () => this.emitChanged(LIVE_SCOPE))
    session.on('mended', () => this.emitChanged(LIVE_SCOPE))
    session.on('activity', (update) => {
      this.emitActivity(LIVE_SCOPE, update)
      if (!isSample) this.parts.addAlerts(session, update.alerts)
    })
  }

  emitActivity(scope: ScopeId, { events, withdrawn, alerts, mutes, replace }: ActivityUpdate): void {
    const view = this.parts.scopes.viewOf(scope)
    const { activity } = this.parts.scopes.sessionOf(scope)
    if (replace) return this.emitChanged(scope)
    if (events.length > 0 || withdrawn.length > 0)
      this.emit(
        'events',
        scope,
        events.map((event) => eventRow(view, event)).slice(-MAX_EVENTS_EMITTED),
        withdrawn.slice(0, MAX_EVENTS_EMITTED),
      )
    const updated = mutes === null ? alerts : activity.allAlerts()
    if (updated.length > 0)
      this.emit(
        'alerts',
        scope,
        updated.map((alert) => alertRow(view, alert, activity.mutes)),
      )
  }

  emitReplay(replay: Replay): void {
    this.emit('replay', replay)
  }

  emitTick(scope: ScopeId): void {
    this.emit('second', scope)
  }

  emitChanged(scope: ScopeId): void {
    this.emit('changed', scope)
  }

  emitDevices(scope: ScopeId, ids: string[]): void {
    const { registry } = this.parts.scopes.sessionOf(scope)
    const wanted = new Set(ids.map((id) => registry.rootOf(id)))
    this.emit(
      'devices',
      scope,
      this.parts.devices(scope).filter(({ id }) => wanted.has(id)),
    )
  }

  private emit<Name extends keyof ServiceEvents>(event: Name, ...args: Parameters<ServiceEvents[Name]>): void {
    for (const listener of this.listeners[event])
      (listener as (...args: Parameters<ServiceEvents[Name]>) => void)(...args)
  }
}
