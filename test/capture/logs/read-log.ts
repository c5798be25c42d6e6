// Reads a log line by line for the tests.
import type { LogAnswer, LogParser, LogQuery, LogRecord } from '../../../capture/logs/record.ts'

/** 24 November 2026, noon UTC. */
export const NOW = Date.UTC(2026, 10, 24, 12) / 1000

export function now(): number {
  return NOW
}

export function readLog(parser: LogParser, text: string): LogRecord[] {
  return text.split('\n').flatMap((line) => [...parser.parse(line)])
}

/** "client name type" of each query. */
export function queriesOf(records: readonly LogRecord[]): string[] {
  return records
    .filter((record): record is LogQuery => record.kind === 'query')
    .map(({ client, name, type }) => `${client} ${name} ${type}`)
}

/** "client name status addresses" of each answer. */
export function answersOf(records: readonly LogRecord[]): string[] {
  return records
    .filter((record): record is LogAnswer => record.kind === 'answer')
    .map(({ client, name, status, addresses }) => [client, name, status, ...addresses].join(' '))
}
