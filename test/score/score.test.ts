// Analyze states what tshark states of the real captures, and counts the packets that capinfos counts.
import { describe, expect, test } from 'vitest'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { analyzeAll, type CaptureOutcome } from './all.ts'
import { scoreCaptures } from './run.ts'

const folder = realDataFolder()
if (folder === null) console.log(`skipped: ${NO_REAL_DATA}`)

const LEAST_SHARE = 0.99

/** Why a count may differ: never by the file's name. */
function reasonOf({ expected, packets, message }: CaptureOutcome): string {
  if (expected === '?') return 'capinfos itself cannot say'
  if (packets === null && /pcap and pcapng are read|save it as pcapng/.test(message))
    return 'another format, and the message says so'
  return 'unexplained'
}

// Thousands of captures, each with an engine of its own.
describe.skipIf(folder === null)('the real captures', { timeout: 300_000 }, () => {
  test("at least 99 % of tshark's facts are stated too", async () => {
    const { captures, total, different, lines, copied } = await scoreCaptures(folder!)
    console.log(`${copied.length} captures with copies, added back:\n${copied.join('\n')}`)
    console.log(`${captures} captures, ${total} facts, ${different} different`)
    expect(captures).toBeGreaterThan(100)
    expect(1 - different / total, lines.join('\n')).toBeGreaterThanOrEqual(LEAST_SHARE)
  })

  test('all are read without a crash, and their packets counted as capinfos counts them', async () => {
    const outcomes = await analyzeAll(folder!)
    expect(outcomes.length).toBeGreaterThan(1000)
    const different = outcomes.filter(({ expected, packets }) => String(packets) !== expected)
    const unexplained = different.filter((outcome) => reasonOf(outcome) === 'unexplained')
    expect(
      unexplained.map(
        ({ path, expected, packets, message }) => `${path}: capinfos ${expected}, telltale ${packets}: ${message}`,
      ),
    ).toEqual([])
    console.log(
      `${outcomes.length} captures, ${outcomes.length - different.length} counted alike, ${different.length} explained`,
    )
  })
})
