// The analysis of a ten-day home, in a file that is there no longer than it takes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { type TenDayHome, writeTenDayHome } from './ten-day-home.ts'

export async function analyzeTenDays(seed: number): Promise<{ home: TenDayHome; analysis: Analysis }> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-ten-days-'))
  try {
    const path = join(folder, 'home.pcap')
    const home = writeTenDayHome(path, seed)
    return { home, analysis: await analyzeFile(path, { rules: openRules(compiledRulesFolder()) }) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** IP bytes that the device sent to the address, as the analysis counts them. */
export function sentTo({ devices }: Analysis, id: string, address: string): number {
  const device = devices.find((one) => one.id === id)
  return (device?.endpoints ?? [])
    .filter(({ addresses }) => addresses.includes(address))
    .reduce((sum, { sent }) => sum + sent, 0)
}
