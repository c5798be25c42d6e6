// Spoken requests are found in captures of them, with names and without.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openRules } from '../../server/rulebook/open.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { scoreVoice, spokenIn } from './voice.ts'

const data = realDataFolder()
if (data === null) console.log(`skipped: ${NO_REAL_DATA}`)

describe("the file's name", () => {
  it.each([
    ['flip_a_coin_5_30s.pcap', 5],
    ['folder_7/whats_trending_12.pcapng', 12],
    ['stop_30s_4.pcap.gz', 4],
    ['pick_a_number.pcap', 5],
    ['alexa_40s.pcap', 5],
    ['route_66_to_chicago_3.pcap', 3],
  ])('says how often something was spoken: %s', (name, times) => {
    expect(spokenIn(name)).toBe(times)
  })
})

describe.skipIf(data === null)('captures of spoken requests', () => {
  const rules = openRules(fileURLToPath(new URL('../../dist/rules', import.meta.url)))
  const folder = 'captures/SmartHomePrivacyProject+VCFingerprinting/data/capture_files/sean_kennedy'

  it.each([
    ['as they are', false],
    ['without names', true],
  ])('show at least 97 %% of them, and hardly one too many (%s)', async (_, isMasked) => {
    const path = join(data as string, folder)
    // Of each fifth: the benchmark reads all of them.
    const captures = readdirSync(path).filter((__, index) => index % 5 === 0)
    const sums = { truth: 0, found: 0, over: 0 }
    for (const name of captures) {
      const { truth, found, over } = await scoreVoice(join(path, name), isMasked, rules)
      sums.truth += truth
      sums.found += found
      sums.over += over
    }
    expect(sums.truth).toBeGreaterThanOrEqual(25)
    expect(sums.found / sums.truth).toBeGreaterThanOrEqual(0.97)
    expect(sums.over / sums.truth).toBeLessThanOrEqual(0.05)
  })
})
