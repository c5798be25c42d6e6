// A home that flow records alone show: its uploads are told as soon as their records come, and no events are.
import { expect, test } from 'vitest'
import type { LogConnection } from '../../../capture/logs/record.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { LogLab } from '../../support/log-lab.ts'

const DAY = 86_400
const HOUR = 3_600
const ACTIVE = 60
const START = 1_790_000_000
const PLUG = '192.168.7.10'
const USUAL = '198.51.100.9'
const STRANGER = '203.0.113.50'

const record = (server: string, from: number, seconds: number, bytes: number): LogConnection => ({
  kind: 'connection',
  time: from,
  uid: '',
  client: PLUG,
  clientPort: 50_000,
  server,
  serverPort: 443,
  protocol: 6,
  seconds,
  bytesUp: bytes,
  bytesDown: 0,
  packetsUp: 1,
  packetsDown: 0,
  clientMac: null,
  serverMac: null,
  lateSeconds: ACTIVE,
})

test('an upload is told with its first record, grows with each, begins when it began and has all bytes', () => {
  const lab = new LogLab(openRules(compiledRulesFolder()))
  for (let at = START; at < START + 9 * DAY; at += HOUR) {
    lab.record(record(USUAL, at, 30, 8_000), at + 45)
    lab.flush(at + 46)
  }
  expect(lab.told()).toEqual([])
  const begin = START + 9 * DAY + 17
  for (let part = 0; part < 5; part++) {
    const sent = begin + (part + 1) * ACTIVE
    for (let second = sent - ACTIVE + 1; second < sent; second += 10) lab.flush(second)
    lab.record(record(STRANGER, begin + part * ACTIVE, ACTIVE, 6e6), sent)
    lab.flush(sent + 1)
    expect(lab.told()).toEqual([`new-destination ${PLUG}`])
    const [alert] = [...lab.alerts.values()]
    expect([alert?.from, alert?.bytes, alert?.isOver]).toEqual([begin, (part + 1) * 6e6, false])
  }
  for (let second = 0; second < 200; second += 10) lab.flush(begin + 5 * ACTIVE + second)
  expect([...lab.alerts.values()]).toMatchObject([{ isOver: true, times: 1, bytes: 30e6 }])
})
