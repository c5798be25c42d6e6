// Each file of the state folder damaged in each way, alone and with every other version of it: nothing is opened by it.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { LEVELS, type Level } from '../../../server/api.ts'
import { type AppState, openAppState } from '../../../server/app/app-state.ts'
import { levelIn } from '../../../server/model/policy.ts'
import { hashOfId } from '../../../server/session/excluded-devices.ts'
import { lockStateFolder } from '../../../server/store/lock.ts'
import { collectedLog } from '../../support/collected-log.ts'
import { filesContaining, temporaryFolder } from '../history/folder.ts'

const PASSWORD = 'correct horse battery'
const DECIDED: Record<string, Level> = {
  '02:00:00:00:00:0a': 'paused',
  '02:00:00:00:00:0b': 'totals',
  '02:00:00:00:00:0c': 'companies',
}
const UNDECIDED = '02:00:00:00:00:0d'
const IGNORED = '02:00:00:00:00:0e'
const NEVER_SEEN = '02:00:00:00:00:0f'

const FILES = ['settings', 'decisions', 'access', 'devices', 'alerts', 'events', 'alert-evidence', 'channels'].map(
  (name) => `${name}.json`,
)
const PRIVATE = ['settings.json', 'decisions.json', 'access.json']

const WAYS: Record<string, (path: string) => void> = {
  'cut in half': (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  empty: (path) => truncateSync(path),
  zeroed: (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length)),
  'zeroed in its middle': (path) => {
    const bytes = readFileSync(path)
    bytes.fill(0, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2))
    writeFileSync(path, bytes)
  },
  binary: (path) => writeFileSync(path, Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 151 + 7) % 256))),
  'a list': (path) => writeFileSync(path, '[]'),
  null: (path) => writeFileSync(path, 'null'),
  'a number': (path) => writeFileSync(path, '5'),
  'an object of something else': (path) => writeFileSync(path, '{"some": {"thing": 1}}'),
  'a folder': (path) => {
    rmSync(path)
    mkdirSync(path)
    writeFileSync(join(path, 'inside'), 'x')
  },
  unreadable: (path) => {
    rmSync(path)
    symlinkSync(path, path)
  },
}
/** Of these files, what holds something else is read as empty: nothing about privacy is in them. */
const LENIENT = ['a list', 'null', 'a number', 'an object of something else']

let master = ''

beforeAll(async () => {
  master = mkdtempSync(join(PLACE, 'telltale-undamaged-'))
  const state = await openAppState(master, collectedLog([]))
  await state.accounts.claim(state.accounts.claimToken() as string, PASSWORD)
  await state.accounts.setViewerPassword(`${PASSWORD} 2`)
  for (const minuteHours of [40, 41]) await state.settings.change({ storage: { minuteHours } })
  await state.settings.change({ privacy: { newDevices: 'companies' } })
  state.known.data.devices = [...Object.keys(DECIDED), UNDECIDED].map((id) => ({
    id,
    mac: id,
    name: null,
    vendor: null,
    kind: 'unknown',
    confidence: 0,
    privateMac: false,
    why: [],
    addresses: [],
    firstSeen: 1,
    lastSeen: 2,
  }))
  for (const [id, level] of Object.entries(DECIDED)) await state.decisions.change(id, { level })
  await state.decisions.forget([IGNORED], true)
  await state.decisions.change(UNDECIDED, { name: 'Lamp' })
  for (let round = 0; round < 2; round += 1) for (const stored of [state.known, state.channels]) await stored.save()
  await state.alertStore.close()
  for (const name of FILES) {
    if (!existsSync(join(master, name)))
      writeFileSync(join(master, name), '{"memory": null, "events": [], "evidence": {}}')
    cpSync(join(master, name), join(master, `${name}.bak`))
  }
  return () => rmSync(master, { recursive: true, force: true })
})

function copyOfMaster(): string {
  const folder = mkdtempSync(join(PLACE, 'telltale-damaged-'))
  copies.push(folder)
  cpSync(master, folder, { recursive: true })
  return folder
}

