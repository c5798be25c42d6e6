// What a channel has told of each incident: kept over a restart.
import type { AlertKind } from '../alerts/detectors/index.ts'
import type { AlertNotification } from './channel.ts'

/** Incidents remembered: as many as alerts are kept. */
export const MAX_TOLD = 500
/** Incidents of one summary; further ones are not counted. */
export const MAX_SUMMED = 500
/** New notifications of all incidents within an hour; what comes beyond is summed up. */
export const MAX_AN_HOUR = 12

/**
 * Known: it was there before the channel was. Counted: it is, or was, part of a summary. The others: what was last told
 * of it.
 */
export const TOLD_PHASES = ['known', 'counted', 'start', 'growth', 'end'] as const

export interface ToldIncident {
  /** The notification's id. */
  id: string
  phase: (typeof TOLD_PHASES)[number]
  /** Bytes, or what else its alert counts, when it was last told; null: not known, the next update says it. */
  amount: number | null
  unit: string
  /** When it was last told (ms). */
  at: number
  /** Messages that were sent, replacements too. */
  messages: number
  /** Those that were notifications of their own. */
  notifications: number
  /** It was seen going on: its end is worth a message. */
  hasRun: boolean
}

/** An incident that is told with the next summary. */
export interface SummedIncident {
  id: string
  kind: AlertKind
  device: string | null
  name: string
}

export interface PolicyMemory {
  /** The latest told last. */
  incidents: ToldIncident[]
  /** Times (ms) of the last new notifications, at most MAX_AN_HOUR. */
  recent: number[]
  /** Incidents of the next summary, and when it is due (ms). */
  summed: SummedIncident[]
  due: number | null
  /** Time (ms) of the last summary. */
  summarized: number | null
}

export function newPolicyMemory(): PolicyMemory {
  return { incidents: [], recent: [], summed: [], due: null, summarized: null }
}

/** What a stored file says, as far as it can be used. Version 0.1.0 kept the ids of notifications only. */
export function readPolicyMemory(stored: unknown): PolicyMemory {
  if (Array.isArray(stored))
    return { ...newPolicyMemory(), incidents: stored.filter(isText).map(toldBefore).slice(-MAX_TOLD) }
  const { incidents, recent, summed, due, summarized } = (stored ?? {}) as Partial<Record<keyof PolicyMemory, unknown>>
  return {
    incidents: listOf(incidents).filter(isTold).slice(-MAX_TOLD),
    recent: listOf(recent).filter(isTime).slice(-MAX_AN_HOUR),
    summed: listOf(summed).filter(isSummed).slice(-MAX_SUMMED),
    due: isTime(due) ? due : null,
    summarized: isTime(summarized) ? summarized : null,
  }
}

/** It was told once, of what size is not known. */
function toldBefore(id: string): ToldIncident {
  return { id, phase: 'known', amount: null, unit: '', at: 0, messages: 1, notifications: 1, hasRun: false }
}

/**
 * Of those told by version 0.1.0 that wait still, the notification says how much was told: their growth and their end
 * take its place.
 */
export function toldAsWaiting(memory: PolicyMemory, waiting: readonly AlertNotification[]): PolicyMemory {
  const incidents = memory.incidents.map((told): ToldIncident => {
    const notification = told.amount === null ? waiting.find(({ id }) => id === told.id) : undefined
    if (notification === undefined) return told
    const { unit, seen } = notification.alert
    if (!isText(unit) || !isTime(seen)) return told
    // Only an upload has an end that is worth a message.
    const isUpload = unit === 'bytes'
    return { ...told, phase: isUpload ? 'start' : 'end', amount: seen, unit, hasRun: isUpload }
  })
  return { ...memory, incidents }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isTold(value: unknown): value is ToldIncident {
  const { id, phase, amount, unit, at, messages, notifications, hasRun } = (value ?? {}) as Partial<ToldIncident>
  return (
    isText(id) &&
    TOLD_PHASES.some((one) => one === phase) &&
    (amount === null || isTime(amount)) &&
    isText(unit) &&
    isTime(at) &&
    [messages, notifications].every(Number.isInteger) &&
    typeof hasRun === 'boolean'
  )
}

function isSummed(value: unknown): value is SummedIncident {
  const { id, kind, device, name } = (value ?? {}) as Partial<SummedIncident>
  return isText(id) && isText(kind) && (device === null || isText(device)) && isText(name)
}
