// The shape of a rule file: what its JSON Schema finds wrong, as sentences that say what to change.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { clip } from './near-words.ts'

export type Schema = Record<string, unknown>

export interface ShapeProblem {
  /** Path such as `domains[2].suffix`; empty for the file as a whole. */
  field: string
  message: string
}

/** The parts of a schema that messages mention. */
interface Rule {
  description?: string
  properties?: Record<string, Rule>
  required?: string[]
  minimum?: number
  maximum?: number
}

interface Found extends ShapeProblem {
  /** Place in the order of the file, level by level. */
  order: number[]
}

const compiled = new WeakMap<Schema, ValidateFunction>()

/** Problems in the order of the file; an empty list means the shape is right. */
export function shapeProblems(value: unknown, schema: Schema): ShapeProblem[] {
  const validate = compiled.get(schema) ?? compile(schema)
  if (validate(value)) return []
  const errors = ofOneForm(validate.errors ?? [])
  const found = errors.filter((error) => !isCovered(error, errors)).map((error) => problemOf(error, value, schema))
  const first = found.filter(
    ({ field, message }, index) => found.findIndex((one) => one.field === field && one.message === message) === index,
  )
  return first.sort((one, other) => compare(one.order, other.order)).map(({ field, message }) => ({ field, message }))
}

function compile(schema: Schema): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: false, logger: false })
  // Spaces alone are no text.
  ajv.removeKeyword('minLength')
  ajv.addKeyword({
    keyword: 'minLength',
    type: 'string',
    schemaType: 'number',
    validate: (least: number, text: string) => text.trim().length >= least,
  })
  const validate = ajv.compile(schema)
  compiled.set(schema, validate)
  return validate
}

/** Where a value may have one of several forms: what is wrong with it in the form that it was meant to have. */
function ofOneForm(errors: ErrorObject[]): ErrorObject[] {
  let left = errors
  for (const { keyword, schemaPath, instancePath, params } of errors) {
    // Fitting several forms at once, it has none that is wrong.
    if (keyword !== 'oneOf' || params['passingSchemas'] !== null) continue
    const formOf = (error: ErrorObject): string | undefined =>
      error.schemaPath.startsWith(`${schemaPath}/`) && isWithin(error.instancePath, instancePath)
        ? error.schemaPath.slice(schemaPath.length + 1).split('/')[0]
        : undefined
    const isOtherType = (form: string): boolean =>
      left.some((error) => formOf(error) === form && error.keyword === 'type' && error.instancePath === instancePath)
    const forms = [...new Set(left.map(formOf))].filter((form) => form !== undefined)
    const meant = forms.find((form) => !isOtherType(form)) ?? forms[0]
    left = left.filter(
      (error) =>
        !(error.keyword === 'oneOf' && error.instancePath === instancePath && error.schemaPath === schemaPath) &&
        [undefined, meant].includes(formOf(error)),
    )
  }
  return left
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}/`)
}

const OF_A_LIST = ['minItems', 'maxItems']
/** Of these only the first is reported of a value. */
const OF_A_VALUE = ['type', 'minLength', 'maxLength', 'pattern', 'minimum', 'maximum']

/** Whether another error is enough: a list that is too long is reported without its entries. */
function isCovered(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  const place = OF_A_VALUE.indexOf(error.keyword)
  return errors.some(
    (other) =>
      (OF_A_LIST.includes(other.keyword) && error.instancePath.startsWith(`${other.instancePath}/`)) ||
      (place > 0 && other.instancePath === error.instancePath && OF_A_VALUE.slice(0, place).includes(other.keyword)),
  )
}

function problemOf(
  { keyword, instancePath, schemaPath, params, parentSchema, data }: ErrorObject,
  root: unknown,
  schema: Schema,
): Found {
  const rule = parentSchema as Rule
  const steps = stepsOf(instancePath)
  const limit = Number(params['limit'])
  switch (keyword) {
    case 'required':
      return missing([...steps, params['missingProperty'] as string], rule, root)
    case 'additionalProperties': {
      const message = `is not a field of this kind of file: remove it, or use one of ${namesIn(rule)}`
      return found([...steps, params['additionalProperty'] as string], message, root)
    }
    case 'minProperties':
      return found(steps, `is empty: add one of ${namesIn(rule)}`, root)
    case 'type': {
      const parent = data === null ? parentOf(schema, schemaPath) : null
      if (parent?.required?.includes(steps.at(-1) ?? '') === true) return missing(steps, parent, root)
      const type = String(params['type'])
      return found(steps, `should be ${ARTICLES[type] ?? type}${hint(rule)}, not ${nameOf(data)}`, root)
    }
    case 'minLength': {
      const isEmpty = (data as string).trim() === ''
      const least = (parentSchema as { minLength: number }).minLength
      const message = isEmpty ? `is empty: write it` : `is too short: write at least ${least} characters`
      return found(steps, `${message}${hint(rule)}`, root)
    }
    case 'maxLength':
      return found(steps, `has ${(data as string).length} characters: shorten it to ${limit} at most`, root)
    case 'pattern':
      return found(steps, `"${clip(data as string)}" does not look right${hint(rule)}`, root)
    case 'minimum':
    case 'maximum': {
      const { minimum = -Infinity, maximum = Infinity } = rule
      return found(steps, `${String(data)} should be between ${minimum} and ${maximum}`, root)
    }
    case 'minItems':
      return found(steps, `is an empty list: add an entry or leave the field out${hint(rule)}`, root)
    case 'maxItems':
      return found(steps, `has ${(data as unknown[]).length} entries: split it, ${limit} are allowed`, root)
    default:
      return found(steps, `is not right (${keyword})${hint(rule)}`, root)
  }
}

function missing(steps: string[], rule: Rule, root: unknown): Found {
  return found(steps, `is missing: add it${hint(rule.properties?.[steps.at(-1) as string] ?? {})}`, root)
}

function found(steps: readonly string[], message: string, root: unknown): Found {
  let at = root
  let field = ''
  const order: number[] = []
  for (const step of steps) {
    const isList = Array.isArray(at)
    field += isList ? `[${step}]` : field === '' ? step : `.${step}`
    // What is missing comes before what is there.
    order.push(isList ? Number(step) : isObject(at) && at[step] !== null ? Object.keys(at).indexOf(step) : -1)
    at = isList ? (at as unknown[])[Number(step)] : isObject(at) ? at[step] : undefined
  }
  return { field, message, order }
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [level, place] of one.entries()) {
    const difference = place - (other[level] ?? -Infinity)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

/** Keys and indices of a JSON pointer (RFC 6901). */
function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The rule of the group that a property stands in: of "#/properties/maker/type" the whole schema. */
function parentOf(schema: Schema, schemaPath: string): Rule | null {
  const steps = stepsOf(schemaPath.slice(1)).map(decodeURIComponent)
  if (steps.at(-3) !== 'properties') return null
  let at: unknown = schema
  for (const step of steps.slice(0, -3)) at = (at as Record<string, unknown> | undefined)?.[step]
  return (at as Rule | undefined) ?? null
}

const ARTICLES: Record<string, string> = {
  string: 'text',
  object: 'a group of fields',
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
}

function namesIn({ properties = {} }: Rule): string {
  return Object.keys(properties).join(', ')
}

function hint({ description }: Rule): string {
  return description === undefined ? '' : ` (${description.replace(/\.$/, '')})`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a group of fields'
  const kind = typeof value === 'string' ? 'the text' : typeof value === 'number' ? 'the number' : 'the value'
  return `${kind} "${clip(String(value))}"`
}
