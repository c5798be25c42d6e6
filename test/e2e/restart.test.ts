// An open page reconnects by itself after a restart of the server, and asks once for what it missed.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arpFrom, CAMERA, SERVER, tcpOut } from '../server/engine/lab.ts'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'
import { chromiumPath, NO_CHROMIUM, openContext, startBrowser, watchedPage } from './browser.ts'
import { claim, isBuilt, NOT_BUILT, type RealServer, startRealServer } from './real-server.ts'

const here = chromiumPath() !== null && isBuilt()
if (!here) console.log(isBuilt() ? NO_CHROMIUM : NOT_BUILT)

describe.skipIf(!here)('a page that is left open', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-restart-'))
  const capture = join(folder, 'captures', 'home-1.pcap')
  const args = ['--source', `folder:${join(folder, 'captures')}`]
  const stateFolder = join(folder, 'state')
  let server: RealServer
  let browser: Browser

  const captureNow = (): void => {
    const seconds = Math.floor(Date.now() / 1000)
    for (const bytes of [arpFrom(CAMERA), tcpOut(CAMERA, SERVER, { payload: new Uint8Array(1000) })])
      appendFileSync(capture, pcapRecord({ seconds, nanos: 0, bytes }))
  }

  beforeAll(async () => {
    mkdirSync(join(folder, 'captures'))
    writeFileSync(capture, pcapHeader({}))
    captureNow()
    server = await startRealServer({ stateFolder, args })
    browser = await startBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('comes back after the server was stopped in order and started again, and asks once', async () => {
    const { page } = await watchedPage(
      await openContext(browser, { width: 1440, height: 900, theme: 'light' }),
      server.url,
    )
    await claim(page, server.url)
    await page.goto(`${server.origin}/#/?range=5m`)
    await page.locator('a.line').first().waitFor()
    await server.pause()
    await page.getByText('No contact with Telltale').waitFor()
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/api/traffic/'))
        asked.push(new URL(request.url()).pathname.replace('/api/traffic/live/', ''))
    })
    captureNow()
    server = await startRealServer({ stateFolder, args, port: server.port })
    await page.getByText('No contact with Telltale').waitFor({ state: 'detached' })
    await page.waitForFunction(
      (most) =>
        [...document.querySelectorAll('a.line data')].some(
          (amount) => Number((amount as HTMLDataElement).value) > most,
        ),
      2000,
    )
    await page.waitForLoadState('networkidle')
    const times = (path: string): number => asked.filter((one) => one === path).length
    // The gap is filled once. The lists beside it may move on with the seconds that come meanwhile.
    expect(times('series')).toBe(1)
    expect(times('status')).toBeGreaterThan(0)
    expect(asked.filter((path) => !['series', 'status', 'overview', 'alerts', 'events'].includes(path))).toEqual([])
    expect(asked.length).toBeLessThan(12)
  }, 120_000)
})
