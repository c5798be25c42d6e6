// Schemas of single fields, and the check that a schema describes its type of server/api.ts exactly.
import { type Static, type TSchema, Type } from 'typebox'
import * as api from '../../api.ts'

type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false

/** Takes a schema only where it describes exactly this type. */
export function describes<Shape>() {
  return <Schema extends TSchema>(
    schema: Schema & (Same<Static<Schema>, Shape> extends true ? unknown : never),
  ): Schema => schema
}

export const text = Type.String()
export const number = Type.Number()
export const flag = Type.Boolean()
export const texts = Type.Array(text)
export const numbers = Type.Array(number)

// Type lists instead of anyOf: the serialiser checks a list with one typeof, and anyOf with a validator per value.
export const textOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'] })
export const numberOrNull = Type.Unsafe<number | null>({ type: ['number', 'null'] })
export const numbersOrNulls = Type.Array(numberOrNull)
export const counts = Type.Unsafe<Record<string, number>>({ type: 'object', additionalProperties: { type: 'number' } })
export const anything = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true })
export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] })
export const RoleOrNull = Type.Unsafe<api.Role | null>({ type: ['string', 'null'], enum: ['viewer', 'admin', null] })
export const Level = oneOf(api.LEVELS)
export const NameSource = oneOf(api.NAME_SOURCES)
export const coverage = Type.Unsafe<Partial<Record<api.NameSource, number>>>({
  type: 'object',
  additionalProperties: { type: 'number' },
})
export const traffic = { sent: number, received: number }
export const lookedUp = {
  lookups: Type.Optional(number),
  blocked: Type.Optional(number),
  answered: Type.Optional(number),
}
export const closed = { additionalProperties: false }
export const ApiError = describes<api.ApiError>()(Type.Object({ code: text, message: text }))
export const Done = Type.Object({ done: Type.Literal(true) })
