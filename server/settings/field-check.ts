// The check of one setting against its schema, with a sentence about what is wrong.
import { isAbsolute } from 'node:path'
import type { TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { parsePrefix } from '../../capture/ip-address.ts'
import { SOURCE_SETTINGS } from '../../capture/sources/sources.ts'
import { parseSchedule } from '../model/schedule.ts'
import type { SettingFormat } from '../model/setting-fields.ts'
import { CHANNEL_FORMATS } from '../notify/channels/index.ts'
import { SECRET_IS_SET, withoutCredentials } from './credentials.ts'
import { sections } from './schema.ts'

/** A setting that is not right. `field` is `section.name`; the message is a sentence that names it. */
export class SettingError extends Error {
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

export function problemOf(section: string, field: string, value: unknown): string | null {
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

export interface FieldRule {
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

export const unknownField = (section: string, field: string): string =>
  `There is no field ${shown(field)} in section ${section} of the settings.`

/** By the `x-format` of a field. */
const FORMATS: Record<string, SettingFormat> = {
  'time-zone': { words: 'an IANA time zone such as Europe/London, or empty', fits: isTimeZone, mayBeEmpty: true },
  ...Object.fromEntries(SOURCE_SETTINGS.map(({ format, wanted, fits }) => [format, { words: wanted, fits }])),
  cidr: { words: 'address ranges such as 192.168.1.0/24', fits: isCidr },
  file: { words: 'the full path of a file, such as /tmp/dhcp.leases, or empty', fits: isAbsolute, mayBeEmpty: true },
  'web-address': {
    words: 'a web address that begins with https:// or http://, with its user and password if it has any, or empty',
    fits: isWebAddress,
    mayBeEmpty: true,
  },
  schedule: { words: 'times of the week such as "Mo-Fr 08:30-17:00"', fits: (text) => parseSchedule(text) !== null },
  'host-name': { words: 'host names such as telltale.example', fits: isHostName },
  proxy: { words: 'addresses or ranges such as 127.0.0.1 or 10.0.0.0/24', fits: isProxyRange },
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
  // Shown in part and sent back with another server: the hidden part is not given to that one.
  if (value.includes(SECRET_IS_SET)) return false
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol)
}

function isCidr(value: string): boolean {
  return value.includes('/') && parsePrefix(value) !== null
}

/** Never everybody: whom a proxy names is believed. (A short IPv6 prefix of zeroes holds all of IPv4.) */
function isProxyRange(value: string): boolean {
  const prefix = parsePrefix(value)
  return prefix !== null && (prefix.bits >= 104 || (prefix.bits >= 16 && prefix.words[0] !== 0))
}

function isHostName(value: string): boolean {
  return value.length <= 253 && /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i.test(value)
}

/** "user:password@" in front of a host: an address that is no address is shown where it is refused. */
const USER_AND_PASSWORD = /[^/?#\s@:"]+:[^/?#\s"]*@/g

/** A value inside a sentence: short, printable ASCII, without user and password of an address. */
export function shown(value: unknown): string {
  const json = withoutCredentials(JSON.stringify(value) ?? String(value), '[hidden]').replace(
    USER_AND_PASSWORD,
    '[hidden]@',
  )
  return json.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)
}
