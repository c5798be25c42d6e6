// Browser notifications of the real home's new alerts: asked for on a tap only, with the reason where there are none.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlertRow } from '../../server/api.ts'
import { planOfArgument } from '../../server/settings/source-plan.ts'
import { CAMERA, type Host, SPEAKER } from '../server/engine/lab.ts'
import { loudUpload } from '../support/loud-upload.ts'
import { eventually, PASSWORD, startHome, type TestHome } from '../support/running.ts'
import { chromiumPath, logIn, NO_CHROMIUM, openContext, settled, startBrowser, watchedPage } from './browser.ts'

const isThere = chromiumPath() !== null
if (!isThere) console.log(`skipped: ${NO_CHROMIUM}`)

const LOOK = { width: 360, height: 640, theme: 'light' } as const
const START = Math.floor(Date.now() / 1000) - 3_600
const KINDS = [
  'uploadSpike',
  'largeUpload',
  'newDevice',
  'newCompany',
  'voiceBusy',
  'cameraAway',
  'aroundYourDns',
  'unencrypted',
  'silent',
  'sourceStopped',
  'flood',
  'addressConflict',
]
const ONLY_QUIET_HOURS = {
  ...Object.fromEntries(KINDS.map((kind) => [kind, false])),
  quietHours: ['00:00-24:00'],
  quietFloorMegabytes: 1,
}

/** Notes what is shown, as no test can see the screen; the browser's own permission is asked and kept. */
const NOTE_SHOWN = `
  const Real = Notification
  globalThis.shown = []
  globalThis.Notification = class extends Real {
    constructor(title, options) { super(title, options); globalThis.shown.push({ title, body: options.body, tag: options.tag, click: () => this.onclick() }) }
  }`
/** As where the reader presses "Block". */
const REFUSED_WHEN_ASKED = `globalThis.Notification = class Asked { static permission = 'default'; static requestPermission() { Asked.permission = 'denied'; return Promise.resolve('denied') } }`
/** As Chrome on Android does. */
const ONLY_FOR_APPS = `globalThis.Notification = class { static permission = 'granted'; static requestPermission() { return Promise.resolve('granted') } constructor() { throw new TypeError('Illegal constructor') } }`

const folder = mkdtempSync(join(tmpdir(), 'telltale-notifications-'))
const captures = join(folder, 'captures')
let home: TestHome
let sample: TestHome
let browser: Browser

const shown = (page: Page): Promise<{ title: string; body: string; tag: string }[]> =>
  page.evaluate(() =>
    (globalThis as unknown as { shown: { title: string; body: string; tag: string }[] }).shown.map(
      ({ title, body, tag }) => ({ title, body, tag }),
    ),
  )
const alertsOf = async ({ mac }: Host): Promise<AlertRow[]> =>
  (await home.client.get<AlertRow[]>('/api/traffic/live/alerts')).filter(({ device }) => device === mac)

async function openSettings(origin: string, script: string, permitted: boolean): Promise<Page> {
  const context = await openContext(browser, LOOK)
  if (permitted) await context.grantPermissions(['notifications'], { origin })
  await context.addInitScript(script)
  const { page } = await watchedPage(context, origin)
  await logIn(page, origin, PASSWORD)
  await page.goto(`${origin}/#/settings`)
  await page.getByRole('heading', { name: 'Tell this browser' }).waitFor()
  await settled(page)
  return page
}
const card = (page: Page): ReturnType<Page['locator']> => page.locator('#section-notifications')

