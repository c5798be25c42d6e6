// The state folder of a running service: its files opened, what is damaged in them logged.
import { join } from 'node:path'
import { Accounts } from '../access/accounts.ts'
import type { History } from '../history/history.ts'
import { openHistory, type OnLost } from '../history/open.ts'
import type { HistorySettings } from '../history/settings.ts'
import type { Log } from '../log.ts'
import { defaults, readKeptSettings, salvagedSettings } from '../settings/settings.ts'
import { SettingsStore } from '../settings/settings-store.ts'
import { StateFolder } from '../store/state-folder.ts'
import type { Stored } from '../store/stored.ts'
import { AlertStore, readKeptAlerts, readKeptEvents, readKeptEvidence } from './alert-store.ts'
import { type ChannelState, noChannelState, readChannelState } from './channel-state.ts'
import { Decisions, noDecisions, readDecisions, salvagedDecisions } from './decisions.ts'
import { openAccess } from './access-file.ts'
import { closePrivacy } from './closed-privacy.ts'
import { type KnownDevices, readKnownDevices } from './live-traffic.ts'
import { readFailedInput, FailedInput } from './failed-input.ts'
import { readKeptClock, SteadyClock } from './steady-clock.ts'

export interface AppState {
  folder: StateFolder
  settings: SettingsStore
  decisions: Decisions
  known: Stored<KnownDevices>
  accounts: Accounts
  alertStore: AlertStore
  channels: Stored<ChannelState>
  steadyClock: SteadyClock
  failedInput: FailedInput
  /** Opens the traffic history on disk. */
  openHistory: (onLost: OnLost) => Promise<History>
}

/** Files that grow with the home, and are saved every few minutes. */
const CHANGES = { writesChanges: true }

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

/** Settings and decisions; damage to them never lets more be kept than before. */
async function openChoices(folder: StateFolder, log: Log): Promise<Pick<AppState, 'settings' | 'decisions' | 'known'>> {
  const settingsFile = await folder.open(
    'settings.json',
    defaults(),
    (stored) => readKeptSettings(stored, (problem) => log.warn(problem)),
    { hasTwin: true, whenLost: (found) => salvagedSettings(found).settings },
  )
  const settings = new SettingsStore(settingsFile)
  let knowsIgnored = true
  const decisionsFile = await folder.open('decisions.json', noDecisions(), readDecisions, {
    hasTwin: true,
    whenLost: (found) => {
      const salvaged = salvagedDecisions(found)
      knowsIgnored = salvaged.knowsIgnored
      return salvaged.data
    },
  })
  const decisions = new Decisions(decisionsFile)
  const known = await folder.open('devices.json', { devices: [] }, readKnownDevices, CHANGES)
  await closePrivacy({
    settings,
    decisions,
    known: known.data.devices,
    knowsIgnored,
    log,
    from: { settings: settingsFile.recovered, decisions: decisionsFile.recovered },
  })
  return { settings, decisions, known }
}

export async function openAppState(path: string, log: Log): Promise<AppState> {
  const folder = new StateFolder(path, log)
  const { settings, decisions, known } = await openChoices(folder, log)
  const steadyClock = new SteadyClock(
    await folder.open('clock.json', { clock: null }, readKeptClock),
    () => Date.now() / 1000,
  )
  const accounts = new Accounts({
    state: await openAccess(folder),
    now: () => steadyClock.now(),
    sessionDays: () => settings.values.access.sessionDays,
  })
  const alertStore = new AlertStore({
    alerts: await folder.open('alerts.json', { memory: null }, readKeptAlerts, CHANGES),
    events: await folder.open('events.json', { events: [] }, readKeptEvents, CHANGES),
    evidence: await folder.open('alert-evidence.json', { evidence: {} }, readKeptEvidence, CHANGES),
    saveEverySeconds: () => settings.values.storage.saveEverySeconds,
    log,
  })
  const channels = await folder.open('channels.json', noChannelState(), readChannelState)
  const failedInput = new FailedInput({
    state: await folder.open('failed-input.json', { entries: [] }, readFailedInput),
    folder: join(path, 'failed-input'),
    keepsBytes: () => settings.values.privacy.keepFailedInput,
    log,
    clock: () => Date.now() / 1000,
  })
  return {
    folder,
    failedInput,
    settings,
    decisions,
    known,
    accounts,
    alertStore,
    channels,
    steadyClock,
    openHistory: (onLost) => openTrafficHistory(join(path, 'history.db'), settings, log, onLost),
  }
}

function openTrafficHistory(path: string, settings: SettingsStore, log: Log, onLost: OnLost): Promise<History> {
  return openHistory({ path, ...historySettings(settings) }, (sentence) => log.warn(sentence), onLost)
}
