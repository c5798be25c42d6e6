// Sources on the page: one is added, the checklist ticks itself, and the source is switched off and on.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'
import { PASSWORD, startHome, type TestHome } from '../support/running.ts'
import { arpFrom, CAMERA, dnsAnswerA, PHONE, SERVER, tcpOut } from '../server/engine/lab.ts'
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

describe.skipIf(!here)('sources on the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-sources-page-'))
  const captures = join(folder, 'captures')
  let home: TestHome
  let browser: Browser
  let watched: Watched
  let url = ''

  beforeAll(async () => {
    mkdirSync(captures)
    home = await startHome({ stateFolder: join(folder, 'state') })
    browser = await startBrowser()
    url = `${home.client.origin}/`
    watched = await watchedPage(await openContext(browser, { width: 390, height: 800, theme: 'light' }), url)
    watched.page.setDefaultTimeout(20_000)
    await logIn(watched.page, url, PASSWORD)
    await openScreen(watched.page, url, '#/welcome')
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await home?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('what the server refuses is shown where it was typed', async () => {
    const { page } = watched
    await page.getByLabel('Where', { exact: true }).fill('192.168.1.1')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText(/must be routers with their interface, written like/).waitFor()
  })

  test('a folder is added, and each line of the checklist ticks itself', async () => {
    const { page } = watched
    await page.getByLabel('What', { exact: true }).selectOption('folders')
    await page.getByLabel('Where', { exact: true }).fill(captures)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('heading', { name: captures }).waitFor()
    expect(await page.getByText('Packets arrive: Waiting').count()).toBe(1)
    const seconds = Math.floor(Date.now() / 1000)
    const frames = [
      arpFrom(CAMERA),
      arpFrom(PHONE),
      dnsAnswerA(CAMERA, 'api.amazonalexa.com', SERVER),
      tcpOut(CAMERA, SERVER),
      tcpOut(PHONE, SERVER),
    ]
    writeFileSync(
      join(captures, 'home-1.pcap'),
      Buffer.concat([pcapHeader({}), ...frames.map((bytes) => pcapRecord({ seconds, nanos: 0, bytes }))]),
    )
    for (const step of ['Capture is running', 'Packets arrive', 'More than one device is seen', 'Names are learned'])
      await page.getByText(`${step}: Done`).waitFor()
  }, 120_000)

  for (const hash of ['#/welcome', '#/settings']) {
    test(`it is switched off and on again on ${hash}`, async () => {
      const { page } = watched
      await openScreen(page, url, hash)
      const source = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: captures }) })
      await source.getByRole('switch').uncheck()
      await source.getByText('Off', { exact: true }).waitFor()
      expect(await source.getByRole('switch').isChecked()).toBe(false)
      await source.getByRole('switch').check()
      await source.getByText(/^(Running|Quiet)$/).waitFor()
    }, 120_000)
  }

  test('nothing went wrong in the page meanwhile', () => {
    expect([watched.dialogs, watched.refused, watched.errors, watched.foreign]).toEqual([[], [], [], []])
  })
})
