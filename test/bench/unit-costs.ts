// The cost of one packet, flow, look-up, QUIC Initial, hour of a device and start, and whether each stays the same with
// many of them.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { median, measure } from './measure.ts'
import type { Program } from './programs.ts'
import { table } from './table.ts'
import { UNITS, writeUnits } from './unit-captures.ts'

const FACTORS = [1, 4, 16]

/** The table, and a sentence for each unit; times are of the whole process, so that the differences are the units'. */
export async function unitCosts({ command }: Program, folder: string, runs: number): Promise<string[]> {
  const rows: string[][] = []
  const start = await cpuOf(command, folder, { ...UNITS[0], name: 'start' }, 10, runs)
  for (const unit of UNITS) {
    const seconds: number[] = []
    for (const factor of FACTORS) seconds.push(await cpuOf(command, folder, unit, unit.small * factor, runs))
    const each = (from: number, to: number): number =>
      ((seconds[to] - seconds[from]) / (unit.small * (FACTORS[to] - FACTORS[from]))) * 1e6
    rows.push([
      unit.name,
      FACTORS.map((factor) => unit.small * factor).join(' '),
      seconds.map((one) => one.toFixed(2)).join(' '),
      each(0, 1).toFixed(2),
      each(1, 2).toFixed(2),
    ])
  }
  return [
    table(['unit', 'in the captures', 'CPU s', 'µs each, 1x to 4x', '4x to 16x'], rows),
    `start: a capture of 10 packets takes ${start.toFixed(3)} s`,
  ]
}

async function cpuOf(
  command: Program['command'],
  folder: string,
  unit: (typeof UNITS)[number],
  count: number,
  runs: number,
): Promise<number> {
  const file = join(folder, `unit-${unit.name.replace(/\W/g, '-')}-${count}.pcap`)
  writeUnits(unit, count, file)
  const seconds: number[] = []
  for (let run = 0; run < runs; run++) {
    const outcome = await measure(command(file))
    if ('failed' in outcome) throw new Error(outcome.failed)
    seconds.push(outcome.cost.cpuSeconds)
  }
  rmSync(file)
  return median(seconds)
}
