// The browser of the tests: where it is, and how it is started.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** Said by every test that is skipped for want of a browser. */
export const NO_CHROMIUM =
  "skipped: no Chromium here; `npm test` installs Debian's as root, or name one in TELLTALE_CHROMIUM"

/** Nothing but the pages under test goes over the network. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // It looks up its maker's hosts in spite of the flags above.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
]

/** The path of TELLTALE_CHROMIUM, else of what the system has; null where there is none. */
export function findChromium(): string | null {
  const named = process.env['TELLTALE_CHROMIUM']
  if (named !== undefined && named !== '') return named
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path)) ?? null
}

/** A browser with an empty profile of its own; the caller closes it. */
export function startChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error(NO_CHROMIUM)
  return chromium.launch({ executablePath, args: FLAGS, headless: true })
}
