// A kept home whose files lack a field: the program starts, shows the home and stops in order.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ASKED_AT, PASSWORD } from './home.ts'
import { unpack } from './kept.ts'
import { lacksOf } from './missing.ts'
import { Browser, Program, until } from './program.ts'

const CLI = join(import.meta.dirname, '../../dist/cli.js')
const isHere = existsSync(CLI) && existsSync('/proc/self/cwd')
if (!isHere) console.log('Kept homes that lack a field are not tested: they need dist/ (npm run build) and /proc.')

/** One field of each file at a time: the files are read apart from each other. */
function rounds(): { round: number; lacking: Record<string, { field: string; without: unknown }> }[] {
  const { folder, stateFolder } = unpack()
  const files = readdirSync(stateFolder).filter((name) => name.endsWith('.json'))
  const lacks = files.map((name) => ({ name, all: lacksOf(JSON.parse(readFileSync(join(stateFolder, name), 'utf8'))) }))
  rmSync(folder, { recursive: true, force: true })
  const most = Math.max(...lacks.map(({ all }) => all.length))
  return Array.from({ length: most }, (_, round) => ({
    round,
    lacking: Object.fromEntries(
      lacks.flatMap(({ name, all }) => (all[round] === undefined ? [] : [[name, all[round]]])),
    ),
  }))
}

describe.skipIf(!isHere).concurrent('a kept home that lacks a field in each file', () => {
  test.each(isHere ? rounds() : [])('starts: round $round', async ({ lacking }) => {
    const home = unpack()
    for (const [name, { without }] of Object.entries(lacking)) {
      writeFileSync(join(home.stateFolder, name), JSON.stringify(without))
      rmSync(join(home.stateFolder, `${name}.bak`), { force: true })
    }
    const about = JSON.stringify(Object.fromEntries(Object.entries(lacking).map(([name, { field }]) => [name, field])))
    const { stateFolder, folder } = home
    const program = await Program.start({
      cli: CLI,
      stateFolder,
      workingFolder: folder,
      clock: { start: ASKED_AT, rate: 0 },
    })
    try {
      const browser = new Browser(program.origin)
      const token = new URL(program.url).searchParams.get('token')
      await browser.enter(PASSWORD, token)
      await until(`the sources, without ${about}`, async () => {
        const { sources } = await browser.get<{ sources: unknown[] }>('/api/books/live/status')
        return sources.length > 0
      })
      const paths = [
        'devices',
        'alerts',
        `overview?from=${ASKED_AT - 86_400}&to=${ASKED_AT}`,
        `events?from=${ASKED_AT - 86_400}&to=${ASKED_AT}`,
      ]
      for (const path of paths) {
        const { status, body } = await browser.ask(`/api/books/live/${path}`)
        expect(status, `${path}, without ${about}: ${JSON.stringify(body).slice(0, 200)}`).toBe(200)
      }
    } finally {
      await program.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    expect(
      program.said.filter((sentence) => /mistake|stopped working|could not/.test(sentence)),
      about,
    ).toEqual([])
  })
})
