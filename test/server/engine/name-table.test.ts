// One host name is one number, however it is written.
import { describe, expect, test } from 'vitest'
import { MAX_NAME_BYTES, MAX_NAMES, REACHED_NAMES } from '../../../capture/core/limits.ts'
import type { PacketCore } from '../../../capture/packet-core.ts'
import { NameTable, NO_NAME } from '../../../server/engine/name-table.ts'
import { hex, text } from '../../../server/sample/packets/bytes.ts'
import { newCore, place } from '../../support/core.ts'

function newTable(): { table: NameTable; core: PacketCore; intern: (name: string) => number } {
  const core = newCore()
  const table = new NameTable(core)
  return { table, core, intern: (name) => table.intern(text(name), 0, text(name).length) }
}

describe('the name table', () => {
  test('case and a trailing dot do not make another name', () => {
    const { table, intern } = newTable()
    const id = intern('Api.Example.COM')
    expect([intern('api.example.com'), intern('api.example.com.'), intern('API.EXAMPLE.COM.')]).toEqual([id, id, id])
    expect(table.text(id)).toBe('api.example.com')
  })

  test('only ASCII letters are folded: [ and { stay two names, and so do bytes of UTF-8', () => {
    const { intern } = newTable()
    expect(intern('a[b')).not.toBe(intern('a{b'))
    expect(intern('É.example')).not.toBe(intern('é.example'))
  })

  test('an empty name and the root have no number', () => {
    const { intern } = newTable()
    expect([intern(''), intern('.')]).toEqual([NO_NAME, NO_NAME])
  })

  test('a name is read where it stands, whatever surrounds it', () => {
    const { table } = newTable()
    const bytes = text('xxapi.example.comxx')
    const id = table.intern(bytes, 2, bytes.length - 2)
    expect(table.text(id)).toBe('api.example.com')
    expect(table.find(bytes, 2, bytes.length - 2)).toBe(id)
    expect(table.find(bytes, 2, bytes.length - 3)).toBe(NO_NAME)
  })

  test('an escaped dot at the end is part of the name', () => {
    const { table, intern } = newTable()
    expect(table.text(intern('odd\\.'))).toBe('odd\\.')
  })

  test('the root is one dot, whatever stands before it', () => {
    const { core } = newTable()
    const at = place(core, text('a\\.'))
    const root = [core.exports.internName(at + 2, at + 3), core.exports.internNameFor(1, at + 2, at + 3)]
    expect([...root, core.exports.nameCount()]).toEqual([NO_NAME, NO_NAME, 0])
    expect(core.exports.internName(at + 1, at + 3)).toBe(1)
  })

  test('a name longer than all before is taken as well, and no name is an empty text', () => {
    const { table, intern } = newTable()
    const names = [1, 255, 256, 257, 5_000].map((length) => 'y'.repeat(length))
    expect(names.map((name) => table.text(intern(name)))).toEqual(names)
    expect(table.text(NO_NAME)).toBe('')
  })

  test('bytes that are no UTF-8 are written as decimal escapes', () => {
    const { table } = newTable()
    const bytes = hex('61 ff 2e 62')
    expect(table.text(table.intern(bytes, 0, 4))).toBe('a\\255.b')
  })

  test('fifty thousand names keep their numbers and texts', () => {
    const { table, intern } = newTable()
    const ids = Array.from({ length: 50_000 }, (_, index) => intern(`host-${index}.example.net`))
    expect(new Set(ids).size).toBe(50_000)
    expect(table.size).toBe(50_000)
    for (const index of [0, 1, 777, 49_999]) {
      expect(intern(`HOST-${index}.example.net.`)).toBe(ids[index])
      expect(table.text(ids[index])).toBe(`host-${index}.example.net`)
    }
  })

  test('where the table is full a new name has no number, known ones keep theirs, and the cap is counted', () => {
    const { table, core, intern } = newTable()
    const first = intern('first.example')
    for (let index = 1; index < MAX_NAMES; index++) intern(`n${index}`)
    expect(table.size).toBe(MAX_NAMES)
    expect([intern('one.too.many'), intern('two.too.many')]).toEqual([NO_NAME, NO_NAME])
    expect(intern('first.example')).toBe(first)
    expect(core.exports.timesReached(REACHED_NAMES)).toBe(2)
  })

  test('long names are capped by the bytes they take', () => {
    const { table, core, intern } = newTable()
    const tail = 'x'.repeat(1000)
    for (let index = 0; index < 9000; index++) intern(`${index}-${tail}`)
    expect(table.size).toBeLessThanOrEqual(MAX_NAME_BYTES / 1000)
    expect(core.exports.timesReached(REACHED_NAMES)).toBeGreaterThan(0)
  })
})
