// Packets with impossible times are counted at the last possible time, whatever the format of the capture.
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { pcapFile, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { impossibleClocks, PACKETS, POSSIBLE } from '../../support/impossible-clocks.ts'

const FRAME = Uint8Array.from({ length: 60 }, (_, index) => index)
const CLOCKS = impossibleClocks(FRAME)
const NOW = 1_800_000_000

function read(bytes: Uint8Array, times: ConstructorParameters<typeof CaptureReader>[1] = {}) {
  const seen: { seconds: number; timed: boolean; number: number; bytes: number }[] = []
  const reader = new CaptureReader(
    ({ seconds, timed, number, at, end }) => seen.push({ seconds, timed, number, bytes: end - at }),
    times,
  )
  reader.push(bytes)
  reader.end()
  return { seen, reader, problems: reader.allProblems() }
}
const secondsOf = (name: string, times = {}): number[] =>
  read(CLOCKS.find((clock) => clock.name === name)?.bytes ?? new Uint8Array(), times).seen.map(({ seconds }) => seconds)

describe('every packet is handed on, at a time that can be', () => {
  test.each(CLOCKS)('from a file: $name', ({ bytes }) => {
    const { seen } = read(bytes, { fileTime: NOW })
    expect(seen.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6])
    for (const { seconds, timed, bytes } of seen) {
      expect([timed, bytes]).toEqual([true, FRAME.length])
      expect(seconds).toBeGreaterThanOrEqual(0)
      expect(seconds).toBeLessThan(2 ** 32)
    }
  })

  test.each(CLOCKS)('live: $name', ({ bytes }) => {
    const { seen } = read(bytes, { now: () => NOW })
    expect(seen).toHaveLength(PACKETS)
    for (const { seconds } of seen) {
      expect(seconds).toBeGreaterThan(946_000_000)
      expect(seconds).toBeLessThanOrEqual(NOW + 86_400)
    }
  })
})

describe('an impossible time', () => {
  test('counts at the last possible one', () => {
    expect(secondsOf('a high half of all ones, once')).toEqual([0, 1, 2, 2, 4, 5].map((second) => POSSIBLE + second))
    expect(secondsOf('nought among real ones')).toEqual([0, 1, 1, 3, 4, 5].map((second) => POSSIBLE + second))
  })

  test('counts at the first possible one where none was before', () => {
    expect(secondsOf('impossible at first')).toEqual([3, 3, 3, 3, 4, 5].map((second) => POSSIBLE + second))
  })

  test("counts at the file's time where no packet has a possible one, else at none", () => {
    expect(secondsOf('all ones', { fileTime: NOW + 0.5 })).toEqual(Array(PACKETS).fill(NOW))
    const { seen } = read(CLOCKS[0]?.bytes as Uint8Array)
    expect(seen.map(({ timed }) => timed)).toEqual(Array(PACKETS).fill(false))
  })

  test('is one problem with the number of packets and the first one', () => {
    const { problems } = read(CLOCKS.find(({ name }) => name === 'alternately possible and not')?.bytes as Uint8Array)
    expect(problems).toEqual([
      { packet: 1, offset: expect.any(Number), message: expect.stringMatching(/^3 packets have an impossible time/) },
    ])
  })

  test('of a live capture is one that the clock of the machine rules out', () => {
    const times = (seconds: number[], now: number): number[] =>
      read(
        pcapFile(
          {},
          seconds.map((second) => ({ seconds: second, bytes: FRAME })),
        ),
        { now: () => now },
      ).seen.map(({ seconds }) => seconds)
    expect(times([NOW - 9e7, NOW, NOW + 90_000, 5, NOW + 2], NOW)).toEqual([NOW - 9e7, NOW, NOW, NOW, NOW + 2])
    // A machine without a clock begins in 1970, and what it captures is of its own time.
    expect(times([7, 8], 7)).toEqual([7, 8])
  })
})

test('times that are counted from the start of a capture are possible', () => {
  const packets = [0, 1, 2].map((seconds) => ({ seconds, bytes: FRAME }))
  const { seen, problems } = read(pcapFile({}, packets))
  expect(seen.map(({ seconds }) => seconds)).toEqual([0, 1, 2])
  expect(problems).toEqual([])
})

test('no more than a thousand packets are held back for a possible time', () => {
  const packet = { seconds: 0xffffffff, bytes: FRAME }
  let seen = 0
  const reader = new CaptureReader(() => seen++, { now: () => NOW, fileTime: NOW })
  reader.push(pcapFile({}, Array(999).fill(packet)))
  expect(seen).toBe(0)
  reader.push(pcapRecord(packet))
  expect(seen).toBe(1_000)
  reader.push(pcapRecord(packet))
  reader.end()
  expect(seen).toBe(1_001)
})
