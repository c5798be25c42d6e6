// Rows of comma-separated values in logs and exports: cells of one line, and columns found by their headings.

/** Cells of one row; far more than any export has. */
const MAX_CELLS = 64
/** Headings are short words. */
const MAX_HEADING = 64

/**
 * The cells of one line (RFC 4180 section 2): quotes around a cell are taken off, doubled ones inside become one. Null
 * where a quote is never closed, or where there are more cells than any export has.
 */
export function splitCsv(line: string, separator = ','): string[] | null {
  if (!line.includes('"')) {
    const plain = line.split(separator, MAX_CELLS + 1)
    return plain.length > MAX_CELLS ? null : plain
  }
  const cells: string[] = []
  for (let at = 0; at <= line.length;) {
    if (cells.length === MAX_CELLS) return null
    const end = line[at] === '"' ? endOfQuoted(line, at) : endOfPlain(line, at, separator)
    if (end < 0 || (end < line.length && line[end] !== separator)) return null
    const cell = line.slice(at, end)
    cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)
    at = end + 1
  }
  return cells
}

function endOfPlain(line: string, from: number, separator: string): number {
  const end = line.indexOf(separator, from)
  return end < 0 ? line.length : end
}

/** Behind the closing quote; -1 where there is none. */
function endOfQuoted(line: string, from: number): number {
  for (let at = line.indexOf('"', from + 1); at >= 0; at = line.indexOf('"', at + 1)) {
    if (line[at + 1] !== '"') return at + 1
    at++
  }
  return -1
}

/** "Client IP" and "client_ip" alike. */
export function headingOf(text: string): string {
  return text.length > MAX_HEADING ? '' : text.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Finds the cells of a row by the headings of its file, whatever their order and whichever are left out. */
export class CsvColumns {
  private readonly positions = new Map<string, number>()

  /** Of columns with the same heading the first one counts. */
  constructor(headings: readonly string[]) {
    headings.slice(0, MAX_CELLS).forEach((heading, index) => {
      const key = headingOf(heading)
      if (key !== '' && !this.positions.has(key)) this.positions.set(key, index)
    })
  }

  /** The first of these headings that the file has; null where it has none. */
  find(headings: readonly string[]): string | null {
    return headings.find((heading) => this.positions.has(heading)) ?? null
  }

  /** The first cell with one of these headings that holds something; '' where there is none. */
  cell(cells: readonly string[], headings: readonly string[]): string {
    for (const heading of headings) {
      const index = this.positions.get(heading)
      const cell = index === undefined ? undefined : cells[index]?.trim()
      if (cell !== undefined && cell !== '') return cell
    }
    return ''
  }
}
