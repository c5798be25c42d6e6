// Hostile names off the wire stay text on every screen of the built program, from packet to page.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device, Overview } from '../../server/api.ts'
import { hostileCapture } from '../support/hostile-home.ts'
import { HOSTILE_NAMES } from '../support/hostile-names.ts'
import { eventually } from '../support/running.ts'
import {
  chromiumPath,
  NO_CHROMIUM,
  openContext,
  openScreen,
  settled,
  startBrowser,
  watchedPage,
  type Watched,
} from './browser.ts'
import { hoverCharts, INVISIBLE, planted } from './hostile-checks.ts'
import { claim, isBuilt, NOT_BUILT, type RealServer, replayThroughPage, startRealServer } from './real-server.ts'

const here = chromiumPath() !== null && isBuilt()
if (!here) console.log(isBuilt() ? NO_CHROMIUM : NOT_BUILT)

describe.skipIf(!here)('hostile names in DNS, TLS, HTTP, DHCP, mDNS and SSDP', () => {
  let server: RealServer
  let browser: Browser
  let watched: Watched
  let id: string

  beforeAll(async () => {
    server = await startRealServer()
    browser = await startBrowser()
    watched = await watchedPage(await openContext(browser, { width: 1440, height: 900, theme: 'light' }), server.url)
    await claim(watched.page, server.url)
    id = await replayThroughPage(watched.page, server.origin, {
      name: '<img src=x onerror=alert(1)>\u202Egpj.pcap',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(hostileCapture()),
    })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const asked = <Value>(path: string): Promise<Value> =>
    watched.page.evaluate(async (path) => (await (await fetch(path)).json()) as unknown, path) as Promise<Value>

  test('reach the traffic history, and are only ever text on every screen and every chart', async () => {
    await eventually(
      () => asked<Device[]>(`/api/traffic/${id}/devices`),
      (all) => all.filter(({ mac }) => mac?.startsWith('02:00:00:00:01:') === true).length === HOSTILE_NAMES.length,
      60_000,
    )
    const overview = await eventually(
      () => asked<Overview>(`/api/traffic/${id}/overview?from=1789999000&to=1790009000`),
      ({ companies }) => companies.length > 0,
      60_000,
    )
    const company = overview.companies[0]?.slug ?? '-'
    // The one that carries the name of this number, such as 24: text that runs backwards.
    const device = (number: number): string =>
      `#/replay/${id}/device/${encodeURIComponent(`02:00:00:00:01:${number.toString(16).padStart(2, '0')}`)}?range=all`
    const screens = [
      `#/replay/${id}?range=all`,
      `#/replay/${id}/devices?range=all`,
      device(0),
      device(24),
      device(27),
      device(38),
      `#/replay/${id}/companies?range=all`,
      `#/replay/${id}/company/${encodeURIComponent(company)}?range=all`,
      '#/replay',
      '#/settings',
      '#/',
    ]
    let hovered = 0
    let seen = ''
    for (const screen of screens) {
      await openScreen(watched.page, `${server.origin}/`, screen)
      hovered += await hoverCharts(watched.page, 15)
      for (const detail of (await watched.page.locator('summary').all()).slice(0, 5))
        await detail.click({ timeout: 2000 }).catch(() => undefined)
      await settled(watched.page)
      expect({ screen, planted: await planted(watched.page) }).toEqual({ screen, planted: 0 })
      const text = await watched.page.evaluate(() => document.body.innerText)
      expect({ screen, hidden: INVISIBLE.exec(text)?.[0] ?? null }).toEqual({ screen, hidden: null })
      seen += text
    }
    expect(hovered).toBeGreaterThan(40)
    // They did reach the page: as they are written, or with what hides made visible.
    expect(seen).toContain('<img src=x onerror=alert(1)>')
    expect(seen).toContain('‹U+202E›')
    expect({
      dialogs: watched.dialogs,
      refused: watched.refused,
      errors: watched.errors,
      foreign: watched.foreign,
    }).toEqual({ dialogs: [], refused: [], errors: [], foreign: [] })
  }, 240_000)
})
