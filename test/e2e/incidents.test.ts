// Incidents in a browser: grouped, the most serious first, one total for the same bytes, and long lists on a phone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import type { AlertRow } from '../../server/api.ts'
import {
  chromiumPath,
  logIn,
  type Look,
  NO_CHROMIUM,
  openContext,
  openScreen,
  settled,
  startBrowser,
  watchedPage,
  type Watched,
} from './browser.ts'
import { overflowing, smallTargets, violations } from './checks.ts'
import { ADMIN_PASSWORD, type FakeServer, startFakeServer } from './fake-server.ts'

const isThere = chromiumPath() !== null
if (!isThere) console.log(`skipped: ${NO_CHROMIUM}`)

const PHONE: Look = { width: 360, height: 640, theme: 'light' }
const LOOKS: Look[] = [
  PHONE,
  { ...PHONE, theme: 'dark' },
  { width: 1440, height: 900, theme: 'light' },
  { width: 1440, height: 900, theme: 'dark' },
]

let few: FakeServer
let many: FakeServer
let browser: Browser
beforeAll(async () => {
  if (!isThere) return
  few = await startFakeServer()
  many = await startFakeServer(['--alerts', '500'])
  browser = await startBrowser()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await few?.stop()
  await many?.stop()
})

async function opened(server: FakeServer, look: Look): Promise<Watched> {
  const context = await openContext(browser, look)
  const watched = await watchedPage(context, server.url)
  await logIn(watched.page, server.url, ADMIN_PASSWORD)
  return watched
}
const alertsOf = (page: Page): Promise<AlertRow[]> =>
  page.evaluate(async () => (await (await fetch('/api/traffic/live/alerts')).json()) as AlertRow[])
const idOf = async (page: Page, matches: (alert: AlertRow) => boolean): Promise<string> =>
  (await alertsOf(page)).find(matches)?.id ?? ''
/** Of a phone only: there fingers press. */
const problems = async (page: Page, look: Look): Promise<string[]> => [
  ...(await violations(page)),
  ...(await overflowing(page)),
  ...(look.width < 600 ? await smallTargets(page) : []),
]

