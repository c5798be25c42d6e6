// What is remembered of input at which the engine failed: within limits, over restarts, and its bytes only on request.
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSetAside, SetAside } from '../../../server/app/set-aside.ts'
import { createLog } from '../../../server/log.ts'
import { faultOf, type InputKind } from '../../../server/model/input-fault.ts'
import { text } from '../../../server/sample/packets/bytes.ts'
import { memoryFile } from '../../support/memory-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-set-aside-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function opened(keepsBytes = false, stored: unknown = null) {
  const state = { ...memoryFile(readSetAside(stored)), purge: async () => 0 }
  const wish = { keepsBytes }
  const setAside = new SetAside({
    state,
    folder: join(folder, 'bytes'),
    keepsBytes: () => wish.keepsBytes,
    log: createLog('json', () => {}),
    clock: () => Date.now() / 1000,
  })
  return { setAside, state, wish }
}
const fault = (word: string, wasLost = false, kind: InputKind = 'packet') =>
  faultOf(kind, text(word), 'a cause', wasLost)
const kept = (): string[] => readdirSync(join(folder, 'bytes'))

describe('input at which the engine failed', () => {
  test('is set aside at the second time, and stays so over a restart', async () => {
    const { setAside, state } = opened()
    await setAside.note(fault('a'))
    expect(setAside.marks()).toEqual([])
    await setAside.note(fault('a'))
    const { hash, glance } = fault('a')
    expect(setAside.marks()).toEqual([{ hash, glance }])
    expect(opened(false, structuredClone(state.data)).setAside.isSetAside(hash)).toBe(true)
    expect(JSON.stringify(state.data)).not.toContain('a cause')
  })

  test('is set aside at once where two threads were lost at it, but a file only after its own two', async () => {
    const { setAside } = opened()
    await setAside.note(fault('packet', true))
    await setAside.note(fault('file', true, 'file'))
    expect(setAside.marks()).toHaveLength(1)
    await setAside.note(fault('file', true, 'file'))
    expect(setAside.marks()).toHaveLength(2)
  })

  test('is remembered of the last 500 pieces', async () => {
    const { setAside, state } = opened()
    for (let piece = 0; piece < 510; piece++) await setAside.note(fault(String(piece), true))
    expect(state.data.entries).toHaveLength(500)
    expect(setAside.isSetAside(fault('0').hash)).toBe(false)
    expect(setAside.isSetAside(fault('509').hash)).toBe(true)
  })

  test.each([null, 5, { entries: 'none' }, { entries: [null, { kind: 'packet', hash: 5 }, { kind: 'other' }] }])(
    'is not known from a file that says %j',
    (stored) => expect(readSetAside(stored)).toEqual({ entries: [] }),
  )
})

describe('its bytes', () => {
  test('are kept where the owner wants them, 50 pieces at most, and for 30 days', async () => {
    const { setAside } = opened(true)
    for (let piece = 0; piece < 55; piece++) await setAside.note(fault(String(piece)))
    expect(kept()).toHaveLength(50)
    const past = Date.now() / 1000 - 31 * 86_400
    utimesSync(join(folder, 'bytes', kept()[0]), past, past)
    await setAside.tidy()
    expect(kept()).toHaveLength(49)
  })

  test('go where the owner does not want them any more, and with any forgotten device', async () => {
    const { setAside, wish } = opened(true)
    await setAside.note(fault('a'))
    expect(await setAside.forget()).toBe(1)
    await setAside.note(fault('b'))
    wish.keepsBytes = false
    await setAside.tidy()
    expect(() => kept()).toThrow('ENOENT')
    expect(await setAside.forget()).toBe(0)
  })
})
