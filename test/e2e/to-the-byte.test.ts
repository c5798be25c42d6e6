// The page's tables, the ribbon's table and the API agree with `analyze` about a recording, to the byte.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Analysis } from '../../server/analyze/analysis.ts'
import type { CompanyPage, Overview, Series } from '../../server/api.ts'
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
  /** By owner; a rented cloud is its own. */
  owners: Sums
}

function add(sums: Sums, key: string, sent: number, received: number): void {
  if (sent === 0 && received === 0) return
  const [before, after] = sums[key] ?? [0, 0]
  sums[key] = [before + sent, after + received]
}

async function analyzed(file: string): Promise<Totals> {
  const { devices, owners } = JSON.parse(await runCli(['analyze', '--json', file])) as Analysis
  const totals: Totals = { devices: {}, companies: {}, owners: {} }
  for (const device of devices) {
    add(totals.devices, device.id, device.sent, device.received)
    for (const { company, sent, received } of device.endpoints) {
      add(totals.companies, company ?? '-', sent, received)
      if (company === null) add(totals.owners, '-', sent, received)
    }
  }
  for (const { owner, sent, received } of owners) add(totals.owners, owner, sent, received)
  return totals
}

interface TableRow {
  /** What its link opens; of an owner's own part, which has none, the owner. */
  id: string
  name: string
  isBrand: boolean
  amounts: number[]
}

/** Follows "show more" and reads the rows of the first table, with the exact bytes of their amounts. */
async function rowsOf(page: Page, what: 'device' | 'company'): Promise<TableRow[]> {
  for (let more = page.getByRole('button', { name: /more/i }); (await more.count()) > 0;) await more.first().click()
  const rows = await page.evaluate(() =>
    [...document.querySelectorAll('main table tbody tr')].map((row) => ({
      href: row.querySelector('a')?.getAttribute('href') ?? '',
      name: row.querySelector('bdi')?.textContent ?? '',
      isBrand: row.classList.contains('brand'),
      amounts: [...row.querySelectorAll('data')].map((amount) => Number(amount.value)),
    })),
  )
  let owner = ''
  return rows.map(({ href, ...row }) => {
    const id = decodeURIComponent(new RegExp(`/${what}/([^?]+)`).exec(href)?.[1] ?? owner)
    if (!row.isBrand) owner = id
    return { id, ...row }
  })
}

async function devicesShown(page: Page): Promise<{ sums: Sums; names: Record<string, string> }> {
  const sums: Sums = {}
  const names: Record<string, string> = {}
  for (const { id, name, amounts } of await rowsOf(page, 'device')) {
    add(sums, id, amounts[0] ?? NaN, amounts[1] ?? NaN)
    names[id] = name
  }
  return { sums, names }
}

