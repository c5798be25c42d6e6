// The real captures to compare with, where their folder is present.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { NO_REAL_DATA, realDataFolder } from './real-data.ts'

export interface RealCapture {
  path: string
  /** As INDEX.tsv says it: 'pcap le ts=us', 'pcapng be ts=10^-6', 'pcap.gz le ts=us', … */
  format: string
}

/** All captures of the folder, in the order of its index; null, with the reason printed, where there is no folder. */
export function realCaptures(): RealCapture[] | null {
  const folder = realDataFolder()
  if (folder === null) {
    console.log(`skipped: ${NO_REAL_DATA}`)
    return null
  }
  const [heading, ...rows] = readFileSync(join(folder, 'INDEX.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
  const path = heading.indexOf('path')
  const format = heading.indexOf('format')
  return rows.map((row) => ({ path: join(folder, 'captures', row[path]), format: row[format] }))
}

/** The file's bytes, unpacked. */
export function bytesOf({ path }: RealCapture): Uint8Array {
  const bytes = readFileSync(path)
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
}

/** Paths of all files below captures/, also of those that the index does not list; null, as above, without a folder. */
export function realCaptureFiles(): string[] | null {
  const folder = realDataFolder()
  if (folder === null) {
    console.log(`skipped: ${NO_REAL_DATA}`)
    return null
  }
  const entries = readdirSync(join(folder, 'captures'), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
}
