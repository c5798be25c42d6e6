// The start of the service: state, live session, recordings, channels, HTTP and the live feed, put together. Nothing
// else has side effects when it is imported.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Accounts } from './access/accounts.ts'
import { LIVE_SCOPE, type RuleWords } from './api.ts'
import { App } from './app/app.ts'
import { type AppState, historySettings, openAppState } from './app/app-state.ts'
import { Channels } from './app/channels.ts'
import { LiveTraffic } from './app/live-traffic.ts'
import { finishRestore } from './backup/restore.ts'
import { builtFile } from './built-file.ts'
import { DryRuns } from './dry-run/dry-runs.ts'
import { buildHttpServer, hostCheckOf } from './http/http-server.ts'
import { MOST_CONNECTIONS } from './http/connections.ts'
import { attachLiveFeed } from './http/live-feed.ts'
import type { Log } from './log.ts'
import type { LiveSourcePlan, SourcePlan, SourceSecrets } from './model/source-plan.ts'
import type { Clock } from './notify/queue.ts'
import { connectionShare, openFilesLimit } from './open-files.ts'
import { Replays } from './replay/replays.ts'
import { Spool } from './replay/spool.ts'
import { openRules, type Rules } from './rulebook/open.ts'
import { compiledRulesFolder } from './rules/folder.ts'
import { tellOfStart } from './service-units/process-limits.ts'
import { alertSettingsOf } from './settings/alert-settings.ts'
import type { SettingsStore } from './settings/settings-store.ts'
import { LATE_AFTER_MS } from './session/thread-watch.ts'
import { plansOf, secretsOf } from './settings/source-plan.ts'
import { lockStateFolder } from './store/lock.ts'
import { dropSetAside } from './store/set-aside.ts'
import { purgeAll } from './store/stored.ts'
import { Teardown } from './store/teardown.ts'

export interface ServeOptions {
  port: number
  stateFolder: string
  /** Open to the home's network once a password is set; else to this machine only. */
  lan: boolean
  /** Sources beside those of Settings, for this run. */
  sources: LiveSourcePlan[]
  /** For this run, in place of those of Settings. */
  secrets?: SourceSecrets
  /** A recording to open at once. */
  pcap: string | null
  version: string
  log: Log
  /** The file of the live session's thread; the built one where absent. */
  engineWorkerFile?: URL
  /** That thread is given up where it gives no sign of life for longer; ten seconds where absent. */
  lateAfterMs?: number
  /** Nothing is captured, and nothing is sent: only what is kept is asked. */
  isIdle?: true
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

const notificationClock = ({ steadyClock }: AppState): Clock => ({
  now: () => steadyClock.now() * 1000,
  after: MACHINE_CLOCK.after,
})

/** A start that fails is over after this long, whatever could not be closed: the process ends with it. */
const CLOSE_AFTER_FAILURE_MS = 3_500

/** Starts everything. Rejects with a sentence for the person where it cannot; by then everything is closed again. */
export async function start(options: ServeOptions): Promise<Running> {
  const teardown = new Teardown()
  const lock = lockStateFolder(options.stateFolder)
  teardown.add(() => lock.release())
  try {
    return await startLocked(options, teardown)
  } catch (error) {
    await within(CLOSE_AFTER_FAILURE_MS, teardown.run()).catch((err: unknown) =>
      options.log.error({ err }, 'After the failed start not everything could be closed'),
    )
    throw error
  }
}

/** What a state folder holds, to be asked: nothing is captured, sent or served. Rejects like `start`. */
export async function openToAsk(stateFolder: string, version: string, log: Log): Promise<OpenedToAsk> {
  const teardown = new Teardown()
  const lock = lockStateFolder(stateFolder)
  teardown.add(() => lock.release())
  try {
    const state = await openAppState(stateFolder, log)
    teardown.add(() => state.folder.close())
    const options = { port: 0, stateFolder, lan: false, sources: [], pcap: null, version, log, isIdle: true as const }
    const { app, replays } = await startApp(options, state, teardown)
    return { app, replays, close: () => teardown.run() }
  } catch (error) {
    await teardown.run().catch(() => {})
    throw error
  }
}

export interface OpenedToAsk {
  app: App
  replays: Replays
  close(): Promise<void>
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let patience: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    patience = setTimeout(() => reject(new Error(`it took longer than ${milliseconds} ms`)), milliseconds)
  })
  await Promise.race([work, tooLate]).finally(() => clearTimeout(patience))
}

async function startLocked(options: ServeOptions, teardown: Teardown): Promise<Running> {
  const { stateFolder, log, lan } = options
  finishRestore(stateFolder)
  const state = await openAppState(stateFolder, log)
  teardown.add(() => state.folder.close())
  teardown.add(() => state.steadyClock.keep())
  const { app, live, replays } = await startApp(options, state, teardown)
  const { accounts, steadyClock } = state
  const files = openFilesLimit()
  const share = connectionShare(files, MOST_CONNECTIONS)
  tellOfStart(log, { limit: files, share })
  const httpServer = buildHttpServer({
    service: app,
    accounts,
    version: options.version,
    lan,
    uiFolder: fileURLToPath(builtFile('ui')),
    connectionShare: share,
    onError: (err) => log.error({ err }, "A mistake of Telltale's own"),
  })
  teardown.add(() => httpServer.close())
  await httpServer.ready()
  const liveFeed = attachLiveFeed(httpServer.server, { service: app, accounts, isOurHost: hostCheckOf(app, lan) })
  teardown.add(() => liveFeed.close())
  await httpServer.listen({ port: options.port, host: lan ? '::' : '127.0.0.1' })
  const { port } = httpServer.server.address() as { port: number }
  state.folder.begin()
  const saving = setInterval(
    () =>
      void Promise.all([live.keepDevices(), app.updateEvidence(), steadyClock.keep(), state.failedInput.tidy()]).catch(
        (err: unknown) => log.error({ err }, 'The known devices or alerts could not be saved'),
      ),
    SAVE_DEVICES_MS,
  )
  teardown.add(() => clearInterval(saving))
  if (options.pcap !== null) play(replays, options.pcap)
  return {
    port,
    url: urlOf(port, accounts, options.pcap === null ? null : (replays.all()[0]?.id ?? null)),
    isAlive: () => live.current.isOnTime,
    close: () => teardown.run(),
  }
}

