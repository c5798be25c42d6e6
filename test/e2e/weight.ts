// Measures the size of Home, its first paint on a slow machine, and the growth of an open page's heap.
//
//   npx tsx test/e2e/weight.ts [--hours 24]
//
// Starts the built program with the sample home. Prints the gzipped bytes of everything that Home loads by itself, the
// first and largest paint at a 4 times slower CPU, and how much the page's heap grew while ticks of so many hours were
// fed to it through its own socket. Ends with 1 past a limit.
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { CDPSession, Page } from 'playwright-core'
import { openContext, startBrowser, watchedPage } from './browser.ts'
import { claim, startRealServer } from './real-server.ts'

const LIMITS = { homeBytes: 110_000, paintMs: 1500, heapBytes: 5_000_000 }
const THROTTLE = 4
const { values } = parseArgs({ options: { hours: { type: 'string', default: '24' } } })
let failed = false

function report(name: string, value: number, unit: string, limit: number): void {
  const past = value > limit
  failed ||= past
  console.log(`${past ? 'PAST LIMIT' : 'ok        '} ${name.padEnd(44)} ${value} ${unit} (limit ${limit})`)
}

/**
 * Loads Home with an empty cache and adds up what came from the server's files, gzipped; the API's answers are not the
 * page.
 */
async function homeBytes(page: Page, url: string): Promise<number> {
  const files = new Map<string, number>()
  const sizes: Promise<void>[] = []
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname
    if (path.startsWith('/api/') || path.startsWith('/socket.io/') || response.status() !== 200) return
    sizes.push(
      response.body().then((body) => {
        files.set(path, gzipSync(body).length)
      }),
    )
  })
  await page.goto(url)
  await page.locator('[role="slider"]').first().waitFor()
  await page.waitForTimeout(3000)
  await Promise.all(sizes)
  for (const [path, size] of [...files].sort((a, b) => b[1] - a[1]))
    console.log(`           ${path.padEnd(44)} ${size}`)
  return [...files.values()].reduce((sum, size) => sum + size, 0)
}

async function paints(page: Page, debug: CDPSession, url: string): Promise<{ first: number; largest: number }> {
  await debug.send('Network.enable')
  await debug.send('Network.setCacheDisabled', { cacheDisabled: true })
  await debug.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE })
  await page.goto('about:blank')
  await page.goto(url)
  await page.locator('[role="slider"]').first().waitFor()
  const measured = await page.evaluate(
    () =>
      new Promise<{ first: number; largest: number }>((done) => {
        new PerformanceObserver((list) =>
          done({
            first: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
            largest: list.getEntries().at(-1)?.startTime ?? NaN,
          }),
        ).observe({ type: 'largest-contentful-paint', buffered: true })
      }),
  )
  await debug.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  return { first: Math.round(measured.first), largest: Math.round(measured.largest) }
}

async function heap(debug: CDPSession): Promise<number> {
  for (let round = 0; round < 3; round++) await debug.send('HeapProfiler.collectGarbage')
  const { metrics } = await debug.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN
}

/** Before the page's own script: keeps hold of its websocket's listener, so that ticks can be fed as if they came. */
const TAP = `
  const Real = WebSocket
  globalThis.WebSocket = class extends Real {
    constructor(...given) { super(...given); globalThis.tapped = this }
  }`
/** Feeds so many ticks of 40 devices, a second after the other, each as the socket would deliver it. */
const FEED = `(async ({ count, start }) => {
  const devices = (second) => Array.from({ length: 40 }, (_, index) => [index, (second * 7919 + index * 104729) % 9000, (second * 6101 + index * 7) % 20000]).flat()
  for (let at = 0; at < count; at++) {
    const second = start + at
    const tick = [second, 1, 4000, 8000, ...devices(second)]
    globalThis.tapped.onmessage({ data: '42' + JSON.stringify(['tick', 'home', tick]) })
    if (at % 200 === 199) await new Promise((done) => setTimeout(done, 0))
  }
})`

const server = await startRealServer()
const browser = await startBrowser()
try {
  const context = await openContext(browser, { width: 1440, height: 900, theme: 'light' })
  const { page } = await watchedPage(context, server.url)
  await claim(page, server.url)
  const home = `${server.origin}/`
  const state = await context.storageState()
  const fresh = await openContext(browser, { width: 1440, height: 900, theme: 'light' }, state)
  report('Home, everything it loads, gzipped', await homeBytes(await fresh.newPage(), home), 'bytes', LIMITS.homeBytes)
  await fresh.close()

  const debug = await context.newCDPSession(page)
  const runs: { first: number; largest: number }[] = []
  for (let run = 0; run < 3; run++) runs.push(await paints(page, debug, home))
  const middle = (pick: (run: { first: number; largest: number }) => number): number =>
    runs.map(pick).sort((a, b) => a - b)[1]
  report(
    `first paint at ${THROTTLE} times slower CPU, middle of 3`,
    middle(({ first }) => first),
    'ms',
    LIMITS.paintMs,
  )
  console.log(`           largest paint, middle of 3: ${middle(({ largest }) => largest)} ms`)

  const left = await openContext(browser, { width: 1440, height: 900, theme: 'light' }, state)
  await left.addInitScript(TAP)
  const open = await left.newPage()
  const watch = await left.newCDPSession(open)
  await watch.send('Performance.enable')
  await open.goto(`${home}#/?range=5m`)
  await open.locator('[role="slider"]').first().waitFor()
  const feed = async (count: number, start: number): Promise<void> => {
    await open.evaluate(`${FEED}(${JSON.stringify({ count, start })})`)
  }
  const now = Math.floor(Date.now() / 1000)
  await feed(600, now)
  await open.waitForTimeout(3000)
  const before = await heap(watch)
  const seconds = Number(values.hours) * 3600
  await feed(seconds, now + 600)
  await open.waitForTimeout(3000)
  const after = await heap(watch)
  const shown = Number(await open.locator('[role="slider"]').first().getAttribute('aria-valuemax'))
  console.log(
    `           ${seconds} ticks taken; the chart's end moved on by ${shown - now} s; heap ${Math.round(before / 1000)} kB before, ${Math.round(after / 1000)} kB after`,
  )
  report(`heap growth over ${values.hours} h of ticks`, Math.max(0, after - before), 'bytes', LIMITS.heapBytes)
  await left.close()
} finally {
  await browser.close()
  await server.stop()
}
process.exitCode = failed ? 1 : 0