describe.skipIf(!isThere)('incidents', () => {
  test.each(LOOKS)(
    'have lists and screens without faults at $width, $theme, folds open',
    async (look) => {
      const { page, errors, refused, foreign } = await opened(few, look)
      await openScreen(page, few.url, '#/alerts')
      for (const summary of await page.locator('main summary').all()) await summary.click()
      await page.getByText('11 times').first().waitFor()
      expect(await problems(page, look)).toEqual([])
      for (const { id } of await alertsOf(page)) {
        await openScreen(page, few.url, `#/alert/${id}`)
        await page.getByRole('heading', { name: 'In figures' }).waitFor()
        expect([id, await problems(page, look)]).toEqual([id, []])
      }
      expect([errors, refused, foreign]).toEqual([[], [], []])
      await page.context().close()
    },
    120_000,
  )

  test('stand with the most serious first, similar ones under one heading, and what is decided folded', async () => {
    const { page } = await opened(few, PHONE)
    await openScreen(page, few.url, '#/alerts')
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Open', exact: true }) })
    const rows = await section.locator('> ul > li').allInnerTexts()
    expect(rows[0]).toContain('300 MB')
    expect(rows[0]).toContain('Stopped after 47 seconds: 300 MB')
    expect(rows[1]).toMatch(/Hall camera: 3 alerts, 1\.92 GB in all to 198\.51\.100\.20/)
    // It goes on for two minutes after the start of the server.
    expect(rows.find((row) => row.includes('203.0.113.7'))).toMatch(/Sending now, .+ so far|Stopped after .+: .+/)
    expect(rows.filter((row) => row.includes('14 times, 5.7 MB in all'))).toHaveLength(1)
    expect(await page.getByText('11 times').isVisible()).toBe(false)
    await page.getByText('Hall camera: 3 alerts').tap()
    await section.locator('details li').nth(2).waitFor()
    expect(await section.locator('details li').count()).toBe(3)
    await page.getByText(/^Decided, muted and habits \(3\)$/).tap()
    await page.getByText('11 times, 4.5 MB in all').waitFor()
    await page.context().close()
  }, 60_000)

  test('have one total: an event of the same upload is a part of it, wherever it is shown', async () => {
    const { page } = await opened(few, PHONE)
    const id = await idOf(page, ({ bytes }) => bytes === 300_000_000)
    await openScreen(page, few.url, `#/alert/${id}`)
    await page.getByText('Part of this alert: 1 recording').tap()
    await page.getByText(/^Recording to /).waitFor()
    const own = await page.locator('main').innerText()
    // The burst of its event is cut otherwise and has 360 MB, as have the minutes of its host.
    expect(own).not.toContain('360 MB')
    expect(own.match(/300 MB/g)?.length).toBeGreaterThanOrEqual(4)
    const { device } = (await alertsOf(page)).find((alert) => alert.id === id) as AlertRow
    await openScreen(page, few.url, `#/device/${encodeURIComponent(device as string)}?range=24h`)
    await page.getByRole('link', { name: 'Part of this upload: 300 MB in all' }).first().waitFor()
    expect(await page.locator('main').innerText()).not.toContain('360 MB')
    await page.context().close()
  }, 60_000)

  test('say what a decision covers before it is made and afterwards', async () => {
    const { page } = await opened(few, PHONE)
    const id = await idOf(page, ({ times, state }) => times === 14 && state === 'open')
    await openScreen(page, few.url, `#/alert/${id}`)
    await page.getByText('would cover: up to 8.6 MB an hour to Ring, at any time; more is told again.').waitFor()
    await page.getByRole('button', { name: 'Expected from now on' }).tap()
    await page
      .getByText('Expected from now on: up to 8.6 MB an hour to Ring, at any time; more is told again.')
      .waitFor()
    await page.getByRole('button', { name: 'Open again' }).tap()
    await page.getByRole('button', { name: 'It was me' }).tap()
    await page.getByText('Closed: you said it was you. The next one is told again.').waitFor()
    await page.getByRole('button', { name: 'Open again' }).tap()
    await page.getByRole('button', { name: 'It was me' }).waitFor()
    const habit = await idOf(page, ({ state }) => state === 'habit')
    await openScreen(page, few.url, `#/alert/${habit}`)
    await page.getByText('It came again and again in the same size').waitFor()
    const nameless = await idOf(page, ({ reason, isOver }) => reason === 'nameless' && isOver)
    await openScreen(page, few.url, `#/alert/${nameless}`)
    await page.getByText('an address without a name').first().waitFor()
    await page.context().close()
  }, 60_000)

  test('are a usable list when there are 500 of them, on a phone', async () => {
    const { page, errors } = await opened(many, PHONE)
    await openScreen(page, many.url, '#/alerts')
    await settled(page)
    const open = (await alertsOf(page)).filter(({ state }) => state === 'open').length
    expect(open).toBe(400)
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Open', exact: true }) })
    expect(await section.locator('> ul > li').count()).toBe(20)
    await section.getByRole('button', { name: /^Show \d+ more$/ }).tap()
    expect(await section.locator('> ul > li').count()).toBeGreaterThan(20)
    await section.locator('summary').first().tap()
    await section.locator('details li').first().waitFor()
    await page.getByText(/^Decided, muted and habits \(100\)$/).tap()
    expect(await problems(page, PHONE)).toEqual([])
    // Some screens full, not hundreds.
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(640 * 30)
    await openScreen(page, many.url, '#/')
    await page
      .getByRole('heading', { level: 1 })
      .filter({ hasText: /And \d+ other things\./ })
      .waitFor()
    expect(errors).toEqual([])
    await page.context().close()
  }, 60_000)
})
