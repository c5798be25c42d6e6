// One host name is one number, however it is written.
import { describe, expect, test } from 'vitest'
import { LIMITS, LimitCounter } from '../../../server/engine/limits.ts'
import { NameTable, NO_NAME } from '../../../server/engine/name-table.ts'
import { hex, text } from '../../../server/sample/packets/bytes.ts'

function newTable(): { table: NameTable; limits: LimitCounter; intern: (name: string) => number } {
  const limits = new LimitCounter()
  const table = new NameTable(limits)
  return { table, limits, intern: (name) => table.intern(text(name), 0, text(name).length) }
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
    const { table, limits, intern } = newTable()
    const first = intern('first.example')
    for (let index = 1; index < LIMITS.names; index++) intern(`n${index}`)
    expect(table.size).toBe(LIMITS.names)
    expect([intern('one.too.many'), intern('two.too.many')]).toEqual([NO_NAME, NO_NAME])
    expect(intern('first.example')).toBe(first)
    expect(limits.reached.get('names')).toBe(2)
  })

  test('long names are capped by the bytes they take', () => {
    const { table, limits, intern } = newTable()
    const tail = 'x'.repeat(1000)
    for (let index = 0; index < 9000; index++) intern(`${index}-${tail}`)
    expect(table.size).toBeLessThanOrEqual(LIMITS.nameBytes / 1000)
    expect(limits.reached.get('names')).toBeGreaterThan(0)
  })
})
