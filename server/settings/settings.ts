// The settings as values: read from a file, changed by the owner, shown without secrets.
import { isRecord } from '../model/record.ts'
import { type FieldRule, problemOf, SettingError, shown, unknownField } from './field-check.ts'
import { SECRET_IS_SET, shownSetting, withCredentialsOf } from './credentials.ts'
import { ofThisVersion } from './earlier-settings.ts'
import { sections, type Settings } from './schema.ts'

export { SECRET_IS_SET } from './credentials.ts'

type Values = Record<string, Record<string, unknown>>

/** Every setting at its default. */
export function defaults(): Settings {
  return readSettings({}).settings
}

/**
 * The settings as given, on top of `current`: sections and fields that are not mentioned stay as they are.
 * Throws a SettingError for the first field that is unknown or wrong.
 */
export function validate(given: unknown, current: Settings = defaults()): Settings {
  if (!isRecord(given)) throw new SettingError('', 'Settings are sections of fields; something else arrived.')
  const result: Values = structuredClone(current)
  for (const [section, fields] of Object.entries(given)) {
    if (!Object.hasOwn(result, section))
      throw new SettingError(section, `There is no section ${shown(section)} in the settings.`)
    if (!isRecord(fields)) throw new SettingError(section, `Section ${section} holds fields; something else arrived.`)
    for (const [field, value] of Object.entries(fields)) {
      const problem = problemOf(section, field, value)
      if (problem !== null) throw new SettingError(`${section}.${field}`, problem)
      result[section][field] = value
    }
  }
  return result as Settings
}

/**
 * What a stored file says, as far as it can be used: a missing or wrong field is at its default, an unknown one is left
 * out; `problems` has a sentence for each wrong or unknown one.
 */
export function readSettings(given: unknown): { settings: Settings; problems: string[] } {
  const stored = ofThisVersion(given)
  const problems: string[] = []
  const result: Values = {}
  for (const [section, schema] of sections()) {
    const fields = isRecord(stored) && Object.hasOwn(stored, section) ? stored[section] : {}
    const known = isRecord(fields) ? fields : {}
    if (!isRecord(fields)) problems.push(`Section ${section} holds fields; something else was stored.`)
    const values: Record<string, unknown> = (result[section] = {})
    for (const [field, fieldSchema] of Object.entries(schema.properties)) {
      const problem = Object.hasOwn(known, field) ? problemOf(section, field, known[field]) : null
      if (problem !== null) problems.push(problem)
      const usable = Object.hasOwn(known, field) && problem === null
      values[field] = structuredClone(usable ? known[field] : (fieldSchema as { default: unknown }).default)
    }
    for (const field of Object.keys(known))
      if (!Object.hasOwn(schema.properties, field)) problems.push(unknownField(section, field))
  }
  if (isRecord(stored))
    for (const section of Object.keys(stored))
      if (!Object.hasOwn(result, section)) problems.push(`There is no section ${shown(section)} in the settings.`)
  return { settings: result as Settings, problems }
}

/**
 * The settings of the file on the disk. Throws where one of them is wrong, or where it does not say what is kept of new
 * devices, which every version wrote: the default keeps everything. `warn` is called with what is only not known.
 */
export function readKeptSettings(stored: unknown, warn: (problem: string) => void): Settings {
  if (!isRecord(stored)) throw new Error('it does not hold settings')
  if (!isRecord(stored['privacy']) || !Object.hasOwn(stored['privacy'], 'newDevices'))
    throw new Error('it does not say what is kept of new devices')
  const { settings, problems } = readSettings(stored)
  for (const problem of problems) {
    if (!isUnknown(problem)) throw new Error(problem)
    warn(problem)
  }
  return settings
}

/**
 * Settings from versions of the file that are all damaged, the best first. Where they don't say what is kept of new
 * devices, that is their totals.
 */
export function salvagedSettings(found: readonly unknown[]): { settings: Settings; knowsPrivacy: boolean } {
  const best = found.find(isRecord)
  const { settings } = readSettings(best ?? {})
  const known = found
    .map((stored) => (isRecord(stored) && isRecord(stored['privacy']) ? stored['privacy']['newDevices'] : undefined))
    .find((level) => level !== undefined && problemOf('privacy', 'newDevices', level) === null)
  settings.privacy.newDevices = (known as Settings['privacy']['newDevices'] | undefined) ?? 'totals'
  return { settings, knowsPrivacy: known !== undefined }
}

function isUnknown(problem: string): boolean {
  return /^There is no (section|field) /.test(problem)
}

/** The settings for the page: of a secret only whether it is set, and no user, password or query of an address. */
export function withoutSecrets(settings: Settings): Values {
  return eachField(settings, (value, isSecret) => {
    if (!isSecret) return shownSetting(value)
    return value === '' ? '' : SECRET_IS_SET
  })
}

/** The secrets that are set. */
export function secretsIn(settings: Settings): string[] {
  const found: string[] = []
  eachField(settings, (value, isSecret) => {
    if (isSecret && value !== '') found.push(String(value))
    return value
  })
  return found
}

/** Settings as somebody sends them, with what was only shown as set taken from `current`. */
export function withSecretsOf(given: Values, current: Settings): Values {
  return eachField(given, (value, isSecret, section, field) => {
    const present = (current as Values)[section]?.[field]
    if (!isSecret) return withCredentialsOf(value, present)
    return value === SECRET_IS_SET ? present : value
  })
}

function eachField(
  values: Values,
  change: (value: unknown, isSecret: boolean, section: string, field: string) => unknown,
): Values {
  const result = structuredClone(values)
  for (const [section, { properties }] of sections()) {
    for (const [field, rule] of Object.entries(properties)) {
      const fields = Object.hasOwn(result, section) ? result[section] : undefined
      if (isRecord(fields) && Object.hasOwn(fields, field))
        fields[field] = change(fields[field], (rule as FieldRule)['x-secret'] === true, section, field)
    }
  }
  return result
}
