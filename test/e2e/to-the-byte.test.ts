// The page's tables, the ribbon's table and the API agree with `analyze` about a recording, to the byte.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../../server/analyze/analysis.ts'
import type { Overview } from '../../server/api.ts'
import { makeSample } from '../../server/sample/sample.ts'
import { bytesOf, realCaptures } from '../support/real-captures.ts'
import { chromiumPath, NO_CHROMIUM, openContext, openScreen, startBrowser, watchedPage } from './browser.ts'
import {
  claim,
  isBuilt,
  NOT_BUILT,
  type RealServer,
  replayThroughPage,
  runCli,
  startRealServer,
} from './real-server.ts'

const here = chromiumPath() !== null && isBuilt()
if (!here) console.log(isBuilt() ? NO_CHROMIUM : NOT_BUILT)

/** Bytes sent and received by a device's id or a company's slug; nothing of those that moved nothing. */
type Sums = Record<string, [sent: number, received: number]>

interface Totals {
  devices: Sums
  companies: Sums
}

function add(sums: Sums, key: string, sent: number, received: number): void {
  if (sent === 0 && received === 0) return
  const [before, after] = sums[key] ?? [0, 0]
  sums[key] = [before + sent, after + received]
}

async function analyzed(file: string): Promise<Totals> {
  const { devices } = JSON.parse(await runCli(['analyze', '--json', file])) as Analysis
  const totals: Totals = { devices: {}, companies: {} }
  for (const device of devices) {
    add(totals.devices, device.id, device.sent, device.received)
    for (const { company, sent, received } of device.endpoints) add(totals.companies, company ?? '-', sent, received)
  }
  return totals
}

/**
 * Follows "show more" and reads the rows of the first table: what its link opens, and the exact bytes of its first
 * amounts.
 */
async function tableOf(page: Page, what: 'device' | 'company'): Promise<{ sums: Sums; names: Record<string, string> }> {
  for (let more = page.getByRole('button', { name: /more/i }); (await more.count()) > 0;) await more.first().click()
  const rows = await page.evaluate(() =>
    [...document.querySelectorAll('main table tbody tr')].map((row) => ({
      href: row.querySelector('a')?.getAttribute('href') ?? '',
      name: row.querySelector('bdi')?.textContent ?? '',
      amounts: [...row.querySelectorAll('data')].map((amount) => amount.value),
    })),
  )
  const sums: Sums = {}
  const names: Record<string, string> = {}
  for (const { href, name, amounts } of rows) {
    const id = decodeURIComponent(new RegExp(`/${what}/([^?]+)`).exec(href)?.[1] ?? '')
    const place = what === 'device' ? 0 : amounts.length - 2
    add(sums, id, Number(amounts[place]), Number(amounts[place + 1]))
    names[id] = name
  }
  return { sums, names }
}

const exact = (text: string): number => Number(text.replace(/\D/g, ''))

/** Sent bytes by the names of devices and of companies, as the ribbon's table says. */
async function ribbonTable(
  page: Page,
  total: number,
): Promise<{ devices: Record<string, number>; companies: Record<string, number> }> {
  const figure = page.locator('section.flow figure')
  await figure.getByRole('button', { name: 'Show as table' }).click()
  await figure.locator('tbody tr').first().waitFor()
  const rows = await figure
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')))
  const devices: Record<string, number> = {}
  const companies: Record<string, number> = {}
  let left = total
  // From devices to companies first; from companies to purposes once all of it is drawn.
  for (const [from = '', to = '', sent = ''] of rows) {
    if (left === 0) break
    devices[from] = (devices[from] ?? 0) + exact(sent)
    companies[to] = (companies[to] ?? 0) + exact(sent)
    left -= exact(sent)
  }
  expect(left).toBe(0)
  return { devices, companies }
}

function sentByName(sums: Sums, names: Record<string, string>): Record<string, number> {
  const byName: Record<string, number> = {}
  for (const [id, [sent]] of Object.entries(sums)) {
    const name = names[id] ?? id
    if (sent > 0) byName[name] = (byName[name] ?? 0) + sent
  }
  return byName
}

async function apiTotals(page: Page, scope: string): Promise<Totals> {
  const overview = (await page.evaluate(async (scope) => {
    const status = (await (await fetch(`/api/traffic/${scope}/status`)).json()) as { first: number; last: number }
    return (await (
      await fetch(`/api/traffic/${scope}/overview?from=${Math.floor(status.first)}&to=${Math.ceil(status.last) + 1}`)
    ).json()) as unknown
  }, scope)) as Overview
  const totals: Totals = { devices: {}, companies: {} }
  for (const { id, sent, received } of overview.devices) add(totals.devices, id, sent, received)
  for (const { slug, sent, received } of overview.companies) add(totals.companies, slug ?? '-', sent, received)
  return totals
}

/** Every kind of real capture that a home makes, a few of them. */
const REAL = (realCaptures() ?? []).filter(({ path }) =>
  /alexa_5_40s\.pcap$|D-LinkHomeHub\/Setup-A-1-STA\.pcap$/.test(path),
)

describe.skipIf(!here)('a recording uploaded through the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-bytes-'))
  let server: RealServer
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    server = await startRealServer()
    browser = await startBrowser()
    page = (await watchedPage(await openContext(browser, { width: 1440, height: 900, theme: 'light' }), server.url))
      .page
    await claim(page, server.url)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function compare(file: string): Promise<void> {
    const wanted = await analyzed(file)
    const id = await replayThroughPage(page, server.origin, file)
    const address = (screen: string): string => `#/replay/${id}/${screen}?range=all`
    await openScreen(page, `${server.origin}/`, address('devices'))
    const devices = await tableOf(page, 'device')
    await openScreen(page, `${server.origin}/`, address('companies'))
    const companies = await tableOf(page, 'company')
    expect(Object.keys(wanted.devices).length).toBeGreaterThan(0)
    expect({ devices: devices.sums, companies: companies.sums }).toEqual(wanted)
    expect(await apiTotals(page, id)).toEqual(wanted)
    const total = Object.values(wanted.devices).reduce((sum, [sent]) => sum + sent, 0)
    await openScreen(page, `${server.origin}/`, address(''))
    expect(await ribbonTable(page, total)).toEqual({
      devices: sentByName(devices.sums, devices.names),
      companies: sentByName(companies.sums, companies.names),
    })
  }

  test('shows what analyze reports of a day of the sample home, to the byte', async () => {
    const file = join(folder, 'day.pcap')
    writeFileSync(file, makeSample().pcap)
    await compare(file)
  }, 120_000)

  for (const capture of REAL) {
    test(`shows what analyze reports of ${basename(capture.path)}, to the byte`, async () => {
      const file = join(folder, basename(capture.path))
      writeFileSync(file, bytesOf(capture))
      await compare(file)
    }, 120_000)
  }
})