/** In memory where there is such a place: some hundred starts, each with its syncs. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const copies: string[] = []

afterEach(() => {
  for (const folder of copies.splice(0)) rmSync(folder, { recursive: true, force: true })
})

interface Reopened {
  state: AppState
  said: string[]
}

async function open(folder: string): Promise<Reopened> {
  const said: string[] = []
  const state = await openAppState(folder, collectedLog(said))
  return { state, said }
}

/** No device is kept more of than was decided; where no decision can be read, totals at most. */
function opensNothing({ state }: Reopened): void {
  const { decisions, settings } = state
  const policy = decisions.policy(settings.values.privacy.newDevices, (id) => [id])
  const rankOf = (id: string): number => {
    const isIgnored = policy.ignored.hashes.includes(hashOfId(policy.ignored.salt, id))
    return isIgnored ? LEVELS.length : LEVELS.indexOf(levelIn(policy, id))
  }
  const least = (level: Level): number => Math.min(LEVELS.indexOf(level), LEVELS.indexOf('totals'))
  for (const [id, level] of Object.entries(DECIDED)) expect(rankOf(id), id).toBeGreaterThanOrEqual(least(level))
  expect(rankOf(UNDECIDED)).toBeGreaterThanOrEqual(least('companies'))
  expect(rankOf(NEVER_SEEN)).toBeGreaterThanOrEqual(least('companies'))
  expect(rankOf(IGNORED), 'the ignored device').toBeGreaterThanOrEqual(LEVELS.indexOf('paused'))
}

async function staysLocked({ state: { accounts } }: Reopened): Promise<void> {
  if (accounts.claimed()) {
    await expect(accounts.login('wrong password', '192.0.2.1')).rejects.toThrow('not the password')
    return
  }
  // As before the first visit: this machine only, with the token that is printed at the console.
  await expect(accounts.claim('guess', 'another password')).rejects.toThrow('not the address')
  await expect(accounts.login(PASSWORD, '192.0.2.1')).rejects.toThrow('no password yet')
}

const kinds = FILES.flatMap((name) => Object.keys(WAYS).map((way) => [name, way] as const))

describe('a damaged file', { timeout: 30_000 }, () => {
  test.each(kinds)('%s that is %s is replaced by its last version, with a sentence', async (name, way) => {
    const folder = copyOfMaster()
    WAYS[way]?.(join(folder, name))
    const opened = await open(folder)
    opensNothing(opened)
    if (name === 'access.json') await staysLocked(opened)
    const { decisions, settings, accounts, folder: stateFolder } = opened.state
    // The last decision of all, not the one before.
    expect(decisions.words.devices[UNDECIDED]?.name).toBe('Lamp')
    expect(settings.values.storage.minuteHours).toBe(41)
    expect(accounts.claimed()).toBe(true)
    if (PRIVATE.includes(name) || !LENIENT.includes(way)) {
      expect(opened.said.join(' ')).toContain(`${name} is damaged`)
      expect(stateFolder.problems.all().join(' ')).toContain(`${name} is damaged`)
      expect(readdirSync(folder).some((file) => file.startsWith(`${name}.damaged-`))).toBe(true)
    }
    const again = await open(folder)
    expect(again.said).toEqual([])
    opensNothing(again)
  })

  test.each(kinds)('%s that is %s, with every other version of it, keeps less and says so', async (name, way) => {
    const folder = copyOfMaster()
    for (const file of [name, `${name}.bak`, `last-${name}`])
      if (existsSync(join(folder, file))) WAYS[way]?.(join(folder, file))
    const opened = await open(folder)
    opensNothing(opened)
    if (name === 'access.json') await staysLocked(opened)
    if (name === 'settings.json' || name === 'decisions.json')
      expect(opened.state.decisions.unconfirmed).toHaveLength(1)
    if (name === 'access.json') expect(opened.state.accounts.claimToken()).not.toBe(null)
    if (PRIVATE.includes(name)) expect(opened.said.join(' ')).toContain(`${name} is damaged`)
    // It holds over restarts, until the owner has confirmed it, and after.
    for (const round of ['the second start', 'the third']) {
      const again = await open(folder)
      expect(again.said, round).toEqual([])
      opensNothing(again)
      expect(again.state.accounts.claimed()).toBe(opened.state.accounts.claimed())
      expect(again.state.decisions.unconfirmed).toEqual(opened.state.decisions.unconfirmed)
    }
    const confirmed = await open(folder)
    await confirmed.state.decisions.confirm()
    expect(confirmed.state.decisions.unconfirmed).toEqual([])
    opensNothing(confirmed)
    expect((await open(folder)).state.decisions.unconfirmed).toEqual([])
  })

  test('and all the others at once keep less, stay locked, and end nothing', async () => {
    for (const way of Object.keys(WAYS)) {
      const folder = copyOfMaster()
      for (const file of readdirSync(folder)) if (/\.json(\.bak)?$/.test(file)) WAYS[way]?.(join(folder, file))
      const opened = await open(folder)
      opensNothing(opened)
      await staysLocked(opened)
      expect(opened.state.decisions.unconfirmed).toHaveLength(2)
    }
  })
})

