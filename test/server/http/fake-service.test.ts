// The made-up home fulfils what the pages rely on: parts add up; the same seed gives the same home.
import { describe, expect, test } from 'vitest'
import { createFakeService } from '../../support/fake-service.ts'
import { NOW } from './lab.ts'

const make = (options = {}) => createFakeService({ now: () => NOW, ...options })
const ranges = [300, 3600, 86_400, 7 * 86_400, 30 * 86_400].map((length) => ({ from: NOW - length, to: NOW }))
const sum = (values: (number | null)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0)

describe('the made-up home', () => {
  test.each(ranges)(
    'cells, devices, companies, coverage and series add up to the totals in $from to $to',
    async (range) => {
      const service = make()
      const overview = await service.overview('live', range)
      expect(overview.sent).toBeGreaterThan(0)
      for (const place of [3, 4] as const) {
        const total = place === 3 ? overview.sent : overview.received
        expect(sum(overview.cells.map((cell) => cell[place]))).toBe(total)
        expect(sum(overview.companies.map((row) => (place === 3 ? row.sent : row.received)))).toBe(total)
        expect(sum(overview.devices.map((row) => (place === 3 ? row.sent : row.received)))).toBe(total)
      }
      expect(sum(Object.values(overview.coverage))).toBe(overview.sent + overview.received)
      const { seen, likely, of } = overview.attributed
      expect([of, seen > 0, likely > 0, seen + likely < of]).toEqual([
        overview.sent + overview.received,
        true,
        true,
        true,
      ])
      expect(sum(overview.companies.map((row) => (row.likely?.sent ?? 0) + (row.likely?.received ?? 0)))).toBe(likely)
      expect(sum(overview.devices.flatMap((row) => row.sparkline))).toBe(overview.sent)
      const series = await service.series('live', { ...range, step: (range.to - range.from) / 100 })
      if (range.from % series.step === 0) expect(sum(series.sent)).toBe(overview.sent)
      const page = await service.device('live', overview.devices[1].id, range)
      expect(sum(page.endpoints.map((row) => row.sent))).toBe(overview.devices[1].sent)
    },
  )

  test('the same seed gives the same home, another seed another', async () => {
    const [one, same, other] = [make(), make(), make({ seed: 2 })]
    expect(await one.overview('live', ranges[1])).toEqual(await same.overview('live', ranges[1]))
    expect(await one.overview('live', ranges[1])).not.toEqual(await other.overview('live', ranges[1]))
  })

  test('a stretch without capture is null in a series, and merged devices are one', async () => {
    const service = make()
    const series = await service.series('live', { from: NOW - 86_400, to: NOW, step: 600 })
    expect(series.sent.filter((value) => value === null).length).toBeGreaterThanOrEqual(5)
    const [one, other] = service.devices('live')
    const before = await service.overview('live', ranges[1])
    const { undo } = await service.merge(one.id, other.id)
    expect(service.devices('live').length).toBe(11)
    expect((await service.overview('live', ranges[1])).sent).toBe(before.sent)
    await service.undo(undo)
    expect(await service.overview('live', ranges[1])).toEqual(before)
  })

  test('ten thousand endpoints of two hundred devices are all there', async () => {
    const service = make({ devices: 200, endpoints: 10_000 })
    const counts = await Promise.all(
      service
        .devices('live')
        .map(async (device) => (await service.device('live', device.id, ranges[4])).endpoints.length),
    )
    expect(sum(counts)).toBeGreaterThan(9000)
    expect(counts[0]).toBeGreaterThan(2000)
  })
})