describe.skipIf(!isThere)('notifications of the browser', () => {
  beforeAll(async () => {
    mkdirSync(captures)
    writeFileSync(join(captures, 'home-0.pcap'), loudUpload(CAMERA, START))
    home = await startHome({ stateFolder: join(folder, 'state'), sources: [planOfArgument(`folder:${captures}`)] })
    await home.client.send('PATCH', '/api/settings', { home: { learningDays: 0 }, alerts: ONLY_QUIET_HOURS })
    sample = await startHome()
    browser = await startBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await home?.close()
    await sample?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('are asked for on a tap, show a new alert under one tag with its own sentence, also after the page was opened again, and lead to it', async () => {
    const page = await openSettings(home.client.origin, NOTE_SHOWN, true)
    const asked = await page.evaluate(() => localStorage.getItem('telltale-notifications'))
    expect(asked).toBeNull()
    await card(page).getByText('Off in this browser.').waitFor()
    await card(page).getByRole('button', { name: 'Turn on' }).tap()
    await card(page).getByText('On in this browser.').waitFor()
    await card(page).getByRole('button', { name: 'Show a test' }).tap()
    expect(await shown(page)).toEqual([
      { title: 'Telltale', body: expect.stringContaining('This is a test') as string, tag: 'telltale-test' },
    ])

    // Opened anew on another screen: what is there already is not shown, what comes is.
    await page.goto(`${home.client.origin}/#/devices`)
    await page.reload()
    // The list of alerts is asked for twice: by the page, and by what pops them up.
    await page.waitForFunction(
      () =>
        performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/api/traffic/live/alerts'))
          .length > 1,
    )
    await settled(page)
    writeFileSync(join(captures, 'home-2.pcap'), loudUpload(SPEAKER, START + 600))
    const [alert] = await eventually(
      () => alertsOf(SPEAKER),
      (alerts) => alerts.length > 0,
      60_000,
    )
    const notified = await eventually(
      () => shown(page),
      (all) => all.length > 0,
      60_000,
    )
    // One that goes on takes the place of the notification that is there.
    await page.waitForTimeout(2_500)
    expect(new Set((await shown(page)).map(({ tag }) => tag)).size).toBe(1)
    expect(notified.slice(0, 1)).toEqual([
      {
        title: 'Telltale',
        body: expect.stringMatching(/ sent [\d.]+ MB to Wyze in an hour that is usually quiet/) as string,
        tag: `telltale-${alert?.id}-${alert?.from}`,
      },
    ])
    await page.evaluate(() => (globalThis as unknown as { shown: { click(): void }[] }).shown[0]?.click())
    await page.waitForFunction((id) => location.hash.includes(`/alert/${id}`), alert?.id)
    await page.context().close()
  }, 180_000)

  test('stop when they are turned off', async () => {
    const page = await openSettings(home.client.origin, NOTE_SHOWN, true)
    await card(page).getByRole('button', { name: 'Turn on' }).tap()
    await card(page).getByRole('button', { name: 'Turn off' }).tap()
    await card(page).getByText('Off in this browser.').waitFor()
    writeFileSync(
      join(captures, 'home-3.pcap'),
      loudUpload({ mac: '02:00:00:00:00:1c', address: '192.168.1.28' }, START + 1_500),
    )
    await page.getByText('New alert: ').waitFor()
    expect(await shown(page)).toEqual([])
    await page.context().close()
  }, 120_000)

  test('show nothing of the sample home, with the reason', async () => {
    const page = await openSettings(sample.client.origin, NOTE_SHOWN, true)
    await card(page).getByText('The sample home is playing').waitFor()
    await card(page).getByRole('button', { name: 'Turn on' }).tap()
    await card(page).getByText('On in this browser.').waitFor()
    await eventually(
      () => sample.client.get<AlertRow[]>('/api/traffic/live/alerts'),
      (alerts) => alerts.length > 0,
      60_000,
    )
    await page.waitForTimeout(1_500)
    expect(await shown(page)).toEqual([])
    await page.context().close()
  }, 120_000)

  test('show what stands in the way: the reader refused, or only installed apps may', async () => {
    const refused = await openSettings(home.client.origin, REFUSED_WHEN_ASKED, false)
    await card(refused).getByRole('button', { name: 'Turn on' }).tap()
    await card(refused).getByText('Refused in this browser.').waitFor()
    expect(await card(refused).getByRole('button').count()).toBe(0)
    await refused.context().close()
    const phone = await openSettings(home.client.origin, ONLY_FOR_APPS, false)
    await card(phone).getByRole('button', { name: 'Turn on' }).tap()
    await card(phone).getByRole('button', { name: 'Show a test' }).tap()
    await card(phone).getByText('This browser shows notifications of installed apps only').waitFor()
    await phone.context().close()
  }, 120_000)

  test('show that they are not possible over plain http from another machine', async () => {
    const page = await openSettings(
      home.client.origin,
      `Object.defineProperty(globalThis, 'isSecureContext', { get: () => false })`,
      false,
    )
    await card(page).getByText('You opened it over plain http from another one.').waitFor()
    expect(await card(page).getByRole('button').count()).toBe(0)
    await page.context().close()
  }, 120_000)
})
