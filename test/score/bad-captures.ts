// Hostile and damaged captures, and what analyze makes of their bytes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { READ_TO_ENGINE } from '../../capture/core/constants.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { buildAnalysis } from '../../server/analyze/report.ts'
import { Engine } from '../../server/engine/engine.ts'

/** Paths of the captures that BAD.tsv of the folder lists. */
export function badCaptures(folder: string): string[] {
  const [heading = '', ...rows] = readFileSync(join(folder, 'BAD.tsv'), 'utf8').trimEnd().split('\n')
  const column = heading.split('\t').indexOf('path')
  return rows.map((row) => join(folder, row.split('\t')[column]))
}

/** The captures listed in INDEX.tsv of the folder that are no longer than `longest` bytes, shortest first. */
export function shortCaptures(folder: string, longest: number): string[] {
  const [heading = '', ...rows] = readFileSync(join(folder, 'INDEX.tsv'), 'utf8').trimEnd().split('\n')
  const names = heading.split('\t')
  return rows
    .map((row) => row.split('\t'))
    .map((row) => ({ path: row[names.indexOf('path')], bytes: Number(row[names.indexOf('bytes')]) }))
    .filter(({ path, bytes }) => bytes <= longest && !path.endsWith('.gz'))
    .sort((one, other) => one.bytes - other.bytes || (one.path < other.path ? -1 : 1))
    .map(({ path }) => join(folder, 'captures', path))
}

/** Runs bytes through reader, engine and report as analyze does, without a file. Throws where one of them throws. */
export function analyzeBytes(bytes: Uint8Array): Analysis {
  const engine = new Engine()
  const reader = new CaptureReader({ core: engine.core, mode: READ_TO_ENGINE })
  reader.push(bytes)
  reader.end()
  engine.finish()
  return buildAnalysis('bytes', reader, engine, null)
}

/**
 * Analyzes the beginnings of the capture, each `step` bytes longer than the one before. Returns how many there were.
 */
export function analyzePrefixes(path: string, step: number): number {
  const bytes = readFileSync(path)
  let count = 0
  let packets = 0
  for (let length = 0; length < bytes.length; length += step) {
    const analysis = analyzeBytes(bytes.subarray(0, length))
    // More bytes never mean fewer packets.
    if (analysis.capture.packets < packets)
      throw new Error(`${path}: ${packets} packets before, ${analysis.capture.packets} in ${length} bytes`)
    packets = analysis.capture.packets
    count++
  }
  return count
}

/** A folder of its own for the time of `work`. */
export async function inTemporaryFolder<Result>(work: (folder: string) => Promise<Result> | Result): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-bad-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
