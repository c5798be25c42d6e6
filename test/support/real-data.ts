// The folder of real captures that tests compare with, on machines that have it.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const beside = fileURLToPath(new URL('../../../shared/data', import.meta.url))

/** The folder of real captures and their ground truth; null where this machine has none. */
export function realDataFolder(): string | null {
  const folder = process.env['TELLTALE_DATA'] ?? beside
  return existsSync(`${folder}/INDEX.tsv`) ? folder : null
}

/** Printed where tests are skipped for want of it. */
export const NO_REAL_DATA = 'no folder of real captures: set TELLTALE_DATA to one with INDEX.tsv, captures/ and truth/'
