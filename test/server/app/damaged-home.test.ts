// A kept home whose state was damaged, under the built program: it starts, says what happened, and keeps no more of any
// device than before.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { loadDriver } from '../../../capture/sources/sqlite.ts'
import { LEVELS, type Device, type Level, type TrafficStatus } from '../../../server/api.ts'
import { ASKED_AT, PASSWORD } from '../../upgrade/home.ts'
import { type Home, unpack } from '../../upgrade/kept.ts'
import { Browser, Program } from '../../upgrade/program.ts'

const CLI = join(import.meta.dirname, '../../../dist/cli.js')
const isHere = existsSync('/proc/self/cwd')
if (!isHere) console.log('Damaged homes are not tested under the program: they need /proc.')

const homes: Home[] = []

function newHome(): Home {
  const home = unpack()
  homes.push(home)
  return home
}

afterEach(() => {
  for (const { folder } of homes.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const startOn = ({ stateFolder, folder }: Home): Promise<Program> =>
  Program.start({ cli: CLI, stateFolder, workingFolder: folder, clock: { start: ASKED_AT, rate: 0 } })

interface Shown {
  status: TrafficStatus
  levels: Record<string, Level>
  newDevices: Level
  bytes: number
}

/** What the page shows to who logs in, or claims it with the token that was printed. */
async function shownBy(program: Program): Promise<Shown> {
  const browser = new Browser(program.origin)
  await browser.enter(PASSWORD, new URL(program.url).searchParams.get('token'))
  const devices = await browser.get<Device[]>('/api/traffic/live/devices')
  const { newDevices } = await browser.get<{ newDevices: Level }>('/api/recorded')
  const range = `from=${ASKED_AT - 2 * 86_400}&to=${ASKED_AT}`
  const overview = await browser.get<{ devices: { sent: number }[] }>(`/api/traffic/live/overview?${range}`)
  return {
    status: await browser.get<TrafficStatus>('/api/traffic/live/status'),
    levels: Object.fromEntries(devices.map(({ id, level }) => [id, level])),
    newDevices,
    bytes: overview.devices.reduce((sum, { sent }) => sum + sent, 0),
  }
}

async function shownAfter(home: Home): Promise<Shown> {
  const program = await startOn(home)
  try {
    return await shownBy(program)
  } finally {
    await program.stop()
  }
}

const rank = (level: Level): number => LEVELS.indexOf(level)

const each =
  (names: readonly string[], damage: (path: string) => void) =>
  ({ stateFolder }: Home): void => {
    for (const name of names) for (const path of [name, `${name}.bak`]) damage(join(stateFolder, path))
  }
const sql =
  (text: string) =>
  ({ stateFolder }: Home): void => {
    const connection = loadDriver().open(join(stateFolder, 'history.db'))
    connection.exec(text)
    connection.close()
  }
const zero = (path: string): void => writeFileSync(path, Buffer.alloc(readFileSync(path).length))
const folderAt = (path: string): void => {
  rmSync(path, { force: true })
  mkdirSync(path)
}

/** Without settings there are no sources: the sample home plays. */
const KINDS: [what: string, damage: (home: Home) => void, said: RegExp, keepsBytes: boolean][] = [
  ['zeroed decisions', each(['decisions.json'], zero), /decisions\.json is damaged/, true],
  [
    'settings of another type',
    each(['settings.json'], (path) => writeFileSync(path, '[]')),
    /settings\.json is damaged/,
    false,
  ],
  [
    'empty settings and decisions',
    each(['settings.json', 'decisions.json'], (path) => truncateSync(path)),
    /decisions\.json is damaged/,
    false,
  ],
  ['a folder for decisions', each(['decisions.json'], folderAt), /decisions\.json is damaged/, true],
  ['zeroed passwords', each(['access.json'], zero), /access\.json is damaged/, true],
  [
    'folders for all small files',
    each(['devices.json', 'alerts.json', 'events.json', 'channels.json'], folderAt),
    /devices\.json is damaged/,
    true,
  ],
  ['a history without its state', sql('DROP TABLE state'), /table state is missing/, true],
  ['a history without its uses', sql('DROP TABLE pairs'), /table pairs is missing/, true],
  ['a history without its endpoints', sql('DROP TABLE endpoints'), /table endpoints is missing/, true],
  [
    'a history with a wrong device',
    sql("UPDATE devices SET first = 'x', last = x'00'"),
    /row of the table devices is wrong/,
    true,
  ],
  ['a zeroed history', ({ stateFolder }) => zero(join(stateFolder, 'history.db')), /history was damaged/, false],
  [
    'a folder for the history',
    ({ stateFolder }) => folderAt(join(stateFolder, 'history.db')),
    /history\.db was no file/,
    false,
  ],
  [
    'a lock of something else',
    ({ stateFolder }) => writeFileSync(join(stateFolder, 'lock'), 'x'.repeat(9_000)),
    /^$/,
    true,
  ],
]

describe.skipIf(!isHere)('a kept home with', { timeout: 180_000 }, () => {
  let whole: Shown | null = null

  test.each(KINDS)('%s starts, says so and keeps no more than before', async (what, damage, said, keepsBytes) => {
    whole ??= await shownAfter(newHome())
    const home = newHome()
    damage(home)
    // Levels have to hold at the next start as well.
    for (const start of /decisions|settings/.test(what) ? ['first', 'second'] : ['first']) {
      const shown = await shownAfter(home)
      for (const [id, level] of Object.entries(whole.levels)) {
        if (shown.levels[id] === undefined) continue
        expect(rank(shown.levels[id]), `${id} at the ${start} start`).toBeGreaterThanOrEqual(
          Math.min(rank(level), rank('totals')),
        )
      }
      expect(rank(shown.newDevices)).toBeGreaterThanOrEqual(Math.min(rank(whole.newDevices), rank('totals')))
      if (keepsBytes) expect(shown.bytes).toBe(whole.bytes)
      if (start === 'first') expect((shown.status.problems ?? []).join(' ')).toMatch(said)
    }
  })

  test('damaged passwords opens to nobody without the token of the console', async () => {
    const home = newHome()
    each(['access.json'], zero)(home)
    const program = await startOn(home)
    try {
      expect(new URL(program.url).searchParams.get('token')).toMatch(/^[\w-]{20,}$/)
      const stranger = new Browser(program.origin, home.cookie)
      expect((await stranger.ask('/api/traffic/live/devices')).status).toBe(401)
      expect((await stranger.ask('/api/claim', 'POST', { token: 'guess', password: PASSWORD })).status).toBe(403)
      expect((await stranger.ask('/api/login', 'POST', { password: PASSWORD })).status).toBe(409)
    } finally {
      await program.stop()
    }
  })

  test('decisions that could not be read asks its owner to confirm, once', async () => {
    const home = newHome()
    each(['decisions.json'], zero)(home)
    const program = await startOn(home)
    try {
      const browser = new Browser(program.origin)
      await browser.enter(PASSWORD)
      expect(await browser.get<TrafficStatus>('/api/traffic/live/status')).toMatchObject({ unconfirmed: true })
      await browser.send('POST', '/api/recovery/confirm')
      expect((await browser.get<TrafficStatus>('/api/traffic/live/status')).unconfirmed).toBeUndefined()
    } finally {
      await program.stop()
    }
    expect((await shownAfter(home)).status.problems).toBeUndefined()
  })

  test('files from an older version keeps them as they were for a while, and starts the same without', async () => {
    const home = newHome()
    const history = join(home.stateFolder, 'history.db')
    await shownAfter(home)
    const copies = readdirSync(home.stateFolder).filter((name) => name.includes('.before-'))
    // The layout of the history is older, and so is the form of some files.
    expect(copies).toEqual(expect.arrayContaining([expect.stringMatching(/^history\.db\.before-v\d$/) as string]))
    const untouched = newHome()
    for (const copy of copies.filter((name) => name.includes('.json.before-'))) {
      const name = copy.replace(/\.before-.*$/, '')
      expect(
        readFileSync(join(home.stateFolder, copy)).equals(readFileSync(join(untouched.stateFolder, name))),
        name,
      ).toBe(true)
    }
    await shownAfter(home)
    expect(readdirSync(home.stateFolder).filter((name) => name.includes('.before-'))).toEqual(copies)
    expect(existsSync(history)).toBe(true)
  })

  test('a state folder that cannot be used ends with a sentence', () => {
    const { folder } = newHome()
    const path = join(folder, 'file')
    writeFileSync(path, '')
    chmodSync(path, 0o600)
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'serve', '--port', '0', '--state', path], {
      encoding: 'utf8',
    })
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/^telltale: .+\n$/)
  })
})
