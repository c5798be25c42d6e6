// Devices in a real browser: who is probably behind their bytes, what an unknown one is, and two that are merged.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device, Overview } from '../../server/api.ts'
import { chromiumPath, logIn, type Look, NO_CHROMIUM } from './browser.ts'
import { openContext, openScreen, settled, startBrowser, watchedPage, type Watched } from './browser.ts'
import { overflowing, smallTargets, violations } from './checks.ts'
import { ADMIN_PASSWORD, startFakeServer, type FakeServer } from './fake-server.ts'

const here = chromiumPath() !== null
if (!here) console.log(NO_CHROMIUM)

const PHONE: Look = { width: 360, height: 640, theme: 'light' }
const DESK: Look = { width: 1440, height: 900, theme: 'dark' }

let server: FakeServer
let browser: Browser
beforeAll(async () => {
  if (!here) return
  server = await startFakeServer()
  browser = await startBrowser()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function opened(look: Look): Promise<Watched> {
  const watched = await watchedPage(await openContext(browser, look), server.url)
  await logIn(watched.page, server.url, ADMIN_PASSWORD)
  return watched
}
const asked = <T>(page: Page, path: string): Promise<T> =>
  page.evaluate(async (path) => (await (await fetch(path)).json()) as unknown, path) as Promise<T>
async function deviceOf(page: Page, matches: (device: Device) => boolean): Promise<Device> {
  const found = (await asked<Device[]>(page, '/api/traffic/live/devices')).find(matches)
  if (found === undefined) throw new Error('There is no such device in the made-up home.')
  return found
}
/** Faults of the screen; of a phone what is too small for a finger, too. */
const problems = async (page: Page, look: Look): Promise<string[]> => [
  ...(await violations(page)),
  ...(await overflowing(page)),
  ...(look.width < 600 ? await smallTargets(page) : []),
]

describe.skipIf(!here)('who is probably behind what no name was seen for', () => {
  test.each([PHONE, DESK])(
    'is told beside what was seen, with its reasons, and never in its sums, at $width',
    async (look) => {
      const { page, errors, refused, foreign } = await opened(look)
      const camera = await deviceOf(page, ({ name }) => name === 'Porch camera')
      await openScreen(page, server.url, '#/?range=24h')
      await page.getByRole('link', { name: 'Porch camera' }).getByText('probably to Blink').waitFor()

      await openScreen(page, server.url, `#/device/${encodeURIComponent(camera.id)}?range=24h`)
      const line = page.locator('details', { hasText: 'probably Blink, in Amazon Web Services’ cloud' })
      expect(await line.innerText()).toContain('seen: an address in Amazon Web Services’ network, port 443')
      const reason = line.getByText('A camera made by Blink talks nearly only to Blink')
      expect(await reason.isVisible()).toBe(false)
      await line.locator('summary').click()
      await reason.waitFor()
      expect(await page.getByRole('row', { name: /^Blink/ }).innerText()).toMatch(/probably ↑ .+ ↓ /)

      const meter = page.locator('details', { hasText: 'Who is behind it: 0% seen, 100% probably' })
      await meter.locator('summary').click()
      const legend = meter.getByRole('table').first()
      await legend.waitFor()
      expect(await legend.getByRole('rowheader').allInnerTexts()).toEqual([
        expect.stringMatching(/^Seen/),
        expect.stringMatching(/^Probably/),
        expect.stringMatching(/^Not known/),
      ])
      expect(await problems(page, look)).toEqual([])

      await openScreen(page, server.url, '#/company/blink?range=24h')
      await page.getByText('Nothing was seen going to Blink').first().waitFor()
      await page.getByText(/^But probably: sent .+ That is not counted as seen\.$/).waitFor()
      await page.getByRole('heading', { name: 'Probably theirs' }).waitFor()
      expect(await problems(page, look)).toEqual([])

      await openScreen(page, server.url, '#/companies?range=24h')
      await page
        .getByRole('row', { name: /^Ring/ })
        .getByText(/^and probably ↑ .+ more$/)
        .waitFor()
      expect(await problems(page, look)).toEqual([])
      await openScreen(page, server.url, '#/alert/alert-2')
      await page.getByText('probably Tuya', { exact: true }).waitFor()
      expect([errors, refused, foreign]).toEqual([[], [], []])
      await page.context().close()
    },
    120_000,
  )

  test('is a share of its own in the meter of Home, which the answer of the service agrees with', async () => {
    const { page } = await opened(DESK)
    await openScreen(page, server.url, '#/?range=24h')
    const now = Math.floor(Date.now() / 1000)
    const { attributed } = await asked<Overview>(page, `/api/traffic/live/overview?from=${now - 86_400}&to=${now}`)
    const share = (bytes: number): string => `${Math.round((bytes / attributed.of) * 100)}%`
    const { seen, likely, of } = attributed
    await page
      .getByText(`${share(seen)} seen, ${share(likely)} probably, ${share(of - seen - likely)} not known`)
      .waitFor()
    await page.context().close()
  }, 60_000)
})

describe.skipIf(!here)('a device that nothing tells the kind of', () => {
  test('is asked about on its screen, for a thumb: three guesses first, and all kinds behind them', async () => {
    const { page, errors } = await opened(PHONE)
    const { id } = await deviceOf(page, ({ kind }) => kind === 'unknown')
    await openScreen(page, server.url, `#/device/${encodeURIComponent(id)}?range=24h`)
    const ask = page.getByRole('region', { name: 'What is this device?' })
    const kinds = ask.getByRole('radiogroup', { name: 'What is this device?' }).getByRole('radio')
    expect(await kinds.count()).toBe(3)
    expect(await ask.locator('label').allInnerTexts()).toEqual(['Smart plug', 'Smart light', 'Smart switch'])
    await ask.getByRole('button', { name: 'Something else' }).tap()
    expect(await kinds.count()).toBeGreaterThan(20)
    const heights = await ask
      .locator('label')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height))
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44)
    expect(await problems(page, PHONE)).toEqual([])

    await ask.getByText('Toy', { exact: true }).tap()
    await ask.getByRole('button', { name: 'That is it' }).tap()
    await page.getByText('Toy, as you said').waitFor()
    await ask.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).tap()
    await ask.waitFor()

    await ask.getByRole('button', { name: 'I do not know' }).tap()
    await ask.waitFor({ state: 'detached' })
    await page.reload()
    await settled(page)
    expect(await ask.count()).toBe(0)
    await openScreen(page, server.url, '#/devices')
    expect(await page.getByText('is not recognised').count()).toBe(0)
    expect(errors).toEqual([])
    await page.context().close()
  }, 120_000)

  test('is asked about in the list of devices, by the keyboard', async () => {
    const { page, errors } = await opened(DESK)
    const { id } = await deviceOf(page, ({ kind }) => kind === 'unknown')
    await openScreen(page, server.url, '#/devices')
    await page.getByRole('button', { name: 'What is it?' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: /^What is Espressif / })
    await dialog.getByRole('radio').first().focus()
    await page.keyboard.press('ArrowRight')
    expect(await dialog.getByRole('radio', { name: 'Smart light' }).isChecked()).toBe(true)
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('Kind changed.').waitFor()
    await page.getByText('is not recognised').waitFor({ state: 'detached' })
    expect(await deviceOf(page, (device) => device.id === id)).toMatchObject({ kind: 'bulb', kindByOwner: true })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('is not recognised').waitFor()
    expect(errors).toEqual([])
    await page.context().close()
  }, 120_000)
})

