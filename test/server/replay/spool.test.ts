// The spool: where an upload lies, who may read it, and when it is deleted.
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import { Spool } from '../../../server/replay/spool.ts'

const base = mkdtempSync(join(tmpdir(), 'telltale-spool-test-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('the spool of uploads', () => {
  test('keeps a recording for this user only', async () => {
    const spool = new Spool('/state/one', base)
    const path = await spool.receive(Readable.from([Buffer.from('abc'), Buffer.from('def')]), 6, 1_000)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(spool.folder).mode & 0o777).toBe(0o700)
    expect(statSync(path).size).toBe(6)
  })

  test('deletes at start what an earlier run left', () => {
    const spool = new Spool('/state/two', base)
    writeFileSync(join(spool.folder, 'left.capture'), 'x')
    expect(readdirSync(new Spool('/state/two', base).folder)).toEqual([])
  })

  test('refuses what is declared too long, and what turns out so, and keeps nothing', async () => {
    const spool = new Spool('/state/three', base)
    await expect(spool.receive(Readable.from([Buffer.alloc(10)]), 2_000, 1_000)).rejects.toMatchObject({ status: 413 })
    await expect(
      spool.receive(Readable.from([Buffer.alloc(800), Buffer.alloc(800)]), null, 1_000),
    ).rejects.toMatchObject({
      status: 413,
      code: 'recording-too-large',
    })
    expect(readdirSync(spool.folder)).toEqual([])
  })

  test('keeps nothing of an upload that breaks off', async () => {
    const spool = new Spool('/state/four', base)
    const broken = Readable.from(
      (function* () {
        yield Buffer.alloc(10)
        throw new Error('connection lost')
      })(),
    )
    await expect(spool.receive(broken, null, 1_000)).rejects.toMatchObject({ status: 400, code: 'upload-broken' })
    expect(readdirSync(spool.folder)).toEqual([])
  })

  test('refuses a folder that is a link to elsewhere', () => {
    const { folder } = new Spool('/state/five', base)
    rmSync(folder, { recursive: true })
    symlinkSync('/etc', folder)
    expect(() => new Spool('/state/five', base)).toThrow('belongs to somebody else')
  })
})
