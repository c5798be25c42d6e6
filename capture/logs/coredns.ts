// CoreDNS: the lines of its log plugin, in the common and the combined format, and in JSON of the same placeholders.
import { addressOf } from './addresses.ts'
import type { TextLogFormat } from './format.ts'
import { parseJsonLine, textField } from './json-line.ts'
import { lookUp } from './look-up.ts'
import { nameOf } from './names.ts'
import { isPlainLine, type LogParser, type LogRecord, NOTHING, type Now } from './record.ts'
import { readStamp } from './timestamps.ts'
import { statusOf, typeOf } from './types.ts'

const MAX_LENGTH = 8192
/** What docker, kubectl or journald may put in front of CoreDNS's own "[INFO] ". */
const MAX_PREFIX = 400

/**
 * plugin/log/README.md: {remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode}
 * {>rflags} {rsize} {duration}; combined has {>opcode} in front of the type. Versions before 1.1 had the time in
 * brackets in place of the id, no port and no flags.
 */
const LINE =
  /^(\S{2,72}) - (?:\d{1,5}|\[[^\]]{1,40}\]) "(?:\d{1,2} )?([A-Z0-9]{1,16}) IN (\S{1,1100}) [a-z]{3,6} [^"]{1,40}" ([A-Z0-9]{1,16}|-) /

/** Follows what CoreDNS writes to its standard output. It writes no time of its own, nor the records of an answer. */
export class CoreDnsLog implements LogParser {
  private readonly now: Now

  constructor(now: Now) {
    this.now = now
  }

  parse(line: string): readonly LogRecord[] {
    if (!isPlainLine(line, MAX_LENGTH)) return NOTHING
    const at = line.slice(0, MAX_PREFIX).indexOf('[INFO] ')
    if (at < 0) return NOTHING
    const time = at === 0 ? null : readStamp(line.slice(0, at), this.now).time
    const text = line.slice(at + 7)
    if (text.startsWith('{')) return parseJson(text, time)
    const found = LINE.exec(text)
    return found === null ? NOTHING : records(time, clientOf(found[1]), found[2], found[3], found[4])
  }
}

/** `log . {"remote":"{remote}","name":"{name}",…}`: people name the fields as the placeholders are called. */
function parseJson(text: string, time: number | null): readonly LogRecord[] {
  const entry = parseJsonLine(text)
  if (entry === null) return NOTHING
  const klass = textField(entry, 'class')
  if (klass !== '' && klass !== 'IN') return NOTHING
  return records(
    time,
    clientOf(textField(entry, 'remote')),
    textField(entry, 'type'),
    textField(entry, 'name'),
    textField(entry, 'rcode') || '-',
  )
}

/** "10.0.0.5:5300", "[fd00::5]:5300", or either without a port. */
function clientOf(text: string): string | null {
  const bracketed = /^\[([^\]]{2,64})\](?::\d{1,5})?$/.exec(text)
  return addressOf(bracketed === null ? text.replace(/^([\d.]{7,15}):\d{1,5}$/, '$1') : bracketed[1])
}

function records(
  time: number | null,
  client: string | null,
  typeText: string,
  nameText: string,
  code: string,
): readonly LogRecord[] {
  const name = nameOf(nameText, 'escaped')
  const type = typeOf(typeText)
  if (client === null || name === null || type === null) return NOTHING
  // NOERROR may be an answer without records: the log does not tell.
  return lookUp({ time, client, name, type }, code === '-' ? null : { status: statusOf(code, true) })
}

export const format: TextLogFormat<'coredns'> = {
  id: 'coredns',
  words: ['coredns'],
  program: 'CoreDNS',
  title: "CoreDNS's log",
  note: null,
  usualPath: '/var/log/coredns.log',
  switchOn: '`log` in the Corefile; its output to a file (`docker logs -tf`, `StandardOutput=append:`)',
  storage: 'text',
  example: '[INFO] 10.0.0.5:40000 - 57020 "A IN a.example. udp 30 false 512" NOERROR qr,rd,ra 64 0.003s',
  tellsBytes: false,
  repeats: [],
  recognises: (line, now) => new CoreDnsLog(now).parse(line).length > 0,
  isHeader: null,
  createParser: (now) => new CoreDnsLog(now),
}
