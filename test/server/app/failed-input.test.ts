// What is remembered of input at which the engine failed: within limits, over restarts, and its bytes only on request.
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readFailedInput, FailedInput } from '../../../server/app/failed-input.ts'
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
  const state = { ...memoryFile(readFailedInput(stored)), purge: async () => 0 }
  const wish = { keepsBytes }
  const failedInput = new FailedInput({
    state,
    folder: join(folder, 'bytes'),
    keepsBytes: () => wish.keepsBytes,
    log: createLog('json', () => {}),
    clock: () => Date.now() / 1000,
  })
  return { failedInput, state, wish }
}
const fault = (word: string, wasLost = false, kind: InputKind = 'packet') =>
  faultOf(kind, text(word), 'a cause', wasLost)
const kept = (): string[] => readdirSync(join(folder, 'bytes'))

describe('input at which the engine failed', () => {
  test('is set aside at the second time, and stays so over a restart', async () => {
    const { failedInput, state } = opened()
    await failedInput.note(fault('a'))
    expect(failedInput.marks()).toEqual([])
    await failedInput.note(fault('a'))
    const { hash, glance } = fault('a')
    expect(failedInput.marks()).toEqual([{ hash, glance }])
    expect(opened(false, structuredClone(state.data)).failedInput.isRefused(hash)).toBe(true)
    expect(JSON.stringify(state.data)).not.toContain('a cause')
  })

  test('is set aside at once where two threads were lost at it, but a file only after its own two', async () => {
    const { failedInput } = opened()
    await failedInput.note(fault('packet', true))
    await failedInput.note(fault('file', true, 'file'))
    expect(failedInput.marks()).toHaveLength(1)
    await failedInput.note(fault('file', true, 'file'))
    expect(failedInput.marks()).toHaveLength(2)
  })

  test('is remembered of the last 500 pieces', async () => {
    const { failedInput, state } = opened()
    for (let piece = 0; piece < 510; piece++) await failedInput.note(fault(String(piece), true))
    expect(state.data.entries).toHaveLength(500)
    expect(failedInput.isRefused(fault('0').hash)).toBe(false)
    expect(failedInput.isRefused(fault('509').hash)).toBe(true)
  })

  test.each([null, 5, { entries: 'none' }, { entries: [null, { kind: 'packet', hash: 5 }, { kind: 'other' }] }])(
    'is not known from a file that says %j',
    (stored) => expect(readFailedInput(stored)).toEqual({ entries: [] }),
  )
})

describe('its bytes', () => {
  test('are kept where the owner wants them, 50 pieces at most, and for 30 days', async () => {
    const { failedInput } = opened(true)
    for (let piece = 0; piece < 55; piece++) await failedInput.note(fault(String(piece)))
    expect(kept()).toHaveLength(50)
    const past = Date.now() / 1000 - 31 * 86_400
    utimesSync(join(folder, 'bytes', kept()[0]), past, past)
    await failedInput.tidy()
    expect(kept()).toHaveLength(49)
  })

  test('go where the owner does not want them any more, and with any forgotten device', async () => {
    const { failedInput, wish } = opened(true)
    await failedInput.note(fault('a'))
    expect(await failedInput.forget()).toBe(1)
    await failedInput.note(fault('b'))
    wish.keepsBytes = false
    await failedInput.tidy()
    expect(() => kept()).toThrow('ENOENT')
    expect(await failedInput.forget()).toBe(0)
  })
})
