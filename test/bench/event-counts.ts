// Bench of events in the traffic history: 24 months of a home of 30 devices, with and without them. Prints how much
// larger the database is, and how long a month takes.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HistoryDatabase } from '../../server/history/database.ts'
import { eventBatch } from '../../server/model/batch.ts'
import type { KeptEvent } from '../../server/model/event-changes.ts'
import { LocalTime } from '../../server/model/local-time.ts'
import { seededRandom } from '../../server/sample/packets/random.ts'
import { deviceName } from '../server/history/histories.ts'
import { HOME, introduceHome, newTotals, simulate } from '../server/history/simulate-home.ts'
import { loadDriver } from '../../capture/sources/sqlite.ts'

const DAY = 86_400
const HOUR = 3_600
const DAYS = 730
const START = Date.parse('2024-06-01T00:00:00+02:00') / 1_000
const ZONE = 'Europe/Berlin'
const RUNS = 20

/** Events of one device's day: kind, company, how many. */
type Habit = readonly [kind: string, company: string, most: number]
const HABITS: readonly (readonly Habit[])[] = [
  // A speaker, a camera, a television, a phone, a plug; each in turn.
  [
    ['voice-request', 'amazon', 30],
    ['streaming', 'spotify', 12],
    ['telemetry-upload', 'amazon', 24],
    ['heartbeat', 'amazon', 2],
  ],
  [
    ['motion-upload', 'ring', 40],
    ['live-view', 'ring', 4],
    ['heartbeat', 'ring', 2],
  ],
  [
    ['streaming', 'netflix', 8],
    ['streaming', 'google', 8],
    ['telemetry-upload', 'samsung', 40],
    ['heartbeat', 'samsung', 2],
  ],
  [
    ['unknown-upload', 'google', 30],
    ['unknown-upload', 'meta', 20],
    ['backup', 'google', 1],
    ['call', 'meta', 2],
    ['streaming', 'google', 20],
  ],
  [['heartbeat', 'tuya', 2]],
]

function eventsOf(day: number, seed: number): KeptEvent[] {
  const random = seededRandom(seed)
  const events: KeptEvent[] = []
  for (let device = 0; device < HOME.devices; device++) {
    for (const [kind, company, most] of HABITS[device % HABITS.length]) {
      const count = random.integer(0, most)
      for (let number = 0; number < count; number++) {
        events.push({
          id: `${seed}.${device}.${kind}.${company}.${number}`,
          at: day + random.integer(0, DAY - 1),
          device: deviceName(device),
          kind,
          company,
          host: `${kind}.${company}.example.com`,
          purpose: 'cloud',
          sent: Math.floor(2_000 * random.heavyTailed(0.8, 1e4)),
          received: Math.floor(1_000 * random.heavyTailed(0.8, 1e4)),
          seconds: random.integer(1, 600),
          confidence: random.chance(0.7) ? 0.9 : 0.6,
          reasons: ['the size and the length of one', 'the endpoint is named for it'],
        })
      }
    }
  }
  return events
}

function build(path: string, withEvents: boolean): HistoryDatabase {
  const database = new HistoryDatabase({ path, timeZone: ZONE, saveEverySeconds: 6 * HOUR })
  introduceHome(database)
  const totals = newTotals()
  for (let day = 0; day < DAYS; day++) {
    const start = START + day * DAY
    if (withEvents) database.add(eventBatch({ events: eventsOf(start, day), withdrawn: [], replace: false }))
    // Days that are kept as days are filled in few steps, hours in one each, and minutes in all: the rows are the same.
    const every = day < DAYS - 36 ? 6 * HOUR : day < DAYS - 3 ? HOUR : 60
    simulate(database, start, 1, day, totals, 1, every)
  }
  database.flush()
  return database
}

function bytesOf(path: string): Record<string, number> {
  const driver = loadDriver()
  const connection = driver.open(path)
  const sizes: Record<string, number> = {}
  for (const [table, bytes] of [
    ['event_days', 'length(counts) + 12'],
    ['events', 'length(facts) + 2 * length(name) + 40'],
    ['days', 'length(cells) + 12'],
    ['hours', 'length(cells) + 12'],
    ['minutes', 'length(cells) + 12'],
  ] as const) {
    const row = connection.prepare(`SELECT count(*) AS count, sum(${bytes}) AS bytes FROM ${table}`).get() as {
      count: number
      bytes: number | null
    }
    sizes[`${table} (${row.count} rows)`] = row.bytes ?? 0
  }
  connection.close()
  return sizes
}

function time(what: string, work: (run: number) => unknown): void {
  const runs = Array.from({ length: RUNS }, (_, run) => {
    const before = performance.now()
    work(run)
    return performance.now() - before
  }).sort((one, other) => one - other)
  console.log(`${what}: median ${runs[RUNS / 2].toFixed(1)} ms, worst ${runs[RUNS - 1].toFixed(1)} ms`)
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-event-counts-'))
  try {
    const [plain, counted] = [join(folder, 'plain.db'), join(folder, 'counted.db')]
    build(plain, false).close()
    const database = build(counted, true)
    const local = new LocalTime(ZONE)
    const end = START + DAYS * DAY
    const month = (run: number): { from: number; to: number } => {
      const from = local.dayStart(START + (run * (DAYS - 31) * DAY) / RUNS)
      return { from, to: local.dayStart(from + 30 * DAY + 12 * HOUR) }
    }
    time("a month's counts", (run) => database.eventCounts(month(run)))
    time("the last month's counts, from an hour on", () =>
      database.eventCounts({ from: end - 30 * DAY - HOUR, to: end - HOUR }),
    )
    time('24 months of counts', () => database.eventCounts({ from: START, to: end }))
    time('a page of the last month', () => database.events({ from: end - 30 * DAY, to: end, limit: 500 }))
    database.close()
    const [before, after] = [statSync(plain).size, statSync(counted).size]
    console.log(`database: ${before} B without events, ${after} B with them (+${percent(after - before, before)})`)
    for (const [table, bytes] of Object.entries(bytesOf(counted)))
      console.log(`  ${table}: about ${bytes} B, ${percent(bytes, before)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(2)} %`
}

main()