interface AppWithParts {
  app: App
  live: LiveTraffic
  replays: Replays
}

/** The app over the opened state, its channels open and its live session running. */
async function startApp(options: ServeOptions, state: AppState, teardown: Teardown): Promise<AppWithParts> {
  const { settings, decisions, alertStore } = state
  // Channels and replays are parts of the app and report to it: they find it once it is made.
  let app: App | null = null
  const live = createLive(options, state, () => app)
  teardown.add(() => live.close())
  const channels = createChannels(options.log, state, () => app)
  teardown.add(() => channels.close())
  if (options.isIdle !== true) await channels.apply()
  const replays = createReplays(options.stateFolder, state, () => app)
  teardown.add(() => replays.closeAll())
  const startLive = async (): Promise<void> => {
    // Before a session that counts in another time zone.
    await live.configure(historySettings(settings))
    const source = sourceOf(options, settings)
    const isNew = await live.start({ source, home: settings.values.home.networks, timeZone: settings.timeZone })
    if (!isNew) live.current.changeAlertSettings(alertSettingsOf(settings.values, live.isSample))
    if (isNew && app !== null) {
      app.emitter.listenToLive(live.current)
      app.emitter.emitChanged(LIVE_SCOPE)
    }
  }
  const { rules, words } = readRules()
  const dryRuns = new DryRuns(() => builtFile('dry-run/dry-run-worker.js'))
  teardown.add(() => dryRuns.stop())
  app = new App({
    rules,
    words,
    decisions,
    settings,
    replays,
    live,
    applySettings: startLive,
    folder: state.folder,
    alertStore,
    channels,
    dryRuns,
    forgetElsewhere: (ids) =>
      purgeAll([
        { purge: () => live.forget(ids) },
        { purge: () => alertStore.forget(ids) },
        { purge: () => state.failedInput.forget() },
        { purge: async () => dropSetAside(options.stateFolder) },
      ]),
    clock: () => Date.now() / 1000,
    steadyClock: state.steadyClock,
  })
  await startLive()
  return { app, live, replays }
}

function createChannels(log: Log, state: AppState, app: () => App | null): Channels {
  const { settings, alertStore } = state
  const channels = new Channels({
    kept: state.channels,
    settings: () => settings.values,
    timeZone: () => settings.timeZone,
    clock: notificationClock(state),
    log,
    devices: async () => (await app()?.homeDevices()) ?? null,
  })
  channels.know(alertStore.memory?.incidents.alerts ?? [])
  return channels
}

const engineWorkerFile = (): URL => builtFile('session/engine-worker.js')

function createLive(options: ServeOptions, state: AppState, app: () => App | null): LiveTraffic {
  const { settings, decisions, known, alertStore, failedInput, openHistory } = state
  return new LiveTraffic({
    clock: MACHINE_CLOCK,
    log: options.log,
    onRestarted: (session) => {
      app()?.emitter.listenToLive(session)
      app()?.emitter.emitChanged(LIVE_SCOPE)
    },
    workerFile: options.engineWorkerFile ?? engineWorkerFile(),
    lateAfterMs: options.lateAfterMs ?? LATE_AFTER_MS,
    stateFolder: options.stateFolder,
    known,
    alertStore,
    failedInput,
    alertSettings: (isSample) => alertSettingsOf(settings.values, isSample),
    openHistory,
    words: () => decisions.words,
    newDeviceLevel: () => settings.values.privacy.newDevices,
    policy: (registry) => decisions.policy(settings.values.privacy.newDevices, (id) => registry.membersOf(id)),
  })
}

function createReplays(stateFolder: string, { settings, failedInput }: AppState, app: () => App | null): Replays {
  return new Replays({
    failedInput,
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
  if (options.isIdle === true) return { kind: 'live', sources: [], leases: '' }
  const { sources: chosen } = settings.values
  const sources = plansOf(options.sources, chosen)
  if (sources.length === 0) return { kind: 'sample', path: fileURLToPath(builtFile('sample.pcap.gz')) }
  const secrets = { ...secretsOf(chosen, sources), ...options.secrets }
  return { kind: 'live', sources, leases: chosen.leases, secrets }
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

/** The compiled rules; titles and plain words of purposes, kinds and labels. Throws a sentence for the person. */
function readRules(): { rules: Rules; words: RuleWords } {
  const folder = compiledRulesFolder()
  try {
    const rules = openRules(folder)
    const words = JSON.parse(readFileSync(join(folder, 'words.json'), 'utf8')) as Omit<RuleWords, 'networksDate'>
    return { rules, words: { ...words, networksDate: rules.networks.date ?? '' } }
  } catch (error) {
    throw new Error(`The compiled rules in ${folder} cannot be read (${(error as Error).message}): build them again`)
  }
}
