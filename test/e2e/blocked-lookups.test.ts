// The page over a resolver that blocks names: every figure of look-ups says how many were blocked, and what was only
// asked for never reads as sent.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planOfArgument } from '../../server/settings/source-plan.ts'
import { eventually, PASSWORD, startHome, type TestHome } from '../support/running.ts'
import {
  chromiumPath,
  logIn,
  NO_CHROMIUM,
  openContext,
  openScreen,
  startBrowser,
  watchedPage,
  type Watched,
} from './browser.ts'

const here = chromiumPath() !== null
if (!here) console.log(NO_CHROMIUM)
const TV = '192.168.7.20'
const PHONE = '192.168.7.21'

describe.skipIf(!here)('with a resolver that blocks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-blocked-page-'))
  let home: TestHome
  let browser: Browser
  let watched: Watched
  let url = ''

  beforeAll(async () => {
    const line = (client: string, name: string, isBlocked: boolean): string =>
      `${JSON.stringify({
        T: new Date().toISOString(),
        QH: name,
        QT: 'A',
        IP: client,
        Result: isBlocked ? { IsFiltered: true, Reason: 3 } : {},
      })}\n`
    const log = join(folder, 'querylog.json')
    writeFileSync(
      log,
      line(TV, 'acr0.samsungcloudsolution.com', true).repeat(388) +
        line(TV, 'time.samsungcloudsolution.com', false).repeat(24) +
        line(PHONE, 'api.amazonalexa.com', true).repeat(3),
    )
    home = await startHome({ stateFolder: join(folder, 'state'), sources: [planOfArgument(`dns:adguard:${log}`)] })
    await eventually(
      () => home.client.get<{ sources: { packets: number }[] }>('/api/traffic/live/status'),
      ({ sources }) => (sources[0]?.packets ?? 0) >= 415,
    )
    browser = await startBrowser()
    url = `${home.client.origin}/`
    watched = await watchedPage(await openContext(browser, { width: 1280, height: 800, theme: 'light' }), url)
    await logIn(watched.page, url, PASSWORD)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await home?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each([
    [
      '#/',
      '2 devices made 415 look-ups',
      [': 391 were blocked.', '412 look-ups, 388 blocked', '3 look-ups, all blocked', 'asked most for Alexa, blocked'],
    ],
    [`#/device/${TV}`, 'Made 412 look-ups', [': 388 were blocked.', '388 look-ups, all blocked', '24 look-ups']],
    [`#/device/${PHONE}`, 'Made 3 look-ups', [': all blocked.', '3 look-ups, all blocked', '3, all blocked']],
    ['#/companies', 'were looked up', ['415 look-ups, 391 blocked', '3, all blocked']],
    ['#/company/alexa', 'Names of', ['3 look-ups, all blocked']],
    ['#/devices', '412 look-ups', ['412 look-ups, 388 blocked', '415 look-ups, 391 blocked']],
  ] as const)(
    '%s says how many look-ups were blocked',
    async (hash, first, wanted) => {
      await openScreen(watched.page, url, hash)
      const text = async (): Promise<string> => (await watched.page.locator('body').innerText()).replace(/\s+/g, ' ')
      await expect.poll(async () => (await text()).includes(first), { timeout: 20_000 }).toBe(true)
      const shown = await text()
      for (const words of wanted) expect(shown).toContain(words)
      expect(/.{0,60}(?:\b0 B\b|mostly to|\bsent (?:data )?to\b|\bgot\b).{0,60}/.exec(shown)?.[0]).toBeUndefined()
    },
    60_000,
  )

  test('nothing on the way was an error', () => {
    expect([watched.refused, watched.errors, watched.foreign]).toEqual([[], [], []])
  })
})
