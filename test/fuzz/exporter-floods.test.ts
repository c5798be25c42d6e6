// Floods of hostile exporters: nothing of a sender that is not named is counted, and memory is bounded whatever comes.
import { expect, test } from 'vitest'
import { MAX_MOVED } from '../../capture/connections/connection-table.ts'
import { MAX_PENDING_SETS, MAX_STREAMS, MAX_TEMPLATES } from '../../capture/flows/limits.ts'
import { LARGEST_RECORD } from '../../capture/flows/plausible.ts'
import { MAX_REFUSED_SENDERS } from '../../capture/sources/refused-senders.ts'
import {
  floodOfConnections,
  floodOfCounters,
  floodOfFrames,
  floodOfSenders,
  floodOfTemplates,
  sendersKept,
} from './exporter-floods.ts'

/** A variable of the environment sets another number: the README's is a million. */
const COUNT = Number(process.env['TELLTALE_FLOOD'] ?? 60_000)
const MAX_GROWTH = 150e6
/** Seconds that a test may take. */
const A_WHILE = 600

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

test('templates without end make no flow, and the streams and templates that are kept are few', () => {
  const { bytes, growth, kept } = floodOfTemplates(COUNT / 10)
  expect(bytes).toBe(0)
  expect(kept['streams']).toBeLessThanOrEqual(MAX_STREAMS)
  expect(kept['templates']).toBeLessThanOrEqual(MAX_STREAMS * MAX_TEMPLATES)
  expect(kept['pending']).toBeLessThanOrEqual(MAX_PENDING_SETS)
  expect(growth).toBeLessThan(MAX_GROWTH)
})

test('flows with counters at their ends and times years off are counted as what a line carries, when they came', () => {
  const { bytes, growth, kept, problem } = floodOfCounters(COUNT / 10)
  expect(bytes).toBeLessThan((COUNT / 10) * LARGEST_RECORD)
  expect(kept['latest'] - kept['earliest']).toBeLessThanOrEqual(A_WHILE)
  expect(Math.abs(kept['latest'] - Date.now() / 1000)).toBeLessThanOrEqual(A_WHILE)
  expect(problem).toMatch(/more bytes than its packets or its time can hold.*ended before it began.*impossible times/)
  expect(growth).toBeLessThan(MAX_GROWTH)
})
