// The fields of the settings schema, and what was typed into them as values.
import { number } from '../text/format.ts'
import { settings } from '../text/en-settings.ts'

export interface Field {
  section: string
  name: string
  title: string
  description: string
  kind: 'integer' | 'text' | 'choice' | 'switch' | 'lines' | 'block'
  minimum: number | null
  maximum: number | null
  maxLength: number | null
  options: string[]
  standard: unknown
  /** Never shown again once it is set. */
  secret: boolean
}

export interface Section {
  name: string
  title: string
  fields: Field[]
  /** The channel that the section sets up; null for others. */
  channel: string | null
  /** Fields without which the channel is off. */
  needs: string[]
}

type Json = Record<string, unknown>

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function kindOf(rule: Json): Field['kind'] {
  if (Array.isArray(rule['enum'])) return 'choice'
  if (rule['type'] === 'integer' || rule['type'] === 'number') return 'integer'
  if (rule['type'] === 'boolean') return 'switch'
  if (rule['x-format'] === 'certificate') return 'block'
  return rule['type'] === 'array' ? 'lines' : 'text'
}

function fieldOf(section: string, name: string, rule: Json): Field {
  return {
    section,
    name,
    title: text(rule['title'], name),
    description: text(rule['description'], ''),
    kind: kindOf(rule),
    minimum: numberOr(rule['minimum']),
    maximum: numberOr(rule['maximum']),
    maxLength: numberOr(rule['maxLength']),
    options: Array.isArray(rule['enum']) ? rule['enum'].map(String) : [],
    standard: rule['default'],
    secret: rule['x-secret'] === true,
  }
}

/** The sections and fields of a JSON Schema of objects in an object, in its order. */
export function sectionsOf(schema: Json): Section[] {
  return Object.entries(record(schema['properties'])).map(([name, rule]) => ({
    name,
    title: text(record(rule)['title'], name),
    channel: typeof record(rule)['x-channel'] === 'string' ? String(record(rule)['x-channel']) : null,
    needs: [record(rule)['x-needs']].flat().filter((name) => typeof name === 'string'),
    // What has switches of its own is not typed.
    fields: Object.entries(record(record(rule)['properties']))
      .filter(([, rule]) => record(rule)['x-switches'] !== true)
      .map(([field, rule]) => fieldOf(name, field, record(rule))),
  }))
}

/** A value as it stands in the form. */
export function typed(value: unknown): string | boolean {
  if (typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(String).join('\n')
  return value === null || value === undefined ? '' : String(value)
}

/** What was typed as a value for the server, or a sentence about what is wrong with it. */
export function valueOf(field: Field, typed: string | boolean): { value: unknown } | { problem: string } {
  if (field.kind === 'switch') return { value: typed === true }
  const given = String(typed)
  if (field.kind === 'lines')
    return {
      value: given
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    }
  if (field.kind !== 'integer') return { value: given.trim() }
  const value = Number(given)
  if (given.trim() === '' || !Number.isInteger(value)) return { problem: settings.notWhole }
  const low = field.minimum ?? Number.MIN_SAFE_INTEGER
  const high = field.maximum ?? Number.MAX_SAFE_INTEGER
  return value < low || value > high ? { problem: settings.outside(number(low), number(high)) } : { value }
}

/** Which field a refusal of the server names: `section.field ("Title") must be …`; null where it names none. */
export function fieldNamed(message: string): { key: string; words: string } | null {
  const match = /^(\w+\.\w+) (?:\("[^"]*"\) )?(.*)$/s.exec(message)
  const key = match?.[1]
  const rest = match?.[2]
  return key === undefined || rest === undefined ? null : { key, words: rest.charAt(0).toUpperCase() + rest.slice(1) }
}

export function keyOf(field: Field): string {
  return `${field.section}.${field.name}`
}
