// The follower reads every line once, whatever happens to the file, within bounded memory.
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MAX_LINE_BYTES } from '../../../capture/sources/line-splitter.ts'
import { LogFollower, type LogFollowerOptions } from '../../../capture/sources/log-follower.ts'
import { followThrough, ROTATIONS } from './rotations.ts'

let folder = ''
let path = ''
let lines: string[] = []
const followers: LogFollower[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-log-'))
  path = join(folder, 'query.log')
  lines = []
})

afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop()
  rmSync(folder, { recursive: true })
})

function follow(options: Partial<LogFollowerOptions> = {}): LogFollower {
  const follower = new LogFollower(path, { onLine: (line) => lines.push(line), ...options })
  followers.push(follower)
  return follower
}

describe('a log that is', () => {
  test.each(ROTATIONS)('%s loses and doubles nothing, over restarts', async (rotation) => {
    const { seen, strange, rotations } = await followThrough(folder, rotation, 20_000, 1000, 7)
    expect(strange).toEqual([])
    expect(seen.filter((count) => count !== 1)).toEqual(new Int32Array(0))
    expect(rotations).toBeGreaterThan(3)
  })
})

describe('a follower', () => {
  test('begins with what comes next, the half-written line included', async () => {
    writeFileSync(path, 'old\nhal')
    const follower = follow()
    await follower.look()
    expect(lines).toEqual([])
    appendFileSync(path, 'f\nnew\r\n')
    await follower.look()
    expect(lines).toEqual(['half', 'new'])
  })

  test('begins at the start when asked to', async () => {
    writeFileSync(path, 'old\nhalf')
    await follow({ from: 'start' }).look()
    expect(lines).toEqual(['old'])
  })

  test('of a log that does not exist says so, and reads it from its first line once it does', async () => {
    const follower = follow()
    await follower.look()
    expect(follower.problem).toMatch(/There is no .*query\.log yet/)
    writeFileSync(path, 'first\n')
    await follower.look()
    expect(lines).toEqual(['first'])
    expect(follower.problem).toBeNull()
  })

  test('of something that is no file says what it is', async () => {
    mkdirSync(path)
    const follower = follow({ from: 'start' })
    await follower.look()
    expect(follower.problem).toMatch(/is a folder, not a log file/)
  })

  test('skips and counts a line that is too long, and holds none of it', async () => {
    writeFileSync(path, `a\n${'x'.repeat(MAX_LINE_BYTES + 1)}\nb\n${'y'.repeat(3 * MAX_LINE_BYTES)}`)
    const follower = follow({ from: 'start' })
    await follower.look()
    expect(lines).toEqual(['a', 'b'])
    appendFileSync(path, 'yy\nc\n')
    await follower.look()
    expect(lines).toEqual(['a', 'b', 'c'])
    expect(follower.skippedLines).toBe(2)
  })

  test('that was away reads the rest of the compressed file, those after it, and the current one', async () => {
    writeFileSync(path, 'one\ntwo\nhal')
    const before = follow({ from: 'start' })
    await before.look()
    const position = before.position()
    await before.stop()
    writeFileSync(`${path}.2.gz`, gzipSync('one\ntwo\nhalf\nthree\n'))
    rmSync(path)
    writeFileSync(`${path}.1`, 'four\nfive')
    writeFileSync(path, 'six\n')
    lines = []
    await follow({ position }).look()
    expect(lines).toEqual(['half', 'three', 'four', 'five', 'six'])
  })

  test('that finds nothing of its old file reads the current one only, and no older one', async () => {
    writeFileSync(`${path}.1`, 'ancient\n')
    writeFileSync(path, 'one\n')
    const before = follow({ from: 'start' })
    await before.look()
    const position = before.position()
    await before.stop()
    rmSync(path)
    writeFileSync(path, 'another\n')
    lines = []
    await follow({ position }).look()
    expect(lines).toEqual(['another'])
  })

  test('does not take another log beside it for a rotated one', async () => {
    writeFileSync(path, 'one\n')
    const follower = follow({ from: 'start' })
    await follower.look()
    for (const name of ['query-FTL.log', 'query.log.lock', 'query2.log', 'query.logger.1'])
      writeFileSync(join(folder, name), 'foreign\n')
    renameSync(path, `${path}.1`)
    writeFileSync(path, 'two\n')
    await follower.look()
    expect(lines).toEqual(['one', 'two'])
  })

  test('reads through a symbolic link whose target changes by the day', async () => {
    writeFileSync(join(folder, 'monday'), 'one\n')
    symlinkSync('monday', path)
    const follower = follow({ from: 'start' })
    await follower.look()
    appendFileSync(join(folder, 'monday'), 'two\n')
    writeFileSync(join(folder, 'tuesday'), 'three\n')
    rmSync(path)
    symlinkSync('tuesday', path)
    await follower.look()
    expect(lines).toEqual(['one', 'two', 'three'])
  })

  test('says when it is done with what there is, so that the position can be kept', async () => {
    const kept: number[] = []
    writeFileSync(path, 'one\ntwo\nthr')
    const follower: LogFollower = follow({
      from: 'start',
      onCaughtUp: () => kept.push(follower.position()?.offset ?? -1),
    })
    await follower.look()
    await follower.look()
    expect(kept).toEqual([8])
  })

  test('started looks by itself and stops', async () => {
    writeFileSync(path, '')
    const arrived = new Promise<void>((resolve) => {
      follow({ onLine: () => resolve() }).start()
    })
    setTimeout(() => appendFileSync(path, 'line\n'), 20)
    await arrived
  })
})
