// The meter of uploads: what it reports and when, and that its reports add up to what was moved.
import { describe, expect, it } from 'vitest'
import { type Report, UPLOAD_PAUSE_SECONDS, UploadMeter } from '../../../server/alerts/upload-meter.ts'
import { seededRandom } from '../../../server/sample/packets/random.ts'

const FLOOR = 50_000
/** The first second of a period of ten minutes. */
const START = 1_780_272_000

class Metered {
  readonly reports: Report[] = []
  readonly meter = new UploadMeter(
    () => FLOOR,
    (report) => this.reports.push(structuredClone(report)),
  )

  /** As the engine does it: the clock goes on before the cells of a later second. */
  add(second: number, sent: number, received = 0, endpoint = 1, device = 0): void {
    this.meter.mark(second)
    this.meter.add(second, device, endpoint, sent, received)
  }

  until(from: number, to: number): void {
    for (let second = from; second <= to; second++) this.meter.mark(second)
  }

  drain(): Report[] {
    return this.reports.splice(0)
  }
}

describe('an upload', () => {
  it('is told in the second in which ten seconds hold the floor, and not a second or a byte before', () => {
    const metered = new Metered()
    metered.add(START, FLOOR / 10 - 1)
    for (let second = 1; second < 10; second++) metered.add(START + second, FLOOR / 10)
    expect(metered.drain()).toEqual([])
    metered.add(START + 10, FLOOR / 10)
    expect(metered.drain()).toEqual([
      {
        from: START,
        second: START + 10,
        device: 0,
        endpoint: 1,
        sent: FLOOR + FLOOR / 10 - 1,
        received: 0,
        upload: { from: START, last: START + 10, sent: FLOOR + FLOOR / 10 - 1, received: 0, peak: FLOOR },
        isEnd: false,
      },
    ])
  })

  it('leaves out of its window what lies ten seconds back, whatever minute or ten minutes it lies over', () => {
    for (const at of [START + 1, START + 55, START + 595]) {
      const metered = new Metered()
      metered.add(at, FLOOR - 1)
      metered.add(at + 10, FLOOR - 1)
      expect(metered.drain().some(({ upload }) => upload !== null)).toBe(false)
      metered.add(at + 19, FLOOR - 1)
      expect(metered.drain().at(-1)?.upload).toMatchObject({ from: at, last: at + 19, peak: 2 * (FLOOR - 1) })
    }
  })

  it('is told each second while it is as loud, with what was moved since', () => {
    const metered = new Metered()
    for (let second = 0; second < 30; second++) metered.add(START + second, FLOOR + 1, 7)
    expect(metered.drain().map(({ second, sent, received }) => [second, sent, received])).toEqual(
      Array.from({ length: 30 }, (_, second) => [START + second, FLOOR + 1, 7]),
    )
  })

  it('has its most within ten seconds, and not the sum of all', () => {
    const metered = new Metered()
    for (let second = 0; second < 40; second++) metered.add(START + second, second === 20 ? 3 * FLOOR : FLOOR)
    expect(metered.drain().at(-1)?.upload).toMatchObject({ sent: 42 * FLOOR, peak: 12 * FLOOR })
  })

  it('ends twenty seconds after its last part, not before, and with what came since', () => {
    const metered = new Metered()
    metered.add(START, 2 * FLOOR)
    metered.drain()
    metered.add(START + 5, 400, 30)
    metered.until(START + 6, START + 19)
    expect(metered.drain()).toEqual([])
    metered.meter.mark(START + 20)
    expect(metered.drain()).toMatchObject([
      { from: START + 5, second: START + 20, sent: 400, received: 30, isEnd: true, upload: { last: START } },
    ])
    metered.until(START + 21, START + 59)
    expect(metered.drain()).toEqual([])
  })

  it('has ended at the same second however late the clock goes on', () => {
    for (const late of [UPLOAD_PAUSE_SECONDS, 21, 300, 86_400]) {
      const metered = new Metered()
      metered.add(START + 3, 2 * FLOOR)
      metered.drain()
      metered.meter.mark(START + 3 + late)
      expect(metered.drain()).toMatchObject([{ second: START + 3 + UPLOAD_PAUSE_SECONDS, isEnd: true }])
    }
  })

  it('is not held open by keep-alives, and goes on with a part of 2 kB', () => {
    const endOf = (bytes: number): number | undefined => {
      const metered = new Metered()
      metered.add(START, 2 * FLOOR)
      for (let second = 1; second < 300; second++) metered.add(START + second, second % 5 === 0 ? bytes : 0)
      return metered.drain().find(({ isEnd }) => isEnd)?.second
    }
    expect(endOf(1_999)).toBe(START + 20)
    expect(endOf(2_000)).toBeUndefined()
  })

  it('that begins anew after its end has a beginning of its own', () => {
    const metered = new Metered()
    metered.add(START, FLOOR)
    metered.until(START + 1, START + 40)
    metered.add(START + 41, FLOOR)
    expect(metered.drain().map(({ upload, isEnd }) => [upload?.from, isEnd])).toEqual([
      [START, false],
      [START, true],
      [START + 41, false],
    ])
  })

  it('is told apart from what the row moved before it', () => {
    const metered = new Metered()
    for (let minute = 3; minute < 8; minute++) metered.add(START + minute * 60, 100, 5)
    metered.add(START + 500, 20_000, 9)
    metered.add(START + 501, 40_000, 9)
    expect(metered.drain()).toMatchObject([
      { from: START + 180, second: START + 499, sent: 500, received: 25, upload: null },
      { from: START + 500, second: START + 501, sent: 60_000, received: 18, upload: { from: START + 500 } },
    ])
  })

  it('is none where what is sent acknowledges what is received', () => {
    const loudest = (share: number): number => {
      const metered = new Metered()
      for (let second = 0; second < 100; second++) metered.add(START + second, 1e6 * share, 1e6)
      return metered.drain().filter(({ upload }) => upload !== null).length
    }
    expect(loudest(0.05)).toBe(0)
    // 5 kB a second beyond the acknowledgements: the tenth second makes it the floor.
    expect(loudest(0.05 + FLOOR / 10 / 1e6)).toBe(91)
  })

  it('of each device and endpoint is its own', () => {
    const metered = new Metered()
    metered.add(START, FLOOR / 2, 0, 1, 0)
    metered.add(START, FLOOR / 2, 0, 2, 0)
    metered.add(START, FLOOR / 2, 0, 1, 1)
    expect(metered.drain()).toEqual([])
    metered.add(START + 1, FLOOR / 2, 0, 2, 0)
    expect(metered.drain()).toMatchObject([{ device: 0, endpoint: 2, sent: FLOOR }])
  })

  it('follows a floor that is changed while it goes on', () => {
    let floor = 1e9
    const reports: Report[] = []
    const meter = new UploadMeter(
      () => floor,
      (report) => reports.push(report),
    )
    meter.mark(START)
    meter.add(START, 0, 1, 60_000, 0)
    expect(reports).toEqual([])
    floor = 60_000
    meter.add(START + 1, 0, 1, 500, 0)
    expect(reports).toMatchObject([{ sent: 60_500 }])
  })
})

