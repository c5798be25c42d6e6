// The start of the service: state, live session, recordings, channels, HTTP and the live feed, put together. Nothing
// else has side effects when it is imported.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Accounts } from './access/accounts.ts'
import { LIVE_SCOPE, type RuleWords } from './api.ts'
import { App } from './app/app.ts'
import { type AppState, openAppState } from './app/app-state.ts'
import { Channels } from './app/channels.ts'
import { LiveTraffic } from './app/live-traffic.ts'
import { builtFile } from './built-file.ts'
import { DryRuns } from './dry-run/dry-runs.ts'
import { buildHttpServer, hostCheckOf } from './http/http-server.ts'
import { attachLiveFeed } from './http/live-feed.ts'
import type { Log } from './log.ts'
import type { LiveSourcePlan, SourcePlan } from './model/source-plan.ts'
import type { Clock } from './notify/queue.ts'
import { Replays } from './replay/replays.ts'
import { Spool } from './replay/spool.ts'
import { openRules } from './rulebook/open.ts'
import { compiledRulesFolder } from './rules/folder.ts'
import { alertSettingsOf } from './settings/alert-settings.ts'
import type { SettingsStore } from './settings/settings-store.ts'
import { plansOf } from './settings/source-plan.ts'
import { lockStateFolder } from './store/lock.ts'

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
  /** The file of the live session's thread; the built one where absent. */
  engineWorkerFile?: URL
}

export interface Running {
  port: number
  /** What to open: with the token of the first visit while there is no password. */
  url: string
  /** The engine's thread runs, and is on time. */
  isAlive(): boolean
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
  const state = await openAppState(stateFolder, log)
  const parts = await startApp(options, state)
  const { app, live, replays, channels, dryRuns } = parts
  const saving = setInterval(
    () =>
      void Promise.all([live.keepDevices(), app.updateEvidence(), state.setAside.tidy()]).catch((err: unknown) =>
        log.error({ err }, 'The known devices or alerts could not be saved'),
      ),
    SAVE_DEVICES_MS,
  )
  const { accounts } = state
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
    isAlive: () => live.current.isOnTime,
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

interface AppWithParts {
  app: App
  live: LiveTraffic
  replays: Replays
  channels: Channels
  dryRuns: DryRuns
}

/** The app over the opened state, its channels open and its live session running. */
async function startApp(options: ServeOptions, state: AppState): Promise<AppWithParts> {
  const { settings, decisions, alertStore } = state
  // Channels and replays are parts of the app and report to it: they find it once it is made.
  let app: App | null = null
  const channels = await openChannels(options.log, state, () => app)
  const live = createLive(options, state, () => app)
  const replays = createReplays(options.stateFolder, state, () => app)
  const startLive = async (): Promise<void> => {
    const source = sourceOf(options, settings)
    const isNew = await live.start({ source, home: settings.values.home.networks, timeZone: settings.timeZone })
    if (!isNew) live.current.changeAlertSettings(alertSettingsOf(settings.values, live.isSample))
    if (isNew && app !== null) {
      app.emitter.listenToLive(live.current)
      app.emitter.emitChanged(LIVE_SCOPE)
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
    live,
    applySettings: startLive,
    alertStore,
    channels,
    dryRuns,
    forgetElsewhere: async (ids) =>
      (await live.forget(ids)) + (await alertStore.forget(ids)) + (await state.setAside.forget()),
    clock: () => Date.now() / 1000,
  })
  await startLive()
  return { app, live, replays, channels, dryRuns }
}

async function openChannels(log: Log, state: AppState, app: () => App | null): Promise<Channels> {
  const { settings, alertStore } = state
  const channels = new Channels({
    kept: state.channels,
    settings: () => settings.values,
    timeZone: () => settings.timeZone,
    clock: MACHINE_CLOCK,
    log,
    devices: async () => (await app()?.homeDevices()) ?? null,
  })
  channels.know(alertStore.memory?.incidents.alerts ?? [])
  await channels.apply()
  return channels
}

const engineWorkerFile = (): URL => builtFile('session/engine-worker.js')

function createLive(options: ServeOptions, state: AppState, app: () => App | null): LiveTraffic {
  const { settings, decisions, known, alertStore, setAside, openHistory } = state
  return new LiveTraffic({
    clock: MACHINE_CLOCK,
    log: options.log,
    onRestarted: (session) => {
      app()?.emitter.listenToLive(session)
      app()?.emitter.emitChanged(LIVE_SCOPE)
    },
    workerFile: options.engineWorkerFile ?? engineWorkerFile(),
    known,
    alertStore,
    setAside,
    alertSettings: (isSample) => alertSettingsOf(settings.values, isSample),
    openHistory,
    words: () => decisions.words,
    newDeviceLevel: () => settings.values.privacy.newDevices,
    policy: (registry) => decisions.policy(settings.values.privacy.newDevices, (id) => registry.membersOf(id)),
  })
}

function createReplays(stateFolder: string, { settings, setAside }: AppState, app: () => App | null): Replays {
  return new Replays({
    setAside,
    spool: new Spool(stateFolder),
    workerFile: engineWorkerFile(),
    limits: () => ({
      maxUploadBytes: settings.values.replay.maxUploadMegabytes * 1e6,
      maxMinutes: settings.values.replay.maxMinutes,
    }),
    timeZone: () => settings.timeZone,
    home: () => settings.values.home.networks,
    listener: {
      replay: (replay) => app()?.emitter.emitReplay(replay),
      tick: (id) => app()?.emitter.emitTick(id),
      devices: (id, ids) => app()?.emitter.emitDevices(id, ids),
      changed: (id) => app()?.emitter.emitChanged(id),
      activity: (id, update) => app()?.emitter.emitActivity(id, update),
    },
  })
}

/** The sources of the command line and of Settings; the sample home where there are none. */
function sourceOf(options: ServeOptions, settings: SettingsStore): SourcePlan {
  const sources = plansOf(options.sources, settings.values.sources)
  if (sources.length === 0) return { kind: 'sample', path: fileURLToPath(builtFile('sample.pcap.gz')) }
  return { kind: 'live', sources, leases: settings.values.sources.leases }
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

/** Titles and plain words of purposes, kinds and labels. */
function readWords(): Omit<RuleWords, 'networksDate'> {
  return JSON.parse(readFileSync(join(compiledRulesFolder(), 'words.json'), 'utf8')) as Omit<RuleWords, 'networksDate'>
}
