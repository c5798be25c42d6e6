// The command "ask" as people run it: over recordings, over what a home has kept, and with what cannot be asked.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../server/api.ts'
import { planOfArgument } from '../../server/settings/source-plan.ts'
import { eventually, startHome } from '../support/running.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const SAMPLE = fileURLToPath(new URL('../../dist/sample.pcap.gz', import.meta.url))

function ask(args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'ask', ...args], { encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

describe('telltale ask', () => {
  let folder = ''
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'telltale-ask-test-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('answers from a recording, with rows that add up, and leaves nothing behind', { timeout: 60_000 }, () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('telltale-ask-') && !folder.endsWith(name))
    const { code, out } = ask(['company-all', SAMPLE, '--company', 'amazon', '--json'])
    expect(code).toBe(0)
    const [{ file, answer }] = JSON.parse(out) as { file: string; answer: Answer }[]
    expect(file).toBe(SAMPLE)
    expect(answer.sentence).toMatch(/^Amazon's services got .* from 3 devices/)
    const sent = answer.evidence.filter(({ of }) => of === 'sent').reduce((sum, { value }) => sum + value, 0)
    expect(sent).toBe(answer.figures.find(({ name }) => name === 'sent')?.value)
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('telltale-ask-') && !folder.endsWith(name))
    expect(after).toEqual(before)
  })

  test('answers from what a home has kept, here of its look-ups', { timeout: 60_000 }, async () => {
    const log = join(folder, 'querylog.json')
    const now = Date.now()
    const line = (hoursAgo: number): string =>
      `${JSON.stringify({ T: new Date(now - hoursAgo * 3_600_000).toISOString(), QH: 'api.amazonalexa.com', QT: 'A', IP: '192.168.7.20', Result: {} })}\n`
    writeFileSync(log, [30, 20, 10, 0].map(line).join(''))
    const state = join(folder, 'state')
    const home = await startHome({ stateFolder: state, sources: [planOfArgument(`dns:adguard:${log}`)] })
    try {
      await eventually(
        () =>
          home.client.get<{ totals?: unknown; lookups?: number }>('/api/traffic/live/overview?from=1&to=4294967295'),
        ({ lookups }) => (lookups ?? 0) >= 4,
      )
      // While it runs, the copy is of its last save: here of none.
      expect(ask(['company-all', '--state', state]).code).toBe(0)
    } finally {
      await home.close()
    }
    expect(ask(['company-all', '--state', state, '--days', '2']).out).toMatch(
      /1 device looked up Amazon's services [34] times since/,
    )
    expect(ask(['voice-per-day', '--state', state]).out).toMatch(/Only look-ups are known of this home/)
  })

  test.each([
    [[], /QUESTION is one of voice-per-day/],
    [['nonsense', SAMPLE], /There is no question "nonsense"/],
    [['voice-per-day', '--state', '/nowhere/telltale'], /\/nowhere\/telltale/],
    [['voice-per-day', '--days', 'x', '--state', '/nowhere'], /--days x/],
  ])('%j is refused with a sentence', (args, sentence) => {
    const { code, err } = ask(args)
    expect(code).toBe(2)
    expect(err).toMatch(sentence)
    expect(err).not.toMatch(/\n\s+at /)
  })

  test('a file that cannot be read is named, and the others are answered', { timeout: 60_000 }, () => {
    const broken = join(folder, 'broken.pcap')
    writeFileSync(broken, 'this is no capture')
    const { code, out, err } = ask(['company-all', broken, SAMPLE])
    expect(code).toBe(1)
    expect(err).toContain(broken)
    expect(out).toMatch(/services got/)
  })
})