describe.skipIf(!here)('whose a device is', () => {
  test('is asked about a new one, said on its screen, summed by person and taken back, at 360', async () => {
    const { page, errors } = await opened(PHONE)
    await deviceOf(page, ({ isNew }) => isNew)
    await openScreen(page, server.url, '#/devices')
    await page.getByRole('button', { name: 'Whose is it?' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox', { name: /^Whose is / }).selectOption({ label: 'Somebody else…' })
    await dialog.getByLabel('Name').fill('Mia')
    await dialog.getByLabel('Who or what').selectOption('child')
    expect(await problems(page, PHONE)).toEqual([])
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('Changed whose it is.').waitFor()

    const people = page.getByRole('region', { name: 'People and rooms' })
    const mia = people.getByRole('listitem').filter({ hasText: 'Mia' })
    await mia.getByText('3 blocked.').waitFor()
    expect((await mia.innerText()).replace(/\s+/g, ' ')).toMatch(
      /1 device\. 1 advertising or tracking company .+, 63 kB\. 12 look-ups, 3 blocked\./,
    )
    await settled(page)
    expect(await problems(page, PHONE)).toEqual([])

    const owned = await deviceOf(page, ({ person }) => person?.name === 'Mia')
    expect(owned.person).toMatchObject({ role: 'child' })
    await openScreen(page, server.url, `#/device/${encodeURIComponent(owned.id)}`)
    const whose = page.getByRole('combobox', { name: 'Whose is it?' })
    await whose.getByText('Mia (Child)').waitFor({ state: 'attached' })
    expect(await problems(page, PHONE)).toEqual([])
    await whose.selectOption({ label: 'Nobody’s in particular' })
    await page.getByRole('region', { name: 'Whose is it?' }).getByRole('button', { name: 'Save' }).click()
    const shown = page.locator('.facts').getByText('Mia')
    await shown.waitFor({ state: 'detached' })
    expect((await deviceOf(page, (device) => device.id === owned.id)).person).toBeUndefined()
    await page.getByRole('button', { name: 'Undo' }).click()
    await shown.waitFor()
    expect((await deviceOf(page, (device) => device.id === owned.id)).person?.name).toBe('Mia')
    expect(errors).toEqual([])
    await page.context().close()
  }, 120_000)
})

describe.skipIf(!here)('the dialog that merges two devices', () => {
  test('never offers a device to be merged with itself, and leaves one row of two until it is undone', async () => {
    const { page, errors } = await opened(DESK)
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
    expect(errors).toEqual([])
    await page.context().close()
  }, 60_000)
})
