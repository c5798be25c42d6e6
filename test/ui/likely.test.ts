// The words for who is only likely: never those for what was seen.
import { describe, expect, test } from 'vitest'
import type { CompanyRow, DeviceRow, EndpointRow, Overview } from '../../server/api.ts'
import { companyRows } from '../../ui/screens/companies.ts'
import { addressSeen, isOnlyLikely, likelyMore, likelyNote, probably, sumsByDevice } from '../../ui/state/likely.ts'
import { probablyTo } from '../../ui/state/story.ts'

const AWS = { slug: 'aws', name: 'Amazon Web Services', cloud: true }
const BLINK = { slug: 'blink', name: 'Blink', cloud: false }
const NOBODY = { slug: null, name: '', cloud: false }

describe('a far end without a name', () => {
  test('is probably somebody, in the cloud that was seen', () => {
    expect(probably({ company: BLINK }, AWS)).toBe('probably Blink, in Amazon Web Services’ cloud')
    expect(probably({ company: BLINK }, { ...AWS, name: 'Google Cloud' })).toBe('probably Blink, in Google Cloud')
    expect(probably({ company: BLINK }, { ...AWS, name: 'Akamai' })).toBe('probably Blink, in Akamai’s cloud')
    expect([probably({ company: BLINK }, NOBODY), probably({ company: BLINK }, null)]).toEqual([
      'probably Blink',
      'probably Blink',
    ])
  })

  test('was seen as an address in a network, with its port', () => {
    const seen = (more: Partial<EndpointRow>): string => addressSeen({ company: NOBODY, network: null, ...more })
    expect(seen({ company: AWS, service: 'tcp/443' })).toBe('an address in Amazon Web Services’ network, port 443')
    expect(seen({ network: "Example's network", service: 'udp/32100' })).toBe(
      "an address in Example's network, UDP port 32100",
    )
    expect(seen({})).toBe('an address without a name')
    expect(seen({ network: 'a\u202eb' })).toBe('an address in a‹U+202E›b')
  })
})

describe('what probably went to a company', () => {
  const row = { sent: 5, received: 0, likely: { sent: 1_200_000, received: 300 } }

  test('stands beside its sum, or alone where nothing was seen', () => {
    expect(likelyMore(row)).toBe('and probably ↑ 1.2 MB ↓ 300 bytes more')
    expect(likelyMore({ ...row, sent: 0 })).toBe('probably ↑ 1.2 MB ↓ 300 bytes')
    expect(likelyNote(row)).toMatch(/^And probably more: sent 1.2 MB, received 300 bytes, .+ not added here\.$/)
    expect(likelyNote({ ...row, sent: 0 })).toMatch(/^But probably: sent 1.2 MB/)
  })

  test('is not told where it is nothing', () => {
    const none = { sent: 5, received: 0, likely: { sent: 0, received: 0 } }
    expect([likelyMore(none), likelyNote(none), likelyMore({ sent: 5, received: 0 })]).toEqual([null, null, null])
  })

  test('is told of all purposes together only', () => {
    const company: CompanyRow = { ...BLINK, ...row, devices: 1, purposes: ['video'], first: null, last: null }
    const overview = { companies: [company], purposes: ['video'], cells: [[0, 0, 0, 5, 0]] } as unknown as Overview
    expect(companyRows(overview, null)[0]?.likely).toEqual(row.likely)
    expect(companyRows(overview, 'video')[0]).toMatchObject({ sent: 5 })
    expect(companyRows(overview, 'video')[0]).not.toHaveProperty('likely')
  })

  test('is a line of its own on the company’s page, and adds up by device', () => {
    const likely = { company: BLINK, purpose: 'video', confidence: 0.9, why: [] }
    expect(isOnlyLikely({ company: AWS, likely }, BLINK)).toBe(true)
    expect(isOnlyLikely({ company: AWS, likely }, AWS)).toBe(false)
    expect(isOnlyLikely({ company: BLINK }, BLINK)).toBe(false)
    const moved = (device: string, sent: number) => ({ device, sent, received: 1 })
    expect(sumsByDevice([moved('a', 1), moved('b', 2), moved('a', 3)])).toEqual(
      new Map([
        ['a', { sent: 4, received: 2 }],
        ['b', { sent: 2, received: 1 }],
      ]),
    )
  })
})

describe('whom a device probably sent to', () => {
  const row = (sent: number, likely: number): DeviceRow =>
    ({ sent, likelyTop: { company: BLINK, sent: likely } }) as DeviceRow

  test('is told where half of its bytes or more are likely, and no company was seen', () => {
    expect([probablyTo(row(10, 5), AWS), probablyTo(row(10, 5), NOBODY)]).toEqual(['Blink', 'Blink'])
    expect([probablyTo(row(10, 4), AWS), probablyTo(row(10, 10), BLINK)]).toEqual([null, null])
    expect(probablyTo({ sent: 10 } as DeviceRow, AWS)).toBeNull()
  })
})
