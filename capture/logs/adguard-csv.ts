// Look-ups as CSV with a heading line: what is made of AdGuard Home's log or AdGuard DNS's, and of others.
import { areLookUps, HEADINGS, recordsOfRow } from './exported-look-ups.ts'
import { CsvColumns, splitCsv } from './csv.ts'
import { isHead as isControlDHead } from './controld.ts'
import type { TextLogFormat } from './format.ts'
import { isHead as isNextDnsHead } from './nextdns.ts'
import { isPlainLine, type LogParser, type LogRecord, NOTHING } from './record.ts'
import { isHead as isTechnitiumHead } from './technitium.ts'

const MAX_LENGTH = 16_384

/**
 * Neither AdGuard Home nor AdGuard DNS documents a CSV of its own: people make one with jq from querylog.json (its
 * fields T, QH, QT, IP, Result.IsFiltered, Result.Reason: AdguardTeam/AdGuardHome issues 1176, 3389, 6278) or from the
 * API (time, client, question.name, question.type, reason). Any file is read whose headings say when, what and who.
 */
export class AdGuardCsvLog implements LogParser {
  private columns: CsvColumns | null = null
  private separator = ','

  parse(line: string): readonly LogRecord[] {
    if (!isPlainLine(line, MAX_LENGTH)) return NOTHING
    const separator = this.columns === null ? separatorOfHead(line) : null
    if (separator !== null) {
      this.separator = separator
      this.columns = new CsvColumns(splitCsv(line, separator) ?? [])
      return NOTHING
    }
    const { columns } = this
    const cells = columns === null ? null : splitCsv(line, this.separator)
    if (columns === null || cells === null) return NOTHING
    return recordsOfRow((field) => columns.cell(cells, HEADINGS[field]))
  }
}

/** The separator of a heading line; null where it is none, or that of an export that has its own reader. */
function separatorOfHead(line: string): string | null {
  if (line.length > MAX_LENGTH || !/^\uFEFF?"?[A-Za-z]/.test(line)) return null
  if (isNextDnsHead(line) || isControlDHead(line) || isTechnitiumHead(line)) return null
  return [',', ';', '\t'].find((separator) => areLookUps(splitCsv(line, separator) ?? [])) ?? null
}

export const format: TextLogFormat<'adguard-csv'> = {
  id: 'adguard-csv',
  words: ['csv', 'adguard-csv'],
  program: 'AdGuard (CSV)',
  title: 'Look-ups as CSV',
  note: null,
  usualPath: '/home/me/querylog.csv',
  switchOn: 'a file whose first line names the columns, such as `time,client,domain,type,status`',
  storage: 'text',
  exampleHead: 'time,client,domain,type,status',
  example: '2026-11-24T10:00:00Z,10.0.0.5,a.example,A,NotFilteredNotFound',
  tellsBytes: false,
  repeats: [],
  recognises: (line) => separatorOfHead(line) !== null,
  isHeader: (line) => separatorOfHead(line) !== null,
  createParser: () => new AdGuardCsvLog(),
}
