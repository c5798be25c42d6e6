// Fields of settings as JSON Schema: title, description, default and limits validate, document and draw the form.
import * as Type from 'typebox'
import type { Static, TSchema } from 'typebox'

/** A setting with whole numbers. */
export const number = (title: string, description: string, fallback: number, minimum: number, maximum: number) =>
  Type.Integer({ title, description, default: fallback, minimum, maximum })

/** A switch. */
export const yesNo = (title: string, description: string, fallback: boolean) =>
  Type.Boolean({ title, description, default: fallback })

/** A list of texts, one a line. */
export const texts = (title: string, description: string, format: string, maxItems: number) =>
  Type.Array(Type.String({ maxLength: 255 }), { title, description, default: [], maxItems, 'x-format': format })

/** Parts of the week; `parseSchedules` of server/model/schedule.ts reads them. */
export const schedules = (title: string, description: string) =>
  texts(title, `${description} Written like "Mo-Fr 08:30-17:00" or "Sa,Su 22:00-07:00".`, 'schedule', 16)

export const choice = <const Values extends readonly string[]>(
  title: string,
  description: string,
  values: Values,
  fallback: Values[number],
) => Type.Unsafe<Values[number]>({ type: 'string', title, description, enum: [...values], default: fallback })
export const text = (title: string, description: string, maxLength: number, format?: string, fallback = '') =>
  Type.String({
    title,
    description,
    default: fallback,
    maxLength,
    ...(format === undefined ? {} : { 'x-format': format }),
  })
/** Never shown again once it is set. */
export const secret = (title: string, description: string, format?: string) =>
  Type.String({
    title,
    description,
    default: '',
    maxLength: 500,
    'x-secret': true,
    ...(format === undefined ? {} : { 'x-format': format }),
  })

/** A format that JSON Schema does not define. */
export interface SettingFormat {
  /** Completes the sentence "… must be …". */
  words: string
  fits: (text: string) => boolean
  /** Empty means that nothing was chosen. */
  mayBeEmpty?: true
}

/** Fields by name. */
export type SettingFields = Record<string, TSchema>

/** What the fields hold. */
export type SettingValues<Fields extends SettingFields> = { [Name in keyof Fields]: Static<Fields[Name]> }

/** Every field at its default. */
export function defaultsOf<Fields extends SettingFields>(fields: Fields): SettingValues<Fields> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, structuredClone((field as { default?: unknown }).default)]),
  ) as SettingValues<Fields>
}
