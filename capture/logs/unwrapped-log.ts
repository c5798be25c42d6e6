// Parser of a log in any transport: takes syslog's, the journal's and containers' forms off, then reads the lines.
import { unwrapLine } from './envelope.ts'
import { type Envelope, type LogParser, type LogRecord, MAX_LINE_LENGTH, NOTHING, type Now } from './record.ts'

/** A line of another hour than the one before goes back by more than lines of one moment do among themselves. */
const OUT_OF_ORDER = 120
/** So near to now, a line is being written now. */
const WRITTEN_NOW = 120

/** Entry of `journalctl -o export` (systemd, Journal Export Formats) as far as it was read. */
interface ExportEntry {
  message: string | null
  time: number | null
  program: string | null
  process: string
}

/**
 * Unwraps line after line of one log, with what goes over lines: entries of the journal's export, lines that a container
 * runtime cut, and which of two times a stamp means in the night in which clocks go back.
 */
export class LineUnwrapper {
  private readonly now: Now
  private partial = ''
  private entry: ExportEntry | null = null
  private isExport = false
  private latest: number | null = null

  constructor(now: Now) {
    this.now = now
  }

  /** Null where the line is part of one that is complete later, or of no line at all. */
  add(line: string): Envelope | null {
    if (line.length > MAX_LINE_LENGTH) return null
    if (this.isExport || line.startsWith('__CURSOR=')) return this.addField(line)
    const envelope = unwrapLine(line, this.now)
    if (envelope.isPartial || this.partial !== '') return this.join(envelope)
    return this.settled(envelope)
  }

  /** A line that was cut begins in the first piece; the others have the runtime's stamp only. */
  private join(envelope: Envelope): Envelope | null {
    const whole = this.partial + envelope.text
    this.partial = envelope.isPartial && whole.length <= MAX_LINE_LENGTH ? whole : ''
    if (envelope.isPartial) return null
    const { time, later } = envelope
    const inner = unwrapLine(whole, this.now)
    return this.settled(inner.time === null ? { ...inner, time, later } : inner)
  }

  /** In an hour that comes twice, a line that would go back is of the second one. */
  private settled(envelope: Envelope): Envelope {
    const { time, later } = envelope
    if (time !== null && later !== null && this.isOfSecondHour(time, later)) envelope.time = later
    if (envelope.time !== null) this.latest = envelope.time
    return envelope
  }

  private isOfSecondHour(time: number, later: number): boolean {
    const now = this.now()
    if (later > now + WRITTEN_NOW) return false
    return this.latest === null ? Math.abs(now - later) <= WRITTEN_NOW : time < this.latest - OUT_OF_ORDER
  }

  /** NAME=VALUE; an empty line ends the entry. A value of bytes has no "=" in its line: its entry is left out. */
  private addField(line: string): Envelope | null {
    this.isExport = true
    if (line.startsWith('__CURSOR=')) {
      this.entry = { message: null, time: null, program: null, process: '' }
      return null
    }
    const { entry } = this
    if (entry === null) return null
    if (line === '') {
      this.entry = null
      return entry.message === null ? null : this.settled(this.envelopeOf(entry, entry.message))
    }
    const at = line.indexOf('=')
    const value = line.slice(at + 1)
    switch (line.slice(0, Math.max(0, at))) {
      case '':
        this.entry = null
        break
      case '__REALTIME_TIMESTAMP':
        if (/^\d{1,17}$/.test(value)) entry.time = Number(value) / 1e6
        break
      case 'SYSLOG_IDENTIFIER':
        entry.program = value.slice(0, 128)
        break
      case 'SYSLOG_PID':
      case '_PID':
        if (/^\d{1,10}$/.test(value)) entry.process = value
        break
      case 'MESSAGE':
        entry.message = value
    }
    return null
  }

  private envelopeOf({ time, program, process }: ExportEntry, message: string): Envelope {
    const inner = unwrapLine(message, this.now)
    return { ...inner, time: time ?? inner.time, program: inner.program ?? program, process: inner.process || process }
  }
}

/** Reads a log through a parser that need not know how its lines came. */
export class UnwrappedLog implements LogParser {
  private readonly unwrapper: LineUnwrapper
  private readonly parser: LogParser

  constructor(parser: LogParser, now: Now) {
    this.parser = parser
    this.unwrapper = new LineUnwrapper(now)
  }

  parse(line: string): readonly LogRecord[] {
    const envelope = this.unwrapper.add(line)
    if (envelope === null) return NOTHING
    const records = this.readOnce(envelope)
    if (envelope.count === 1 || records.length === 0) return records
    const all = [...records]
    for (let more = 1; more < envelope.count; more++) all.push(...this.readOnce(envelope))
    return all
  }

  private readOnce(envelope: Envelope): readonly LogRecord[] {
    const records = this.parser.parse(envelope.line, envelope)
    const { time } = envelope
    if (time === null) return records
    for (const record of records) record.time ??= time
    return records
  }
}
