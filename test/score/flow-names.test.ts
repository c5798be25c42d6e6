// Flow records of captures, joined with look-ups: all bytes, and the names that the packets tell.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { openRules } from '../../server/rulebook/open.ts'
import { root } from '../support/imports.ts'
import { flowNamesOf, VERSIONS, whyNoFlowNames } from './flow-names.ts'

const why = whyNoFlowNames()
if (why !== null) console.log(`skipped: ${why}`)
const capture = join(root, 'test/captures/cname-chain/capture.pcap')

describe.skipIf(why !== null)('flow records of softflowd', () => {
  it.each(VERSIONS)('of version %i count the bytes of the packets, and look-ups name them', async (version) => {
    const { packets, alone, withLookUps, lost } = await flowNamesOf(capture, openRules(compiledRulesFolder()), version)
    expect(lost).toBe(0)
    expect(packets.bytes).toBeGreaterThan(0)
    expect(alone).toMatchObject({ bytes: packets.bytes, named: 0 })
    expect(withLookUps).toMatchObject({ bytes: packets.bytes, otherName: 0 })
    expect(withLookUps.named).toBeGreaterThan(0)
  })
})
