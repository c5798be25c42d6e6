// Import directions: ui → server → capture, server's folders in one order, and no circle of files anywhere.
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  circlesOf,
  type Imports,
  importsAgainstOrder,
  importsOf,
  ownImportsOf,
  reachedFrom,
  root,
} from './support/imports.ts'

/**
 * Folders of server/, and the files beside them. Each may import only what stands before it, and capture/. A new folder
 * gets a place here; a wrong arrow is mended by moving the imported type or function to an earlier folder.
 */
const SERVER_ORDER = [
  'api',
  'api.ts',
  'log.ts',
  'built-file.ts',
  'source-lines.ts',
  'open-files.ts',
  'sample',
  'text',
  'rules',
  'model',
  'access',
  'events',
  'simulate',
  'alerts',
  'attribution',
  'engine',
  'identity',
  'rulebook',
  'likely',
  'resolve',
  'detection',
  'store',
  'backup',
  'notify',
  'settings',
  'analyze',
  'score-alerts',
  'history',
  'session',
  'analyze-log.ts',
  'queries',
  'questions',
  'replay',
  'http',
  'dry-run',
  'app',
  'service-units',
  'main.ts',
  'serve-command.ts',
  'backup-command.ts',
  'ask-command.ts',
  'build-rules.ts',
  'build-sample.ts',
  'build-analyze-cache.ts',
  'cli.ts',
]

const allowed: Record<string, (target: string) => boolean> = {
  capture: (target) => target.startsWith('capture/'),
  server: (target) => target.startsWith('server/') || target.startsWith('capture/'),
  ui: (target) => target.startsWith('ui/') || target === 'server/api.ts' || isText(target),
}
/** Sentences and formats, which import nothing else: the page may show them too. */
const isText = (target: string): boolean => target.startsWith('server/text/')
const touchesTheMachine =
  /^(node:)?(fs|fs\/promises|net|dgram|child_process|os|http|https|tls|dns|worker_threads|timers.*)$/
const readsTheClock = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/

function sourcesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|svelte)$/.test(name))
    .map((name) => join(folder, name).split(sep).join('/'))
}

function localImports(folders: readonly string[]): Imports {
  return new Map(folders.flatMap(sourcesUnder).map((file) => [file, ownImportsOf(file)]))
}

describe('imports point towards the bytes', () => {
  for (const folder of ['capture', 'server', 'ui']) {
    test(`${folder} imports only what it may`, () => {
      const wrong: string[] = []
      for (const [file, targets] of localImports([folder])) {
        for (const target of targets) if (!allowed[folder]?.(target)) wrong.push(`${file} imports ${target}`)
      }
      expect(wrong).toEqual([])
    })
  }

  test("each of server's folders imports only what stands before it", () => {
    console.info(`The order of server/: ${SERVER_ORDER.join(' < ')}`)
    const wrong = importsAgainstOrder(localImports(['server']), 'server', SERVER_ORDER)
    expect(wrong).toEqual([])
  })

  test('no files import each other in a circle', () => {
    const circles = circlesOf(localImports(['capture', 'server', 'ui', 'test']))
    console.info(circles.length === 0 ? 'No circle of files.' : `Circles:\n${circles.join('\n')}`)
    expect(circles).toEqual([])
  })

  test('capture knows no clock, disk or socket outside sources/', () => {
    const wrong: string[] = []
    for (const file of sourcesUnder('capture')) {
      if (file.startsWith('capture/sources/')) continue
      wrong.push(
        ...importsOf(file)
          .filter((name) => touchesTheMachine.test(name))
          .map((name) => `${file} imports ${name}`),
      )
      if (readsTheClock.test(readFileSync(join(root, file), 'utf8'))) wrong.push(`${file} reads the clock`)
    }
    expect(wrong).toEqual([])
  })

  test('server/text imports nothing but itself', () => {
    const wrong = sourcesUnder('server/text').flatMap((file) => [
      ...importsOf(file).filter((name) => !name.startsWith('.')),
      ...ownImportsOf(file).filter((target) => !isText(target)),
    ])
    expect(wrong).toEqual([])
  })

  test('the simulator of homes knows nothing of the alerts that it tries', () => {
    const reached = [...reachedFrom(sourcesUnder('server/simulate'))]
    expect(reached.filter((file) => file.startsWith('server/simulate/')).length).toBeGreaterThan(10)
    expect(reached.filter((file) => file.startsWith('server/alerts/'))).toEqual([])
    const types = [...localImports(['server/simulate']).values()].flat()
    expect(types.filter((file) => file.startsWith('server/alerts/'))).toEqual([])
  })

  test('rules hold data only', () => {
    expect(sourcesUnder('rules')).toEqual([])
  })
})

describe('the checks themselves', () => {
  const order = ['model', 'alerts', 'cli.ts']

  test('a wrong arrow is named with what to do about it', () => {
    const imports: Imports = new Map([['server/model/batch.ts', ['server/alerts/engine.ts']]])
    expect(importsAgainstOrder(imports, 'server', order)).toEqual([
      'server/model/batch.ts imports server/alerts/engine.ts, but model stands before alerts: move what it needs to ' +
        'model or to a folder before it',
    ])
  })

  test('a folder without a place is named', () => {
    expect(importsAgainstOrder(new Map([['server/new/file.ts', []]]), 'server', order)).toEqual([
      'server/new/file.ts: "new" has no place in the order of server/: give it one in test/layering.test.ts',
    ])
  })

  test('a circle is named file by file, from where it starts to where it closes', () => {
    const imports: Imports = new Map([
      ['a.ts', ['b.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['a.ts', 'd.ts']],
      ['d.ts', []],
    ])
    expect(circlesOf(imports)).toEqual([
      'a.ts → b.ts → c.ts → a.ts: move what two of them share to a file that imports neither',
    ])
  })

  test('what only leads into a circle is no part of it', () => {
    const imports: Imports = new Map([
      ['in.ts', ['a.ts']],
      ['a.ts', ['b.ts']],
      ['b.ts', ['a.ts']],
    ])
    expect(circlesOf(imports)).toEqual([
      'a.ts → b.ts → a.ts: move what two of them share to a file that imports neither',
    ])
  })
})
