// The README's table of limits says what the detectors use.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { limitsOf } from '../../server/alerts/kind-limits.ts'
import { DEFAULT_VALUES } from '../../server/alerts/settings.ts'
import { root } from '../support/imports.ts'

const UNITS: Record<string, number> = { kB: 1e3, MB: 1e6, GB: 1e9 }

function bytesOf(text: string): number {
  const [count, unit] = text.trim().split(' ')
  return Math.round(Number(count) * UNITS[unit])
}

function rows(): string[][] {
  const lines = readFileSync(join(root, 'README.md'), 'utf8').split('\n')
  const from = lines.findIndex((line) => line.startsWith('| kinds of device |'))
  const to = lines.findIndex((line, at) => at > from && !line.startsWith('|'))
  return lines.slice(from + 2, to).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

it('lists the limits of every kind of device as they are', () => {
  expect(rows()).toHaveLength(6)
  for (const [kinds, strange, ...ceilings] of rows())
    for (const kind of kinds === 'all others' ? ['plug', 'thermostat', 'hub'] : kinds.split(', ')) {
      const limits = limitsOf(kind)
      const between = strange.split(' to ').map(bytesOf)
      expect([between[0], between.at(-1)], kind).toEqual([...limits.strange])
      const { ten, hour, day } = limits.ceiling
      const setting = DEFAULT_VALUES.largeUploadMegabytes * 1e6
      expect(ceilings.map(bytesOf), kind).toEqual([ten, hour, day].map((part) => Math.round(part * setting)))
    }
})
