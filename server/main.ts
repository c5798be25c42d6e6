// Puts the parts together: state, live session, recordings, liveFeed. Nothing else has side effects when it is
// imported.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emptyAccess, isAccessState } from './access/access-state.ts'
import { Accounts } from './access/accounts.ts'
import { LIVE_SCOPE, type RuleWords } from './api.ts'
import { defaults, readSettings } from './settings/settings.ts'
import type { History } from './history/history.ts'
import { openHistory } from './history/open.ts'
import { buildHttpServer, hostCheckOf } from './http/http-server.ts'
import { attachLiveFeed } from './http/live-feed.ts'
import type { Log } from './log.ts'
import { AlertStore, readKeptAlerts, readKeptEvents, readKeptEvidence } from './app/alert-store.ts'
import { alertSettingsOf } from './settings/alert-settings.ts'
import { noChannelState, readChannelState } from './app/channel-state.ts'
import { Channels } from './app/channels.ts'
import { Decisions, noDecisions, readDecisions } from './app/decisions.ts'
import { LiveTraffic, readKnownDevices } from './app/live-traffic.ts'
import { App } from './app/app.ts'
import { SettingsStore } from './settings/settings-store.ts'
import { plansOf } from './settings/source-plan.ts'
import { DryRuns } from './dry-run/dry-runs.ts'
import type { Clock } from './notify/queue.ts'
import { Replays } from './replay/replays.ts'
import { Spool } from './replay/spool.ts'
import { compiledRulesFolder } from './rules/folder.ts'
import { openRules } from './rulebook/open.ts'
import { builtFile } from './built-file.ts'
import { lockStateFolder } from './store/lock.ts'
import { openStateFile } from './store/state-file.ts'
import type { LiveSourcePlan, SourcePlan } from './model/source-plan.ts'

export interface ServeOptions {
  port: number
  stateFolder: string
  /** Open to the home's network once a password is set; else to this machine only. */
  lan: boolean
  /** Sources beside those of Settings, for this run. */
  sources: LiveSourcePlan[]
  /** A recording to open at once. */
  pcap: string | null
  version: string
  log: Log
}

export interface Running {
  port: number
  /** What to open: with the token of the first visit while there is no password. */
  url: string
  close(): Promise<void>
}

const SAVE_DEVICES_MS = 300_000

const MACHINE_CLOCK: Clock = {
  now: () => Date.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
}

