// Source kind dns-log: the log that a resolver or Zeek writes, a text file or a database, of any format in logs/.
import { basename, isAbsolute } from 'node:path'
import {
  formatWords,
  type LogFormat,
  logFormat,
  logFormatOfWord,
  type TextFormat,
  textFormat,
} from '../logs/formats.ts'
import type { DatabaseLogFormat } from '../logs/format.ts'
import { DatabaseLog } from './database-log.ts'
import type { NamedSource, RecordSource, RecordSourceDefinition, RecordSourceOptions } from './definition.ts'
import { DATE_WORD, DatedLog, type DatedPosition } from './dated-logs.ts'
import { DnsLogSource } from './dns-log.ts'
import type { LogPosition } from './log-follower.ts'

interface LogPlace {
  /** Null where the log's own lines are to say what wrote it. */
  format: LogFormat | null
  path: string
}

/** In place of a format's word. */
const ANY_FORMAT = ['auto', '?']

export const source: RecordSourceDefinition<'dns-log', LogPlace, 'dnsLogs'> = {
  kind: 'dns-log',
  delivers: 'records',
  setting: {
    field: 'dnsLogs',
    title: 'Logs of the resolver',
    description: `Written like "dnsmasq /var/log/dnsmasq.log": which names were looked up, by whom, when. Formats: ${formatWords()}.`,
    maxItems: 8,
    format: 'dns-log',
    wanted: 'logs with their format, written like "dnsmasq /var/log/dnsmasq.log"',
    add: {
      title: 'The log of Pi-hole, AdGuard Home, dnsmasq …',
      example: 'pihole /var/log/pihole/pihole.log',
      hint: `Which kind, then the full path: auto, ${formatWords()}.`,
    },
  },
  argument: 'dns:dnsmasq:/path',
  readme: {
    what: "a resolver's log",
    argument: '`dns:dnsmasq:/var/log/dnsmasq.log`; [other formats](#4-the-log-of-pi-hole-adguard-home-or-dnsmasq)',
    needs:
      "the right to read it. It tells which names were looked up, by whom and when, and no bytes; only Zeek's conn.log and Suricata's flows tell bytes. Beside packets it names their addresses",
  },
  parseLine: (line) => parseLog(line, ' '),
  parseArgument: (text) => (text.startsWith('dns:') ? parseLog(text.slice(4), ':') : null),
  tellsBytes: ({ format }) => format !== null && logFormat(format).tellsBytes,
  logFormat: ({ format }) => format,
  open: ({ format: id, path }, options) => {
    if (id === null) return openTextLog(null, path, options)
    const format = logFormat(id)
    return format.storage === 'database'
      ? openDatabaseLog(format, path, options)
      : openTextLog(format.id as TextFormat, path, options)
  },
}

/** The word of a format or "auto", a separator, a full path. */
function parseLog(text: string, separator: string): NamedSource<LogPlace> | null {
  const at = text.indexOf(separator)
  const word = text.slice(0, at)
  const path = text.slice(at + 1)
  if (at < 0 || !isAbsolute(path)) return null
  if (ANY_FORMAT.includes(word)) return { id: `dns:auto:${path}`, title: `Log (${path})`, format: null, path }
  const format = logFormatOfWord(word)
  return format === null
    ? null
    : { id: `dns:${word}:${path}`, title: `${format.title} (${path})`, format: format.id, path }
}

function openTextLog(format: TextFormat | null, path: string, options: RecordSourceOptions): RecordSource {
  const { position, onRecord, guard } = options
  const open = (file: string, from: LogPosition | null): DnsLogSource =>
    new DnsLogSource(file, {
      format,
      position: from,
      from: 'start',
      onRecord,
      ...(guard === undefined ? {} : { guard }),
    })
  const log = basename(path).includes(DATE_WORD)
    ? new DatedLog(path, { position: isDatedPosition(position) ? position : null, open })
    : open(path, isLogPosition(position) ? position : null)
  return {
    start: () => log.start(),
    stop: () => log.stop(),
    position: () => log.position(),
    status: () => {
      const { state, skippedLines, lastRecord, problem, format: found } = log.status()
      const tellsBytes = format === null && found !== null ? { tellsBytes: textFormat(found).tellsBytes } : {}
      return { state, skipped: skippedLines, lastRecord, problem, ...tellsBytes }
    },
  }
}

function openDatabaseLog(format: DatabaseLogFormat, path: string, options: RecordSourceOptions): RecordSource {
  const { position, onRecord } = options
  let lastRecord: number | null = null
  let isRunning = false
  const log = new DatabaseLog(path, format, {
    position: typeof position === 'number' ? position : 0,
    onRecord: (record) => {
      if (record.kind === 'query') lastRecord = record.time
      onRecord(record)
    },
  })
  return {
    start: () => {
      isRunning = true
      log.start()
    },
    stop: async () => {
      isRunning = false
      log.stop()
    },
    position: () => log.position(),
    status: () => {
      const state = !isRunning ? 'off' : log.problem !== null ? 'failed' : lastRecord === null ? 'quiet' : 'running'
      return { state, skipped: 0, lastRecord, problem: log.problem }
    },
  }
}

function isLogPosition(value: unknown): value is LogPosition {
  const { inode, offset, fingerprint, modified } = (value ?? {}) as Partial<LogPosition>
  return (
    typeof inode === 'string' &&
    Number.isSafeInteger(offset) &&
    typeof fingerprint === 'object' &&
    typeof modified === 'string'
  )
}

function isDatedPosition(value: unknown): value is DatedPosition {
  const { file, position } = (value ?? {}) as Partial<DatedPosition>
  return typeof file === 'string' && !file.includes('/') && (position === null || isLogPosition(position))
}
