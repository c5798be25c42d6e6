// The state folder of a running service: its files opened, what is damaged in them logged.
import { join } from 'node:path'
import { emptyAccess, isAccessState, type AccessState } from '../access/access-state.ts'
import { Accounts } from '../access/accounts.ts'
import type { History } from '../history/history.ts'
import { openHistory, type OnLost } from '../history/open.ts'
import type { Log } from '../log.ts'
import { defaults, readSettings } from '../settings/settings.ts'
import { SettingsStore } from '../settings/settings-store.ts'
import { openStateFile } from '../store/state-file.ts'
import type { Stored } from '../store/stored.ts'
import { AlertStore, readKeptAlerts, readKeptEvents, readKeptEvidence } from './alert-store.ts'
import { type ChannelState, noChannelState, readChannelState } from './channel-state.ts'
import { Decisions, noDecisions, readDecisions } from './decisions.ts'
import { type KnownDevices, readKnownDevices } from './live-traffic.ts'
import { readSetAside, SetAside } from './set-aside.ts'

export interface AppState {
  settings: SettingsStore
  decisions: Decisions
  known: Stored<KnownDevices>
  accounts: Accounts
  alertStore: AlertStore
  channels: Stored<ChannelState>
  setAside: SetAside
  /** Opens the traffic history on disk. */
  openHistory: (onLost: OnLost) => Promise<History>
}

export async function openAppState(folder: string, log: Log): Promise<AppState> {
  const open = <Value extends object>(name: string, initial: Value, read: (stored: unknown) => Value) =>
    openStateFile(join(folder, name), initial, read, (sentence) => log.warn(sentence))
  const settings = new SettingsStore(
    await open('settings.json', defaults(), (stored) => withProblemsLogged(readSettings(stored), log)),
  )
  const decisions = new Decisions(await open('decisions.json', noDecisions(), readDecisions))
  const known = await open('devices.json', { devices: [] }, readKnownDevices)
  const accounts = new Accounts({
    state: await open('access.json', emptyAccess(), readAccess),
    now: () => Date.now() / 1000,
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
  const setAside = new SetAside({
    state: await open('set-aside.json', { entries: [] }, readSetAside),
    folder: join(folder, 'set-aside'),
    keepsBytes: () => settings.values.privacy.keepFailedInput,
    log,
    clock: () => Date.now() / 1000,
  })
  return {
    setAside,
    settings,
    decisions,
    known,
    accounts,
    alertStore,
    channels,
    openHistory: (onLost) => openTrafficHistory(join(folder, 'history.db'), settings, log, onLost),
  }
}

function openTrafficHistory(path: string, settings: SettingsStore, log: Log, onLost: OnLost): Promise<History> {
  const { saveEverySeconds, minuteHours, hourDays, dayDays, diskBudgetMegabytes } = settings.values.storage
  return openHistory(
    {
      path,
      timeZone: settings.timeZone,
      saveEverySeconds,
      retention: { minuteHours, hourDays, dayDays },
      diskBudgetBytes: diskBudgetMegabytes * 1e6,
    },
    (sentence) => log.warn(sentence),
    onLost,
  )
}

function withProblemsLogged<Value>({ settings, problems }: { settings: Value; problems: string[] }, log: Log): Value {
  for (const problem of problems) log.warn(problem)
  return settings
}

function readAccess(stored: unknown): AccessState {
  if (!isAccessState(stored)) throw new Error('it does not hold accounts')
  return stored
}
