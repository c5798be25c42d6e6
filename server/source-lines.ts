// Lines of the sources in the stack of an error, for a command that does not load the source maps at its start.
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A place in a bundled file: its address, line and column, both from 1. */
const PLACE = /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g

/** The error, with the places in its stack those of the sources as far as a map beside the file knows them. */
export function withSourceLines(error: unknown): unknown {
  if (!(error instanceof Error) || error.stack === undefined) return error
  const maps = new Map<string, SourceMap | null>()
  error.stack = error.stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    let map = maps.get(file)
    if (map === undefined) maps.set(file, (map = mapOf(file)))
    const entry = map?.findEntry(Number(line) - 1, Number(column) - 1)
    if (entry === undefined || !('originalSource' in entry)) return place
    const source = new URL(entry.originalSource, file).href
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })
  return error
}

function mapOf(file: string): SourceMap | null {
  try {
    const path = `${fileURLToPath(file)}.map`
    return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload) : null
  } catch {
    return null
  }
}
