// The screens of questions over the sample home: from Home to an answer in two taps, at the width of a phone.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, NO_CHROMIUM, openContext, startBrowser, watchedPage, type Watched } from './browser.ts'
import { claim, isBuilt, NOT_BUILT, type RealServer, startRealServer } from './real-server.ts'

const here = chromiumPath() !== null && isBuilt()
if (!here) console.log(chromiumPath() === null ? NO_CHROMIUM : NOT_BUILT)

describe.skipIf(!here)('questions', () => {
  let browser: Browser
  let server: RealServer
  let watched: Watched

  beforeAll(async () => {
    server = await startRealServer()
    browser = await startBrowser()
    const context = await openContext(browser, { width: 360, height: 640, theme: 'light' })
    watched = await watchedPage(context, server.origin)
    await claim(watched.page, server.url)
    await watched.page.goto(`${server.origin}/#/`)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  test('are two taps from Home, and the answer fits a phone', { timeout: 60_000 }, async () => {
    const { page } = watched
    await page.getByRole('link', { name: 'Questions from the news' }).click()
    await page.getByRole('link', { name: /What did one company get/ }).click()
    await page
      .getByText(/Amazon's services got .* from \d+ devices since/)
      .first()
      .waitFor()
    await page.getByRole('heading', { name: 'What traffic cannot show' }).waitFor()
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(over).toBe(0)
    expect(watched.errors).toEqual([])
  })

  test('ask again about what is chosen', { timeout: 60_000 }, async () => {
    const { page } = watched
    await page.getByLabel('Company').selectOption('samsung')
    await page
      .getByText(/Samsung's services got/)
      .first()
      .waitFor()
    expect(page.url()).toContain('company=samsung')
  })
})
