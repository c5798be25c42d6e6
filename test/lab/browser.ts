// Measures the time from a packet on the wire to the value in a real browser, and checks that a hostile name stays
// text.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type Page } from 'playwright-core'
import { logIn, openScreen, watchedPage } from '../e2e/browser.ts'
import { findChromium, NO_CHROMIUM } from '../support/chromium.ts'
import { type Findings, percentile } from './findings.ts'
import { HOSTILE_NAME, MARKED } from './plan.ts'
import type { RunningLab } from './steward.ts'
import { PASSWORD, type Telltale } from './telltale.ts'

/** A browser looks for updates by itself: no name but this machine's own exists for it. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost',
]
const MARKS = 40
/** Enough to change three digits of what the plug sent so far. */
const MARK_BYTES = 1300
const LATEST_MS = 1200

/** Must be called in the router's namespace: the browser is there. */
export async function inTheBrowser(running: RunningLab, telltale: Telltale, findings: Findings): Promise<void> {
  const executablePath = findChromium()
  if (executablePath === null) return findings.report(NO_CHROMIUM)
  const browser = await chromium.launch({
    executablePath: inFolder(running.lab.folder, executablePath),
    headless: true,
    args: FLAGS,
  })
  try {
    await look(browser, running, telltale, findings)
  } finally {
    await browser.close()
  }
}

/** The browser with a home of its own: what it writes is taken away with the lab. */
function inFolder(folder: string, executable: string): string {
  const path = join(folder, 'chromium.sh')
  writeFileSync(
    path,
    `#!/bin/sh\nexport HOME=${folder} XDG_CONFIG_HOME=${folder} XDG_CACHE_HOME=${folder}\nexec ${executable} "$@"\n`,
  )
  chmodSync(path, 0o755)
  return path
}

async function look(browser: Browser, running: RunningLab, telltale: Telltale, findings: Findings): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
  const watched = await watchedPage(context, telltale.origin)
  const { page } = watched
  await logIn(page, telltale.origin, PASSWORD)
  await openScreen(page, telltale.origin, '#/home')
  await latency(page, running, findings)
  await openScreen(page, telltale.origin, '#/devices')
  const shown = await page.getByText(HOSTILE_NAME, { exact: true }).count()
  const markup = await page.locator('main img, main svg[onload], main script').count()
  const wrong = [...watched.dialogs, ...watched.refused, ...watched.errors, ...watched.foreign]
  findings.judge(
    shown > 0 && markup === 0 && wrong.length === 0,
    `hostile names in the browser: shown as text ${shown} times, ${markup} elements made of them; dialogs, refusals, errors, foreign requests: ${wrong.length === 0 ? 'none' : wrong.join('; ')}`,
  )
}

async function latency(page: Page, running: RunningLab, findings: Findings): Promise<void> {
  const plug = running.devices.find(({ plan }) => plan.habits.includes(MARKED))
  if (plug === undefined) return
  const habit = plug.plan.habits.indexOf(MARKED)
  const cell = page
    .locator(`a.line[href*="${encodeURIComponent(plug.plan.mac)}"] .sent, a.line[href*="${plug.plan.mac}"] .sent`)
    .first()
  await cell.waitFor()
  const waits: number[] = []
  let unseen = 0
  for (let mark = 0; mark < MARKS; mark++) {
    // Any phase of the second is as likely as any other.
    await sleep(1100 + Math.random() * 1000)
    const seen = cell.evaluate(
      (element) =>
        new Promise<number>((resolve) => {
          const observer = new MutationObserver(() => {
            observer.disconnect()
            // The frame in which it is drawn.
            requestAnimationFrame(() => resolve(Date.now()))
          })
          observer.observe(element, { characterData: true, childList: true, subtree: true })
          setTimeout(() => resolve(0), 4000)
        }),
    )
    const sent = await plug.order<number>({ do: 'marked-packet', habit, bytes: MARK_BYTES })
    const at = await seen
    if (at === 0) unseen++
    else waits.push(at - sent)
  }
  const [median, late] = [percentile(waits, 0.5), percentile(waits, 0.95)]
  findings.judge(
    unseen === 0 && late <= LATEST_MS,
    `from a packet on the wire to its bytes in the browser, ${waits.length} times: p50 ${median} ms, p95 ${late} ms, most ${Math.max(...waits)} ms${unseen === 0 ? '' : `; ${unseen} were never seen`}`,
  )
}
