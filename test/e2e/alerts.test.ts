// From the badge to "expected from now on" in a few taps on a phone, over the sample home.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import type { AlertRow, TrafficStatus } from '../../server/api.ts'
import { eventually, PASSWORD, startHome, type TestHome } from '../support/running.ts'
import {
  chromiumPath,
  logIn,
  NO_CHROMIUM,
  openContext,
  openScreen,
  settled,
  startBrowser,
  watchedPage,
} from './browser.ts'
import { overflowing, smallTargets, violations } from './checks.ts'

const isThere = chromiumPath() !== null
if (!isThere) console.log(`skipped: ${NO_CHROMIUM}`)

let home: TestHome
let browser: Browser
beforeAll(async () => {
  if (!isThere) return
  home = await startHome()
  const status = (): Promise<TrafficStatus> => home.client.get('/api/traffic/live/status')
  await eventually(
    status,
    ({ sources, now }) => sources[0]?.state === 'running' && now > Date.now() / 1000 - 30,
    60_000,
  )
  browser = await startBrowser()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await home?.close()
})

describe.skipIf(!isThere)('the camera that uploads at night, on a phone', () => {
  test('is found, and little else', async () => {
    const alerts = await home.client.get<AlertRow[]>('/api/traffic/live/alerts')
    expect(alerts.length).toBeGreaterThan(0)
    expect(alerts.length).toBeLessThanOrEqual(3)
    const [newest] = alerts
    expect([newest?.kind, newest?.company?.slug]).toEqual(['large-upload', 'digitalocean'])
    expect(newest?.seen).toBeGreaterThan(500e6)
  })

  test('would not be raised with a higher limit, by a dry run in Settings before it is saved', async () => {
    const context = await openContext(browser, { width: 360, height: 640, theme: 'light' })
    const { page, errors, refused, foreign } = await watchedPage(context, home.client.origin)
    await logIn(page, home.client.origin, PASSWORD)
    await openScreen(page, `${home.client.origin}/`, '#/settings')
    const card = page.locator('section', { has: page.getByRole('heading', { name: 'Try it first' }) }).last()
    await card.getByRole('button', { name: 'Try it' }).tap()
    await card.getByText('The same alerts as with the settings as they are now.').waitFor()
    await page.getByLabel('Large from (MB within ten minutes)').fill('90000')
    await page.getByLabel('Sending in quiet hours').uncheck()
    await card.getByRole('button', { name: 'Try it again' }).tap()
    await card.getByText('Would be gone').first().waitFor()
    expect(await card.innerText()).toMatch(/With these settings: 0 alerts .+ As it is set now: [1-3] alerts?\./)
    expect(await card.innerText()).toMatch(/sent \d+ MB to DigitalOcean within \d+ minutes/)
    await card.getByText('What this can tell, and what it cannot').tap()
    expect(await card.innerText()).toContain('nothing: what it needs is not kept')
    expect([await violations(page), await overflowing(page), await smallTargets(page)]).toEqual([[], [], []])
    await page.getByLabel('Large from (MB within ten minutes)').fill('0')
    await card.getByRole('button', { name: 'Try it again' }).tap()
    await page.getByText('This must lie between 1 and').waitFor()
    expect([errors, refused, foreign]).toEqual([[], [], []])
    await context.close()
  }, 120_000)

  test('is what Home shows first, and three taps from the badge it is expected from now on', async () => {
    const context = await openContext(browser, { width: 360, height: 640, theme: 'light' })
    const { page, errors, refused, foreign } = await watchedPage(context, home.client.origin)
    await logIn(page, home.client.origin, PASSWORD)
    await settled(page)
    await page.getByRole('heading', { level: 1 }).filter({ hasText: 'Look at this: ' }).waitFor()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(
      /Look at this: .+ sent .+ to DigitalOcean .+ (?:at|on \d+ \w+,) \d\d:\d\d/,
    )
    let taps = 0
    const tap = async (name: RegExp): Promise<void> => {
      taps += 1
      await page.getByRole('link', { name }).or(page.getByRole('button', { name })).first().tap()
    }
    await tap(/^Alerts/)
    await page
      .getByText(/DigitalOcean/)
      .first()
      .waitFor()
    // The nights of the sample home stand under one heading.
    const group = page.getByText(/: \d+ alerts, .+ in all/).first()
    await group
      .or(page.getByRole('link', { name: /DigitalOcean/ }))
      .first()
      .waitFor()
    if (await group.isVisible()) {
      taps += 1
      await group.tap()
    }
    await tap(/DigitalOcean/)
    await page.getByText('Is it its maker’s own service?').waitFor()
    expect(await page.getByText('It is a rented cloud: who rents it is not visible.').isVisible()).toBe(true)
    await page
      .getByText('Usual at this hour on other days')
      .or(page.getByText('There are no other days to compare with yet.'))
      .first()
      .waitFor()
    await tap(/^Expected from now on$/)
    await page.getByText('Expected from now on. More than this is told again.').waitFor()
    await page.getByText(/^Expected from now on: up to .+ an hour to .+; more is told again\.$/).waitFor()
    expect(taps).toBeLessThanOrEqual(4)
    const [newest] = await home.client.get<AlertRow[]>('/api/traffic/live/alerts')
    expect(newest?.state).toBe('expected')
    expect([errors, refused, foreign]).toEqual([[], [], []])
    await context.close()
  }, 120_000)
})
