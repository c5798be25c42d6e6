// Sentences on folders and files that cannot be made or written, by the codes of the system and on real disks.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../../server/model/service-error.ts'
import { diskFault } from '../../../server/store/disk-fault.ts'
import { diskSentence } from '../../../server/store/disk-words.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-disk-words-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'file'), '')

const fault = (code: string): Error => Object.assign(new Error(`${code}: of the system`), { code })
const say = (code: string, name: string, what: 'folder' | 'file' = 'folder'): string | null =>
  diskSentence(fault(code), { path: join(folder, name), what, advice: 'Name another one.' })

describe('a folder that cannot be used', () => {
  test.each([
    ['EROFS', 'new', 'cannot be made: the disk is read-only. Name another one.'],
    ['EROFS', '.', 'cannot be written: the disk is read-only. Name another one.'],
    ['ENOSPC', 'new', 'cannot be made: the disk is full. Name another one.'],
    ['SQLITE_FULL', '.', 'cannot be written: the disk is full. Name another one.'],
    ['SQLITE_READONLY', '.', 'cannot be written: the disk is read-only. Name another one.'],
    ['EDQUOT', 'new', "cannot be made: this user's quota on the disk is used up. Name another one."],
    ['EACCES', 'new/state', `cannot be made: this user may not write to ${folder}. Name another one.`],
    ['EPERM', '.', `cannot be written: this user may not write to ${join(folder, '.')}. Name another one.`],
    ['ENOTDIR', 'file/state', `cannot be made: ${join(folder, 'file')} is a file, and no folder. Name another one.`],
    ['ENAMETOOLONG', 'n'.repeat(300), 'cannot be made: its name is too long. Name another one.'],
    ['ELOOP', 'loop/state', 'cannot be made: the links on the way to it lead in a circle. Name another one.'],
    ['EIO', 'new', 'cannot be made: the disk failed (EIO); look at the messages of the system. Name another one.'],
    ['ENOENT', 'new', `cannot be made: nothing can be made in ${folder}. Name another one.`],
  ])('%s of %s is told in words', (code, name, words) => {
    expect(say(code, name)).toBe(`the folder ${join(folder, name)} ${words}`)
  })

  test('a file says that it is one', () => {
    expect(say('EISDIR', '.', 'file')).toMatch(/^the file .* cannot be written: it is a folder\./)
  })

  test('what a refused write is called already stands behind the folder', () => {
    const place = { path: folder, what: 'folder', advice: '' } as const
    expect(diskSentence(diskFault(fault('ENOSPC'), 'clock.json'), place)).toBe(
      `${folder}: the disk of Telltale's state folder is full: clock.json could not be written, and nothing was changed. Make room on it and try again.`,
    )
    expect(diskSentence(new ServiceError(404, 'no-such-device', 'There is none'), place)).toBeNull()
  })

  test('what is not about a disk is left to others', () => {
    expect(say('EADDRINUSE', 'new')).toBeNull()
    expect(diskSentence(new Error('a mistake'), { path: folder, what: 'folder', advice: '' })).toBeNull()
    expect(diskSentence(null, { path: folder, what: 'folder', advice: '' })).toBeNull()
  })
})

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))
const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0
if (!mayMount) console.log('skipped: a mount namespace of its own needs root and unshare')

/** Disks that only the command sees: `ro` is read-only, `full` has no byte left, `written` was made read-only later. */
const DISKS = `
  mount -t tmpfs -o size=1m,ro telltale-test "$1" &&
  mount -t tmpfs -o size=3m telltale-test "$2" &&
  { dd if=/dev/zero of="$2/filler" bs=1k count=4000 2>/dev/null; true; } &&
  mount -t tmpfs telltale-test "$3" && mkdir "$3/state" && echo '{}' >"$3/state/settings.json" &&
  mount -o remount,ro "$3" && shift 3 && exec "$@"`

function onDisks(args: readonly string[]): ChildProcess {
  const places = ['ro', 'full', 'written'].map((name) => join(folder, name))
  for (const place of places) mkdirSync(place, { recursive: true })
  return spawn('unshare', ['-m', 'sh', '-c', DISKS, 'sh', ...places, process.execPath, cli, ...args])
}

/** All that the command says, or as much as it takes to say `until`: then it is stopped. */
function said(args: readonly string[], until = /^(?!)/): Promise<string> {
  const child = onDisks(args)
  let words = ''
  child.stderr?.on('data', (piece: Buffer) => {
    words += piece.toString('utf8')
    if (until.test(words)) child.kill('SIGTERM')
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(words.trimEnd()))
  })
}

describe.skipIf(!mayMount)('on a disk of its own', () => {
  const ro = join(folder, 'ro/state')
  const written = join(folder, 'written/state')

  test.each([
    [ro, 'made', ['serve', '--port', '0']],
    [written, 'written', ['serve', '--port', '0']],
    [ro, 'made', ['restore', '/nowhere/backup']],
  ])(
    '%s cannot be %s',
    async (state, verb, command) => {
      expect(await said([...command, '--state', state])).toBe(
        `telltale: the folder ${state} cannot be ${verb}: the disk is read-only. Name another one with --state DIR.`,
      )
    },
    30_000,
  )

  test('a full disk is called so, and the home is watched all the same', async () => {
    const state = join(folder, 'full/state')
    expect(await said(['serve', '--port', '0', '--state', state], /is full \(/)).toMatch(
      /The disk of Telltale's state folder is full \(0 MB free\)\. Make room on it/,
    )
    expect(await said(['reset-password', '--state', state])).toMatch(/telltale: .*full\/state: the disk .* is full/)
  }, 30_000)

  test('a backup names the place that it cannot go to', async () => {
    const state = join(folder, 'home')
    mkdirSync(state, { recursive: true })
    writeFileSync(join(state, 'settings.json'), '{}')
    expect(await said(['backup', join(folder, 'ro/backup'), '--state', state])).toBe(
      `telltale: the file ${join(folder, 'ro/backup')} cannot be made: the disk is read-only. Name another file.`,
    )
  }, 30_000)
})