/** Starts everything. Rejects with a sentence for the person where it cannot. */
export async function start(options: ServeOptions): Promise<Running> {
  const lock = lockStateFolder(options.stateFolder)
  try {
    return await startLocked(options, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

async function startLocked(options: ServeOptions, unlock: () => void): Promise<Running> {
  const { stateFolder, log, lan } = options
  const onDamage = (sentence: string): void => log.warn(sentence)
  const inState = (name: string): string => join(stateFolder, name)
  const settings = new SettingsStore(
    await openStateFile(
      inState('settings.json'),
      defaults(),
      (stored) => withProblemsLogged(readSettings(stored), log),
      onDamage,
    ),
  )
  const decisions = new Decisions(
    await openStateFile(inState('decisions.json'), noDecisions(), readDecisions, onDamage),
  )
  const known = await openStateFile(inState('devices.json'), { devices: [] }, readKnownDevices, onDamage)
  const accounts = new Accounts({
    state: await openStateFile(inState('access.json'), emptyAccess(), readAccess, onDamage),
    now: () => Date.now() / 1000,
    sessionDays: () => settings.values.access.sessionDays,
  })
  const alertStore = new AlertStore({
    alerts: await openStateFile(inState('alerts.json'), { memory: null }, readKeptAlerts, onDamage),
    events: await openStateFile(inState('events.json'), { events: [] }, readKeptEvents, onDamage),
    evidence: await openStateFile(inState('alert-evidence.json'), { evidence: {} }, readKeptEvidence, onDamage),
    saveEverySeconds: () => settings.values.storage.saveEverySeconds,
    log,
  })
  let app: App | null = null
  const channels = new Channels({
    kept: await openStateFile(inState('channels.json'), noChannelState(), readChannelState, onDamage),
    settings: () => settings.values,
    timeZone: () => settings.timeZone,
    clock: MACHINE_CLOCK,
    log,
    devices: async () => (await app?.homeDevices()) ?? null,
  })
  channels.know(alertStore.memory?.incidents.alerts ?? [])
  await channels.apply()
  const workerFile = builtFile('session/engine-worker.js')
  const live = new LiveTraffic({
    workerFile,
    known,
    alertStore,
    alertSettings: (isSample) => alertSettingsOf(settings.values, isSample),
    openHistory: () => openTrafficHistory(inState('history.db'), settings, log),
    words: () => decisions.words,
    newDeviceLevel: () => settings.values.privacy.newDevices,
    policy: (registry) => decisions.policy(settings.values.privacy.newDevices, (id) => registry.membersOf(id)),
  })
  const replays = new Replays({
    spool: new Spool(stateFolder),
    workerFile,
    limits: () => ({
      maxUploadBytes: settings.values.replay.maxUploadMegabytes * 1e6,
      maxMinutes: settings.values.replay.maxMinutes,
    }),
    timeZone: () => settings.timeZone,
    home: () => settings.values.home.networks,
    listener: {
      replay: (replay) => app?.emitReplay(replay),
      tick: (id) => app?.emitTick(id),
      devices: (id, ids) => app?.emitDevices(id, ids),
      changed: (id) => app?.emitChanged(id),
      activity: (id, update) => app?.emitActivity(id, update),
    },
  })
  const startLive = async (): Promise<void> => {
    const sources = plansOf(options.sources, settings.values.sources)
    const source: SourcePlan =
      sources.length > 0
        ? { kind: 'live', sources, leases: settings.values.sources.leases }
        : { kind: 'sample', path: fileURLToPath(builtFile('sample.pcap.gz')) }
    const isNew = await live.start({ source, home: settings.values.home.networks, timeZone: settings.timeZone })
    if (!isNew) live.current.changeAlertSettings(alertSettingsOf(settings.values, live.isSample))
    if (isNew && app !== null) {
      app.listen(LIVE_SCOPE, live.current)
      app.emitChanged(LIVE_SCOPE)
    }
  }
  const rules = openRules(compiledRulesFolder())
  const dryRuns = new DryRuns(() => builtFile('dry-run/dry-run-worker.js'))
  app = new App({
    rules,
    words: { ...readWords(), networksDate: rules.networks.date ?? '' },
    decisions,
    settings,
    replays,
    live: () => live.current,
    applySettings: startLive,
    alertStore,
    channels,
    dryRuns,
    forgetElsewhere: async (ids) => (await live.forget(ids)) + (await alertStore.forget(ids)),
    clock: () => Date.now() / 1000,
  })
  await startLive()
  const saving = setInterval(
    () =>
      void Promise.all([live.keepDevices(), app.gatherEvidence()]).catch((err: unknown) =>
        log.error({ err }, 'The known devices or alerts could not be saved'),
      ),
    SAVE_DEVICES_MS,
  )

  const httpServer = buildHttpServer({
    service: app,
    accounts,
    version: options.version,
    lan,
    uiFolder: fileURLToPath(builtFile('ui')),
    onError: (err) => log.error({ err }, "A mistake of Telltale's own"),
  })
  await httpServer.ready()
  const liveFeed = attachLiveFeed(httpServer.server, { service: app, accounts, isOurHost: hostCheckOf(app, lan) })
  await httpServer.listen({ port: options.port, host: lan ? '::' : '127.0.0.1' })
  const { port } = httpServer.server.address() as { port: number }
  if (options.pcap !== null) play(replays, options.pcap)
  return {
    port,
    url: urlOf(port, accounts, options.pcap === null ? null : (replays.all()[0]?.id ?? null)),
    close: async () => {
      clearInterval(saving)
      await liveFeed.close()
      await httpServer.close()
      dryRuns.stop()
      await replays.closeAll()
      await channels.close()
      await live.close()
      unlock()
    },
  }
}

/** A recording named at the start is shown at once. */
function play(replays: Replays, path: string): void {
  const { id } = replays.openFile(path)
  const { session } = replays.get(id)
  session.on('replay', ({ state }) => {
    if (state !== 'ready') return
    replays.control(id, { action: 'speed', speed: 'max' })
    replays.control(id, { action: 'play' })
  })
}

function urlOf(port: number, accounts: Accounts, replay: string | null): string {
  const token = accounts.claimToken()
  const path = replay === null ? '' : `#/replay/${replay}`
  return `http://localhost:${port}/${token === null ? '' : `?token=${token}`}${path}`
}

function openTrafficHistory(path: string, settings: SettingsStore, log: Log): Promise<History> {
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
  )
}

function withProblemsLogged<Value>({ settings, problems }: { settings: Value; problems: string[] }, log: Log): Value {
  for (const problem of problems) log.warn(problem)
  return settings
}

function readAccess(stored: unknown): ReturnType<typeof emptyAccess> {
  if (!isAccessState(stored)) throw new Error('it does not hold accounts')
  return stored
}

/** Titles and plain words of purposes, kinds and labels. */
function readWords(): Omit<RuleWords, 'networksDate'> {
  return JSON.parse(readFileSync(join(compiledRulesFolder(), 'words.json'), 'utf8')) as Omit<RuleWords, 'networksDate'>
}
