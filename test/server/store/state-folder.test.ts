// Tests of the state folder: twins, changes that are refused, what is tried again, copies before a change of form, and
// the reserve.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  fillReserve,
  PIECE_BYTES,
  RESERVE_BYTES,
  reserveBytes,
  takePiece,
  withReserve,
} from '../../../server/store/reserve.ts'
import { COPY_DAYS, DAMAGED_DAYS, dropOldSetAside, dropSetAside } from '../../../server/store/set-aside.ts'
import { StateFolder } from '../../../server/store/state-folder.ts'
import { collectedLog } from '../../support/collected-log.ts'
import { temporaryFolder } from '../history/folder.ts'

interface Values {
  count: number
  added?: string
}

const read = (value: unknown): Values => {
  const { count } = value as Partial<Values>
  if (typeof count !== 'number') throw new Error('count is missing')
  return { count, added: 'by this version' }
}

async function open(said: string[] = [], path = temporaryFolder()) {
  const folder = new StateFolder(path, collectedLog(said))
  const file = await folder.open('values.json', { count: 0, added: 'by this version' }, read, { hasTwin: true })
  return { folder, file, path }
}

const stored = (path: string, name = 'values.json'): unknown => JSON.parse(readFileSync(join(path, name), 'utf8'))

describe('a change', () => {
  test('that the disk refuses is in memory neither, and names the file', async () => {
    const { file, path, folder } = await open()
    await file.change((values) => (values.count = 1))
    mkdirSync(join(path, 'values.json.new'))
    await expect(file.change((values) => (values.count = 2))).rejects.toMatchObject({
      status: 503,
      code: 'not-written',
      message: expect.stringContaining('values.json could not be written, and nothing was changed') as string,
    })
    expect([file.data.count, stored(path)]).toEqual([1, { count: 1, added: 'by this version' }])
    expect(folder.problems.all()).toEqual([])
    rmdirSync(join(path, 'values.json.new'))
    expect(await file.change((values) => (values.count += 1))).toBe(2)
    expect([file.data.count, stored(path)]).toEqual([2, { count: 2, added: 'by this version' }])
  })

  test('made of what another one left, and what changed in memory meanwhile stays', async () => {
    const { file, path } = await open()
    const both = Promise.all([1, 2].map(() => file.change((values) => (values.count += 1))))
    file.data.added = 'meanwhile'
    expect(await both).toEqual([1, 2])
    expect(file.data).toEqual({ count: 2, added: 'meanwhile' })
    await file.save()
    expect(stored(path)).toEqual({ count: 2, added: 'meanwhile' })
  })

  test('of memory that the disk refuses is said, and tried again', async () => {
    const said: string[] = []
    const { file, path, folder } = await open(said)
    mkdirSync(join(path, 'values.json.new'))
    file.data.count = 7
    await expect(file.save()).rejects.toThrow('values.json')
    expect(folder.problems.all()).toEqual([expect.stringContaining('values.json is not up to date on the disk')])
    expect(said).toHaveLength(1)
    rmdirSync(join(path, 'values.json.new'))
    await folder.tend()
    expect(stored(path)).toMatchObject({ count: 7 })
    expect(folder.problems.all().filter((problem) => problem.includes('values.json'))).toEqual([])
  })

  test('reaches the twin, and so does a purge', async () => {
    const { file, path } = await open()
    await file.change((values) => (values.count = 3))
    expect(stored(path, 'last-values.json')).toMatchObject({ count: 3 })
    file.data.count = 4
    await file.purge()
    for (const name of ['values.json', 'values.json.bak', 'last-values.json'])
      expect(stored(path, name)).toMatchObject({ count: 4 })
    writeFileSync(join(path, 'last-values.json'), '{"count": 99}')
    await open([], path)
    expect(stored(path, 'last-values.json')).toMatchObject({ count: 4 })
  })
})

describe('a file of another version', () => {
  test('is copied before it is changed, once, for a week, and not where it is as this version writes it', async () => {
    const path = temporaryFolder()
    writeFileSync(join(path, 'values.json'), '{"count": 5}')
    const copies = (): string[] => readdirSync(path).filter((name) => name.includes('.before-'))
    const { file } = await open([], path)
    await file.save()
    expect(copies()).toHaveLength(1)
    expect(statSync(join(path, copies()[0] ?? '')).mode & 0o777).toBe(0o600)
    await open([], path)
    expect(copies()).toHaveLength(1)
    expect(stored(path, copies()[0])).toEqual({ count: 5 })
    const now = Date.now()
    dropOldSetAside(path, now + (COPY_DAYS - 1) * 86_400_000)
    expect(copies()).toHaveLength(1)
    dropOldSetAside(path, now + (COPY_DAYS + 1) * 86_400_000)
    expect(copies()).toEqual([])
    await open([], path)
    expect(copies()).toEqual([])
  })

  test('set aside as damaged is kept as long as hours are, or until a device is forgotten', () => {
    const path = temporaryFolder()
    for (const name of ['a.json.damaged-1', 'a.json.before-1', 'a.json.replaced-1', 'a.json'])
      writeFileSync(join(path, name), 'x')
    const old = new Date(Date.now() - (DAMAGED_DAYS - 1) * 86_400_000)
    for (const name of readdirSync(path)) utimesSync(join(path, name), old, old)
    dropOldSetAside(path)
    expect(readdirSync(path)).toEqual(['a.json', 'a.json.damaged-1'])
    expect(dropSetAside(path)).toBe(1)
    expect(readdirSync(path)).toEqual(['a.json'])
  })
})

describe('the reserve', () => {
  test('is of real blocks, is given back piece by piece as far as is allowed, and filled again', () => {
    const path = temporaryFolder()
    expect(fillReserve(path)).toBe(true)
    const { size, mtimeMs } = statSync(join(path, 'reserve'))
    expect(size).toBe(RESERVE_BYTES)
    expect(fillReserve(path)).toBe(true)
    expect(statSync(join(path, 'reserve')).mtimeMs).toBe(mtimeMs)
    expect(takePiece(path, RESERVE_BYTES - PIECE_BYTES)).toBe(true)
    expect(takePiece(path, RESERVE_BYTES - PIECE_BYTES)).toBe(false)
    expect(reserveBytes(path)).toBe(RESERVE_BYTES - PIECE_BYTES)
    expect(fillReserve(path)).toBe(true)
    for (let piece = 0; piece < RESERVE_BYTES / PIECE_BYTES; piece += 1) expect(takePiece(path)).toBe(true)
    expect([takePiece(path), existsSync(join(path, 'reserve'))]).toEqual([false, false])
  })

  test('is used up by nothing but a full disk, and a folder in its place is removed', async () => {
    const path = temporaryFolder()
    mkdirSync(join(path, 'reserve'))
    fillReserve(path)
    const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))
    await expect(withReserve(path, failing('EACCES'))).rejects.toThrow('EACCES')
    expect(reserveBytes(path)).toBe(RESERVE_BYTES)
    await expect(withReserve(path, failing('ENOSPC'))).rejects.toThrow('ENOSPC')
    expect(reserveBytes(path)).toBe(0)
  })
})
