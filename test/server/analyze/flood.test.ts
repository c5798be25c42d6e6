// A recording of a flood of made-up devices, as `analyze` reports it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import { OTHERS_ID } from '../../../server/model/others.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { concat, u16, u32 } from '../../../server/sample/packets/bytes.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { arpFrom, deviceOf, ipLength, PHONE, ROUTER, SERVER, tcpIn, tcpOut, udpOut } from '../engine/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-flood-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('40,000 made-up devices are one flood and one row, which is no device that does something', async () => {
  const payload = new Uint8Array(1_000)
  const flood = udpOut({ mac: '02:66:00:00:00:00', address: '192.168.0.0' }, SERVER, { payload })
  const records = [pcapHeader({})]
  const add = (second: number, bytes: Uint8Array): void =>
    void records.push(pcapRecord({ seconds: 1_790_000_000 + second, nanos: 0, bytes: bytes.slice() }))
  add(0, arpFrom(ROUTER))
  const up = tcpOut(PHONE, SERVER, { payload })
  const down = tcpIn(PHONE, SERVER, { payload })
  for (let index = 0; index < 40_000; index++) {
    flood.set(u32(index), 8)
    flood.set(u16(index), 28)
    const second = Math.floor(index / 500)
    add(second, flood)
    if (index % 1_000 !== 0) continue
    add(second, up)
    add(second, down)
  }
  const path = join(folder, 'flood.pcap')
  writeFileSync(path, concat(...records))
  const analysis = await analyzeFile(path, { rules: openRules(compiledRulesFolder()) })
  expect(analysis.alerts?.map(({ kind, device }) => [kind, device])).toEqual([['flood', null]])
  expect(analysis.events?.filter(({ device }) => device === OTHERS_ID)).toEqual([])
  expect(deviceOf(analysis, PHONE.mac)).toMatchObject({ sent: 40 * ipLength(up), received: 40 * ipLength(down) })
  expect(deviceOf(analysis, OTHERS_ID).sent).toBeGreaterThan(39_000 * ipLength(flood))
})
