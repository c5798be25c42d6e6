// One upload while somebody watches: one toast at its start, one at its end, and the same total everywhere.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import type { AlertPage, AlertRow } from '../../server/api.ts'
import { pcapHeader, pcapRecord } from '../../server/sample/packets/pcap-writer.ts'
import { amount } from '../../server/text/en/amount.ts'
import { arpFrom, CAMERA, OTHER_SERVER, PHONE, SERVER, tcpOut, udpOut } from '../server/engine/lab.ts'
import { type Client, eventually, logIn as claim, PASSWORD } from '../support/running.ts'
import { Program } from '../upgrade/program.ts'
import { chromiumPath, logIn, NO_CHROMIUM, openContext, openScreen, startBrowser, watchedPage } from './browser.ts'
import { isBuilt, NOT_BUILT } from './real-server.ts'

const isThere = chromiumPath() !== null && isBuilt()
if (!isThere) console.log(`skipped: ${isBuilt() ? NO_CHROMIUM : NOT_BUILT}`)

const CLI = join(import.meta.dirname, '../../dist/cli.js')
/** Seconds that pass in one: an upload is over twenty seconds after its last packet. */
const RATE = 3
const START = Math.floor(Date.now() / 1000)

const PAYLOAD = new Uint8Array(1_400)
/** 280 kB a second, to an address without a name. */
const PACKETS_A_SECOND = 200

/** One second of the home, with a part of the upload or without. */
function captureOf(second: number, packets: number): Uint8Array {
  const records: Uint8Array[] = [pcapHeader({})]
  const put = (bytes: Uint8Array): void => {
    records.push(pcapRecord({ seconds: second, nanos: 1_000, bytes }))
  }
  put(arpFrom(CAMERA))
  for (let packet = 0; packet < packets; packet++)
    put(udpOut(CAMERA, SERVER, { destinationPort: 40_001, payload: PAYLOAD }))
  put(tcpOut(CAMERA, OTHER_SERVER))
  put(tcpOut(PHONE, OTHER_SERVER))
  return Buffer.concat(records)
}

/** Notes every text that the place of toasts had, also of one that is gone. */
const NOTE_TOASTS = `
  globalThis.toasts = []
  new MutationObserver(() => {
    const text = document.querySelector('.toast span')?.textContent
    if (text && globalThis.toasts.at(-1) !== text) globalThis.toasts.push(text)
  }).observe(document, { subtree: true, childList: true, characterData: true })`

const folder = mkdtempSync(join(tmpdir(), 'telltale-incident-'))
const captures = join(folder, 'captures')
let program: Program | undefined
let client: Client
let browser: Browser

let files = 0
let packets = 0
/** The second that has just passed; the whole file appears at once. */
function capture(): void {
  const name = `home-${String(files++).padStart(4, '0')}.pcap`
  writeFileSync(join(folder, name), captureOf(Math.floor(program?.now() ?? START) - 1, packets))
  renameSync(join(folder, name), join(captures, name))
}
let feeding: ReturnType<typeof setInterval> | undefined

const uploadOf = async (isWanted: (alert: AlertRow) => boolean): Promise<AlertRow> => {
  const found = await eventually(
    async () => (await client.get<AlertRow[]>('/api/traffic/live/alerts')).find(({ reason }) => reason === 'nameless'),
    (alert) => alert !== undefined && isWanted(alert),
    60_000,
  )
  return found as AlertRow
}

describe.skipIf(!isThere)('an upload to an address without a name', () => {
  beforeAll(async () => {
    mkdirSync(captures)
    capture()
    program = await Program.start({
      cli: CLI,
      stateFolder: join(folder, 'state'),
      workingFolder: folder,
      clock: { start: START, rate: RATE },
      args: ['--source', `folder:${captures}`],
    })
    feeding = setInterval(capture, 1_000 / RATE)
    client = await claim({ url: program.url, port: Number(new URL(program.url).port) })
    browser = await startBrowser()
  }, 120_000)
  afterAll(async () => {
    clearInterval(feeding)
    await browser?.close()
    await program?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('is told at its start and at its end, and has one total in all places', async () => {
    const context = await openContext(browser, { width: 1440, height: 900, theme: 'light' })
    await context.addInitScript(NOTE_TOASTS)
    const { page, errors } = await watchedPage(context, client.origin)
    await logIn(page, client.origin, PASSWORD)
    await openScreen(page, `${client.origin}/`, '#/alerts')
    await page.getByRole('heading', { name: 'Nothing is worth a look' }).waitFor()

    packets = PACKETS_A_SECOND
    const begun = await uploadOf(({ isOver }) => !isOver)
    await page.getByText(/Sending now, [\d.]+ MB so far/).waitFor()
    await uploadOf(({ bytes }) => bytes > 2 * begun.bytes)
    packets = 0
    const ended = await uploadOf(({ isOver }) => isOver)
    expect(ended.id).toBe(begun.id)
    const total = amount(ended.bytes)
    await page.getByRole('link', { name: `: ${total}` }).waitFor()
    const toasts = await page.evaluate(() => (globalThis as unknown as { toasts: string[] }).toasts)
    expect(toasts).toEqual([
      expect.stringMatching(/^New alert: .+ 203\.0\.113\.5, an address without a name/),
      expect.stringMatching(
        new RegExp(
          `^It has stopped: .+ sent ${total} to 203\\.0\\.113\\.5, an address without a name, within \\d+ seconds`,
        ),
      ),
    ])

    // What else the camera talks to is no part of the answers.
    const { answers } = await client.get<AlertPage>(`/api/traffic/live/alerts/${ended.id}`)
    expect(answers.hosts.map(({ address }) => address)).toEqual([SERVER])
    await openScreen(page, `${client.origin}/`, `#/alert/${ended.id}`)
    await page.getByText(`${total} sent in all.`).waitFor()
    const amounts = (await page.locator('main').innerText()).match(/[\d.]+ MB\b(?!\/s)/g) ?? []
    // What "expected from now on" would cover, and the most within ten seconds, are no totals.
    expect(new Set(amounts)).toEqual(new Set([total, amount(1.5 * ended.bytes), amount(ended.peak)]))
    await openScreen(page, `${client.origin}/`, '#/')
    const verdict = await page.getByRole('heading', { level: 1 }).getByRole('link').innerText()
    expect(verdict).toContain(`sent ${total} to 203.0.113.5`)
    expect(verdict).not.toContain('other thing')
    expect(errors).toEqual([])
    await context.close()
  }, 180_000)
})
