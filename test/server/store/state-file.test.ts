// Tests of state files: damage, interrupted writes, a second process, and purges of every file.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { lockStateFolder } from '../../../server/store/lock.ts'
import { openStateFile } from '../../../server/store/state-file.ts'
import { filesContaining, temporaryFolder } from '../history/folder.ts'

interface Values {
  count: number
  text: string
}

function read(value: unknown): Values {
  const { count, text } = value as Partial<Values>
  if (typeof count !== 'number' || typeof text !== 'string') throw new Error('count and text are missing')
  return { count, text }
}

const DEFAULTS: Values = { count: 0, text: '' }

test('what was saved is read again; the folder is 0700 and every file 0600', async () => {
  const folder = join(temporaryFolder(), 'state')
  const file = await openStateFile(join(folder, 'values.json'), DEFAULTS, read)
  expect(file.data).toEqual(DEFAULTS)
  for (const count of [1, 2]) {
    file.data.count = count
    await file.save()
  }
  expect((await openStateFile(file.path, DEFAULTS, read)).data.count).toBe(2)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(readdirSync(folder).sort()).toEqual(['values.json', 'values.json.bak'])
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
})

test('it is lowdb that writes, also where NODE_ENV is test', async () => {
  const path = join(temporaryFolder(), 'values.json')
  const file = await openStateFile(path, DEFAULTS, read)
  await file.save()
  expect(process.env['NODE_ENV']).toBe('test')
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(DEFAULTS)
})

test.each([
  ['empty', (path: string) => truncateSync(path)],
  ['cut off', (path: string) => truncateSync(path, 9)],
  ['something else', (path: string) => writeFileSync(path, '{"count": "many"}')],
])('a file that is %s is set aside with a sentence, and the version before it is used', async (_what, damage) => {
  const path = join(temporaryFolder(), 'values.json')
  const file = await openStateFile(path, DEFAULTS, read)
  file.data = { count: 1, text: 'one' }
  await file.save()
  file.data = { count: 2, text: 'two' }
  await file.save()
  damage(path)
  const sentences: string[] = []
  const again = await openStateFile(path, DEFAULTS, read, (sentence) => sentences.push(sentence))
  expect(again.data).toEqual({ count: 1, text: 'one' })
  expect(sentences).toHaveLength(1)
  expect(sentences[0]).toMatch(
    /^values\.json is damaged \(.+\) and was set aside as values\.json\.damaged-[\dTZ-]+; the version before it is used\.$/,
  )
  await again.save()
  expect((await openStateFile(path, DEFAULTS, read)).data.count).toBe(1)
})

test('where both versions are damaged the defaults are used', async () => {
  const path = join(temporaryFolder(), 'values.json')
  writeFileSync(path, '[')
  writeFileSync(`${path}.bak`, '')
  const sentences: string[] = []
  expect((await openStateFile(path, DEFAULTS, read, (sentence) => sentences.push(sentence))).data).toEqual(DEFAULTS)
  expect(sentences[0]).toContain('its values are the defaults again')
})

test('saves that are asked for at once never overlap, and the last one wins', async () => {
  const path = join(temporaryFolder(), 'values.json')
  const file = await openStateFile(path, DEFAULTS, read)
  const saves: Promise<void>[] = []
  for (let count = 1; count <= 40; count += 1) {
    file.data = { count, text: 'x'.repeat(count * 500) }
    saves.push(file.save())
  }
  await Promise.all(saves)
  expect(read(JSON.parse(readFileSync(path, 'utf8'))).count).toBe(40)
})

test('a save that fails rejects, and the next one works', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'values.json')
  const file = await openStateFile(path, DEFAULTS, read)
  mkdirSync(`${path}.new`)
  await expect(file.save()).rejects.toThrow()
  spawnSync('rmdir', [`${path}.new`])
  await file.save()
  expect(existsSync(path)).toBe(true)
})

test('after a purge no earlier version is left in any file', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'values.json')
  writeFileSync(path, '{"text": "secret-one')
  const file = await openStateFile(path, DEFAULTS, read, () => undefined)
  file.data.text = 'secret-two'
  await file.save()
  file.data.text = 'open'
  await file.save()
  expect(filesContaining(folder, [Buffer.from('secret')]).length).toBeGreaterThan(0)
  expect(await file.purge()).toBe(3)
  expect(filesContaining(folder, [Buffer.from('secret')])).toEqual([])
})

test('kill -9 while saving leaves the version before or the one after, never less than was acknowledged', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'values.json')
  const program = fileURLToPath(new URL('save-forever.ts', import.meta.url))
  for (let round = 0; round < 2; round += 1) {
    const child = spawn(process.execPath, ['--import', 'tsx', program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    let acknowledged = 0
    let text = ''
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
        acknowledged = Number(
          text
            .trimEnd()
            .split('\n')
            .at(text.endsWith('\n') ? -1 : -2) ?? 0,
        )
        if (acknowledged % 1_000 >= 13 + round * 7) child.kill('SIGKILL')
      })
      child.on('close', () => resolve())
    })
    const { data } = await openStateFile(path, DEFAULTS, read, (sentence) => expect.fail(sentence))
    expect(data.count).toBeGreaterThanOrEqual(acknowledged)
  }
})

test('a folder in use is refused with a sentence; the lock of a killed process is taken over', async () => {
  const folder = temporaryFolder()
  const program = fileURLToPath(new URL('hold-lock.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  expect(() => lockStateFolder(folder)).toThrow(
    `Another Telltale (process ${child.pid}) is using ${folder}. Stop it first, or start this one with another folder (--state DIR).`,
  )
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
  const lock = lockStateFolder(folder)
  expect(() => lockStateFolder(folder)).toThrow(/Another Telltale/)
  lock.release()
  lockStateFolder(folder).release()
})
