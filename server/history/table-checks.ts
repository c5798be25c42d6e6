// What each table of a traffic history must look like: its columns, and what a row may hold.
import type { Connection } from '../../capture/sources/sqlite.ts'
import type { ReadableTable } from './readable-rows.ts'

type Row = Record<string, unknown>

export interface TableCheck extends ReadableTable {
  /** SQL that is true of a row which cannot be right. */
  wrong: string
  /** The row as it can be used; null where it cannot. */
  mended: (row: Row) => Row | null
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrNull = (value: unknown): boolean => value === null || isText(value)

const notNumber = (column: string): string => `typeof(${column}) NOT IN ('integer', 'real')`
const notText = (column: string): string => `typeof(${column}) <> 'text'`
const notNumberOrNull = (column: string): string => `typeof(${column}) NOT IN ('integer', 'real', 'null')`
const any = (...conditions: string[]): string => conditions.join(' OR ')

const whole =
  (...columns: string[]) =>
  (row: Row): Row | null =>
    columns.every((column) => isWhole(row[column])) ? row : null

const cells = (table: string): TableCheck => ({
  table,
  columns: ['id', 'cells'],
  key: 'id',
  wrong: "typeof(cells) <> 'blob'",
  mended: (row) => (isWhole(row['id']) && row['cells'] instanceof Uint8Array ? row : null),
})

const EVENT_COLUMNS = ['id', 'name', 'device', 'at', 'kind', 'day', 'facts']
const LOOKUP_COLUMNS = ['start', 'device', 'endpoint', 'until', 'count', 'blocked', 'answered']

export const TABLE_CHECKS: readonly TableCheck[] = [
  {
    table: 'state',
    columns: ['one', 'facts'],
    key: 'one',
    wrong: notText('facts'),
    mended: (row) => (parsed(row['facts']) === null ? null : row),
  },
  {
    table: 'devices',
    columns: ['id', 'name', 'first', 'last'],
    key: 'id',
    wrong: any(notText('name'), "name = ''", notNumberOrNull('first'), notNumberOrNull('last')),
    mended: ({ id, name, first, last }) =>
      isWhole(id) && isText(name) && name !== ''
        ? { id, name, first: numberOrNull(first), last: numberOrNull(last) }
        : null,
  },
  {
    table: 'endpoints',
    columns: ['id', 'facts'],
    key: 'id',
    wrong: notText('facts'),
    mended: (row) => (isWhole(row['id']) && isEndpoint(parsed(row['facts'])) ? row : null),
  },
  {
    table: 'pairs',
    columns: ['device', 'endpoint', 'first', 'last', 'bytes'],
    key: 'device',
    wrong: any(...['device', 'endpoint', 'first', 'last', 'bytes'].map(notNumber)),
    mended: whole('device', 'endpoint', 'first', 'last', 'bytes'),
  },
  {
    table: 'names',
    columns: ['id', 'device', 'address', 'host', 'at'],
    key: 'id',
    wrong: any(notNumber('device'), notText('address'), notText('host'), notNumber('at')),
    mended: (row) => (isText(row['address']) && isText(row['host']) ? whole('id', 'device', 'at')(row) : null),
  },
  {
    table: 'capture',
    columns: ['since', 'until'],
    key: 'since',
    wrong: notNumber('until'),
    mended: whole('since', 'until'),
  },
  cells('minutes'),
  cells('hours'),
  cells('days'),
  {
    table: 'lookups',
    columns: LOOKUP_COLUMNS,
    // A damaged file may be of the layout before.
    absent: { blocked: 0, answered: 0 },
    key: 'start',
    wrong: any(...LOOKUP_COLUMNS.map(notNumber)),
    mended: whole(...LOOKUP_COLUMNS),
  },
  {
    table: 'positions',
    columns: ['source', 'position'],
    key: null,
    wrong: any(notText('source'), notText('position')),
    mended: (row) => (isText(row['source']) && isText(row['position']) ? row : null),
  },
  {
    table: 'event_words',
    columns: ['id', 'word'],
    key: 'id',
    wrong: any(notText('word'), "word = ''"),
    mended: (row) => (isWhole(row['id']) && isText(row['word']) && row['word'] !== '' ? row : null),
  },
  {
    table: 'event_days',
    columns: ['id', 'counts'],
    key: 'id',
    wrong: "typeof(counts) <> 'blob'",
    mended: (row) => (isWhole(row['id']) && row['counts'] instanceof Uint8Array ? row : null),
  },
  {
    table: 'events',
    columns: EVENT_COLUMNS,
    key: 'id',
    wrong: any(
      ...['name', 'kind', 'facts'].map(notText),
      ...['device', 'at'].map(notNumber),
      notNumberOrNull('day'),
      'json_valid(facts) = 0',
    ),
    mended: (row) =>
      [row['name'], row['kind']].every(isText) &&
      (row['day'] === null || isWhole(row['day'])) &&
      areEventFacts(parsed(row['facts']))
        ? whole('id', 'device', 'at')(row)
        : null,
  },
]

/** The first layout that has tables of events. */
export const EVENTS_LAYOUT = 5
/** Tables that a damaged file of an older layout has not: nothing of them is lost. */
export const LATER_TABLES: ReadonlySet<string> = new Set(['events', 'event_days', 'event_words'])

/** Small tables, all of whose rows are read at the start anyhow. */
const SMALL = new Set(['state', 'endpoints', 'positions'])

/** What is wrong with the tables of an opened database, in a few words; null where all is well. */
export function wrongWithTables(connection: Connection): string | null {
  for (const { table, columns, wrong, mended } of TABLE_CHECKS) {
    const present = (connection.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name)
    if (present.length === 0) return `the table ${table} is missing`
    if (!columns.every((column) => present.includes(column))) return `the table ${table} has lost columns`
    if (connection.prepare(`SELECT 1 FROM ${table} WHERE ${wrong} LIMIT 1`).get() !== undefined)
      return `a row of the table ${table} is wrong`
    if (!SMALL.has(table)) continue
    for (const row of connection.prepare(`SELECT ${columns.join(', ')} FROM ${table}`).iterate() as Iterable<Row>)
      if (mended(row) === null) return `a row of the table ${table} is wrong`
  }
  return null
}

function parsed(text: unknown): Row | null {
  if (!isText(text)) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : null
  } catch {
    return null
  }
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function isEndpoint(facts: Row | null): boolean {
  if (facts === null) return false
  const { host, company, country, network, purpose, namedBy, labels, addresses } = facts
  return (
    [host, company, country, network].every((value) => value === undefined || isTextOrNull(value)) &&
    [purpose, namedBy].every(isText) &&
    [labels, addresses].every((list) => Array.isArray(list) && list.every(isText))
  )
}

function areEventFacts(facts: Row | null): boolean {
  if (facts === null) return false
  const { company, host, purpose, reasons, sent, received, seconds, confidence } = facts
  return (
    [company, host].every(isTextOrNull) &&
    isText(purpose) &&
    Array.isArray(reasons) &&
    reasons.every(isText) &&
    [sent, received, seconds, confidence].every(Number.isFinite)
  )
}
