// Every query of logs that real resolvers wrote is found, in order, with the right client.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLogParser, recogniseLog } from '../../../capture/logs/formats.ts'
import type { LogAnswer } from '../../../capture/logs/record.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'
import { now, queriesOf, readLog } from './read-log.ts'

const folder = realDataFolder()
const logs = folder === null || !existsSync(join(folder, 'dns-logs')) ? null : join(folder, 'dns-logs')
if (logs === null) console.log(`skipped: ${NO_REAL_DATA}`)

describe.skipIf(logs === null)('a log of a real resolver', () => {
  const names = logs === null ? [] : readdirSync(logs).filter((name) => name.endsWith('.log'))
  const rows =
    logs === null
      ? []
      : readFileSync(join(logs, 'TRUTH.tsv'), 'utf8')
          .trimEnd()
          .split('\n')
          .slice(1)
          .map((line) => line.split('\t'))
  const truth = rows.map((row) => `${row[3]} ${row[4]} ${row[5]}`)

  test.each(names)('%s gives every query in order', (name) => {
    const text = readFileSync(join(logs as string, name), 'utf8')
    const format = recogniseLog(text.split('\n').slice(0, 20), now)
    expect(format).not.toBeNull()
    const records = readLog(createLogParser(format as 'bind', now), text)
    expect(truth.length).toBeGreaterThan(0)
    expect(queriesOf(records)).toEqual(truth)
    for (const record of records) expect(record.time).toBeGreaterThan(1_790_000_000)
  })

  test.each(names)('%s gives each answer to one who asked for the name', (name) => {
    const text = readFileSync(join(logs as string, name), 'utf8')
    const format = recogniseLog(text.split('\n').slice(0, 20), now)
    const asked = new Set(rows.map((row) => `${row[3]} ${row[4]}`))
    const answers = readLog(createLogParser(format as 'bind', now), text).filter(
      (record): record is LogAnswer => record.kind === 'answer',
    )
    expect(answers.filter(({ client, name }) => !asked.has(`${client} ${name}`))).toEqual([])
    expect(answers.length).toBeGreaterThan(0)
  })
})
