// Drives a Chromium through playwright for the tests, and states the reason where there is none.
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page, type Request } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** What a browser must not do in a test: ask for updates, phone home, use a sandbox that root has not. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
]

/** The path of a Chromium on this machine; null where there is none. Set CHROMIUM to name another. */
export function chromiumPath(): string | null {
  const named = process.env['CHROMIUM']
  if (named !== undefined && named !== '') return existsSync(named) ? named : null
  return PLACES.find((path) => existsSync(path)) ?? null
}

export const NO_CHROMIUM =
  'No Chromium here: install it (Debian: apt-get install chromium) or set CHROMIUM to its path. Tests in a browser are left out.'

/** Starts an empty browser. Throws a sentence where none is installed. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === null) throw new Error(NO_CHROMIUM)
  return chromium.launch({ executablePath, headless: true, args: FLAGS })
}

/** A machine that builds, serves and browses at once may take its time. */
const PATIENCE_MS = 90_000

export interface Look {
  width: number
  height: number
  theme: 'light' | 'dark'
}

/** What went wrong in a page by itself. Filled while it is open. */
export interface Watched {
  page: Page
  /** Dialogs that opened: somebody's script ran. */
  dialogs: string[]
  /** What the Content-Security-Policy refused. */
  refused: string[]
  /** Errors of our own script. */
  errors: string[]
  /** Requests to anywhere but the server. */
  foreign: string[]
}

export async function openContext(
  browser: Browser,
  look: Look,
  state?: Awaited<ReturnType<BrowserContext['storageState']>>,
): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.theme,
    hasTouch: look.width < 600,
    timezoneId: 'Asia/Kolkata',
    locale: 'en-GB',
    ...(state === undefined ? {} : { storageState: state }),
  })
}

/** What a page has asked of the server and has no answer to yet, but for what stays open. */
const waiting = new WeakMap<Page, Set<Request>>()

function watchRequests(page: Page): void {
  const open = new Set<Request>()
  waiting.set(page, open)
  page.on('request', (request) => {
    if (/^(fetch|xhr|script)$/.test(request.resourceType()) && !request.url().includes('/socket.io/')) open.add(request)
  })
  page.on('requestfinished', (request) => open.delete(request))
  page.on('requestfailed', (request) => open.delete(request))
}

/** A page that notes what it should never do. */
export async function watchedPage(context: BrowserContext, url: string): Promise<Watched> {
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  watchRequests(page)
  const watched: Watched = { page, dialogs: [], refused: [], errors: [], foreign: [] }
  const origin = new URL(url).origin
  page.on('dialog', (dialog) => {
    watched.dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    const text = message.text()
    if (/content.security.policy/i.test(text)) watched.refused.push(text)
  })
  page.on('pageerror', (error) => watched.errors.push(error.message))
  page.on('request', (request) => {
    const asked = request.url()
    if (asked.includes('/api/csp-report')) watched.refused.push(request.postData() ?? asked)
    if (/^(https?|wss?):/.test(asked) && new URL(asked).host !== new URL(origin).host) watched.foreign.push(asked)
  })
  return watched
}

/** Logs in through the form, as a reader does. */
export async function logIn(page: Page, url: string, password: string): Promise<void> {
  await page.goto(url)
  const field = page.locator('input[type="password"]').first()
  await field.waitFor()
  await field.fill(password)
  await field.press('Enter')
  await page.locator('#main').waitFor()
}

/** Opens a screen by its address and waits until nothing is loading any more. */
export async function openScreen(page: Page, url: string, hash: string): Promise<void> {
  const target = new URL(hash, url).href
  if (page.url().split('#')[0] !== url.split('#')[0]) await page.goto(target)
  else {
    const before = new URL(page.url()).hash
    // The screen before must be gone, or it would be taken for the one that was asked for.
    await page.evaluate(
      (hash) =>
        new Promise<void>((done) => {
          if (location.hash === hash) return done()
          document.querySelector('h1')?.setAttribute('data-before', '')
          addEventListener('hashchange', () => requestAnimationFrame(() => requestAnimationFrame(() => done())), {
            once: true,
          })
          location.hash = hash
        }),
      hash,
    )
    // On a busy machine that takes more than two frames.
    if (isAnotherScreen(before, hash))
      await page.waitForFunction(() => document.querySelector('h1[data-before]') === null)
  }
  await settled(page)
}

/** Whether a new heading comes: another range keeps it, and so does Home, whichever history it shows. */
function isAnotherScreen(before: string, after: string): boolean {
  const [from, to] = [before, after].map((hash) => hash.replace(/\?.*/, '').replace(/^(#\/replay\/[^/]+)\/?$/, '#/'))
  const isHome = (hash: string | undefined): boolean => ['', '#', '#/', '#/home'].includes(hash ?? '')
  return from !== to && !(isHome(from) && isHome(to))
}

/** Waits until everything asked for has come and is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  do await drawn(page)
  while ((waiting.get(page)?.size ?? 0) > 0)
}

async function drawn(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const heading = document.querySelector('h1')
    const busy = [...document.querySelectorAll('[role="status"]')].some((element) => element.textContent === 'Loading…')
    const plots = [...document.querySelectorAll('.plot')].every(
      (plot) => plot.querySelector('canvas') !== null || plot.getBoundingClientRect().top > innerHeight,
    )
    return heading !== null && heading.textContent !== 'Loading…' && !busy && plots
  })
  // Two frames: what was asked for is drawn.
  await page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  )
}
