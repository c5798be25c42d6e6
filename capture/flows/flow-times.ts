// When a flow was: the forms in which exporters write it, and what becomes of times that cannot be.
import type { FieldView } from './field-view.ts'
import {
  DURATION_MICROSECONDS,
  DURATION_MILLISECONDS,
  END_DELTA_MICROSECONDS,
  END_MICROSECONDS,
  END_MILLISECONDS,
  END_NANOSECONDS,
  END_SECONDS,
  FIRST_SWITCHED,
  LAST_SWITCHED,
  OBSERVATION_MICROSECONDS,
  OBSERVATION_MILLISECONDS,
  OBSERVATION_NANOSECONDS,
  OBSERVATION_SECONDS,
  START_DELTA_MICROSECONDS,
  START_MICROSECONDS,
  START_MILLISECONDS,
  START_NANOSECONDS,
  START_SECONDS,
  SYSTEM_INIT_MILLISECONDS,
} from './elements.ts'

/** What a datagram's header says of the time, by the exporter's clock, and when it came. All in seconds. */
export interface ExportTimes {
  exported: number
  /** Since the exporter was started, in milliseconds modulo 2^32; null where the header has none (IPFIX). */
  uptime: number | null
  /** When the exporter was started; null where it is not known. */
  started: number | null
  /** By this machine's clock. */
  arrived: number
}

/** By the exporter's clock, in seconds since 1970. Null where it is not known. */
export interface FlowSpan {
  start: number | null
  end: number | null
  /** Of a flow whose start and end are not both known. */
  seconds: number | null
}

/** A clock that is off by less is taken as right: a header has whole seconds, and datagrams wait in buffers. */
const CLOCK_SLACK = 5
/** No exporter holds a record back for longer than its active timeout, an hour at most in all that are known. */
const OLDEST_END = 4_500
/** Nor does a record hold bytes of a longer time: a start before is that of the connection. */
export const LONGEST_RECORD = 4_500
const LONGEST_FLOW = 366 * 86_400
/** Start and end may be rounded to different sides. */
const ROUNDING = 1

/** The span of a record. Absolute times count before those since the exporter's start. */
export function spanOf(view: FieldView, times: ExportTimes): FlowSpan {
  const observed = timeAt(view, times, OBSERVATION)
  const start = timeAt(view, times, START) ?? uptimeAt(view, FIRST_SWITCHED, times) ?? observed
  const end = timeAt(view, times, END) ?? uptimeAt(view, LAST_SWITCHED, times) ?? observed
  return { start, end, seconds: durationOf(view) }
}

interface Forms {
  seconds: number
  milliseconds: number
  microseconds: number
  nanoseconds: number
  /** Before the export. */
  delta: number | null
}
const START: Forms = {
  seconds: START_SECONDS,
  milliseconds: START_MILLISECONDS,
  microseconds: START_MICROSECONDS,
  nanoseconds: START_NANOSECONDS,
  delta: START_DELTA_MICROSECONDS,
}
const END: Forms = {
  seconds: END_SECONDS,
  milliseconds: END_MILLISECONDS,
  microseconds: END_MICROSECONDS,
  nanoseconds: END_NANOSECONDS,
  delta: END_DELTA_MICROSECONDS,
}
const OBSERVATION: Forms = {
  seconds: OBSERVATION_SECONDS,
  milliseconds: OBSERVATION_MILLISECONDS,
  microseconds: OBSERVATION_MICROSECONDS,
  nanoseconds: OBSERVATION_NANOSECONDS,
  delta: null,
}

function timeAt(view: FieldView, { exported }: ExportTimes, forms: Forms): number | null {
  const milliseconds = positive(view.number(forms.milliseconds))
  if (milliseconds !== null) return milliseconds / 1e3
  if (view.has(forms.microseconds)) return view.ntpTime(forms.microseconds, 1e-6, exported)
  if (view.has(forms.nanoseconds)) return view.ntpTime(forms.nanoseconds, 1e-9, exported)
  const seconds = positive(view.number(forms.seconds))
  if (seconds !== null) return seconds
  const delta = forms.delta === null ? null : view.number(forms.delta)
  return delta === null ? null : exported - delta / 1e6
}

/** Of milliseconds since the exporter's start, which begin anew after 49.7 days. */
export function uptimeTime(value: number, { exported, uptime, started }: ExportTimes): number | null {
  if (uptime !== null) return exported - ((uptime - value) | 0) / 1e3
  return started === null ? null : started + value / 1e3
}

function uptimeAt(view: FieldView, element: number, times: ExportTimes): number | null {
  const value = view.number(element)
  const init = positive(view.number(SYSTEM_INIT_MILLISECONDS))
  if (value === null) return null
  return uptimeTime(value, init === null ? times : { ...times, started: init / 1e3 })
}

function durationOf(view: FieldView): number | null {
  const milliseconds = view.number(DURATION_MILLISECONDS)
  if (milliseconds !== null) return milliseconds / 1e3
  const microseconds = view.number(DURATION_MICROSECONDS)
  if (microseconds !== null) return microseconds / 1e6
  const first = view.number(FIRST_SWITCHED)
  const last = view.number(LAST_SWITCHED)
  return first === null || last === null ? null : ((last - first) | 0) / 1e3
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null
}

/** A flow by this machine's clock; `isDated`: false where its own times cannot be, and its arrival stands for them. */
export interface DatedFlow {
  /** When the flow began, and since when the record may hold bytes of it. */
  begun: number
  start: number
  seconds: number
  isDated: boolean
}

/**
 * The flow by this machine's clock: an exporter's wrong clock is corrected by the time of its header. Null where it
 * ends before it begins. `interval`: how often the exporter sends flows that go on, in seconds, as far as is known.
 */
export function dateFlow({ start, end, seconds }: FlowSpan, times: ExportTimes, interval: number): DatedFlow | null {
  const { exported, arrived } = times
  const told = start !== null && end !== null ? end - start : seconds
  if (told !== null && told < -ROUNDING) return null
  const known = Math.max(0, told ?? 0)
  const offset = clockOffset(times)
  const last = end ?? (start === null ? exported : start + known)
  const until = last + offset
  const isPossible = until <= arrived + CLOCK_SLACK && until >= arrived - OLDEST_END && known <= LONGEST_FLOW
  if (!isPossible) return { begun: arrived, start: arrived, seconds: 0, isDated: false }
  const to = Math.min(until, arrived)
  const length = known > LONGEST_RECORD ? Math.min(interval, known) : known
  return { begun: to - known, start: to - length, seconds: length, isDated: true }
}

/** What has to be added to the exporter's times; 0 where its clock is right. */
export function clockOffset({ exported, arrived }: ExportTimes): number {
  const offset = arrived - exported
  return Math.abs(offset) <= CLOCK_SLACK ? 0 : offset
}
