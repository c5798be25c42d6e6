// pfBlockerNG on pfSense: dnsbl.log (what was blocked) and dns_reply.log (what was answered).
import { addressOf } from './addresses.ts'
import { splitCsv } from './csv.ts'
import type { TextLogFormat } from './format.ts'
import { lookUp } from './look-up.ts'
import { nameOf } from './names.ts'
import { type AnswerStatus, isPlainLine, type LogParser, type LogRecord, NOTHING, type Now } from './record.ts'
import { readStamp } from './timestamps.ts'
import { typeOf } from './types.ts'

const MAX_LENGTH = 8192
/** What syslog may put in front of a line. */
const MAX_PREFIX = 200
const START = /(?:^|\s)(DNSBL-(?:python|Full|1x1|HTTPS|JS)|DNS-reply),/

/**
 * Follows a log that pfblockerng.inc and pfb_unbound.py write. In Unbound's Python mode each blocked look-up is a line
 * "DNSBL-python"; otherwise there are only those that reached the block page, "DNSBL-Full" and others.
 */
export class PfBlockerLog implements LogParser {
  private readonly now: Now
  /** Whether look-ups are told: then a visit of the block page is of one that was counted. */
  private tellsLookUps = false

  constructor(now: Now) {
    this.now = now
  }

  parse(line: string): readonly LogRecord[] {
    if (!isPlainLine(line, MAX_LENGTH)) return NOTHING
    const start = START.exec(line.slice(0, MAX_PREFIX))
    if (start === null) return NOTHING
    const cells = splitCsv(line.slice(start.index + start[0].length - start[1].length - 1)) ?? []
    if (start[1] === 'DNS-reply') return this.readReply(cells)
    if (start[1] === 'DNSBL-python') this.tellsLookUps = true
    else if (this.tellsLookUps) return NOTHING
    return this.readBlocked(cells)
  }

  /** KIND,TIME,NAME,CLIENT,AGENT,MODE,GROUP,FINAL-NAME,FEED,DUPLICATE[,TYPE] */
  private readBlocked(cells: string[]): readonly LogRecord[] {
    const [, timeText = '', nameText = '', clientText = ''] = cells
    const client = addressOf(clientText)
    const name = nameOf(nameText, 'raw')
    if (client === null || name === null || nameText === 'Unknown') return NOTHING
    const type = typeOf(cells[10] ?? '') ?? 0
    return lookUp({ time: this.timeOf(timeText), client, name, type }, { status: 'blocked' })
  }

  /** KIND,TIME,ORIGIN,ASKED-TYPE,FINAL-TYPE,TTL,NAME,CLIENT,ANSWER,COUNTRY; origin: reply, cache, local, servfail */
  private readReply(cells: string[]): readonly LogRecord[] {
    const [, timeText = '', origin = '', asked = '', final = '', , nameText = '', clientText = '', answer = ''] = cells
    const client = addressOf(clientText)
    const name = nameOf(nameText, 'raw')
    if (client === null || name === null) return NOTHING
    const type = typeOf(asked) ?? typeOf(final) ?? 0
    const address = addressOf(answer)
    return lookUp(
      { time: this.timeOf(timeText), client, name, type },
      { status: statusOfReply(origin, answer), addresses: address === null ? [] : [address] },
    )
  }

  /** "Nov 29 10:00:00" in this machine's zone, of later versions with the date as ISO 8601. */
  private timeOf(text: string): number | null {
    return readStamp(`${text} `, this.now).time
  }
}

function statusOfReply(origin: string, answer: string): AnswerStatus {
  if (/servfail/i.test(origin) || /^servfail$/i.test(answer)) return 'failed'
  if (/^nxdomain$/i.test(answer)) return 'no-name'
  if (/^(?:nodata|no-data|soa|)$/i.test(answer)) return 'no-data'
  return 'answered'
}

export const format: TextLogFormat<'pfblockerng'> = {
  id: 'pfblockerng',
  words: ['pfblockerng', 'pfblocker'],
  program: 'pfBlockerNG',
  title: "pfBlockerNG's log",
  note: null,
  usualPath: '/var/log/pfblockerng/dnsbl.log',
  switchOn: 'DNSBL with *Unbound python mode* and *DNS Reply Logging*: `dnsbl.log` and `dns_reply.log`, each a source',
  storage: 'text',
  example: 'DNSBL-python,Nov 24 10:00:00,ads.example,10.0.0.5,Python,DNSBL_A,DNSBL_ADs,ads.example,StevenBlack,+',
  tellsBytes: false,
  repeats: [],
  recognises: (line, now) => new PfBlockerLog(now).parse(line).length > 0,
  isHeader: null,
  createParser: (now) => new PfBlockerLog(now),
}
