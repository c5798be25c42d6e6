// Periods of heartbeats of real devices, where the data set that has them is here.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { realDataFolder } from '../support/real-data.ts'

/** Seconds, from BehavIoT's fingerprints (lines of protocol, far end, period…); null where they are not here. */
export function measuredPeriods(): number[] | null {
  const data = realDataFolder()
  const folder = data === null ? null : join(data, 'behaviot', 'fingerprints')
  if (folder === null || !existsSync(folder)) return null
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
  const periods = lines.filter((line) => /^(TCP|UDP|NTP) /.test(line)).map((line) => Number(line.split(' ')[2]))
  return periods.filter((period) => period >= 10 && period <= 86_400)
}
