// A process that writes, reads and rolls up until it is killed, and reports up to where a flush was acknowledged.
import { writeSync } from 'node:fs'
import { HistoryDatabase } from '../../../server/history/database.ts'
import { batch, introduce, type TestCell } from './histories.ts'

const database = new HistoryDatabase({ path: process.argv[2], timeZone: 'Europe/Berlin' })
const begin = Number(process.argv[3])
database.add(introduce(6, 12))
for (let minute = begin; ; minute += 1) {
  const second = minute * 60
  const cells: TestCell[] = []
  for (let device = 0; device < 6; device += 1)
    cells.push([second, device, 1 + ((minute + device) % 12), minute % 1_000, 7])
  database.add(batch(cells))
  database.tick(second)
  if (minute % 3 === 0) database.sums({ from: second - 7_200, to: second + 60 })
  if (minute % 5 === 0) {
    database.flush()
    writeSync(1, `${minute}\n`)
  }
}
