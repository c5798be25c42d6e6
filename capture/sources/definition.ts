// The definition of one kind of source: how it is named in Settings and behind --source, what its list in
// Settings says, its abilities, and what opens it.
import type { LogFormat } from '../logs/formats.ts'
import type { LogRecord } from '../logs/record.ts'
import type { PacketSource, SourceEvents, SourceState } from './source.ts'

/** A list under Settings › Sources: one line for each source of this kind. */
export interface SourceSetting<Field extends string = string> {
  /** The list's name on disk. It never changes: running homes have it. */
  field: Field
  title: string
  description: string
  maxItems: number
  /** Name of the form of a line in the schema; one that no other list has. */
  format: string
  /** Ends "… must be", where a line is refused: "names of network interfaces such as eth0". */
  wanted: string
  /** How the checklist lets one be added; null where it offers what it finds by itself. */
  add: { title: string; example: string; hint: string } | null
}

/** Names on disk of the secrets that sources need. They never change: running homes have them. */
export type SecretField = 'fritzboxPassword'

/** A secret that sources of a kind need and that no line of theirs may hold: it is never shown again. */
export interface SourceSecret {
  field: SecretField
  title: string
  description: string
}

/** One source: `id` is unique and stays the same; `title` is shown to people; `details` are the kind's own. */
export type NamedSource<Details extends object> = { id: string; title: string } & Details

/**
 * What tells the bytes, that which tells the most first. Where sources of several of these run, only those of the first
 * count: the others would count the same bytes again.
 */
export const COUNTS = ['packets', 'connections', 'flow records', 'log'] as const
export type Counts = (typeof COUNTS)[number]

interface Described<Kind extends string, Details extends object, Field extends string> {
  kind: Kind
  /** The kind that is shown to people; its own where this is absent. */
  shownAs?: string
  setting: SourceSetting<Field> | null
  /** How `--source` names one, for the sentence that lists all: "ssh:root@192.168.1.1/br-lan". */
  argument: string
  /** Its row in the README (Markdown): what it is, how --source names it, what it needs; null keeps it out. */
  readme: { what: string; argument: string; needs: string } | null
  /** The source that a line of the setting names; null where it names none. */
  parseLine(line: string): NamedSource<Details> | null
  /** The source that `--source` names; null where the text is not of this kind. */
  parseArgument(text: string): NamedSource<Details> | null
}

/** Packets: a capture, live or growing. */
export interface PacketSourceDefinition<
  Kind extends string = string,
  Details extends object = object,
  Field extends string = never,
> extends Described<Kind, Details, Field> {
  delivers: 'packets'
  /** Absent where it needs none. */
  secret?: SourceSecret
  /** What tells its bytes; absent: its packets. */
  counts?: Counts
  /**
   * What it listens on where only this machine's own traffic may be seen there: shown as a sentence. Absent where the
   * question does not arise.
   */
  listensOn?(details: Details): string
  /** True where a restart reads again what was read before: what is accounted for already is left out. */
  readsAgain?: boolean
  /** Throws where the details are none. `secret` is empty where none is set, or needed. */
  open(details: Details, events: SourceEvents, secret: string): PacketSource
}

/** The status of a source of records; `skipped` lines were too long to be read. */
export interface RecordSourceStatus {
  state: SourceState
  skipped: number
  /** Time of the last record, in seconds since 1970-01-01 UTC. */
  lastRecord: number | null
  problem: string | null
  /** What is good to know and no trouble, in sentences; absent where there is nothing. */
  note?: string | null
  /** Of one that listens: when it last heard anything. Where it stops being heard, the gap begins there. */
  seenUntil?: number | null
  /** What the source turned out to hold, where its definition could not say; absent where it could. */
  tellsBytes?: boolean
}

export interface RecordSource {
  start(): void
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
  /** To be kept as JSON and handed back after a restart; null before there is one. */
  position(): unknown
  status(): RecordSourceStatus
}

export interface RecordSourceOptions {
  /** What `position()` gave before a restart, or anything else: it comes from a file. */
  position: unknown
  onRecord: (record: LogRecord) => void
  /** Reads a line by calling `read`, or leaves it out; it throws nothing. Absent: each line is read. */
  guard?: (line: string, read: () => void) => void
}

/** Records that another program wrote: look-ups, answers, flows. */
export interface RecordSourceDefinition<
  Kind extends string = string,
  Details extends object = object,
  Field extends string = never,
> extends Described<Kind, Details, Field> {
  delivers: 'records'
  /** What its bytes are taken from, where its records include any; absent: a log. */
  counts?: Counts
  /** Whether its records include bytes; else they are look-ups alone. */
  tellsBytes(details: Details): boolean
  /** The format of its log, where two logs may hold the same. */
  logFormat?(details: Details): LogFormat | null
  open(details: Details, options: RecordSourceOptions): RecordSource
}

export type SourceDefinition<
  Kind extends string = string,
  Details extends object = object,
  Field extends string = never,
> = PacketSourceDefinition<Kind, Details, Field> | RecordSourceDefinition<Kind, Details, Field>
