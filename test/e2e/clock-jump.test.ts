// The page of a recording whose clock jumped by decades, in the built program: it says so, and shows where the data is.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pcapFile } from '../../server/sample/packets/pcap-writer.ts'
import { CAMERA, SERVER, tcpOut } from '../server/engine/lab.ts'
import {
  chromiumPath,
  NO_CHROMIUM,
  openContext,
  openScreen,
  settled,
  startBrowser,
  watchedPage,
  type Watched,
} from './browser.ts'
import { claim, isBuilt, NOT_BUILT, type RealServer, replayThroughPage, startRealServer } from './real-server.ts'

const here = chromiumPath() !== null && isBuilt()
if (!here) console.log(isBuilt() ? NO_CHROMIUM : NOT_BUILT)

describe.skipIf(!here)('a recording that begins in 1970 and goes on in 2026', () => {
  let server: RealServer
  let browser: Browser
  let watched: Watched
  let id: string

  beforeAll(async () => {
    server = await startRealServer()
    browser = await startBrowser()
    watched = await watchedPage(await openContext(browser, { width: 1440, height: 900, theme: 'light' }), server.url)
    await claim(watched.page, server.url)
    const bytes = tcpOut(CAMERA, SERVER, { payload: new Uint8Array(1_000) })
    const seconds = [20, 21, 24, 1_795_946_400, 1_795_946_401, 1_795_946_430]
    id = await replayThroughPage(watched.page, server.origin, {
      name: 'pi.pcap',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(
        pcapFile(
          {},
          seconds.map((second) => ({ seconds: second, nanos: 0, bytes })),
        ),
      ),
    })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const textOf = (selector: string): Promise<string> => watched.page.locator(selector).first().innerText()

  test('says on its card that the clock jumped, and offers both times', async () => {
    const card = await textOf('article')
    expect(card).toMatch(/The clock of the capture jumped by 56\.9 years forward/)
    expect(card).not.toMatch(/damaged place/)
    expect(card).toMatch(/Look at what is from .*1970/)
    expect(card).toMatch(/Look at what is from .*2026/)
    expect(await watched.page.locator('article input[type=range]').getAttribute('max')).toBe('34')
  })

  test('opens with all of it, and with each time alone', async () => {
    const links = await watched.page
      .locator('article nav a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''))
    const stretches = links.filter((href) => href.includes('from='))
    expect(stretches).toHaveLength(2)
    await openScreen(watched.page, `${server.origin}/`, `#/replay/${id}?range=all`)
    await settled(watched.page)
    expect(await textOf('main')).toMatch(/6\.2 kB/)
    for (const href of stretches) {
      await openScreen(watched.page, `${server.origin}/`, href)
      await settled(watched.page)
      expect(await textOf('main')).toMatch(/3\.1 kB/)
    }
    const { dialogs, refused, errors } = watched
    expect({ dialogs, refused, errors }).toEqual({ dialogs: [], refused: [], errors: [] })
  }, 60_000)
})
