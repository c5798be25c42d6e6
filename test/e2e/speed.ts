// Frames a second while scrolling and while picking a time, with 200 devices and 10,000 endpoints.
//
//   npx tsx test/e2e/speed.ts [--devices 200] [--endpoints 10000] [--throttle 1]
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { logIn, openContext, openScreen, startBrowser, watchedPage } from './browser.ts'
import { ADMIN_PASSWORD, startFakeServer } from './fake-server.ts'
import { allScreens } from './screens.ts'

const MEASURED_MS = 3000

interface Frames {
  perSecond: number
  /** The longest time between two frames, in milliseconds. */
  longest: number
}

/** As text: what compiles this file would put a helper around a named function that the page does not have. */
const COUNTER = `
  globalThis.counting = { frames: [], on: true }
  const count = (at) => {
    globalThis.counting.frames.push(at)
    if (globalThis.counting.on) requestAnimationFrame(count)
  }
  requestAnimationFrame(count)
`

/** Counts frames while `work` is done in the page. */
async function framesWhile(page: Page, work: () => Promise<void>): Promise<Frames> {
  await page.evaluate(COUNTER)
  await work()
  const times = await page.evaluate(() => {
    const { counting } = globalThis as unknown as { counting: { frames: number[]; on: boolean } }
    counting.on = false
    return counting.frames
  })
  const gaps = times.slice(1).map((at, place) => at - (times[place] ?? at))
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
  return { perSecond: Math.round(((times.length - 1) / span) * 1000), longest: Math.round(Math.max(0, ...gaps)) }
}

async function scroll(page: Page): Promise<void> {
  await page.mouse.move(700, 500)
  for (let at = 0; at < MEASURED_MS; at += 50) {
    await page.mouse.wheel(0, at < MEASURED_MS / 2 ? 120 : -120)
    await page.waitForTimeout(50)
  }
}

async function pick(page: Page): Promise<void> {
  const chart = page.locator('[role="slider"]').first()
  await chart.scrollIntoViewIfNeeded()
  const box = await chart.boundingBox()
  if (box === null) return
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + 20, y)
  await page.mouse.down()
  for (let at = 0; at < MEASURED_MS; at += 25) {
    await page.mouse.move(box.x + 20 + (at / MEASURED_MS) * (box.width - 60), y)
    await page.waitForTimeout(25)
  }
  await page.mouse.up()
  await page.waitForTimeout(500)
  await page.keyboard.press('Escape')
}

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '200' },
    endpoints: { type: 'string', default: '10000' },
    throttle: { type: 'string', default: '1' },
  },
})
const server = await startFakeServer(['--devices', values.devices, '--endpoints', values.endpoints])
const browser = await startBrowser()
try {
  const context = await openContext(browser, { width: 1440, height: 900, theme: 'light' })
  const { page } = await watchedPage(context, server.url)
  await logIn(page, server.url, ADMIN_PASSWORD)
  const screens = (await allScreens(page)).filter((screen) =>
    ['home', 'devices', 'device', 'companies'].includes(screen.name),
  )
  const debug = await context.newCDPSession(page)
  await debug.send('Emulation.setCPUThrottlingRate', { rate: Number(values.throttle) })
  for (const screen of screens) {
    await openScreen(page, server.url, screen.hash)
    const scrolled = await framesWhile(page, () => scroll(page))
    const charts = await page.locator('[role="slider"]').count()
    const picked = charts === 0 ? null : await framesWhile(page, () => pick(page))
    console.log(
      `${screen.name.padEnd(10)} scrolling ${scrolled.perSecond} frames/s (longest ${scrolled.longest} ms)${picked === null ? '' : `, picking ${picked.perSecond} frames/s (longest ${picked.longest} ms)`}`,
    )
  }
} finally {
  await browser.close()
  await server.stop()
}
