// The state folder of a running service: its files opened, what is damaged in them logged.
import { join } from 'node:path'
import { emptyAccess, isAccessState, type AccessState } from '../access/access-state.ts'
import { Accounts } from '../access/accounts.ts'
import type { History } from '../history/history.ts'
import { openHistory } from '../history/open.ts'
import type { HistorySettings } from '../history/settings.ts'
import type { Log } from '../log.ts'
import { defaults, readSettings } from '../settings/settings.ts'
import { SettingsStore } from '../settings/settings-store.ts'
import { openStateFile } from '../store/state-file.ts'
import type { Stored } from '../store/stored.ts'
import { AlertStore, readKeptAlerts, readKeptEvents, readKeptEvidence } from './alert-store.ts'
import { type ChannelState, noChannelState, readChannelState } from './channel-state.ts'
import { Decisions, noDecisions, readDecisions } from './decisions.ts'
import { type KnownDevices, readKnownDevices } from './live-traffic.ts'
import { readKeptClock, SteadyClock } from './steady-clock.ts'

export interface AppState {
  settings: SettingsStore
  decisions: Decisions
  known: Stored<KnownDevices>
  accounts: Accounts
  alertStore: AlertStore
  channels: Stored<ChannelState>
  steadyClock: SteadyClock
  /** Opens the traffic history on disk. */
  openHistory: () => Promise<History>
}

/** What the settings say about the traffic history. */
export function historySettings({ values, timeZone }: SettingsStore): HistorySettings {
  const { saveEverySeconds, minuteHours, hourDays, dayDays, diskBudgetMegabytes } = values.storage
  return {
    timeZone,
    saveEverySeconds,
    retention: { minuteHours, hourDays, dayDays },
    diskBudgetBytes: diskBudgetMegabytes * 1e6,
  }
}

export async function openAppState(folder: string, log: Log): Promise<AppState> {
  const open = <Value extends object>(name: string, initial: Value, read: (stored: unknown) => Value) =>
    openStateFile(join(folder, name), initial, read, (sentence) => log.warn(sentence))
  const settings = new SettingsStore(
    await open('settings.json', defaults(), (stored) => withProblemsLogged(readSettings(stored), log)),
  )
  const decisions = new Decisions(await open('decisions.json', noDecisions(), readDecisions))
  const known = await open('devices.json', { devices: [] }, readKnownDevices)
  const steadyClock = new SteadyClock(await open('clock.json', { clock: null }, readKeptClock), () => Date.now() / 1000)
  const accounts = new Accounts({
    state: await open('access.json', emptyAccess(), readAccess),
    now: () => steadyClock.now(),
    sessionDays: () => settings.values.access.sessionDays,
  })
  const alertStore = new AlertStore({
    alerts: await open('alerts.json', { memory: null }, readKeptAlerts),
    events: await open('events.json', { events: [] }, readKeptEvents),
    evidence: await open('alert-evidence.json', { evidence: {} }, readKeptEvidence),
    saveEverySeconds: () => settings.values.storage.saveEverySeconds,
    log,
  })
  const channels = await open('channels.json', noChannelState(), readChannelState)
  return {
    settings,
    decisions,
    known,
    accounts,
    alertStore,
    channels,
    steadyClock,
    openHistory: () => openTrafficHistory(join(folder, 'history.db'), settings, log),
  }
}

function openTrafficHistory(path: string, settings: SettingsStore, log: Log): Promise<History> {
  return openHistory({ path, ...historySettings(settings) }, (sentence) => log.warn(sentence))
}

function withProblemsLogged<Value>({ settings, problems }: { settings: Value; problems: string[] }, log: Log): Value {
  for (const problem of problems) log.warn(problem)
  return settings
}

function readAccess(stored: unknown): AccessState {
  if (!isAccessState(stored)) throw new Error('it does not hold accounts')
  return stored
}
