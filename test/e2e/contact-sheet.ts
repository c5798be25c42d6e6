// Pictures of every screen in every size and theme, with checks of each.
//
//   npx tsx test/e2e/contact-sheet.ts [--url http://127.0.0.1:4100/ --password …] [--out DIR] [--only home,device]
// [--learning] [--hostile]
//
// Without --url it starts the made-up home. Ends with 1 where a screen overflows, axe-core finds something, the page's
// policy refused something, or the page threw an error.
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { logIn, openContext, openScreen, startBrowser, watchedPage, type Look, type Watched } from './browser.ts'
import { overflowing, smallTargets, violations } from './checks.ts'
import { ADMIN_PASSWORD, startFakeServer } from './fake-server.ts'
import { writeMontage, type Shot } from './montage.ts'
import { allScreens, type ScreenAddress } from './screens.ts'

const SIZES = [
  [360, 640],
  [1440, 900],
] as const
const THEMES = ['light', 'dark'] as const

async function shoot(watched: Watched, url: string, screen: ScreenAddress, look: Look, folder: string): Promise<Shot> {
  const { page } = watched
  await openScreen(page, url, screen.hash)
  await page.evaluate(() => scrollTo(0, 0))
  const size = `${look.width}x${look.height}`
  const file = `${screen.name}-${size}-${look.theme}.png`
  const notes = [
    ...(await overflowing(page)).map((element) => `overflow: ${element}`),
    ...(await violations(page)).map((found) => `axe: ${found}`),
    ...(look.width < 600 ? (await smallTargets(page)).map((target) => `small: ${target}`) : []),
    ...watched.refused.splice(0).map((text) => `refused: ${text}`),
    ...watched.errors.splice(0).map((text) => `error: ${text}`),
    ...watched.foreign.splice(0).map((text) => `foreign: ${text}`),
  ]
  await page.screenshot({ path: join(folder, file), fullPage: true })
  return { screen: screen.name, size, theme: look.theme, file, notes }
}

async function shootAll(
  browser: Browser,
  url: string,
  password: string,
  folder: string,
  only: string[],
): Promise<Shot[]> {
  const first = await openContext(browser, { width: 1440, height: 900, theme: 'light' })
  const page = await first.newPage()
  await logIn(page, url, password)
  const screens = (await allScreens(page)).filter((screen) => only.length === 0 || only.includes(screen.name))
  const state = await first.storageState()
  await first.close()
  const shots: Shot[] = []
  for (const [width, height] of SIZES) {
    for (const theme of THEMES) {
      const look = { width, height, theme }
      const [inside, outside] = [await openContext(browser, look, state), await openContext(browser, look)]
      const [known, stranger] = [await watchedPage(inside, url), await watchedPage(outside, url)]
      for (const screen of screens) {
        const shot = await shoot(screen.open === true ? stranger : known, url, screen, look, folder)
        console.log(
          `${shot.notes.length === 0 ? 'ok  ' : 'look'} ${shot.file}${shot.notes.map((note) => `\n       ${note}`).join('')}`,
        )
        shots.push(shot)
      }
      await inside.close()
      await outside.close()
    }
  }
  return shots
}

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    password: { type: 'string', default: ADMIN_PASSWORD },
    out: { type: 'string', default: join(tmpdir(), 'telltale-contact-sheet') },
    only: { type: 'string', default: '' },
    learning: { type: 'boolean', default: false },
    hostile: { type: 'boolean', default: false },
  },
})
const folder = resolve(values.out)
mkdirSync(folder, { recursive: true })
const browser = await startBrowser()
const options = [...(values.learning ? ['--learning'] : []), ...(values.hostile ? ['--hostile'] : [])]
const server = values.url === undefined ? await startFakeServer(options) : null
try {
  const shots = await shootAll(
    browser,
    server?.url ?? (values.url as string),
    values.password,
    folder,
    values.only.split(',').filter((name) => name !== ''),
  )
  await writeMontage(browser, folder, shots)
  const wrong = shots.filter((shot) => shot.notes.length > 0).length
  console.log(`${shots.length} shots, ${wrong} with something to look at: ${join(folder, 'index.html')}`)
  process.exitCode = wrong === 0 ? 0 : 1
} finally {
  await browser.close()
  await server?.stop()
}
