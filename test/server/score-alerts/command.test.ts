// The command "score-alerts": what it prints, and what it refuses.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { readOptions, scoreAlertsCommand } from '../../../server/score-alerts/command.ts'

const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))
const TOTAL = /^total large \S+ small \S+ slow \S+ first-week \S+ false-per-week \d+\.\d\d$/

describe('telltale score-alerts', () => {
  test('of the built program prints the table, what was missed, and the total on its last line', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [CLI, 'score-alerts', '--seeds', '1-1', '--days', '12', '--list'],
      { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' }, cwd: '/' },
    )
    expect([status, stderr]).toEqual([0, ''])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.at(-1)).toMatch(TOTAL)
    expect(lines[0]).toMatch(/^home 1: \d+ devices/)
    expect(lines.some((line) => /^1 homes of 12 days, \d+ incidents$/.test(line))).toBe(true)
    expect(lines.some((line) => line.startsWith('first week: '))).toBe(true)
    expect(lines.some((line) => line.startsWith('false alerts per home and week'))).toBe(true)
  })

  test('prints the same for the same seed', async () => {
    const lines: string[][] = [[], []]
    for (const own of lines) await scoreAlertsCommand(['--seeds=5', '--days=12'], (line) => own.push(line))
    expect(lines[0]).toEqual(lines[1])
    expect(lines[0].at(-1)).toMatch(TOTAL)
  })

  test('explains itself', async () => {
    const lines: string[] = []
    expect(await scoreAlertsCommand(['--help'], (line) => lines.push(line))).toBe(0)
    const text = lines.join('\n')
    for (const word of ['--seeds', '--days', '--list', 'large', 'small', 'slow', 'first-week', 'false-per-week'])
      expect(text).toContain(word)
  })

  test.each([
    [['--seeds'], /--seeds takes two numbers/],
    [['--seeds', '5-1'], /the smaller first/],
    [['--seeds', '1-2-3'], /"1-2-3"/],
    [['--seeds', 'all'], /"all"/],
    [['--seeds', '1-2000'], /at most 1000 homes/],
    [['--seeds', '1-99999999'], /from 0 to 1000000/],
    [['--days', '3'], /from 12 to 120; not "3"/],
    [['--days', '30.5'], /whole number/],
    [['--days', '-30'], /"-30"/],
    [['--list=yes'], /does not know "--list=yes"/],
    [['FILE'], /does not know "FILE"/],
  ])('refuses %s in one sentence', async (args, sentence) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    expect(await scoreAlertsCommand(args, () => undefined)).toBe(2)
    expect(error.mock.calls).toHaveLength(1)
    expect(String(error.mock.calls[0][0])).toMatch(sentence)
    error.mockRestore()
  })

  test('takes one seed or a range, with = or a space', () => {
    expect(readOptions(['--seeds=7'])).toEqual({ first: 7, last: 7, days: 30, list: false })
    expect(readOptions(['--days', '20', '--seeds', '3-4', '--list'])).toEqual({
      first: 3,
      last: 4,
      days: 20,
      list: true,
    })
    expect(readOptions([])).toEqual({ first: 1, last: 25, days: 30, list: false })
  })
})
