// The open screen's answers from the traffic history: its scope, its range, its selection, moved on by ticks.
import {
  LIVE_SCOPE,
  type TrafficStatus,
  type Device,
  type Overview,
  type Room,
  type Series,
  type TickMessage,
} from '../../server/api.ts'
import { setTimeZone } from '../text/format.ts'
import { ApiFailure, trafficPath, get, isAbort, type Query } from './api.ts'
import { live } from './live.svelte.ts'
import { advance, Increments, RecentTicks } from './moving-series.ts'
import { range } from './range.svelte.ts'
import { dayStart, windowOf, type Span } from './ranges.ts'
import { router } from './router.svelte.ts'

/** Lists are loaded again this often while live; ticks move them on in between. */
const LIST_SECONDS = 30
/** No tick moves look-ups on. */
const LOOKUP_SECONDS = 5
/** Never more often than this, however many messages arrive. */
const THROTTLE_MS = 1000
/** Messages within this time cause one request. */
const DEBOUNCE_MS = 150

/** While a replay runs ahead, everything is loaded again this often. */
const OUTRUN_SECONDS = 2

/** True where a tick is past a chart that shows all there is, or stands for more time than one of its steps. */
function outruns(series: Series, tick: TickMessage): boolean {
  const [second = 0, covered = 1] = tick
  return covered > series.step || (range.name === 'all' && second >= series.from + series.sent.length * series.step)
}

/** A request to the traffic history, its answer, and its error. Only the newest request counts. */
export class Asked<T> {
  value = $state.raw<T | null>(null)
  error = $state.raw<ApiFailure | null>(null)
  busy = $state(false)
  #abort: AbortController | null = null

  /**
   * The error that the screen shows in place of data: old data stays while contact is lost, for which there is a
   * banner.
   */
  get problem(): ApiFailure | null {
    return this.error !== null && (this.value === null || this.error.code !== 'unreachable') ? this.error : null
  }

  async ask(path: string, query: Query = {}): Promise<T | null> {
    this.#abort?.abort()
    const abort = new AbortController()
    this.#abort = abort
    this.busy = true
    try {
      const value = await get<T>(path, query, abort.signal)
      this.value = value
      this.error = null
      return value
    } catch (error) {
      if (isAbort(error)) return null
      if (!(error instanceof ApiFailure)) throw error
      this.error = error
      return null
    } finally {
      if (this.#abort === abort) this.busy = false
    }
  }

  forget(): void {
    this.#abort?.abort()
    this.value = null
    this.error = null
    this.busy = false
  }
}

/** What the open screen is about, apart from its time. */
export interface Subject {
  device?: string
  /** A company with all that is part of it. */
  owner?: string
}

export class TrafficState {
  status = new Asked<TrafficStatus>()
  overview = new Asked<Overview>()
  /** From local midnight to now: what the first sentence of Home is about. */
  today = new Asked<Overview>()
  #series = new Asked<Series>()

  /** Goes up whenever ticks moved something that is shown; slower when the user asked for it. */
  beat = $state(0)
  /** Goes up whenever lists should be loaded again: screens with requests of their own depend on it. */
  fresh = $state(0)
  /** The history's clock. */
  now = $state(0)
  increments = new Increments()
  todayIncrements = new Increments()

  #recent = new RecentTicks()
  #window: Span = { from: 0, to: 1 }
  #subject: Subject = {}
  #room: Room | null = null
  #lastShown = 0
  #lastAsked = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  /** Ticks ran ahead of what the chart can be moved on by: it is loaded again instead. */
  #outrun = false

  /** The chart's series, moved on by ticks while nothing is selected. */
  get series(): Series | null {
    void this.beat
    const series = this.#series.value
    return series === null ? null : { ...series, sent: [...series.sent], received: [...series.received] }
  }

  /** The time that lists are about: the selection, else the whole range. */
  get span(): Span {
    return range.selection ?? this.#window
  }

  get isLive(): boolean {
    return router.scope === LIVE_SCOPE
  }

  /** Look-ups out of a log are all there is: bytes are unknown, not zero. */
  get lookupsOnly(): boolean {
    return this.status.value?.lookupsOnly === true
  }

  /** Starts to listen; the function returned stops it. Called once, by the frame around all screens. */
  listen(): () => void {
    return live.listen({
      tick: (room, tick) => this.#tick(room, tick),
      devices: (scope, devices) => this.#devices(scope, devices),
      status: (scope, status) => {
        if (scope === router.scope) this.#tookStatus(status)
      },
      // Ticks may be dropped on the way; where the recording is, is not.
      replay: (replay) => {
        if (replay.id !== router.scope || replay.position === null || replay.position <= this.now) return
        this.#outrun ||= range.name === 'all'
        this.#show(replay.position)
      },
      changed: (scope) => {
        if (scope === null || scope === router.scope) this.reloadSoon()
      },
    })
  }

