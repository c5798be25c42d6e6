// What can the owner set, between which limits, and what does each setting mean? One schema validates, documents and draws the form.
import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { Type, type Static, type TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { isInterfaceName } from '../capture/sources/interfaces.ts'
import { LEVELS } from './api.ts'
import { isDnsLog, isRouter } from './product/source-plan.ts'

const number = (title: string, description: string, fallback: number, minimum: number, maximum: number) =>
  Type.Integer({ title, description, default: fallback, minimum, maximum })
const choice = <const Values extends readonly string[]>(title: string, description: string, values: Values, fallback: Values[number]) =>
  Type.Unsafe<Values[number]>({ type: 'string', title, description, enum: [...values], default: fallback })
const text = (title: string, description: string, maxLength: number, format?: string) =>
  Type.String({ title, description, default: '', maxLength, ...(format === undefined ? {} : { 'x-format': format }) })
const texts = (title: string, description: string, format: string, maxItems: number) =>
  Type.Array(Type.String({ maxLength: 255 }), { title, description, default: [], maxItems, 'x-format': format })

const strict = { additionalProperties: false }

export const SETTINGS_SCHEMA = Type.Object(
  {
    sources: Type.Object(
      {
        interfaces: texts('Interfaces of this machine', 'Names such as eth0 or br-lan. Capturing needs tcpdump and the right to use it. Where no source is named, the sample home plays.', 'interface', 8),
        routers: texts('Routers over ssh', 'Written like "root@192.168.1.1 br-lan": the router needs tcpdump, this machine a key for it and its host key.', 'router', 4),
        folders: texts('Folders of captures', 'Full paths of folders that tcpdump -G fills; the newest file is read as it grows.', 'path', 4),
        dnsLogs: texts(
          'Logs of the resolver',
          'Written like "dnsmasq /var/log/dnsmasq.log": which names were looked up, by whom, when. Also pihole, pihole-ftl (its database), unbound, bind, adguard, and zeek, which tells bytes too.',
          'dns-log', 8,
        ),
        leases: text('List of DHCP leases', 'Full path of dnsmasq\'s list of leases: it tells which device an address in a log is. Empty: looked for in the usual places.', 255, 'file'),
      },
      { ...strict, title: 'Sources' },
    ),
    storage: Type.Object(
      {
        saveEverySeconds: number('Save every (seconds)', 'Longer spares the SD card; a power cut loses at most this much.', 300, 60, 3600),
        minuteHours: number('Keep minutes for (hours)', 'Older traffic is kept by the hour.', 48, 1, 24 * 14),
        hourDays: number('Keep hours for (days)', 'Older traffic is kept by the day.', 35, 1, 400),
        dayDays: number('Keep days for (days)', 'Older traffic is deleted.', 730, 1, 3650),
        diskBudgetMegabytes: number('Disk budget (MB)', 'Above it, the least important endpoints are folded into "other".', 500, 20, 100_000),
      },
      { ...strict, title: 'Storage' },
    ),
    privacy: Type.Object(
      {
        newDevices: choice('Keep of a new device', 'Everything, its companies only, its totals only, or nothing: its packets are not looked into.', LEVELS, 'everything'),
      },
      { ...strict, title: 'Privacy' },
    ),
    home: Type.Object(
      {
        timeZone: text('Time zone', 'IANA name such as Asia/Kolkata, in which hours and days are cut. Empty: the zone of this machine.', 64, 'time-zone'),
        networks: texts('Home networks', 'Address ranges such as 192.168.1.0/24. Empty: found from the traffic.', 'cidr', 32),
        learningDays: number('Learning time (days)', 'What is first seen later than this is called new.', 7, 0, 60),
      },
      { ...strict, title: 'Home' },
    ),
    replay: Type.Object(
      {
        maxUploadMegabytes: number('Largest recording (MB)', 'Larger uploads are refused.', 2048, 1, 100_000),
        maxMinutes: number('Longest reading time (minutes)', 'A recording that takes longer to read is stopped.', 60, 1, 24 * 60),
      },
      { ...strict, title: 'Replay' },
    ),
    access: Type.Object(
      {
        sessionDays: number('Stay logged in for (days)', 'After this many days without a visit the password is asked for again.', 30, 1, 365),
        extraHostNames: texts('Further names of this machine', 'Names under which the page may be opened, besides its own name and addresses.', 'host-name', 16),
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
    if (!Object.hasOwn(result, section)) throw new SettingError(section, `There is no section ${shown(section)} in the settings.`)
    if (!isRecord(fields)) throw new SettingError(section, `Section ${section} holds fields; something else arrived.`)
    for (const [field, value] of Object.entries(fields)) {
      const problem = problemOf(section, field, value)
      if (problem !== null) throw new SettingError(`${section}.${field}`, problem)
      result[section]![field] = value
    }
  }
  return result as Settings
}

/**
 * What a stored file says, as far as it can be used: a missing or wrong field is at its default, an unknown one is left out;
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
    for (const field of Object.keys(known)) if (!Object.hasOwn(schema.properties, field)) problems.push(unknownField(section, field))
  }
  if (isRecord(stored)) for (const section of Object.keys(stored)) if (!Object.hasOwn(result, section)) problems.push(`There is no section ${shown(section)} in the settings.`)
  return { settings: result as Settings, problems }
}

/** The schema as plain JSON, for the form. */
export function settingsSchema(): Record<string, unknown> {
  return JSON.parse(JSON.stringify(SETTINGS_SCHEMA)) as Record<string, unknown>
}

function sections(): [string, { properties: Record<string, TSchema> }][] {
  return Object.entries(SETTINGS_SCHEMA.properties)
}

function problemOf(section: string, field: string, value: unknown): string | null {
  const schema = sections().find(([name]) => name === section)?.[1].properties
  if (schema === undefined || !Object.hasOwn(schema, field)) return unknownField(section, field)
  const rule = schema[field] as TSchema & FieldRule
  const name = `${section}.${field} ("${rule.title}")`
  if (!Check(rule, value)) return `${name} must be ${wanted(rule)}; ${shown(value)} arrived.`
  const wrong = [value].flat().find((item) => !fits(rule['x-format'], String(item)))
  return wrong === undefined ? null : `${name} must be ${FORMATS[rule['x-format'] as string]!.words}; ${shown(wrong)} arrived.`
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
}

function wanted(rule: FieldRule): string {
  if (rule.enum !== undefined) return `one of ${rule.enum.join(', ')}`
  if (rule.type === 'integer') return `a whole number from ${rule.minimum} to ${rule.maximum}`
  if (rule.type === 'array') return `a list of at most ${rule.maxItems} texts`
  return `a text of at most ${rule.maxLength} characters`
}

const unknownField = (section: string, field: string): string => `There is no field ${shown(field)} in section ${section} of the settings.`

/** Formats that JSON Schema has no word for; an empty text always fits. */
const FORMATS: Record<string, { words: string; fits: (text: string) => boolean }> = {
  'time-zone': { words: 'an IANA time zone such as Europe/London, or empty', fits: isTimeZone },
  cidr: { words: 'address ranges such as 192.168.1.0/24', fits: isCidr },
  interface: { words: 'names of network interfaces such as eth0', fits: isInterfaceName },
  router: { words: 'routers with their interface, written like "root@192.168.1.1 br-lan"', fits: isRouter },
  path: { words: 'full paths such as /var/captures', fits: isAbsolute },
  file: { words: 'the full path of a file, such as /tmp/dhcp.leases, or empty', fits: isAbsolute },
  'dns-log': { words: 'logs with their format, written like "dnsmasq /var/log/dnsmasq.log"', fits: isDnsLog },
  'host-name': { words: 'host names such as telltale.example', fits: isHostName },
}

/** Formats of single texts: empty says that nothing was chosen. */
const OPTIONAL = new Set(['time-zone', 'file'])

function fits(format: string | undefined, value: string): boolean {
  return format === undefined || (OPTIONAL.has(format) && value === '') || FORMATS[format]!.fits(value)
}

function isTimeZone(value: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: value }) !== undefined
  } catch {
    return false
  }
}

function isCidr(value: string): boolean {
  const [address = '', prefix = ''] = value.split('/')
  const version = isIP(address)
  return version !== 0 && value.split('/').length === 2 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)
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
