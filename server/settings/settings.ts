// What can the owner set, between which limits, and what does each setting mean? One schema validates, documents and
// draws the form.
import { isAbsolute } from 'node:path'
import { Type, type Static, type TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { SOURCE_SETTINGS, type SourceField } from '../../capture/sources/sources.ts'
import { LEVELS } from '../api.ts'
import { parsePrefix } from '../../capture/ip-address.ts'
import { DETECTOR_FIELDS } from '../alerts/detectors/index.ts'
import { CHANNEL_FORMATS, CHANNEL_SECTIONS } from '../notify/channels/index.ts'
import { parseSchedule } from '../model/schedule.ts'
import { choice, number, type SettingFormat, text, texts } from '../model/setting-fields.ts'

/** What a secret that is set looks like to who asks; sent back, it stays as it is. */
export const SECRET_IS_SET = '••••••••'

const strict = { additionalProperties: false }

/** The lists of sources as their definitions say; `x-add` is how the checklist lets one be added. */
function sourceLists() {
  const fields = SOURCE_SETTINGS.map(({ field, title, description, format, maxItems, add }) => {
    const list = texts(title, description, format, maxItems)
    return [field, add === null ? list : { ...list, 'x-add': add }]
  })
  return Object.fromEntries(fields) as Record<SourceField, ReturnType<typeof texts>>
}

export const SETTINGS_SCHEMA = Type.Object(
  {
    sources: Type.Object(
      {
        ...sourceLists(),
        leases: text(
          'List of DHCP leases',
          "Full path of dnsmasq's list of leases: it tells which device an address in a log is. Empty: looked for in the usual places.",
          255,
          'file',
        ),
        off: Type.Array(Type.String({ maxLength: 600 }), {
          title: 'Switched off',
          description: 'Sources that are named and not used now.',
          default: [],
          maxItems: 40,
          'x-switches': true,
        }),
      },
      { ...strict, title: 'Sources' },
    ),
    storage: Type.Object(
      {
        saveEverySeconds: number(
          'Save every (seconds)',
          'Longer spares the SD card; a power cut loses at most this much.',
          300,
          60,
          3600,
        ),
        minuteHours: number('Keep minutes for (hours)', 'Older traffic is kept by the hour.', 48, 1, 24 * 14),
        hourDays: number('Keep hours for (days)', 'Older traffic is kept by the day.', 35, 1, 400),
        dayDays: number('Keep days for (days)', 'Older traffic is deleted.', 730, 1, 3650),
        diskBudgetMegabytes: number(
          'Disk budget (MB)',
          'Above it, the least important endpoints are folded into "other".',
          500,
          20,
          100_000,
        ),
      },
      { ...strict, title: 'Storage' },
    ),
    privacy: Type.Object(
      {
        newDevices: choice(
          'Keep of a new device',
          'Everything, its companies only, its totals only, or nothing: its packets are not looked into.',
          LEVELS,
          'everything',
        ),
      },
      { ...strict, title: 'Privacy' },
    ),
    home: Type.Object(
      {
        timeZone: text(
          'Time zone',
          'IANA name such as Asia/Kolkata, in which hours and days are cut. Empty: the zone of this machine.',
          64,
          'time-zone',
        ),
        networks: texts(
          'Home networks',
          'Address ranges such as 192.168.1.0/24. Empty: found from the traffic.',
          'cidr',
          32,
        ),
        learningDays: number('Learning time (days)', 'What is first seen later than this is called new.', 7, 0, 60),
      },
      { ...strict, title: 'Home' },
    ),
    alerts: Type.Object(
      {
        ...DETECTOR_FIELDS,
        coolDownMinutes: number(
          'One matter for (minutes)',
          'The same again within this time belongs to the same alert.',
          60,
          1,
          1440,
        ),
      },
      { ...strict, title: 'Alerts' },
    ),
    ...CHANNEL_SECTIONS,
    replay: Type.Object(
      {
        maxUploadMegabytes: number('Largest recording (MB)', 'Larger uploads are refused.', 2048, 1, 100_000),
        maxMinutes: number(
          'Longest reading time (minutes)',
          'A recording that takes longer to read is stopped.',
          60,
          1,
          24 * 60,
        ),
      },
      { ...strict, title: 'Replay' },
    ),
    access: Type.Object(
      {
        sessionDays: number(
          'Stay logged in for (days)',
          'After this many days without a visit the password is asked for again.',
          30,
          1,
          365,
        ),
        extraHostNames: texts(
          'Further names of this machine',
          'Names under which the page may be opened, besides its own name and addresses.',
          'host-name',
          16,
        ),
      },
      { ...strict, title: 'Access' },
    ),
  },
  { ...strict, title: 'Settings' },
)

export type Settings = Static<typeof SETTINGS_SCHEMA>

type Values = Record<string, Record<string, unknown>>

/** A setting that is not right. `field` is `section.name`; the message is a sentence that names it. */
export class SettingError extends Error {
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

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
 * out;
 * `problems` has a sentence for each wrong or unknown one.
 */
export function readSettings(stored: unknown): { settings: Settings; problems: string[] } {
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

/** The schema as plain JSON, for the form. */
export function settingsSchema(): Record<string, unknown> {
  return JSON.parse(JSON.stringify(SETTINGS_SCHEMA)) as Record<string, unknown>
}

/** The settings for who asks: of a secret only whether it is set. */
export function withoutSecrets(settings: Settings): Values {
  return eachSecret(settings, (value) => (value === '' ? '' : SECRET_IS_SET))
}

/** Settings as somebody sends them, with secrets that were only shown as set taken from `current`. */
export function withSecretsOf(given: Values, current: Settings): Values {
  return eachSecret(given, (value, section, field) =>
    value === SECRET_IS_SET ? (current as Values)[section]?.[field] : value,
  )
}

function eachSecret(values: Values, change: (value: unknown, section: string, field: string) => unknown): Values {
  const result = structuredClone(values)
  for (const [section, { properties }] of sections()) {
    for (const [field, rule] of Object.entries(properties)) {
      const fields = Object.hasOwn(result, section) ? result[section] : undefined
      if ((rule as FieldRule)['x-secret'] === true && isRecord(fields) && Object.hasOwn(fields, field))
        fields[field] = change(fields[field], section, field)
    }
  }
  return result
}

function sections(): [string, { properties: Record<string, TSchema> }][] {
  return Object.entries(SETTINGS_SCHEMA.properties)
}

function problemOf(section: string, field: string, value: unknown): string | null {
  const schema = sections().find(([name]) => name === section)?.[1].properties
  if (schema === undefined || !Object.hasOwn(schema, field)) return unknownField(section, field)
  const rule = schema[field] as TSchema & FieldRule
  const name = `${section}.${field} ("${rule.title}")`
  if (!Check(rule, value))
    return `${name} must be ${wanted(rule)}; ${rule['x-secret'] === true ? 'something else' : shown(value)} arrived.`
  const wrong = [value].flat().find((item) => !fits(rule['x-format'], String(item)))
  const arrived = rule['x-secret'] === true ? 'something else' : shown(wrong)
  return wrong === undefined
    ? null
    : `${name} must be ${FORMATS[rule['x-format'] as string].words}; ${arrived} arrived.`
}

interface FieldRule {
  title: string
  type: string
  minimum?: number
  maximum?: number
  enum?: string[]
  maxLength?: number
  maxItems?: number
  'x-format'?: string
  'x-secret'?: boolean
}

function wanted(rule: FieldRule): string {
  if (rule.enum !== undefined) return `one of ${rule.enum.join(', ')}`
  if (rule.type === 'boolean') return 'yes or no (true or false)'
  if (rule.type === 'integer') return `a whole number from ${rule.minimum} to ${rule.maximum}`
  if (rule.type === 'array') return `a list of at most ${rule.maxItems} texts`
  return `a text of at most ${rule.maxLength} characters`
}

const unknownField = (section: string, field: string): string =>
  `There is no field ${shown(field)} in section ${section} of the settings.`

/** By the `x-format` of a field. */
const FORMATS: Record<string, SettingFormat> = {
  'time-zone': { words: 'an IANA time zone such as Europe/London, or empty', fits: isTimeZone, mayBeEmpty: true },
  ...Object.fromEntries(SOURCE_SETTINGS.map(({ format, wanted, fits }) => [format, { words: wanted, fits }])),
  cidr: { words: 'address ranges such as 192.168.1.0/24', fits: isCidr },
  file: { words: 'the full path of a file, such as /tmp/dhcp.leases, or empty', fits: isAbsolute, mayBeEmpty: true },
  'web-address': {
    words: 'a web address that begins with https:// or http://, or empty',
    fits: isWebAddress,
    mayBeEmpty: true,
  },
  schedule: { words: 'times of the week such as "Mo-Fr 08:30-17:00"', fits: (text) => parseSchedule(text) !== null },
  'host-name': { words: 'host names such as telltale.example', fits: isHostName },
  ...CHANNEL_FORMATS,
}

function fits(format: string | undefined, value: string): boolean {
  if (format === undefined) return true
  const { mayBeEmpty, fits } = FORMATS[format]
  return (mayBeEmpty === true && value === '') || fits(value)
}

function isTimeZone(value: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: value }) !== undefined
  } catch {
    return false
  }
}

function isWebAddress(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol)
}

function isCidr(value: string): boolean {
  return value.includes('/') && parsePrefix(value) !== null
}

function isHostName(value: string): boolean {
  return value.length <= 253 && /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i.test(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value inside a sentence: short, printable ASCII. */
function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value)
  return json.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)
}
