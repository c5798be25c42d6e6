// Every real capture is read, fast, and the packets that capinfos counts are counted.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyzeFile, UnreadableCaptureError } from '../../server/analyze/analyze-file.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'

export interface CaptureOutcome {
  path: string
  expected: string
  packets: number | null
  milliseconds: number
  message: string
}

/** Runs analyze over every capture of INDEX.tsv. */
export async function analyzeAll(folder: string): Promise<CaptureOutcome[]> {
  const outcomes: CaptureOutcome[] = []
  const [header = '', ...rows] = readFileSync(join(folder, 'INDEX.tsv'), 'utf8').trimEnd().split('\n')
  const packetsColumn = header.split('\t').indexOf('packets_capinfos')
  for (const row of rows) {
    const columns = row.split('\t')
    const path = columns[0]
    outcomes.push({
      path,
      expected: columns[packetsColumn],
      ...(await analyzeOne(join(folder, 'captures', path))),
    })
  }
  return outcomes
}

async function analyzeOne(path: string): Promise<Pick<CaptureOutcome, 'packets' | 'milliseconds' | 'message'>> {
  const start = performance.now()
  try {
    const { capture } = await analyzeFile(path)
    return {
      packets: capture.packets,
      milliseconds: performance.now() - start,
      message: capture.problems.map((problem) => problem.message).join('; '),
    }
  } catch (error) {
    if (!(error instanceof UnreadableCaptureError)) throw error
    return { packets: null, milliseconds: performance.now() - start, message: error.message }
  }
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2] ?? realDataFolder()
  if (folder === null) {
    console.log(NO_REAL_DATA)
  } else {
    const outcomes = await analyzeAll(folder)
    const different = outcomes.filter(({ expected, packets }) => String(packets) !== expected)
    for (const { path, expected, packets, message } of different)
      console.log(`${path}: capinfos ${expected}, telltale ${packets}: ${message}`)
    const slowest = outcomes.reduce((one, other) => (one.milliseconds > other.milliseconds ? one : other))
    console.log(
      `${outcomes.length} captures read, ${outcomes.length - different.length} with capinfos' packet count; slowest ${slowest.milliseconds.toFixed(0)} ms (${slowest.path})`,
    )
  }
}
