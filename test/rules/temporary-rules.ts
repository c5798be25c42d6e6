// Rules in a temporary folder, for tests of their check: the closed lists of the repository, and what a test adds.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach } from 'vitest'
import { checkRules } from '../../server/rulebook/check.ts'
import { sentence } from '../../server/rulebook/command.ts'

export const RULES = fileURLToPath(new URL('../../rules', import.meta.url))

export interface TemporaryRules {
  folder(): string
  put(path: string, text: string): void
  /** What the check finds wrong, as sentences. */
  problems(): string[]
}

/** A new folder before each test of the suite that calls this. */
export function temporaryRules(): TemporaryRules {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'telltale-rules-'))
    for (const name of readdirSync(RULES))
      if (!['companies', 'devices', 'events'].includes(name))
        cpSync(join(RULES, name), join(folder, name), { recursive: true })
    mkdirSync(join(folder, 'companies'))
    mkdirSync(join(folder, 'devices'))
    mkdirSync(join(folder, 'events'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  return {
    folder: () => folder,
    put: (path, text) => writeFileSync(join(folder, path), text),
    problems: () => checkRules(folder).map(sentence),
  }
}

export const company = (domains: string, more = ''): string =>
  `name: Acme\nhome: https://acme.example\nabout: Makes lamps.\n${more}domains:\n${domains}`
export const domain = (suffix: string, purpose = 'control'): string =>
  `  - suffix: '${suffix}'\n    purpose: ${purpose}\n    source: https://acme.example\n`
export const device = (match: string, example: string, more = ''): string =>
  `maker: Acme\n${more}devices:\n  - name: Acme lamp\n    kind: bulb\n    match:\n      ${match}\n    examples:\n      - ${example}\n`