/** Owners, and companies: the brands that stand under an owner, and those that stand alone. */
async function companiesShown(page: Page): Promise<{ owners: Sums; companies: Sums; names: Record<string, string> }> {
  const rows = await rowsOf(page, 'company')
  const owners: Sums = {}
  const companies: Sums = {}
  const names: Record<string, string> = {}
  for (const [place, { id, name, isBrand, amounts }] of rows.entries()) {
    const [sent = NaN, received = NaN] = amounts.slice(-2)
    if (!isBrand) {
      add(owners, id, sent, received)
      names[id] = name
    }
    if (isBrand || rows[place + 1]?.isBrand !== true) add(companies, id, sent, received)
  }
  return { owners, companies, names }
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

async function apiTotals(page: Page, scope: string): Promise<Omit<Totals, 'owners'>> {
  const overview = (await page.evaluate(async (scope) => {
    const status = (await (await fetch(`/api/traffic/${scope}/status`)).json()) as { first: number; last: number }
    return (await (
      await fetch(`/api/traffic/${scope}/overview?from=${Math.floor(status.first)}&to=${Math.ceil(status.last) + 1}`)
    ).json()) as unknown
  }, scope)) as Overview
  const totals = { devices: {}, companies: {} }
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

  async function compare(file: string): Promise<{ id: string; wanted: Totals }> {
    const wanted = await analyzed(file)
    const id = await replayThroughPage(page, server.origin, file)
    const address = (screen: string): string => `#/replay/${id}/${screen}?range=all`
    await openScreen(page, `${server.origin}/`, address('devices'))
    const devices = await devicesShown(page)
    await openScreen(page, `${server.origin}/`, address('companies'))
    const { names, ...shown } = await companiesShown(page)
    expect(Object.keys(wanted.devices).length).toBeGreaterThan(0)
    expect({ devices: devices.sums, ...shown }).toEqual(wanted)
    expect({ ...(await apiTotals(page, id)), owners: wanted.owners }).toEqual(wanted)
    const total = Object.values(wanted.devices).reduce((sum, [sent]) => sum + sent, 0)
    await openScreen(page, `${server.origin}/`, address(''))
    expect(await ribbonTable(page, total)).toEqual({
      devices: sentByName(devices.sums, devices.names),
      companies: sentByName(shown.owners, names),
    })
    return { id, wanted }
  }

  /** The page of an owner, its sums by the API and the chart, against what analyze says of the owner. */
  async function compareOwner(id: string, wanted: Totals, owner: string): Promise<void> {
    const facts = await page.evaluate(
      async ({ scope, owner }) => {
        const ask = async <T>(path: string): Promise<T> =>
          (await (await fetch(`/api/traffic/${scope}/${path}`)).json()) as T
        const { first, last } = await ask<{ first: number; last: number }>('status')
        const range = `from=${Math.floor(first)}&to=${Math.ceil(last) + 1}`
        return {
          page: await ask<CompanyPage>(`companies/${owner}?${range}`),
          overview: await ask<Overview>(`overview?${range}&owner=${owner}`),
          series: await ask<Series>(`series?${range}&owner=${owner}`),
        }
      },
      { scope: id, owner },
    )
    const { family } = facts.page
    const sum = (rows: readonly { sent: number; received: number }[]): [number, number] => [
      rows.reduce((total, { sent }) => total + sent, 0),
      rows.reduce((total, { received }) => total + received, 0),
    ]
    const whole = wanted.owners[owner]
    expect(whole).toBeDefined()
    const seen = family!.hosts.filter(({ company }) => family!.brands.some(({ slug }) => slug === company.slug))
    expect([sum([family!.company]), sum(family!.brands), sum(family!.devices), sum(seen)]).toEqual(Array(4).fill(whole))
    expect(Object.fromEntries(family!.brands.map((row) => [row.slug, sum([row])]))).toEqual(
      Object.fromEntries(family!.brands.map(({ slug }) => [slug, wanted.companies[slug ?? '-'] ?? [0, 0]])),
    )
    expect(sum([facts.page.company])).toEqual(wanted.companies[owner] ?? [0, 0])
    expect(sum([facts.overview])).toEqual(whole)
    const values = (of: 'sent' | 'received'): { sent: number; received: number }[] =>
      facts.series[of].map((value) => ({ sent: value ?? 0, received: 0 }))
    expect([sum(values('sent'))[0], sum(values('received'))[0]]).toEqual(whole)
    for (const row of family!.rented) expect(sum([row])).toEqual(wanted.owners[row.slug ?? '-'])

    await openScreen(page, `${server.origin}/`, `#/replay/${id}/company/${owner}?range=all`)
    const amounts = await page.locator('section[aria-labelledby="brands"] li').evaluateAll((lines) =>
      lines.map((line) => ({
        isRented: line.closest('.rented') !== null,
        amounts: [...line.querySelectorAll('data')].map((amount) => Number(amount.value)),
      })),
    )
    const ofBrands = amounts.filter(({ isRented }) => !isRented)
    expect(sum(ofBrands.map(({ amounts: [sent = NaN, received = NaN] }) => ({ sent, received })))).toEqual(whole)
    expect(amounts).toHaveLength(family!.brands.length + family!.rented.length)
    expect(await page.locator('main').innerText()).not.toMatch(/Nothing went to/)
  }

  test('shows what analyze reports of a day of the sample home, to the byte', async () => {
    const file = join(folder, 'day.pcap')
    writeFileSync(file, makeSample().pcap)
    const { id, wanted } = await compare(file)
    for (const owner of ['amazon', 'google', 'samsung', 'apple']) await compareOwner(id, wanted, owner)
    await openScreen(page, `${server.origin}/`, `#/replay/${id}/company/walmart?range=all`)
    expect(await page.locator('main').innerText()).toMatch(/Nothing went to Walmart/)
  }, 120_000)

  for (const capture of REAL) {
    test(`shows what analyze reports of ${basename(capture.path)}, to the byte`, async () => {
      const file = join(folder, basename(capture.path))
      writeFileSync(file, bytesOf(capture))
      await compare(file)
    }, 120_000)
  }
})
