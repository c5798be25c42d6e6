// Do hostile names stay text on every screen and every chart, in a real browser under the real policy?
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOSTILE_NAMES } from '../support/hostile-names.ts'
import { chromiumPath, logIn, NO_CHROMIUM, openContext, openScreen, startBrowser, watchedPage, type Watched } from './browser.ts'
import { ADMIN_PASSWORD, startFakeServer, type FakeServer } from './fake-server.ts'
import { allScreens, type ScreenAddress } from './screens.ts'

const here = chromiumPath() !== null
if (!here) console.log(NO_CHROMIUM)

/** What reorders or hides text, and what moves a terminal: never in the page as itself. */
const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

/** Moves over everything that a chart shows something for, and along it with the keys. */
async function hoverCharts(page: Page): Promise<number> {
  let hovered = 0
  for (const chart of await page.locator('[role="slider"], figure svg path.band, figure .label, figure .entry, figure button.cell').all()) {
    if (hovered >= 60) break
    if (!(await chart.isVisible())) continue
    await chart.hover({ force: true, timeout: 2000 }).catch(() => undefined)
    hovered += 1
  }
  for (const slider of await page.locator('[role="slider"]').all()) {
    await slider.focus()
    for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowLeft', 'Escape', 'Escape']) await page.keyboard.press(key)
  }
  for (const toggle of await page.getByRole('button', { name: 'Show as table' }).all()) await toggle.click({ timeout: 2000 }).catch(() => undefined)
  return hovered
}

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
      const planted = await watched.page.evaluate(() => document.querySelectorAll('main img, main iframe, main script, main base, main form[action], main math, main link, [onerror], [onload], a[href^="javascript:"]').length)
      expect({ screen: screen.name, planted }).toEqual({ screen: screen.name, planted: 0 })
      const text = await watched.page.evaluate(() => document.body.innerText)
      expect({ screen: screen.name, hidden: INVISIBLE.exec(text)?.[0] ?? null }).toEqual({ screen: screen.name, hidden: null })
    }
    expect(hovered).toBeGreaterThan(20)
    expect({ dialogs: watched.dialogs, refused: watched.refused, errors: watched.errors, foreign: watched.foreign })
      .toEqual({ dialogs: [], refused: [], errors: [], foreign: [] })
  }, 240_000)

  test('show what is in them: markup as it is written, direction and control characters as marks', async () => {
    await openScreen(watched.page, server.url, '#/devices')
    const text = await watched.page.evaluate(() => document.body.innerText)
    expect(text).toContain(HOSTILE_NAMES[0])
    expect(text).toContain('‹U+202E›')
    expect(text).toContain('␛[31m')
  }, 60_000)
})