  /** Opens another history: drops the answers of the one before. */
  async open(): Promise<void> {
    for (const asked of [this.status, this.overview, this.today, this.#series]) asked.forget()
    this.#recent.clear()
    this.increments.clear()
    this.todayIncrements.clear()
    this.#forgetPart()
    this.now = 0
    const status = await this.status.ask(trafficPath(router.scope, 'status'))
    if (status !== null) this.#tookStatus(status)
  }

  /** Loads what a screen about `subject` shows, and joins `room` for its updates. */
  async show(subject: Subject, room: Room | null): Promise<void> {
    this.#subject = subject
    if (room !== this.#room) {
      this.#recent.clear()
      this.#forgetPart()
      this.#room = room
    }
    live.watch(room)
    if (this.status.value !== null) await this.#ask()
    else await this.reload()
  }

  /** Loads everything again, now. */
  async reload(): Promise<void> {
    this.#lastAsked = performance.now()
    const status = await this.status.ask(trafficPath(router.scope, 'status'))
    if (status !== null) this.#tookStatus(status)
    await this.#ask()
  }

  async #ask(): Promise<void> {
    this.#lastAsked = performance.now()
    const status = this.status.value
    if (status === null) return
    this.#window = windowOf(range.name, this.now, status.first)
    this.fresh += 1
    await Promise.all([this.#askSeries(), this.#askOverview(), this.#askToday(status)])
  }

  /** Loads again, but not more often than once a second. */
  reloadSoon(): void {
    if (this.#timer !== null) return
    const wait = Math.max(DEBOUNCE_MS, this.#lastAsked + THROTTLE_MS - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.reload()
    }, wait)
  }

  async #askSeries(): Promise<void> {
    const series = await this.#series.ask(trafficPath(router.scope, 'series'), { ...this.#window, ...this.#subject })
    if (series === null) return
    this.#outrun = false
    if (range.selection === null && range.name !== 'all')
      for (const tick of this.#recent.since(series.from + series.sent.length * series.step)) advance(series, tick)
    this.beat += 1
  }

  async #askOverview(): Promise<void> {
    const overview = await this.overview.ask(trafficPath(router.scope, 'overview'), { ...this.span, ...this.#subject })
    if (overview === null) return
    this.increments.clear()
    if (range.selection === null) for (const tick of this.#recent.since(overview.to)) this.increments.add(tick)
    this.beat += 1
  }

  async #askToday(status: TrafficStatus): Promise<void> {
    if (!this.isLive || router.route.screen !== 'home') return
    const today = await this.today.ask(trafficPath(router.scope, 'overview'), {
      from: dayStart(this.now - 1, status.timeZone),
      to: Math.ceil(this.now),
    })
    if (today === null) return
    this.todayIncrements.clear()
    for (const tick of this.#recent.since(today.to)) this.todayIncrements.add(tick)
  }

  #tick(room: Room, tick: readonly number[]): void {
    if (room !== this.#room) return
    const message = tick as number[]
    if (message[1] === 0) return this.#showPart(message)
    this.#recent.add(message)
    const series = this.#series.value
    this.#outrun ||= series !== null && outruns(series, message)
    if (range.selection === null && series !== null && !this.#outrun) advance(series, message)
    this.increments.add(message)
    this.todayIncrements.add(message)
    this.#show((message[0] ?? this.now) + 1)
  }

  #forgetPart(): void {
    this.increments.showPart([])
    this.todayIncrements.showPart([])
  }

  /** Sums move on within the second; charts have whole seconds, and the clock moves on with them. */
  #showPart(tick: TickMessage): void {
    if (live.paused || live.pace > 1 || range.selection !== null || !this.isLive) return
    this.increments.showPart(tick)
    this.todayIncrements.showPart(tick)
    this.beat += 1
  }

  /** Shows what the ticks brought, unless paused or too early; loads the lists again from time to time. */
  #show(now: number): void {
    const elapsed = performance.now()
    if (live.paused || range.selection !== null || elapsed - this.#lastShown < live.pace * 1000 - 200) return
    this.#lastShown = elapsed
    this.now = now
    this.beat += 1
    if (
      elapsed - this.#lastAsked >
      (this.#outrun ? OUTRUN_SECONDS : this.lookupsOnly ? LOOKUP_SECONDS : LIST_SECONDS) * 1000
    )
      void this.reload()
  }

  #tookStatus(status: TrafficStatus): void {
    setTimeZone(status.timeZone)
    this.status.value = status
    if (status.now > this.now || !this.isLive || this.now - status.now > 60) this.now = status.now
  }

  #devices(scope: string, devices: Device[]): void {
    if (scope !== router.scope) return
    const known = new Set(this.overview.value?.devices.map((device) => device.id))
    // Where not all are listed, one that is not is no reason to load the list again.
    const isPart = this.overview.value?.moreDevices !== undefined
    if (!isPart && devices.some((device) => !known.has(device.id))) return this.reloadSoon()
    const byId = new Map(devices.map((device) => [device.id, device]))
    for (const asked of [this.overview, this.today]) {
      const overview = asked.value
      if (overview !== null)
        asked.value = { ...overview, devices: overview.devices.map((row) => ({ ...row, ...byId.get(row.id) })) }
    }
  }
}

export const traffic = new TrafficState()
