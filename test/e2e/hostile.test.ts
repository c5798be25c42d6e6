// Hostile names stay text on every screen and every chart, in a real browser under the real policy.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOSTILE_NAMES } from '../support/hostile-names.ts'
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
import { hoverCharts, INVISIBLE, planted } from './hostile-checks.ts'
import { ADMIN_PASSWORD, startFakeServer, type FakeServer } from './fake-server.ts'
import { allScreens, type ScreenAddress } from './screens.ts'

const here = chromiumPath() !== null
if (!here) console.log(NO_CHROMIUM)

describe.skipIf(!here)('hostile names', () => {
  let server: FakeServer
  let browser: Browser
  let watched: Watched
  let screens: ScreenAddress[]

  beforeAll(async () => {
    server = await startFakeServer(['--hostile', '--devices', '40', '--endpoints', '200'])
    browser = await startBrowser()
    const context = await openContext(browser, { width: 1440, height: 900, theme: 'light' })
    watched = await watchedPage(context, server.url)
    await logIn(watched.page, server.url, ADMIN_PASSWORD)
    screens = await allScreens(watched.page, '<img src=x onerror=alert(1)>\u202Egpj.pcap')
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  test('are only ever text: no dialog, no refused script, no element out of a name, no request to elsewhere', async () => {
    let hovered = 0
    for (const screen of screens.filter((screen) => screen.open !== true)) {
      await openScreen(watched.page, server.url, screen.hash)
      hovered += await hoverCharts(watched.page)
      expect({ screen: screen.name, planted: await planted(watched.page) }).toEqual({ screen: screen.name, planted: 0 })
      const text = await watched.page.evaluate(() => document.body.innerText)
      expect({ screen: screen.name, hidden: INVISIBLE.exec(text)?.[0] ?? null }).toEqual({
        screen: screen.name,
        hidden: null,
      })
    }
    expect(hovered).toBeGreaterThan(20)
    expect({
      dialogs: watched.dialogs,
      refused: watched.refused,
      errors: watched.errors,
      foreign: watched.foreign,
    }).toEqual({ dialogs: [], refused: [], errors: [], foreign: [] })
  }, 240_000)

  test('are shown as they are: markup as it is written, direction and control characters as marks', async () => {
    await openScreen(watched.page, server.url, '#/devices')
    const text = await watched.page.evaluate(() => document.body.innerText)
    expect(text).toContain(HOSTILE_NAMES[0])
    expect(text).toContain('‹U+202E›')
    expect(text).toContain('␛[31m')
  }, 60_000)
})
