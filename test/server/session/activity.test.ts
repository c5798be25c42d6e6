// Tests of events and alerts of a session: a recording emits what `analyze` reports, however fast it is played.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { analyzeFile, UnreadableCaptureError } from '../../../server/analyze/analyze-file.ts'
import type { Speed } from '../../../server/api.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { ActivityLog } from '../../../server/detection/activity-log.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import { bytesOf, realCaptures } from '../../support/real-captures.ts'
import { NO_REAL_DATA } from '../../support/real-data.ts'
import { replayed } from '../../support/replayed.ts'
import type { Policy } from '../../../server/model/policy.ts'
import type { EventEntry } from '../../../server/detection/entries.ts'

const rules = openRules(compiledRulesFolder())
const fixtures = fileURLToPath(new URL('../../captures/', import.meta.url))

async function compare(path: string, speeds: Speed[]): Promise<{ events: number; alerts: number }> {
  const analysis = await analyzeFile(path, { rules }).catch((error: unknown) => {
    if (error instanceof UnreadableCaptureError) return null
    throw error
  })
  if (analysis === null) return { events: 0, alerts: 0 }
  const { events = [], alerts = [] } = analysis
  for (const speed of speeds) {
    const played = await replayed(rules, path, speed)
    expect([path, speed, inOrder(played.events)]).toEqual([path, speed, inOrder(events)])
    expect([path, speed, played.alerts]).toEqual([path, speed, alerts])
  }
  return { events: events.length, alerts: alerts.length }
}

const defaultPolicy: Policy = { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }

/** Activity of a live home that receives the same packets second by second. */
function detectedLive(bytes: Uint8Array, policy: Policy = defaultPolicy): ActivityLog {
  const activity = new ActivityLog()
  const pipeline = new Pipeline(
    rules,
    {
      source: { kind: 'live', sources: [] },
      home: [],
      timeZone: 'UTC',
      policy,
      accountedUntil: null,
      names: [],
      ownHistory: false,
      alerts: { settings: DEFAULT_SETTINGS, memory: null },
    },
    null,
    (message) => {
      if (message.type === 'activity') activity.add(message.update)
    },
  )
  let last = Number.NaN
  const second = (now: number): void => {
    pipeline.mark(now)
    pipeline.flush(now, [])
  }
  const reader = new CaptureReader((frame) => {
    const now = Math.floor(frame.seconds)
    if (frame.timed && now > last) for (let at = Math.max(last + 1, now - 60); at <= now; at++) second(at + 0.03)
    if (!(now <= last)) last = now
    pipeline.packet(frame)
  })
  reader.push(bytes)
  pipeline.finish()
  for (let after = 1; after <= 40; after++) second(last + after)
  return activity
}

function kindsOf(events: readonly { kind: string }[]): string[] {
  return events.map(({ kind }) => kind).sort()
}

/** Within a second the order is by the engine's numbers, which mean nothing. */
function inOrder(events: EventEntry[]): string[] {
  return events.map((event) => JSON.stringify(event)).sort()
}

describe('a recording that is played emits what analyze reports', () => {
  const names = readdirSync(fixtures, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  test('of every capture of the tests, as fast as can be', async () => {
    let total = 0
    for (const name of names) {
      for (const file of readdirSync(join(fixtures, name)).filter((file) => /\.pcap(ng)?(\.gz)?$/.test(file))) {
        await compare(join(fixtures, name, file), ['max'])
        total++
      }
    }
    expect(total).toBeGreaterThan(0)
  }, 120_000)

  test('of real captures: all events and alerts, at full speed and a hundredfold', async (context) => {
    const captures = realCaptures()
    if (captures === null) return context.skip(NO_REAL_DATA)
    const chosen = captures.filter(({ path }) => /alexa_5_40s|flip_a_coin_5_30s/.test(path))
    expect(chosen.length).toBeGreaterThan(0)
    const counts: { events: number; alerts: number }[] = []
    for (const { path } of chosen) counts.push(await compare(path, ['max', 100]))
    console.log(
      chosen
        .map(
          ({ path }, index) =>
            `${path.split('/').at(-1)}: ${counts[index]?.events} events, ${counts[index]?.alerts} alerts`,
        )
        .join('\n'),
    )
    expect(counts.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(0)
  }, 300_000)

  test('of all smaller real captures, as fast as can be; and live, second by second, the same kinds', async (context) => {
    const captures = realCaptures()
    if (captures === null) return context.skip(NO_REAL_DATA)
    let withEvents = 0
    for (const capture of captures) {
      const bytes = statSync(capture.path).size
      if (bytes < 20_000 || bytes > 3_000_000) continue
      const analysis = await analyzeFile(capture.path, { rules }).catch(() => null)
      const events = analysis?.events ?? []
      if (analysis === null || events.length === 0) continue
      withEvents++
      await compare(capture.path, ['max'])
      expect([capture.path, kindsOf(detectedLive(bytesOf(capture)).allEvents())]).toEqual([
        capture.path,
        kindsOf(events),
      ])
    }
    console.log(`${withEvents} captures with events compared`)
    expect(withEvents).toBeGreaterThan(10)
  }, 600_000)

  test('of a private device nothing is emitted, and of one of which companies are kept no host', async (context) => {
    const captures = realCaptures()
    if (captures === null) return context.skip(NO_REAL_DATA)
    const capture = captures.find(({ path }) => path.includes('flip_a_coin_5_30s'))
    if (capture === undefined) return context.skip('no capture flip_a_coin_5_30s among them')
    const bytes = bytesOf(capture)
    expect(detectedLive(bytes).allEvents().length).toBeGreaterThan(0)
    expect(detectedLive(bytes, { ...defaultPolicy, newDeviceLevel: 'totals' }).allEvents()).toEqual([])
    expect(detectedLive(bytes, { ...defaultPolicy, newDeviceLevel: 'paused' }).allEvents()).toEqual([])
    const companies = detectedLive(bytes, { ...defaultPolicy, newDeviceLevel: 'companies' }).allEvents()
    expect(companies.map(({ host }) => host)).toEqual(companies.map(() => null))
  })
})
