// A doorbell that uploads the same every two hours is one alert with a count at most; a plug that does so to an address
// without a name is told in full.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { seededRandom } from '../../server/sample/packets/random.ts'
import { LongCapture } from './long-capture.ts'

const DAY = 86_400
const START = Date.UTC(2026, 4, 4) / 1000
const EACH = 2 * 3_600
const DAYS = 3
interface Uploader {
  mac: string
  address: string
  hostName: string
  control: { host: string; address: string }
  /** Host null: nobody looks it up. */
  uploads: { host: string | null; address: string }
}

const DOORBELL: Uploader = {
  mac: '5c:47:5e:10:20:30',
  address: '192.168.8.30',
  hostName: 'Ring-8e9a6c',
  control: { host: 'fw.ring.com', address: '3.248.9.77' },
  uploads: { host: 'share-snaps.ring.com', address: '54.171.22.40' },
}
const PLUG: Uploader = {
  mac: '50:c7:bf:10:20:31',
  address: '192.168.8.31',
  hostName: 'HS110(EU)',
  control: { host: 'devs.tplinkcloud.com', address: '52.213.5.61' },
  uploads: { host: null, address: '198.51.100.44' },
}

const folder = mkdtempSync(join(tmpdir(), 'telltale-regular-'))
const rules = openRules(compiledRulesFolder())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** About 412 kB every two hours, beside a connection to its maker that is kept alive. */
async function analyze(device: Uploader): Promise<{ analysis: Analysis; sent: number; uploads: number }> {
  const random = seededRandom(7)
  const capture = new LongCapture(random)
  const { control, uploads } = device
  capture.join(START + 5, device, device.hostName)
  capture.lookUp(START + 10, device, control.host, control.address)
  const kept = capture.open(START + 11, device, control.address, control.host)
  for (let at = START + 60; at < START + DAYS * DAY; at += 60) capture.move(at, kept, 'out', 120, 0, 1_400)
  let sent = 0
  let count = 0
  for (let at = START + EACH; at < START + DAYS * DAY; at += EACH + random.integer(-60, 60)) {
    if (uploads.host !== null) capture.lookUp(at - 1, device, uploads.host, uploads.address)
    const talk = capture.open(at, device, uploads.address, uploads.host)
    const last = capture.move(at + 0.2, talk, 'out', 412_000 + random.integer(-4_000, 4_000), 5, 14_000)
    capture.close(last + 0.1, talk)
    sent += talk.sent
    count++
  }
  const path = join(folder, `${device.address}.pcap`)
  capture.write(path)
  return { analysis: await analyzeFile(path, { rules }), sent, uploads: count }
}

describe('412 kB every two hours', () => {
  it('by a doorbell to its maker are one alert with a count, or none', async () => {
    const { analysis } = await analyze(DOORBELL)
    const words = analysis.alerts.map(({ at, message, repeats }) => `${at} ${message} × ${repeats}`)
    expect(words.length, words.join('\n')).toBeLessThanOrEqual(1)
    for (const { repeats } of analysis.alerts) expect(repeats).toBeGreaterThan(1)
  })

  it('by a plug to an address without a name are told to the last of them, in alerts with counts', async () => {
    const { analysis, sent, uploads } = await analyze(PLUG)
    const about = analysis.alerts.filter(({ address }) => address === PLUG.uploads.address)
    const words = analysis.alerts.map(({ at, message, repeats }) => `${at} ${message} × ${repeats}`)
    expect(about.length, words.join('\n')).toBeGreaterThanOrEqual(1)
    expect(analysis.alerts.length, words.join('\n')).toBeLessThanOrEqual(DAYS * 4 + 1)
    expect(Math.abs(about.reduce((sum, { bytes }) => sum + bytes, 0) / sent - 1)).toBeLessThanOrEqual(0.1)
    // One that goes on while an incident ends after six hours is counted in the next one, too.
    const repeats = about.reduce((sum, one) => sum + one.repeats, 0)
    expect(repeats).toBeGreaterThanOrEqual(uploads)
    expect(repeats).toBeLessThanOrEqual(uploads + DAYS)
  })
})
