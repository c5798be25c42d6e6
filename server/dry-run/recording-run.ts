// A dry run over a recording: it is read once, as `analyze` reads it, with one set of detectors for each of the
// settings.
import { READ_TO_ENGINE } from '../../capture/core/constants.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { readCaptureFile, timeOfFile } from '../../capture/sources/file.ts'
import type { Alert } from '../alerts/alert.ts'
import { messageOf } from '../alerts/words.ts'
import { RecordingDetection } from '../detection/recording-detection.ts'
import { prefixOf } from '../../capture/ip-address.ts'
import { Engine } from '../engine/engine.ts'
import type { Tick } from '../engine/tick.ts'
import { compiledRulesFolder } from '../rules/folder.ts'
import { openRules, type Rules } from '../rulebook/open.ts'
import type { FromDryRun, RecordingDryRun } from './messages.ts'
import type { DeviceFacts } from '../resolve/facts.ts'
import { describeDevices } from '../resolve/describe-devices.ts'

/** Progress is reported this often: the page does not ask more often. */
const PROGRESS_MILLISECONDS = 250

/** Rejects with a sentence where nothing of the file can be read, or it holds too much. */
export async function dryRunOverRecording(
  { path, settings, timeZone, home, unpackedBytes }: RecordingDryRun,
  progress: (share: number) => void,
): Promise<Extract<FromDryRun, { type: 'done' }>> {
  const rules = openRules(compiledRulesFolder())
  const engine: Engine = new Engine({
    home: home.length === 0 ? null : home.map(prefixOf),
    onTick: (tick) => watch(tick),
  })
  const watches = settings.map(
    (one) => new RecordingDetection(engine, rules, { timeZone, settings: one, isFollowed: true }),
  )
  const watch = (tick: Tick): void => {
    for (const activity of watches) activity.addTick(tick)
  }
  await read(
    path,
    new CaptureReader({ core: engine.core, mode: READ_TO_ENGINE }, { fileTime: timeOfFile(path) }),
    unpackedBytes,
    progress,
  )
  engine.finish()
  const devices = describeDevices(engine, rules)
  const orNull = (time: number): number | null => (Number.isNaN(time) ? null : time)
  return {
    type: 'done',
    alerts: watches.map((activity) => named(activity, devices, rules)),
    first: orNull(engine.clock.first),
    last: orNull(engine.clock.last),
  }
}

async function read(
  path: string,
  reader: CaptureReader,
  unpackedBytes: number,
  progress: (share: number) => void,
): Promise<void> {
  const tooLarge = new AbortController()
  let toldAt = performance.now()
  await readCaptureFile(path, reader, {
    signal: tooLarge.signal,
    onProgress: (bytesRead, bytesTotal) => {
      if (reader.bytesRead > unpackedBytes) tooLarge.abort()
      if (performance.now() - toldAt < PROGRESS_MILLISECONDS) return
      toldAt = performance.now()
      progress(Math.min(1, bytesRead / Math.max(1, bytesTotal)))
    },
  })
  if (tooLarge.signal.aborted) throw new Error('The recording holds more, when unpacked, than is allowed for one')
  if (reader.format === null || !reader.hasHeader)
    throw new Error(reader.allProblems()[0]?.message ?? 'The file is empty')
}

/** With sentences that say who it was: what a device is called is known at the end. */
function named(
  activity: RecordingDetection,
  devices: readonly DeviceFacts[],
  rules: Rules,
): (Alert & { message: string })[] {
  const names = new Map(devices.map(({ id, name }) => [id, name]))
  return (activity.drainUpdate(devices, true)?.alerts ?? []).map((alert) => {
    const company = alert.company === null ? null : (rules.companies.describe(alert.company)?.name ?? alert.company)
    return {
      ...alert,
      message: messageOf(alert, { device: alert.device === null ? null : (names.get(alert.device) ?? null), company }),
    }
  })
}
