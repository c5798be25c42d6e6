// Analyze says of each capture in this folder what is expected of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import type { DeviceFacts } from '../../server/resolve/facts.ts'

/**
 * Bytes as [sent, received, sent at home, received at home]; hosts as "name, or first address; how; sent; received".
 */
interface Expectation {
  packets: number
  devices: Record<string, { addresses: string[]; bytes: [number, number, number, number]; hosts: string[] }>
}

const here = import.meta.dirname
const cases = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

function summaryOf({
  addresses,
  sent,
  received,
  sentLocal,
  receivedLocal,
  endpoints,
}: DeviceFacts): Expectation['devices'][string] {
  const hosts = endpoints.map((endpoint) => {
    const how = endpoint.ech ? `${endpoint.namedBy}, ech` : endpoint.namedBy
    return `${endpoint.host ?? endpoint.addresses[0]}; ${how}; ${endpoint.sent}; ${endpoint.received}`
  })
  return { addresses, bytes: [sent, received, sentLocal, receivedLocal], hosts }
}

test('there are captures to look at', () => {
  expect(cases.length).toBeGreaterThan(7)
})

describe.each(cases)('the capture %s', (name) => {
  const folder = join(here, name)

  test('is what its make.ts makes', async () => {
    const { make } = (await import(join(folder, 'make.ts'))) as { make: () => Uint8Array }
    expect(Buffer.from(make()).equals(readFileSync(join(folder, 'capture.pcap')))).toBe(true)
    expect(existsSync(join(folder, 'README.md'))).toBe(true)
  })

  test('is analyzed as expected', async () => {
    const expected = JSON.parse(readFileSync(join(folder, 'expect.json'), 'utf8')) as Expectation
    const { capture, devices } = await analyzeFile(join(folder, 'capture.pcap'))
    expect(capture.problems).toEqual([])
    expect({
      packets: capture.packets,
      devices: Object.fromEntries(devices.map((device) => [device.id, summaryOf(device)])),
    }).toEqual(expected)
  })
})
