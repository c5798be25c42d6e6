// Builders of single settings: the schema of a field with its title, help text, default and limits.
import { Type } from 'typebox'

export const number = (title: string, description: string, fallback: number, minimum: number, maximum: number) =>
  Type.Integer({ title, description, default: fallback, minimum, maximum })
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
export const texts = (title: string, description: string, format: string, maxItems: number) =>
  Type.Array(Type.String({ maxLength: 255 }), { title, description, default: [], maxItems, 'x-format': format })
export const yesNo = (title: string, description: string, fallback: boolean) =>
  Type.Boolean({ title, description, default: fallback })
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
export const schedules = (title: string, description: string) =>
  texts(title, `${description} Written like "Mo-Fr 08:30-17:00" or "Sa,Su 22:00-07:00".`, 'schedule', 16)

/** A format that JSON Schema has no word for. */
export interface SettingFormat {
  /** Completes the sentence "… must be …". */
  words: string
  fits: (text: string) => boolean
  /** Empty says that nothing was chosen. */
  mayBeEmpty?: true
}
