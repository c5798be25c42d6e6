// The browser starts, and one is found where it was named.
import { afterEach, expect, test, vi } from 'vitest'
import { NO_CHROMIUM, findChromium, startChromium } from './chromium.ts'

afterEach(() => vi.unstubAllEnvs())

test("the browser that is named goes before the system's, and nothing is found where there is nothing", () => {
  vi.stubEnv('PATH', '/nowhere')
  vi.stubEnv('TELLTALE_CHROMIUM', '')
  expect(findChromium()).toBeNull()
  expect(() => startChromium()).toThrow(NO_CHROMIUM)
  vi.stubEnv('TELLTALE_CHROMIUM', '/opt/chrome')
  expect(findChromium()).toBe('/opt/chrome')
})

test('it shows a page', async ({ skip }) => {
  if (findChromium() === null) skip(NO_CHROMIUM)
  const browser = await startChromium()
  try {
    const page = await browser.newPage()
    await page.setContent('<h1>Home</h1>')
    expect(await page.textContent('h1')).toBe('Home')
  } finally {
    await browser.close()
  }
})
