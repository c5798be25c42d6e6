// What analyze tells of real captures: spoken requests are events and no alarms, and in general hardly anything.
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { realCaptureFiles } from '../../support/real-captures.ts'

const files = realCaptureFiles()
const rules = openRules(compiledRulesFolder())
const REQUESTS = 5
/** An Echo that is asked the same five times, with pauses; the file's name is the question. */
const asked = (files ?? []).filter((path) => /VCFingerprinting\/.*_5(_\d+s)?\.pcap$/.test(path))
/** Captures of devices at home that are set up and used: minutes each. */
const used = (files ?? []).filter((path) => /(IoT_Sentinel|Lifecycle-Based|intl-iot|alexa_recon)/.test(path))

describe.skipIf(asked.length === 0)('an Echo that was asked five times', () => {
  const requests: number[] = []

  it.each(asked.map((path) => [basename(path), path]))(
    'has its requests as events, and no alarm: %s',
    async (_, path) => {
      const { events, alerts } = await analyzeFile(path, { rules })
      requests.push(events.filter(({ kind }) => kind === 'voice-request').length)
      expect(requests.at(-1)).toBeGreaterThanOrEqual(REQUESTS - 1)
      expect(alerts.map(({ message }) => message)).toEqual([])
    },
  )

  it('has all five requests in nearly every capture', () => {
    expect(requests.filter((count) => count >= REQUESTS).length).toBeGreaterThanOrEqual(asked.length - 1)
  })
})

describe.skipIf(used.length === 0)('devices that are set up and used', () => {
  it('raise an alarm in at most one capture of twenty', async () => {
    const told: string[] = []
    for (const path of used) {
      const { alerts } = await analyzeFile(path, { rules })
      if (alerts.length > 0) told.push(`${basename(path)}: ${alerts.map(({ message }) => message).join('; ')}`)
    }
    expect(told.length, told.join('\n')).toBeLessThanOrEqual(used.length / 20)
  })
})
