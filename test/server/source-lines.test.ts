// Stacks of errors by the lines of the sources.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { withSourceLines } from '../../server/source-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-lines-'))
afterAll(() => rmSync(folder, { recursive: true }))

function thrownAt(name: string, line: number, column: number): Error {
  const error = new Error('broken')
  error.stack = `Error: broken\n    at go (${pathToFileURL(join(folder, name)).href}:${line}:${column})`
  return error
}

describe('the stack of an error', () => {
  it('names the line of the source where a map knows it', () => {
    // Line 1, column 1 of the bundle is line 3, column 5 of the source.
    const map = { version: 3, file: 'bundle.js', sources: ['../server/go.ts'], names: [], mappings: 'AAEI' }
    writeFileSync(join(folder, 'bundle.js.map'), JSON.stringify(map))
    const error = withSourceLines(thrownAt('bundle.js', 1, 1)) as Error
    expect(error.stack).toBe(`Error: broken\n    at go (${pathToFileURL(join(folder, '../server/go.ts')).href}:3:5)`)
  })

  it('stays as it is without a map, or with a damaged one', () => {
    writeFileSync(join(folder, 'damaged.js.map'), '{')
    for (const name of ['none.js', 'damaged.js']) {
      const { stack } = thrownAt(name, 7, 9)
      expect((withSourceLines(thrownAt(name, 7, 9)) as Error).stack).toBe(stack)
    }
    expect(withSourceLines('no error')).toBe('no error')
  })
})
