// The page over a resolver's log alone: it shows look-ups, and no bytes, which are unknown.
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

describe.skipIf(!here)('with nothing but a DNS log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-dns-page-'))
  let home: TestHome
  let browser: Browser
  let watched: Watched
  let url = ''

  beforeAll(async () => {
    const seconds = Math.floor(Date.now() / 1000)
    const line = (client: string, name: string): string => `[${seconds}] unbound[7:0] info: ${client} ${name}. A IN\n`
    writeFileSync(
      join(folder, 'unbound.log'),
      line('192.168.7.5', 'api.amazonalexa.com').repeat(40) +
        line('192.168.7.6', '<img/src=x/onerror=alert(1)>.example.com').repeat(2),
    )
    home = await startHome({
      stateFolder: join(folder, 'state'),
      sources: [planOfArgument(`dns:unbound:${join(folder, 'unbound.log')}`)],
    })
    await eventually(
      () => home.client.get<{ sources: { packets: number }[] }>('/api/traffic/live/status'),
      ({ sources }) => (sources[0]?.packets ?? 0) >= 42,
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

  for (const [hash, wanted] of [
    ['#/', ['2 devices made 42 look-ups', '40 look-ups']],
    ['#/device/192.168.7.5', ['Made 40 look-ups', 'api.amazonalexa.com']],
    ['#/device/192.168.7.6', ['Made 2 look-ups', '<img/src=x/onerror=alert(1)>.example.com']],
    ['#/companies', ['Look-ups', 'Alexa']],
    ['#/company/alexa', ['Names of', '40 look-ups']],
    ['#/devices', ['40 look-ups', '42 look-ups']],
  ] as const) {
    test(`${hash} shows look-ups and why there are no bytes`, async () => {
      await openScreen(watched.page, url, hash)
      await expect
        .poll(async () => (await watched.page.locator('body').innerText()).includes(wanted[0]), { timeout: 20_000 })
        .toBe(true)
      const text = await watched.page.locator('body').innerText()
      for (const words of [
        ...wanted,
        'Bytes cannot be known from a DNS log: this shows which names were looked up, by whom, when.',
      ])
        expect(text).toContain(words)
      expect(text).not.toMatch(/\b0 B\b|↑|↓/)
      const shots = process.env['TELLTALE_SHOTS']
      if (shots !== undefined)
        await watched.page.screenshot({ path: join(shots, `dns${hash.replace(/\W/g, '-')}.png`), fullPage: true })
    }, 60_000)
  }

  test('a hostile name stays text', () => {
    expect([watched.dialogs, watched.refused, watched.errors, watched.foreign]).toEqual([[], [], [], []])
  })
})
