// Checks of one screen: it fits its window, and axe-core finds nothing.
import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Elements that stick out of the window, by their class; empty where nothing scrolls sideways. */
export async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement
    if (root.scrollWidth <= root.clientWidth) return []
    return [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
      .slice(0, 8)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className.toString().replace(/\s+/g, '.')}`)
  })
}

/**
 * Violations that axe-core finds, as "rule: where". The script comes through the debugger: the page's own policy stays
 * on.
 */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const checker = (globalThis as unknown as { axe: typeof axe }).axe
    const result = await checker.run(document, { resultTypes: ['violations'] })
    return result.violations.map(
      (found) =>
        `${found.id}: ${found.nodes
          .slice(0, 3)
          .map((node) => node.target.join(' '))
          .join(' | ')} (${found.help})`,
    )
  })
}

/** What can be pressed and is smaller than a finger, by its words. Links inside of sentences may be. */
export async function smallTargets(page: Page): Promise<string[]> {
  // No named function in here: what compiles this file would add a helper that the page does not have.
  return page.evaluate(() =>
    [...document.querySelectorAll('button, select, a[href]')]
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(
        ({ element, box }) =>
          box.width > 1 &&
          box.height > 1 &&
          box.height < 43.5 &&
          !element.closest('td, .visually-hidden, dialog:not([open])'),
      )
      .map(
        ({ element, box }) =>
          `${element.tagName.toLowerCase()} “${(element.textContent ?? '').trim().slice(0, 30)}” ${Math.round(box.height)} px`,
      )
      .slice(0, 10),
  )
}
