// Floods of hostile exporters: nothing of a sender that is not named is counted, and memory is bounded whatever comes.
import { expect, test } from 'vitest'
import { MAX_MOVED } from '../../capture/connections/connection-table.ts'
import { MAX_REFUSED_SENDERS } from '../../capture/sources/refused-senders.ts'
import { floodOfConnections, floodOfFrames, floodOfSenders, sendersKept } from './exporter-floods.ts'

/** A variable of the environment sets another number: the README's is a million. */
const COUNT = Number(process.env['TELLTALE_FLOOD'] ?? 60_000)
const MAX_GROWTH = 150e6

test('made-up senders leave nothing behind but their number', async () => {
  const { bytes, growth, kept, problem } = await floodOfSenders(COUNT)
  expect({ bytes, kept }).toEqual({ bytes: 0, kept: { packets: 0, dropped: 0 } })
  expect(problem).toContain(`${COUNT - 3} from others were left out: they are not named.`)
  expect(sendersKept(COUNT)).toBe(MAX_REFUSED_SENDERS)
  expect(growth).toBeLessThan(MAX_GROWTH)
})

test('frames of the stream itself, cut ones and numbers that jump count as no traffic but what is in them', async () => {
  const { bytes, growth, problem } = await floodOfFrames(COUNT)
  expect(bytes).toBeLessThan(COUNT * 800)
  expect(problem).toMatch(/captures its own stream .* could not be read: no TZSP, or cut off/)
  expect(growth).toBeLessThan(MAX_GROWTH)
})

test('connections without end, whose counters wrap, count no more than connections can move', () => {
  const { bytes, growth } = floodOfConnections(COUNT)
  expect(bytes).toBeLessThan(MAX_MOVED)
  expect(growth).toBeLessThan(4 * MAX_GROWTH)
})
