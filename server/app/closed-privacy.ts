// What is kept of devices where the files that say so were damaged: the last known, else less than before, until the
// owner has confirmed it.
import type { Log } from '../log.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { Recovered } from '../store/versions.ts'
import { stricter, type Decisions } from './decisions.ts'

export interface ClosedPrivacy {
  settings: SettingsStore
  decisions: Decisions
  /** Devices that were known before the start. */
  known: readonly { id: string }[]
  /** The list of ignored devices is whole. */
  knowsIgnored: boolean
  log: Log
  /** What each of the two files was opened from, where it was damaged. */
  from: { settings: Recovered | null; decisions: Recovered | null }
}

/** To be called at the start, before anything is captured. */
export async function closePrivacy(state: ClosedPrivacy): Promise<void> {
  const { settings, decisions, known, knowsIgnored, log, from } = state
  const sentences = [
    ...(from.settings === 'lost' ? [SETTINGS_LOST] : []),
    ...(from.settings === 'before' ? [SETTINGS_BEFORE] : []),
    ...(from.decisions === 'before' ? [DECISIONS_BEFORE] : []),
  ]
  const lost = from.decisions === 'lost'
  if (lost) sentences.push(knowsIgnored ? DECISIONS_LOST : IGNORED_LOST)
  if (sentences.length === 0) return
  const newDevices = lost ? stricter(settings.values.privacy.newDevices, knowsIgnored ? 'totals' : 'paused') : null
  // Where the disk refuses it holds for this run all the same; the next start finds the damage again.
  if (newDevices !== null)
    await keep(
      () => settings.change({ privacy: { newDevices } }),
      () => (settings.values.privacy.newDevices = newDevices),
    )
  for (const sentence of sentences) {
    log.warn(sentence)
    const ids = lost ? known.map(({ id }) => id) : []
    await keep(
      () => decisions.keepLess(ids, sentence),
      () => decisions.keepLessInMemory(ids, sentence),
    )
  }
}

async function keep(onDisk: () => Promise<void>, inMemory: () => unknown): Promise<void> {
  try {
    await onDisk()
  } catch {
    inMemory()
  }
}

const CONFIRM = 'Check the level of each device, and Settings › Privacy, then confirm.'
const SETTINGS_LOST = `The settings were damaged and no version of them could be read: of new devices only totals are kept, and other settings may be the defaults. ${CONFIRM}`
const SETTINGS_BEFORE = `The settings were damaged; the version before the last change is used. ${CONFIRM}`
const DECISIONS_BEFORE = `The decisions about devices were damaged; the version before the last one is used. ${CONFIRM}`
const DECISIONS_LOST = `The decisions about devices were damaged and no version of them could be read: of every device only totals are kept. ${CONFIRM}`
const IGNORED_LOST = `The decisions about devices were damaged and no version of them could be read, and neither which devices are ignored: of known devices only totals are kept, and new ones are paused. ${CONFIRM}`
