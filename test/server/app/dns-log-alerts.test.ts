// A home with nothing but a DNS log gets its alerts, in look-ups, whichever program writes the log.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { AlertPage, AlertRow } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { burst, CLIENT, LINES, routine, writeLog } from '../../support/log-home.ts'
import { eventually, startHome } from '../../support/running.ts'

const HOUR = 3_600
const DAY = 86_400
const folder = mkdtempSync(join(tmpdir(), 'telltale-log-alerts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([...Object.keys(LINES), 'pihole-ftl'])('a log of %s tells of what is new', async (format) => {
  const now = Math.floor(Date.now() / 1000)
  const start = now - 12 * DAY
  const path = join(folder, format)
  const loud = now - 2 * DAY
  writeLog(format, path, [
    ...routine(start, now),
    ...burst(CLIENT.plug, 'api.ring.com', now - 3 * DAY, 3),
    ...burst(CLIENT.bulb, 'api.amplitude.com', now - 3 * DAY, 3),
    ...burst(CLIENT.speaker, 'dns.google', now - 3 * DAY, 1),
    // Within one clock hour.
    ...burst(CLIENT.plug, 'a1.tuyaeu.com', loud - (loud % HOUR) + 60, 45),
    ...burst('192.168.7.77', 'a1.tuyaeu.com', now - 600, 2),
  ])
  const home = await startHome({
    stateFolder: join(folder, `${format}-state`),
    sources: [planOfArgument(`dns:${format}:${path}`)],
  })
  try {
    const alerts = await eventually(
      () => home.client.get<AlertRow[]>('/api/traffic/live/alerts'),
      (rows) => rows.some(({ kind }) => kind === 'new-device'),
    )
    const brief = alerts.map(({ kind, device, company, unit }) => [kind, device, company?.slug, unit].join(' '))
    expect(brief.sort()).toEqual([
      `around-your-dns ${CLIENT.speaker} google-dns lookups`,
      `new-company ${CLIENT.plug} ring lookups`,
      'new-device 192.168.7.77  devices',
      `new-tracker ${CLIENT.bulb} amplitude lookups`,
      `quiet-lookups ${CLIENT.plug}  lookups`,
    ])
    for (const { id, message } of alerts) {
      const page = await home.client.get<AlertPage>(`/api/traffic/live/alerts/${id}`)
      expect(page.alert.message).toBe(message)
    }
    expect(alerts.find(({ kind }) => kind === 'quiet-lookups')?.seen).toBeGreaterThanOrEqual(45)
    expect(alerts.find(({ kind }) => kind === 'new-tracker')?.message).toBe(
      'LIFX light asked for names of Amplitude, which follows what people do, for the first time: 2 look-ups',
    )
  } finally {
    await home.close()
  }
})
