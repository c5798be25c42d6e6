// The report of a replayed recording, in the form of `analyze`.
import type { Speed } from '../../server/api.ts'
import { RECORDING_SETTINGS } from '../../server/alerts/settings.ts'
import { alertEntries } from '../../server/detection/alert-entries.ts'
import type { Rules } from '../../server/rulebook/open.ts'
import { ActivityLog } from '../../server/detection/activity-log.ts'
import type { FromEngine } from '../../server/session/messages.ts'
import { RecordingPlayer, type ReplayFacts } from '../../server/session/recording-player.ts'
import { Pipeline } from '../../server/session/pipeline.ts'
import type { SeenDevice } from '../../server/model/seen-device.ts'
import type { AlertEntry, EventEntry } from '../../server/detection/entries.ts'

/** Replays to the end and gives what was reported, in the form of `analyze`. */
export async function replayed(
  rules: Rules,
  path: string,
  speed: Speed,
): Promise<{ events: EventEntry[]; alerts: AlertEntry[] }> {
  const activity = new ActivityLog()
  const devices = new Map<string, SeenDevice>()
  const take = (message: FromEngine): void => {
    if (message.type === 'activity') activity.add(message.update)
    if (message.type === 'devices') for (const device of message.devices) devices.set(device.id, device)
  }
  const pipeline = new Pipeline(
    rules,
    {
      source: { kind: 'recording', path, limits: { minutes: 10, unpackedBytes: 1e10 } },
      home: [],
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      policy: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } },
      accountedUntil: null,
      names: [],
      ownHistory: false,
      alerts: { settings: RECORDING_SETTINGS, memory: null },
    },
    null,
    take,
  )
  let failure: Error | null = null
  let hasBegun = false
  const hasEnded = (facts: ReplayFacts): boolean => facts.state === 'ended' || facts.state === 'failed'
  const player = new RecordingPlayer(
    path,
    { minutes: 10, unpackedBytes: 1e10 },
    {
      packet: pipeline.packet,
      mark: (now) => pipeline.mark(now),
      flush: (now, sources) => pipeline.flush(now, sources),
      finish: () => pipeline.finish(),
      restart: () => {},
      report: (facts) => {
        if (facts.state === 'ready' && !hasBegun) {
          hasBegun = true
          player.control({ action: 'speed', speed })
          player.control({ action: 'play' })
        }
        if (facts.error !== null) failure = new Error(`${path}: ${facts.error.message}`)
        if (hasEnded(facts)) player.stop()
      },
    },
  )
  await player.run()
  if (failure !== null) throw failure as Error
  return {
    events: activity
      .allEvents()
      .map(({ at, device, kind, company, host, purpose, sent, received, seconds, confidence }) => ({
        at: new Date(at * 1000).toISOString(),
        device,
        kind,
        company,
        host,
        purpose,
        sent,
        received,
        seconds,
        confidence,
      })),
    alerts: alertEntries(
      activity.allAlerts(),
      ({ device }) => device,
      ({ device: id, company }) => {
        const device = devices.get(id ?? '')
        return {
          device: device === undefined ? null : (device.name ?? device.id),
          company: company === null ? null : (rules.companies.describe(company)?.name ?? company),
        }
      },
    ),
  }
}
