// Two devices merged from the list of devices, in a real browser, and split again by Undo.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, logIn, NO_CHROMIUM, openContext, openScreen, startBrowser, watchedPage } from './browser.ts'
import type { Watched } from './browser.ts'
import { ADMIN_PASSWORD, startFakeServer, type FakeServer } from './fake-server.ts'

const here = chromiumPath() !== null
if (!here) console.log(NO_CHROMIUM)

describe.skipIf(!here)('the dialog that merges two devices', () => {
  let server: FakeServer
  let browser: Browser
  let watched: Watched

  beforeAll(async () => {
    server = await startFakeServer(['--devices', '6', '--endpoints', '20'])
    browser = await startBrowser()
    watched = await watchedPage(await openContext(browser, { width: 1440, height: 900, theme: 'light' }), server.url)
    await logIn(watched.page, server.url, ADMIN_PASSWORD)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  test('never offers a device to be merged with itself, and leaves one row of two until it is undone', async () => {
    const { page } = watched
    await openScreen(page, server.url, '#/devices')
    const names = page.locator('tbody .name')
    await names.first().waitFor()
    const before = (await names.allTextContents()).toSorted()

    await page.getByRole('button', { name: 'Merge two…' }).click()
    const dialog = page.getByRole('dialog')
    const one = dialog.getByLabel('Device')
    const other = dialog.getByLabel('It is the same as')
    const [first = '', second = ''] = await one.locator('option').allTextContents()
    await one.selectOption({ label: first })
    expect((await other.locator('option').allTextContents()).includes(first)).toBe(false)
    await other.selectOption({ label: second })
    await dialog.getByRole('button', { name: 'Merge' }).click()

    await dialog.waitFor({ state: 'detached' })
    await page.getByText('Merged.').waitFor()
    await names.filter({ hasText: first }).waitFor({ state: 'detached' })
    expect((await names.allTextContents()).toSorted()).toEqual(before.filter((name) => name !== first))

    await page.getByRole('button', { name: 'Undo' }).click()
    await names.filter({ hasText: first }).waitFor()
    expect((await names.allTextContents()).toSorted()).toEqual(before)
    expect(watched.errors).toEqual([])
  }, 60_000)
})
