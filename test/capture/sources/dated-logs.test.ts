// A log that is a new file each day is followed from one file to the next, also over a restart of ours.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogRecord } from '../../../capture/logs/record.ts'
import { DatedLog, type DatedPosition } from '../../../capture/sources/dated-logs.ts'
import { DnsLogSource } from '../../../capture/sources/dns-log.ts'

let folder = ''
let names: string[] = []
const opened: DatedLog[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-dated-'))
  names = []
})
afterEach(async () => {
  for (const log of opened.splice(0)) await log.stop()
  rmSync(folder, { recursive: true })
})

const onRecord = (record: LogRecord): void => {
  if (record.kind === 'query') names.push(record.name)
}

function follow(position: DatedPosition | null = null): DatedLog {
  const log = new DatedLog(join(folder, 'YYYY-MM-DD_ALL.log'), {
    position,
    open: (path, from) => new DnsLogSource(path, { format: 'blocky', position: from, from: 'start', onRecord }),
  })
  opened.push(log)
  return log
}
const file = (day: number): string => join(folder, `2026-11-${day}_ALL.log`)
const line = (name: string): string =>
  `2026-11-24 10:00:00\t10.0.0.5\tcam\t1\tR\t${name}.\t\tNOERROR\tRESOLVED\tA\tpi\n`

describe('a log of dated files', () => {
  test('begins with the newest file, and goes on to a later one when that comes', async () => {
    writeFileSync(file(20), line('old.example'))
    writeFileSync(file(21), line('a.example'))
    writeFileSync(join(folder, '2026-11-22_cam.log'), line('other.example'))
    const log = follow()
    await log.look()
    expect(names).toEqual(['a.example'])
    appendFileSync(file(21), line('b.example'))
    writeFileSync(file(22), line('c.example'))
    await log.look()
    expect(names).toEqual(['a.example', 'b.example', 'c.example'])
    expect(log.position()?.file).toBe('2026-11-22_ALL.log')
  })

  test('goes on where it was, and reads each day that it missed', async () => {
    writeFileSync(file(21), line('a.example'))
    const before = follow()
    await before.look()
    const position = JSON.parse(JSON.stringify(before.position())) as DatedPosition
    await before.stop()
    appendFileSync(file(21), line('b.example'))
    writeFileSync(file(22), line('c.example'))
    writeFileSync(file(23), line('d.example'))
    await follow(position).look()
    expect(names).toEqual(['a.example', 'b.example', 'c.example', 'd.example'])
  })

  test('goes on with the next day where the file of its place is gone', async () => {
    writeFileSync(file(21), line('a.example'))
    const before = follow()
    await before.look()
    const position = before.position()
    rmSync(file(21))
    writeFileSync(file(22), line('b.example'))
    writeFileSync(file(23), line('c.example'))
    await follow(position).look()
    expect(names).toEqual(['a.example', 'b.example', 'c.example'])
  })

  test('says that there is none yet, and reads one when it comes', async () => {
    const log = follow()
    log.start()
    await log.look()
    expect(log.status()).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('of any day yet') as string,
    })
    writeFileSync(file(21), line('a.example'))
    await log.look()
    expect(names).toEqual(['a.example'])
    expect(log.status()).toMatchObject({ state: 'running', problem: null, format: 'blocky' })
  })
})
