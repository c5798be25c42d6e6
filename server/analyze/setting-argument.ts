// The argument "--setting spikeFloorKilobytes=200": alert settings of the product, by their own names, for one
// analysis.
import { type AlertSettings, RECORDING_SETTINGS } from '../alerts/settings.ts'
import { defaults, validate } from '../settings/settings.ts'
import { alertSettingsOf } from '../settings/alert-settings.ts'

/** The one setting outside the section "alerts" that detectors look at. */
const LEARNING_DAYS = 'learningDays'

/**
 * Each is NAME=VALUE with a name of the settings' section "alerts", or "learningDays"; a list is separated by ";". What
 * is not named holds as for every recording. Throws an Error with a sentence about the first that is wrong.
 */
export function recordingSettings(given: readonly string[]): AlertSettings {
  const standard = defaults()
  const usual: Record<string, unknown> = { ...standard.alerts, [LEARNING_DAYS]: standard.home.learningDays }
  const named = given.map((one): [string, unknown] => {
    const [name, text] = parted(one)
    return [name, valueOf(text, Object.hasOwn(usual, name) ? usual[name] : undefined)]
  })
  const alerts = Object.fromEntries(named.filter(([name]) => name !== LEARNING_DAYS))
  const home = Object.fromEntries(named.filter(([name]) => name === LEARNING_DAYS))
  const settings = alertSettingsOf(validate({ alerts, home }), false)
  return { ...settings, reportWhileLearning: RECORDING_SETTINGS.reportWhileLearning }
}

function parted(one: string): [name: string, text: string] {
  const at = one.indexOf('=')
  if (at < 1) throw new Error(`--setting ${one}: write it like largeUploadMegabytes=20`)
  return [one.slice(0, at), one.slice(at + 1).trim()]
}

/** As the setting's usual value is written; what fits nothing stays text, which the settings refuse by name. */
function valueOf(text: string, usual: unknown): unknown {
  if (Array.isArray(usual)) return text === '' ? [] : text.split(';').map((part) => part.trim())
  if (typeof usual === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return typeof usual === 'number' && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
