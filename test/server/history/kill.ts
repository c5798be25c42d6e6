// Kills a process while it writes the traffic history and checks what it leaves behind; for the short and the long run
// of that test.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { expect } from 'vitest'
import { loadDriver } from '../../../capture/sources/sqlite.ts'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { deviceName } from './histories.ts'

const FIRST_MINUTE = Math.floor(Date.parse('2026-03-28T06:00:00Z') / 60_000)

/** One file that starts quickly. */
function build(): string {
  const outfile = fileURLToPath(new URL('../../../node_modules/.cache/write-until-killed.mjs', import.meta.url))
  buildSync({
    entryPoints: [fileURLToPath(new URL('write-until-killed.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  })
  return outfile
}

async function killAfter(
  program: string,
  path: string,
  begin: number,
  flushes: number,
  delay: number,
): Promise<number> {
  const child = spawn(process.execPath, [program, path, String(begin)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  let killing = false
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      if (killing || text.split('\n').length <= flushes) return
      killing = true
      setTimeout(() => child.kill('SIGKILL'), delay)
    })
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`the writer ended by itself (${String(signal)})`))
      resolve(Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1)))
    })
  })
}

/**
 * Kills a writer `times` times on the same store. Fails where a database is damaged, or a byte that was acknowledged is
 * missing or doubled.
 */
export async function killAgainAndAgain(folder: string, times: number): Promise<void> {
  const program = build()
  const path = join(folder, 'history.sqlite')
  /**
   * Minutes that the writers reported; after each kill the next one begins later, so that no minute is written twice.
   */
  const runs: [from: number, acknowledged: number, maybe: number][] = []
  let begin = FIRST_MINUTE
  for (let time = 0; time < times; time += 1) {
    const acknowledged = await killAfter(program, path, begin, 4 + (time % 13), (time * 7) % 11)
    expect(acknowledged).toBeGreaterThanOrEqual(begin)
    const other = loadDriver().open(path)
    expect(other.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }])
    other.close()
    const database = new HistoryDatabase({ path, timeZone: 'Europe/Berlin' })
    expect(database.problem).toBe(null)
    const last = (database.facts().last as number) - 1
    runs.push([begin, acknowledged, Math.floor(last / 60)])
    check(database, runs)
    database.close()
    begin = Math.max(acknowledged, Math.floor(last / 60)) + 8
  }
  console.log(
    `${times} kills, ${runs.reduce((sum, [from, , last]) => sum + last - from + 1, 0)} minutes of six devices found, none missing`,
  )
  expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([])
  expect(existsSync(path)).toBe(true)
}

function check(database: HistoryDatabase, runs: [number, number, number][]): void {
  const sums = database.sums({ from: 0, to: 2 ** 37 })
  for (let device = 0; device < 6; device += 1) {
    const found = sums
      .filter((sum) => sum.device === deviceName(device))
      .reduce((sum, { received }) => sum + received, 0)
    // A commit holds whole minutes of all devices: what is there is exactly what was written up to the last one of each
    // run.
    const expected = runs.reduce((sum, [from, , last]) => sum + 7 * (last - from + 1), 0)
    expect(found).toBe(expected)
  }
  for (const [, acknowledged, last] of runs) expect(last).toBeGreaterThanOrEqual(acknowledged)
}
