// Memory of alerts over a restart, and the reading of one that any version wrote.
import { isRecord } from '../model/record.ts'
import * as Type from 'typebox'
import type { Static, TObject, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { STATES } from './alert.ts'
import { ALERT_KINDS, type AlertKind, DETECTORS } from './detectors/index.ts'
import { newIncidentMemory, type IncidentMemory } from './incidents.ts'
import { REASONS, UNITS } from './found.ts'
import {
  alertOfVersion1,
  expectationOfVersion1,
  habitsOfVersion1,
  pairsOfVersion1,
  strangeDaysOf,
  withTrackersOfVersion1,
} from './memory-version-1.ts'
import { newPast, type Past, PastSchema } from './past.ts'
import { newUploadHabits, type UploadHabits, UploadHabitsSchema } from './upload-habits.ts'

const HomeSchema = Type.Object({
  /** When the home was first watched. */
  first: Type.Union([Type.Null(), Type.Number()]),
  /** When the first look-up was read from a log. */
  asked: Type.Union([Type.Null(), Type.Number()]),
  /** Ids of all devices, and when each was first seen. */
  devices: Type.Record(Type.String(), Type.Number()),
})
export type HomeMemory = Static<typeof HomeSchema>

/** Memory of detectors by their keys. */
export type Memories = Record<string, unknown>
/** `first`: since when the device is being learned; `uploads`: what it sends. */
export type DeviceMemory = Memories & { first: number; uploads: UploadHabits }

/** All habits and decisions, as JSON. Version 1 kept pairs of device and company, by detector. */
export interface AlertMemory {
  version: 2
  home: HomeMemory
  devices: Record<string, DeviceMemory>
  /** By device id and key of the destination, as JSON text of the two. */
  pairs: Record<string, Past>
  incidents: IncidentMemory
}

const DEVICE_DETECTORS = DETECTORS.filter(({ memory }) => memory.scope === 'device')
const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([Type.Null(), schema])

const kind = Type.Unsafe<AlertKind>({ type: 'string', enum: [...ALERT_KINDS] })
const about = { device: nullable(Type.String()), company: nullable(Type.String()), kind }
/** An entry that does not fit is left out: an alert of a detector that no longer exists has no words. */
const IncidentSchema = Type.Object({
  alerts: Type.Array(
    Type.Object({
      ...about,
      id: Type.String(),
      direction: Type.Enum(['out', 'in', 'none']),
      from: Type.Number(),
      to: Type.Number(),
      seen: Type.Number(),
      usual: nullable(Type.Number()),
      unit: Type.Enum([...UNITS]),
      sent: Type.Number(),
      received: Type.Number(),
      sure: Type.Number(),
      learning: Type.Boolean(),
      detail: nullable(Type.String()),
      blocked: Type.Optional(Type.Number()),
      times: Type.Number(),
      state: Type.Enum([...STATES]),
      destination: nullable(Type.String()),
      reason: nullable(Type.Enum([...REASONS])),
      bytes: Type.Number(),
      peak: Type.Number(),
      isOver: Type.Boolean(),
      destinations: Type.Array(
        Type.Object({
          company: nullable(Type.String()),
          host: nullable(Type.String()),
          address: nullable(Type.String()),
          bytes: Type.Number(),
        }),
      ),
      decided: nullable(Type.Object({ at: Type.Number(), bytes: Type.Number(), isOver: Type.Boolean() })),
    }),
  ),
  mutes: Type.Array(
    Type.Object({ ...about, until: nullable(Type.Number()), destination: Type.Optional(nullable(Type.String())) }),
  ),
  expectations: Type.Array(
    Type.Object({
      ...about,
      upTo: Type.Number(),
      destination: Type.Optional(nullable(Type.String())),
      hours: Type.Optional(nullable(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }))),
    }),
  ),
  next: Type.Integer({ minimum: 1 }),
})

export function newHomeMemory(): HomeMemory {
  return { first: null, asked: null, devices: {} }
}

export function newDeviceMemory(first: number): DeviceMemory {
  return { ...fresh(DEVICE_DETECTORS, first), first, uploads: newUploadHabits(first) }
}

/**
 * A stored memory on top of a new one: what is missing or of a wrong type is as in a new one, so that a detector may
 * come to remember more. What this version does not know, such as the memory of a removed detector, is dropped.
 * Null where it is no memory at all.
 */