describe('what is no upload of note', () => {
  it('is told once a new row has sent 1 kB, each minute where it is 10 kB, else each ten minutes', () => {
    const at = (bytes: number): number[] => {
      const metered = new Metered()
      for (let second = 0; second < 1_200; second += 30) metered.add(START + second, bytes, 1)
      metered.meter.mark(START + 1_200)
      return metered.drain().map(({ second }) => second - START)
    }
    // Ten times 100 B make it.
    expect(at(100)).toEqual([270, 570, 1_170])
    expect(at(49)).toEqual([570, 1_170])
    const other = new Metered()
    for (let second = 0; second < 240; second += 30) other.add(START + second, 5_000, 1)
    other.meter.mark(START + 240)
    expect(other.drain().map(({ from, second, sent }) => [from - START, second - START, sent])).toEqual([
      [0, 30, 10_000],
      [60, 90, 10_000],
      [120, 150, 10_000],
      [180, 210, 10_000],
    ])
  })

  it('is told where it is only received, and where it is taken back', () => {
    const metered = new Metered()
    metered.add(START, 0, 900)
    metered.meter.mark(START + 600)
    metered.add(START + 661, -700, -30)
    metered.meter.mark(START + 1_200)
    expect(metered.drain()).toMatchObject([
      { sent: 0, received: 900 },
      { from: START + 661, second: START + 661, sent: -700, received: -30 },
    ])
  })

  it('is nothing where a correction takes back all of it', () => {
    const metered = new Metered()
    metered.add(START, 5_000, 40)
    metered.add(START + 1, -5_000, -40)
    metered.meter.mark(START + 600)
    metered.meter.finish()
    expect(metered.drain()).toEqual([])
  })
})

