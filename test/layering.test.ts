// Do imports only ever point back towards the bytes? ui → server → capture; rules are data.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const allowed: Record<string, (target: string) => boolean> = {
  capture: (target) => target.startsWith('capture/'),
  server: (target) => target.startsWith('server/') || target.startsWith('capture/'),
  ui: (target) => target.startsWith('ui/') || target === 'server/api.ts',
}
const touchesTheMachine =
  /^(node:)?(fs|fs\/promises|net|dgram|child_process|os|http|https|tls|dns|worker_threads|timers.*)$/
const readsTheClock = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/

function sourcesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|svelte)$/.test(name))
    .map((name) => join(folder, name))
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] as string)
}

describe('imports point towards the bytes', () => {
  for (const folder of ['capture', 'server', 'ui'].filter((name) => readdirSync(root).includes(name))) {
    test(`${folder} imports only what it may`, () => {
      const wrong: string[] = []
      for (const file of sourcesUnder(folder)) {
        for (const name of importsOf(file).filter((name) => name.startsWith('.'))) {
          const target = relative(root, resolve(root, dirname(file), name))
          if (!allowed[folder]?.(target)) wrong.push(`${file} imports ${target}`)
        }
      }
      expect(wrong).toEqual([])
    })
  }

  test('capture knows no clock, disk or socket outside sources/', () => {
    const wrong: string[] = []
    for (const file of sourcesUnder('capture')) {
      if (file.startsWith(join('capture', 'sources'))) continue
      wrong.push(
        ...importsOf(file)
          .filter((name) => touchesTheMachine.test(name))
          .map((name) => `${file} imports ${name}`),
      )
      if (readsTheClock.test(readFileSync(join(root, file), 'utf8'))) wrong.push(`${file} reads the clock`)
    }
    expect(wrong).toEqual([])
  })

  test('rules hold data only', () => {
    expect(sourcesUnder('rules')).toEqual([])
  })
})
