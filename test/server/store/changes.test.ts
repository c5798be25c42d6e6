// A state file that writes what has changed: what is read again is what was saved, whatever a power cut left.
import fc from 'fast-check'
import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { changesPath } from '../../../server/store/changes-file.ts'
import { stateBytesWritten } from '../../../server/store/durable-file.ts'
import { changeBetween, withChange } from '../../../server/store/json-changes.ts'
import { openStateFile, type StateFile } from '../../../server/store/state-file.ts'
import { filesContaining, temporaryFolder } from '../history/folder.ts'

type Values = { list: { id: number; text: string }[]; map: Record<string, unknown> }
const DEFAULTS: Values = { list: [], map: {} }
const open = (path: string): Promise<StateFile<Values>> =>
  openStateFile(path, DEFAULTS, (value) => value as Values, undefined, { writesChanges: true })
const item = (id: number): Values['list'][0] => ({ id, text: `number ${id} `.repeat(20) })

async function filled(): Promise<StateFile<Values>> {
  const file = await open(join(temporaryFolder(), 'values.json'))
  file.data.list = Array.from({ length: 2000 }, (_, id) => item(id))
  await file.save()
  return file
}

describe('the difference between two values', () => {
  test('makes the second of the first, the order of keys included', () => {
    const value = fc.jsonValue({ maxDepth: 4 })
    fc.assert(
      fc.property(value, value, fc.array(value), fc.array(value), (one, other, list, more) => {
        for (const [before, after] of [
          [one, other],
          [list, [...list.slice(1), ...more]],
          [
            { a: one, b: list, c: 1 },
            { c: 1, b: [...more, ...list], d: other, a: one },
          ],
        ]) {
          const text = JSON.stringify(after)
          const change = changeBetween(JSON.parse(JSON.stringify(before)), JSON.parse(text))
          const made =
            change === null
              ? before
              : withChange(JSON.parse(JSON.stringify(before)), JSON.parse(JSON.stringify(change)))
          expect(JSON.stringify(made)).toBe(text)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a file that writes what has changed', () => {
  test('writes little for a little, nothing for nothing, and is read as it was saved', async () => {
    const file = await filled()
    const size = statSync(file.path).size
    const before = stateBytesWritten()
    for (let round = 0; round < 10; round++) {
      file.data.list.shift()
      file.data.list.push(item(5000 + round))
      file.data.list[70] = item(-1 - round)
      file.data.map['__proto__x'] = round
      await file.save()
    }
    expect(stateBytesWritten() - before).toBeLessThan(20_000)
    expect(statSync(file.path).size).toBe(size)
    const saved = stateBytesWritten()
    await file.save()
    expect(stateBytesWritten()).toBe(saved)
    expect((await open(file.path)).data).toEqual(file.data)
    expect(statSync(changesPath(file.path)).mode & 0o777).toBe(0o600)
  })

  test('writes the whole where the changes would be longer, and forgets them', async () => {
    const file = await filled()
    for (let round = 0; round < 4; round++) {
      file.data.list = Array.from({ length: 2000 }, (_, id) => item(id * (round + 2) + 1))
      await file.save()
      expect((await open(file.path)).data).toEqual(file.data)
    }
    expect(readFileSync(file.path, 'utf8')).toContain(`"number ${file.data.list[1999]?.id} `)
  })

  test('cut off at any byte is read as of the last change that was written', async () => {
    const file = await filled()
    const states = [JSON.stringify(file.data)]
    for (let round = 0; round < 3; round++) {
      file.data.list[round] = item(-1 - round)
      await file.save()
      states.push(JSON.stringify(file.data))
    }
    const path = changesPath(file.path)
    const whole = readFileSync(path)
    let behind = states.length
    for (let length = whole.length; length >= 0; length--) {
      writeFileSync(path, whole.subarray(0, length))
      const place = states.indexOf(JSON.stringify((await open(file.path)).data))
      expect(place).toBeGreaterThanOrEqual(0)
      expect(place).toBeLessThanOrEqual(behind)
      behind = place
    }
    expect(behind).toBe(0)
  }, 120_000)

  test('does not believe the changes of another version of the file, nor damaged ones', async () => {
    const file = await filled()
    file.data.list[0] = item(-1)
    await file.save()
    const path = changesPath(file.path)
    copyFileSync(path, `${path}.copy`)
    file.data.list = []
    await file.purge()
    expect(existsSync(path)).toBe(false)
    copyFileSync(`${path}.copy`, path)
    expect((await open(file.path)).data.list).toEqual([])
    const other = await filled()
    const untouched = JSON.stringify(other.data)
    other.data.list[0] = item(-1)
    await other.save()
    const bytes = readFileSync(changesPath(other.path))
    bytes[bytes.length - 10] ^= 1
    writeFileSync(changesPath(other.path), bytes)
    expect(JSON.stringify((await open(other.path)).data)).toBe(untouched)
  })

  test('leaves nothing of what was deleted for good', async () => {
    const file = await filled()
    file.data.map = { secret: 'canary-123' }
    await file.save()
    expect(readFileSync(changesPath(file.path), 'utf8')).toContain('canary-123')
    file.data.map = {}
    await file.purge()
    expect(filesContaining(join(file.path, '..'), [Buffer.from('canary-123')])).toEqual([])
    truncateSync(file.path, 3)
    expect((await open(file.path)).data.map).toEqual({})
  })
})
