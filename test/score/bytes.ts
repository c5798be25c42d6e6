// Prints for every capture where its IP bytes are: in rows, within the home, in each remainder; and what is missing.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { analyzeFile, UnreadableCaptureError } from '../../server/analyze/analyze-file.ts'
import { REMAINDER_REASONS } from '../../server/model/remainder.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { CAPTURE } from './capture-files.ts'

/** One capture: IP bytes, and what is left of them when all that is named is taken off. */
export interface ByteLine {
  path: string
  ipBytes: number
  internet: number
  local: number
  remainder: Record<string, number>
  /** Must be 0. */
  difference: number
  /** Bytes in the devices' rows that are in neither `internet` nor `local`, or the other way round. Must be 0. */
  rowDifference: number
}

/** Null where nothing of the file can be read. */
export async function bytesOf(path: string): Promise<ByteLine | null> {
  try {
    const { capture, coverage, devices } = await analyzeFile(path)
    const { internet, local, remainder } = coverage.bytes
    const named = remainder.reduce((sum, { bytes }) => sum + bytes, 0)
    const rows = devices.reduce((sum, { sent, received }) => sum + sent + received, 0)
    return {
      path,
      ipBytes: capture.ipBytes,
      internet,
      local,
      remainder: Object.fromEntries(remainder.map(({ reason, bytes }) => [reason, bytes])),
      difference: capture.ipBytes - internet - local - named,
      rowDifference: rows - internet,
    }
  } catch (error) {
    if (error instanceof UnreadableCaptureError) return null
    throw error
  }
}

/** Captures in the folders of the real data, in the order of their paths. */
export function capturesOf(folder: string): string[] {
  return ['captures', 'bad', 'hostile', 'cases', 'exporters'].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
      .filter((name) => CAPTURE.test(name))
      .sort()
      .map((name) => join(folder, part, name)),
  )
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2] ?? realDataFolder()
  if (folder === null) console.log(NO_REAL_DATA)
  else {
    console.log(['capture', 'internet', 'local', ...REMAINDER_REASONS, 'IP bytes', 'difference'].join('\t'))
    let [read, unequal] = [0, 0]
    for (const path of capturesOf(folder)) {
      const line = await bytesOf(path)
      if (line === null) continue
      read++
      if (line.difference !== 0 || line.rowDifference !== 0) unequal++
      const remainders = REMAINDER_REASONS.map((reason) => line.remainder[reason] ?? 0)
      console.log(
        [
          path.slice(folder.length + 1),
          line.internet,
          line.local,
          ...remainders,
          line.ipBytes,
          line.difference + line.rowDifference,
        ].join('\t'),
      )
    }
    console.log(`${read} captures; in ${unequal} of them the bytes do not add up`)
  }
}