export function readAlertMemory(stored: unknown): AlertMemory | null {
  if (!isRecord(stored) || (stored['version'] !== 1 && stored['version'] !== 2)) return null
  const isFirstVersion = stored['version'] === 1
  const home = restored(HomeSchema, newHomeMemory(), stored['home'])
  const strangeDays = strangeDaysOf(stored['incidents'])
  const devices = records(stored['devices']).map(([id, memory]): [string, DeviceMemory] => {
    const first = firstOf(memory) ?? home.devices[id] ?? 0
    const before = isFirstVersion ? habitsOfVersion1(memory, first, strangeDays(id)) : newUploadHabits(first)
    const uploads = restored(UploadHabitsSchema, before, memory['uploads'])
    const told = isFirstVersion ? withTrackersOfVersion1(memory, first) : memory
    return [id, { ...restoredAll(DEVICE_DETECTORS, told, first), first, uploads }]
  })
  const habits = new Map(devices)
  const stores = records(stored['pairs']).filter(([key]) => isPairKey(key, isFirstVersion))
  const pairs = isFirstVersion
    ? stores.flatMap(([key, memory]) =>
        pairsOfVersion1(key, memory, home.first ?? 0, (id) => habits.get(id)?.uploads, strangeDays),
      )
    : stores.map(([key, past]): [string, Past] => [key, restored(PastSchema, newPast(home.first ?? 0), past)])
  const known = ofThisVersion(stored['incidents'], stored['pairs'], isFirstVersion)
  const incidents = restored(IncidentSchema, newIncidentMemory(), known)
  // Ids count on: one that is missing must not give an old alert's id to a new one.
  const numbers = incidents.alerts.map(({ id }) => Number(id.split('-').at(-1))).filter(Number.isInteger)
  return {
    version: 2,
    home,
    devices: Object.fromEntries(devices),
    pairs: Object.fromEntries(pairs),
    incidents: { ...incidents, next: Math.max(incidents.next, ...numbers.map((number) => number + 1)) },
  }
}

/** Version 0.1.0 kept it with the companies that the device knows. */
function firstOf(memory: Record<string, unknown>): number | null {
  const { first, companies } = memory
  if (typeof first === 'number') return first
  return isRecord(companies) && typeof companies['first'] === 'number' ? companies['first'] : null
}

/** Version 0.1.0 kept words with each alert; what an alert lacks is not known of it. */
function ofThisVersion(incidents: unknown, pairs: unknown, isFirstVersion: boolean): unknown {
  if (!isRecord(incidents)) return incidents
  const entries = (name: string): Record<string, unknown>[] =>
    Array.isArray(incidents[name]) ? (incidents[name] as unknown[]).filter(isRecord) : []
  const alerts = entries('alerts').map(({ message: _message, advice: _advice, ...kept }) => {
    const bytes = kept['unit'] === 'bytes' ? kept['sent'] : 0
    return { ...NOT_KNOWN, bytes, ...(isFirstVersion ? alertOfVersion1(kept) : kept) }
  })
  const expectations = entries('expectations')
  if (!isFirstVersion) return { ...incidents, alerts, expectations }
  const stored = isRecord(pairs) ? pairs : {}
  return { ...incidents, alerts, expectations: expectations.map((one) => expectationOfVersion1(one, stored)) }
}

const NOT_KNOWN = { destination: null, reason: null, peak: 0, isOver: true, destinations: [], decided: null }

type Planned = Pick<(typeof DETECTORS)[number], 'memory'>

function fresh(detectors: readonly Planned[], first: number): Memories {
  return Object.fromEntries(detectors.map(({ memory }) => [memory.key, memory.fresh(first)]))
}

function restoredAll(detectors: readonly Planned[], stored: Record<string, unknown>, first: number): Memories {
  return Object.fromEntries(
    detectors.map(({ memory }) => [memory.key, restored(memory.schema, memory.fresh(first), stored[memory.key])]),
  )
}

/** `stored` where it fits the schema, part by part; `usual` where not. */
export function restored<Value>(schema: TSchema, usual: Value, stored: unknown): Value {
  if (isObject(schema) && isRecord(stored)) {
    const parts = Object.entries(schema.properties).map(([name, part]) => [
      name,
      restored(part, (usual as Record<string, unknown>)[name], Object.hasOwn(stored, name) ? stored[name] : undefined),
    ])
    return Object.fromEntries(parts) as Value
  }
  if (fits(schema, stored)) return stored as Value
  const { items, minItems, patternProperties } = schema as Keywords
  // A list or a table without a fixed length keeps the entries that fit.
  if (items !== undefined && minItems === undefined && Array.isArray(stored))
    return (stored as unknown[]).filter((item) => fits(items, item)) as Value
  if (patternProperties !== undefined && isRecord(stored))
    return Object.fromEntries(
      Object.entries(stored).filter(([name, value]) => fits(schema, { [name]: value })),
    ) as Value
  return usual
}

/** Compiled once: a home's memory has hundreds of thousands of numbers. */
const CHECKS = new WeakMap<TSchema, (value: unknown) => boolean>()

function fits(schema: TSchema, value: unknown): boolean {
  let check = CHECKS.get(schema)
  if (check === undefined) {
    const compiled = Compile(schema)
    CHECKS.set(schema, (check = (value) => compiled.Check(value)))
  }
  return check(value)
}

/** Of a list and of a table. */
interface Keywords {
  items?: TSchema
  minItems?: number
  patternProperties?: Record<string, TSchema>
}

function isObject(schema: TSchema): schema is TObject {
  return 'properties' in schema
}

/** Version 1 kept a pair with nobody's company too. */
function isPairKey(key: string, isFirstVersion: boolean): boolean {
  try {
    const parts = JSON.parse(key) as unknown
    if (!Array.isArray(parts) || parts.length !== 2 || typeof parts[0] !== 'string') return false
    return typeof parts[1] === 'string' || (isFirstVersion && parts[1] === null)
  } catch {
    return false
  }
}

function records(value: unknown): [string, Record<string, unknown>][] {
  return isRecord(value)
    ? Object.entries(value).filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]))
    : []
}
