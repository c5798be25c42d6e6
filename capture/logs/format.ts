// The definition of one log format: its names in the interface, its abilities, and its parser.
import type { Envelope, LogLease, LogParser, LogRecord, Now } from './record.ts'

interface Described<Id extends string> {
  id: Id
  /** What Settings and `--source dns:WORD:PATH` call it; lists show the first. */
  words: readonly [string, ...string[]]
  /** The program that writes it, for lists of what can be read: "Pi-hole". */
  program: string
  /** What a source of it is called on the page, before its path: "Pi-hole's log". */
  title: string
  /** What hints add behind the word, in brackets: "its database"; null where the word says all. */
  note: string | null
  /** Where it usually is. */
  usualPath: string
  /** How the program is made to write it, for the README (Markdown). */
  switchOn: string
  /** Whether its records include bytes of flows (LogConnection), not look-ups alone. */
  tellsBytes: boolean
  /** Ids of formats in which the same program writes the same look-ups beside this one: each counts once. */
  repeats: readonly string[]
  /** Whether its queries tell the type that was asked for; absent where they do. */
  tellsTypes?: false
}

/** A text file, read line by line as it grows and rotates. */
export interface TextLogFormat<Id extends string = string> extends Described<Id> {
  storage: 'text'
  /** A line of it that gives a record, made up. */
  example: string
  /** The line at the head of the file without which the example says nothing; absent where it stands for itself. */
  exampleHead?: string
  /** Whether a line is surely of this format and of no other; null where the owner has to name the format. */
  recognises: ((line: string, now: Now, envelope?: Envelope) => boolean) | null
  /** Lines at the head of the file without which later ones cannot be read; null where each stands for itself. */
  isHeader: ((line: string) => boolean) | null
  /** A parser with a memory of its own, for one log. */
  createParser(now: Now): LogParser
}

/** The part of an SQLite library that readers use; the database is open read-only. */
export interface ReadOnlyDatabase {
  prepare(sql: string): { all(...values: unknown[]): unknown[] }
}

/** Follows the rows of a database. */
export interface DatabaseReader {
  /** To be kept over a restart. */
  readonly position: number
  /** The records since the last look, bounded: called again while it gives any. Throws what the library throws. */
  read(): LogRecord[]
}

/** An SQLite database that another program writes. */
export interface DatabaseLogFormat<Id extends string = string> extends Described<Id> {
  storage: 'database'
  /** `from` is a saved position, 0 to read all, or null to begin with what comes next. */
  openReader(database: ReadOnlyDatabase, from: number | null): DatabaseReader
  /** The devices that the program knows. */
  devices(database: ReadOnlyDatabase): LogLease[]
  /** Ends the sentence that the database cannot be read: what the owner can do. */
  advice: string
}

export type LogFormatDefinition<Id extends string = string> = TextLogFormat<Id> | DatabaseLogFormat<Id>
