// Hovers every chart and finds what only a hostile name executed as script or markup can have made.
import type { Page } from 'playwright-core'
import { settled } from './browser.ts'

/** What reorders or hides text, and what moves a terminal: never in the page as itself. */
export const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

/** Moves over everything that a chart shows something for, and along it with the keys. */
export async function hoverCharts(page: Page, most = 60): Promise<number> {
  let hovered = 0
  for (const chart of await page
    .locator('[role="slider"], figure svg path.band, figure .label, figure .entry, figure button.cell')
    .all()) {
    if (hovered >= most) break
    if (!(await chart.isVisible())) continue
    await chart.hover({ force: true, timeout: 2000 }).catch(() => undefined)
    hovered += 1
  }
  for (const slider of await page.locator('[role="slider"]').all()) {
    await slider.focus()
    for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowLeft', 'Escape', 'Escape']) await page.keyboard.press(key)
  }
  for (const toggle of await page.getByRole('button', { name: 'Show as table' }).all())
    await toggle.click({ timeout: 2000 }).catch(() => undefined)
  // The keys choose a part of the range, which is asked for anew, and so is the whole.
  await settled(page)
  return hovered
}

/** Elements that only a name taken as markup could have put into the page. */
export async function planted(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      document.querySelectorAll(
        'main img, main iframe, main script, main base, main form[action], main math, main link, [onerror], [onload], a[href^="javascript:"]',
      ).length,
  )
}