describe('a part of a file', () => {
  const alter = (
    folder: string,
    name: string,
    work: (stored: Record<string, Record<string, unknown>>) => void,
  ): void => {
    for (const file of [name, `${name}.bak`, `last-${name}`]) {
      const path = join(folder, file)
      const stored = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, unknown>>
      work(stored)
      writeFileSync(path, JSON.stringify(stored))
    }
  }

  test.each([
    ['settings without privacy', 'settings.json', (stored: Record<string, unknown>) => delete stored['privacy']],
    [
      'settings whose privacy is a text',
      'settings.json',
      (stored: Record<string, unknown>) => (stored['privacy'] = 'x'),
    ],
    [
      'a level of new devices that is none',
      'settings.json',
      (stored: Record<string, unknown>) => (stored['privacy'] = { newDevices: 'all' }),
    ],
    [
      'a level of new devices that is a number',
      'settings.json',
      (stored: Record<string, unknown>) => (stored['privacy'] = { newDevices: 0 }),
    ],
    ['decisions without devices', 'decisions.json', (stored: Record<string, unknown>) => delete stored['devices']],
    [
      'decisions without ignored devices',
      'decisions.json',
      (stored: Record<string, unknown>) => delete stored['ignored'],
    ],
    [
      'ignored devices without their salt',
      'decisions.json',
      (stored: Record<string, unknown>) => delete (stored['ignored'] as Record<string, unknown>)['salt'],
    ],
    [
      'ignored devices that are numbers',
      'decisions.json',
      (stored: Record<string, unknown>) => ((stored['ignored'] as Record<string, unknown>)['hashes'] = [5]),
    ],
    [
      'a level that is none',
      'decisions.json',
      (stored: Record<string, unknown>) =>
        ((stored['devices'] as Record<string, unknown>)['02:00:00:00:00:0a'] = { level: 'pausd' }),
    ],
    [
      'a level that is null',
      'decisions.json',
      (stored: Record<string, unknown>) =>
        ((stored['devices'] as Record<string, unknown>)['02:00:00:00:00:0a'] = { level: null }),
    ],
    ['merged devices that are a list', 'decisions.json', (stored: Record<string, unknown>) => (stored['merges'] = [])],
    ['accounts whose hash is cut', 'access.json', (stored: Record<string, unknown>) => (stored['admin'] = 'scrypt$00')],
    ['accounts without sessions', 'access.json', (stored: Record<string, unknown>) => delete stored['sessions']],
  ])('such as %s opens nothing', async (_what, name, work) => {
    const folder = copyOfMaster()
    alter(folder, name, work)
    const opened = await open(folder)
    opensNothing(opened)
    await staysLocked(opened)
    expect(opened.said.join(' ')).toContain(`${name} is damaged`)
  })
})

test('the version before the last change is used where nothing else is left, and the owner is asked', async () => {
  const folder = copyOfMaster()
  for (const file of ['decisions.json', 'last-decisions.json']) writeFileSync(join(folder, file), '{')
  const opened = await open(folder)
  opensNothing(opened)
  expect(opened.state.decisions.unconfirmed).toEqual([
    expect.stringContaining('the version before the last one is used'),
  ])
})

test('what is set aside is capped, and goes when a device is forgotten', async () => {
  const folder = copyOfMaster()
  for (let round = 0; round < 6; round += 1) {
    writeFileSync(join(folder, 'decisions.json'), '{"devices": {"02:00:00:00:00:0b": {"name": "Secret camera"')
    await open(folder)
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('decisions.json.damaged-'))).toHaveLength(3)
  const { state } = await open(folder)
  await state.decisions.forget(['02:00:00:00:00:0b'], false)
  expect(filesContaining(folder, [Buffer.from('Secret camera')])).toEqual([])
})

test.each([
  ['garbage', (path: string) => writeFileSync(path, 'garbage'.repeat(999))],
  ['zeroed', (path: string) => writeFileSync(path, Buffer.alloc(8_192))],
  ['a folder', (path: string) => mkdirSync(path)],
])('a lock that is %s locks all the same', (_what, damage) => {
  for (const name of ['lock', 'lock-journal', 'lock.owner']) {
    const folder = temporaryFolder()
    damage(join(folder, name))
    const lock = lockStateFolder(folder)
    expect(() => lockStateFolder(folder)).toThrow('Another Telltale')
    lock.release()
  }
})
