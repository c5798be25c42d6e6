// What a home writes to its disk in a day: the traffic history, and what is known of devices, events and alerts.
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AlertMemory } from '../../../server/alerts/memory.ts'
import { RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import { type Evidence, MAX_EVIDENCE, MAX_KEPT_EVENTS } from '../../../server/app/alert-store.ts'
import { openAppState } from '../../../server/app/app-state.ts'
import type { ActivityLog } from '../../../server/detection/activity-log.ts'
import type { DeviceEvent } from '../../../server/detection/activity.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { makeSample, SAMPLE_START_SECONDS } from '../../../server/sample/sample.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import type { SeenDevice } from '../../../server/model/seen-device.ts'
import type { FromEngine, SessionPlan } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import type { Session } from '../../../server/session/session.ts'
import { stateBytesWritten } from '../../../server/store/durable-file.ts'
import { collectedLog } from '../../support/collected-log.ts'
import { temporaryFolder } from '../history/folder.ts'

const DAY = 86_400
const SAVE_EVERY = 300
/** Of the sample's day the night; then nothing but the clock moves. */
const BUSY_SECONDS = 6 * 3_600
/** A cheap SD card bears some 10 TB: this is 2,700 years. */
const MOST_BYTES = 10e6

beforeEach(() => void vi.useFakeTimers({ now: SAMPLE_START_SECONDS * 1000, toFake: ['setInterval', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const plan: SessionPlan = {
  source: { kind: 'live', sources: [] },
  home: [],
  timeZone: 'Etc/UTC',
  names: [],
  accountedUntil: null,
  ownHistory: false,
  alerts: { settings: RECORDING_SETTINGS, memory: null },
  policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
}

/** As after months: the lists are full. */
function oldEvent(number: number): DeviceEvent {
  return {
    id: `old.${number}`,
    at: SAMPLE_START_SECONDS - DAY * 50 + number * 800,
    device: 'aa:bb:cc:dd:ee:ff',
    kind: 'motion-upload',
    company: 'example',
    host: `host-${number % 30}.example`,
    purpose: 'function',
    sent: 1000 + number,
    received: 2000,
    seconds: 3,
    confidence: 0.8,
    reasons: [],
  }
}

function oldEvidence(): Evidence {
  const minutes = (seed: number): number[] => Array.from({ length: 720 }, (_, minute) => (minute * seed) % 9973)
  return {
    device: 'aa:bb:cc:dd:ee:ff',
    at: SAMPLE_START_SECONDS - DAY,
    series: { from: SAMPLE_START_SECONDS - DAY, step: 60, sent: minutes(7), received: minutes(13) },
    answers: { triggered: null },
  } as unknown as Evidence
}

/** The session as the stores see it. */
class PlayedSession extends EventEmitter {
  memory: AlertMemory | null = null
  activity!: ActivityLog
  readonly pipeline: Pipeline

  constructor(pipeline: Pipeline) {
    super()
    this.pipeline = pipeline
  }

  remember(): Promise<AlertMemory | null> {
    this.pipeline.sendMemory()
    return Promise.resolve(this.memory)
  }
}

test('a nearly idle home writes less than 10 MB a day, its lists full', async () => {
  const folder = temporaryFolder()
  const state = await openAppState(folder, collectedLog())
  const history = new HistoryDatabase({
    path: join(folder, 'history.db'),
    timeZone: 'Etc/UTC',
    saveEverySeconds: SAVE_EVERY,
  })
  const devices = new Map<string, SeenDevice>()
  let session: PlayedSession | null = null
  const handle = (message: FromEngine): void => {
    if (message.type === 'batch' && message.batch !== null) {
      history.add(message.batch)
      history.tick(message.now)
    } else if (message.type === 'devices') for (const one of message.devices) devices.set(one.id, one)
    else if (message.type === 'activity') {
      session?.activity.add(message.update)
      session?.emit('activity', message.update)
    } else if (message.type === 'memory' && session !== null) {
      session.memory = message.memory
      session.emit('memory', message.memory)
    }
  }
  const pipeline = new Pipeline(openRules(compiledRulesFolder()), plan, null, handle)
  session = new PlayedSession(pipeline)
  session.activity = state.alertStore.openActivityLog()
  for (let number = 0; number < MAX_KEPT_EVENTS; number++)
    session.activity.add({
      events: [oldEvent(number)],
      withdrawn: [],
      alerts: [],
      mutes: null,
      replace: false,
      learningUntil: null,
    })
  for (let number = 0; number < MAX_EVIDENCE; number++) state.alertStore.keepEvidence(`old-${number}`, oldEvidence())
  state.alertStore.follow(session as unknown as Session)
  await state.alertStore.save()

  const [stateBefore, historyBefore] = [stateBytesWritten(), history.facts().writtenBytes]
  let at = SAMPLE_START_SECONDS
  const due: number[] = []
  const upTo = (second: number): void => {
    for (; at < second; at++) {
      const isSave = (at + 1) % SAVE_EVERY === 0
      if (isSave) due.push(at + 1)
      if (at + 1 < second && !isSave && (at + 1) % 10 !== 0) continue
      pipeline.mark(at + 1)
      pipeline.flush(at + 1, [])
    }
  }
  const { pcap } = makeSample()
  const reader = new CaptureReader((frame) => {
    if (frame.seconds >= SAMPLE_START_SECONDS + BUSY_SECONDS) return
    upTo(frame.seconds)
    pipeline.packet(frame)
  })
  const save = async (): Promise<void> => {
    state.known.data.devices = [...devices.values()].map(({ index: _, ...one }) => one)
    await Promise.all([state.known.save(), state.alertStore.save(), state.steadyClock.keep()])
  }
  for (let byte = 0; byte < pcap.length; byte += 16_384) {
    reader.push(pcap.subarray(byte, byte + 16_384))
    for (const time of due.splice(0)) {
      vi.setSystemTime(time * 1000)
      await save()
    }
  }
  reader.end()
  upTo(SAMPLE_START_SECONDS + DAY)
  for (const time of due.splice(0)) {
    vi.setSystemTime(time * 1000)
    await save()
  }
  const stateBytes = stateBytesWritten() - stateBefore
  const historyBytes = history.facts().writtenBytes - historyBefore
  console.log(
    `In a nearly idle day: ${(stateBytes / 1e6).toFixed(1)} MB of state, ${(historyBytes / 1e6).toFixed(1)} MB of traffic history`,
  )
  await state.alertStore.close()
  history.close()
  await state.folder.close()
  expect(session.activity.allEvents().length).toBe(MAX_KEPT_EVENTS)
  expect(devices.size).toBeGreaterThan(5)
  expect(stateBytes).toBeLessThan(MOST_BYTES)
  expect(stateBytes + historyBytes).toBeLessThan(MOST_BYTES)
}, 300_000)