describe('at the end', () => {
  it('what is open is told once, and its upload has ended', () => {
    const metered = new Metered()
    metered.add(START, FLOOR)
    metered.add(START + 1, 700, 0, 2)
    metered.drain()
    metered.meter.finish()
    expect(metered.drain()).toMatchObject([
      { endpoint: 1, second: START + 20, sent: 0, isEnd: true, upload: { from: START } },
      { endpoint: 2, second: START + 1, sent: 700, upload: null },
    ])
    metered.meter.finish()
    metered.meter.mark(START + 5_000)
    expect(metered.drain()).toEqual([])
  })

  it('nothing comes of a device that was forgotten', () => {
    const metered = new Metered()
    metered.add(START, FLOOR, 0, 1, 0)
    metered.add(START, 700, 0, 2, 0)
    metered.add(START, 700, 0, 1, 1)
    metered.drain()
    metered.meter.forget(0)
    metered.meter.mark(START + 60)
    metered.meter.finish()
    expect(metered.drain()).toMatchObject([{ device: 1, sent: 700 }])
  })
})

describe('many rows', () => {
  const ROWS = 65_536

  it('beyond the cap are told as they are when the one opened first makes room, to the byte', () => {
    const metered = new Metered()
    metered.add(START, FLOOR, 0, 1, 0)
    metered.drain()
    for (let endpoint = 2; endpoint <= ROWS + 3; endpoint++) metered.add(START + 1, 100 + (endpoint % 7), 3, endpoint)
    // An upload that goes on ends with its row.
    expect(metered.drain()).toMatchObject([
      { endpoint: 1, isEnd: true },
      { endpoint: 2, sent: 102 },
      { endpoint: 3, sent: 103 },
    ])
    metered.meter.finish()
    const rest = metered.drain()
    expect(rest).toHaveLength(ROWS)
    expect(rest.find(({ endpoint }) => endpoint === ROWS + 3)?.sent).toBe(100 + ((ROWS + 3) % 7))
  })

  it('leave nothing behind', () => {
    const metered = new Metered()
    for (let endpoint = 1; endpoint <= 3 * ROWS; endpoint++) metered.add(START, 100, 0, endpoint)
    expect(metered.meter.held).toEqual({ touched: ROWS, rows: ROWS })
    metered.meter.mark(START + 600)
    metered.meter.mark(START + 1_200)
    expect(metered.meter.held).toEqual({ touched: 0, rows: 0 })
  })
})

it.each([1, 2, 3, 4, 5])('adds up to what was moved, to the byte, and in its time (seed %i)', (seed) => {
  const { next } = seededRandom(seed)
  const metered = new Metered()
  const moved = new Map<string, [number, number]>()
  const cells: { key: string; second: number; sent: number }[] = []
  let second = START + Math.floor(next() * 600)
  for (let index = 0; index < 6_000; index++) {
    if (next() < 0.4) second += next() < 0.02 ? Math.floor(next() * 4_000) : 1
    const [device, endpoint] = [Math.floor(next() * 3), Math.floor(next() * 4)]
    const size = [0, 90, 700, 3_000, 30_000, 400_000][Math.floor(next() * 6)]
    const sent = Math.floor(next() * size) * (next() < 0.05 ? -1 : 1)
    const received = Math.floor(next() * 9_000)
    metered.add(second, sent, received, endpoint, device)
    const key = `${device} ${endpoint}`
    const sums = moved.get(key) ?? [0, 0]
    moved.set(key, [sums[0] + sent, sums[1] + received])
    cells.push({ key, second, sent })
  }
  metered.meter.finish()
  const told = new Map<string, [number, number]>()
  const until = new Map<string, number>()
  for (const { from, second: to, device, endpoint, sent, received } of metered.reports) {
    const key = `${device} ${endpoint}`
    const sums = told.get(key) ?? [0, 0]
    told.set(key, [sums[0] + sent, sums[1] + received])
    // A report holds what was moved from its first to its last second, as far as no report before it did.
    expect(from).toBeLessThanOrEqual(to)
    until.set(key, Math.max(to, until.get(key) ?? 0))
    const sumSince = (first: number): number =>
      cells.reduce((sum, cell) => (cell.key === key && cell.second >= first ? sum + Math.max(0, cell.sent) : sum), 0)
    if (sent > 0) expect(sent).toBeLessThanOrEqual(sumSince(from))
  }
  expect([...told].sort()).toEqual([...moved].sort())
})
