// The plan of a dry run: the part of the home's history or the recording it reads, and the devices it knows.
import type { AlertSettings } from '../alerts/settings.ts'
import type { OpenReplay } from '../replay/replays.ts'
import { unpackedLimit } from '../replay/replays.ts'
import type { Session } from '../session/session.ts'
import type { TrafficView } from '../queries/traffic-view.ts'
import { alertSettingsOf } from '../settings/alert-settings.ts'
import { dryRunBegin, type HistoryDryRun } from './history-run.ts'
import type { RecordingDryRun } from './messages.ts'
import { ServiceError } from '../model/service-error.ts'
import type { WatchedDevice } from '../alerts/watched-device.ts'
import type { Settings } from '../settings/schema.ts'

/** Both settings of a dry run: as they are, and as they might be. */
export type Pair = readonly [today: Settings, tried: Settings]

/** Throws a ServiceError where nothing is kept yet. */
export async function historyDryRun(
  session: Session,
  view: TrafficView,
  pair: Pair,
  timeZone: string,
  isSample: boolean,
): Promise<Omit<HistoryDryRun, 'progress' | 'signal'>> {
  const { first } = await session.history.facts()
  const to = Math.floor(view.now())
  if (first === null || first >= to)
    throw new ServiceError(409, 'nothing-kept', 'Nothing has been kept yet on which settings could be tried.')
  return {
    history: session.history,
    rules: view.rules,
    settings: pair.map((settings) => alertSettingsOf(settings, isSample)),
    timeZone,
    memory: await session.remember(),
    devices: watchedDevices(view),
    events: session.activity.allEvents().sort((one, other) => one.at - other.at),
    from: dryRunBegin(first, to, pair[0].storage.hourDays),
    to,
  }
}

/** Everything that counts for a device, under the owner's name and kind for it. */
function watchedDevices(view: TrafficView): WatchedDevice[] {
  return view.devices().flatMap(({ id, name, kind, firstSeen, person }) =>
    view.membersOf(id).map((member) => ({
      id: member,
      name,
      kind,
      firstSeen,
      ...(person?.role === 'child' ? { isChilds: true } : {}),
    })),
  )
}

export function recordingDryRun({ path }: OpenReplay, pair: Pair, timeZone: string): RecordingDryRun {
  return {
    path,
    settings: pair.map(recorded),
    timeZone,
    home: pair[0].home.networks,
    unpackedBytes: unpackedLimit(path),
  }
}

/** A recording has no other past than its own: what stands out against it is emitted, as in the home. */
function recorded(settings: Settings): AlertSettings {
  return { ...alertSettingsOf(settings, false), reportWhileLearning: true }
}
