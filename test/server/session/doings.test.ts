// Does a recording tell the same events and alerts, however fast it is played, as `analyze` does?
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { messageOf } from '../../../server/alerts/words.ts'
import { analyzeFile, UnreadableCaptureError } from '../../../server/analyze/analyze-file.ts'
import type { AlertEntry, EventEntry } from '../../../server/analyze/analysis.ts'
import type { Speed } from '../../../server/api.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rules/open.ts'
import { RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import { DoingsBook } from '../../../server/session/doings-book.ts'
import type { FromEngine, SeenDevice } from '../../../server/session/messages.ts'
import { RecordingPlayer, type ReplayFacts } from '../../../server/session/recording-player.ts'
import { Run } from '../../../server/session/run.ts'
import { realCaptures } from '../../support/real-captures.ts'

const rules = openRules(compiledRulesFolder())
const fixtures = fileURLToPath(new URL('../../captures/', import.meta.url))

/** Plays to the end and says what was told, in the words of `analyze`. */
async function replayed(path: string, speed: Speed): Promise<{ events: EventEntry[]; alerts: AlertEntry[] }> {
  const doings = new DoingsBook()
  const devices = new Map<string, SeenDevice>()
  const take = (message: FromEngine): void => {
    if (message.type === 'doings') doings.take(message.news)
    if (message.type === 'devices') for (const device of message.devices) devices.set(device.id, device)
  }
  const run = new Run(rules, {
    source: { kind: 'recording', path, limits: { minutes: 10, unpackedBytes: 1e10 } }, home: [], timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    wishes: { levels: {}, newDeviceLevel: 'everything', kinds: {}, ignored: { salt: '', hashes: [] } }, bookedUntil: null, names: [], ownHistory: false,
    alerts: { settings: RECORDING_SETTINGS, memory: null },
  }, null, take)
  let failure: Error | null = null
  let hasBegun = false
  const hasEnded = (facts: ReplayFacts): boolean => facts.state === 'ended' || facts.state === 'failed'
  const player = new RecordingPlayer(path, { minutes: 10, unpackedBytes: 1e10 }, {
    packet: run.packet, mark: (now) => run.mark(now), pump: (now, sources) => run.pump(now, sources), finish: () => run.finish(), restart: () => {},
    report: (facts) => {
      if (facts.state === 'ready' && !hasBegun) {
        hasBegun = true
        player.control({ action: 'speed', speed })
        player.control({ action: 'play' })
      }
      if (facts.error !== null) failure = new Error(`${path}: ${facts.error.message}`)
      if (hasEnded(facts)) player.stop()
    },
  })
  await player.run()
  if (failure !== null) throw failure as Error
  return {
    events: doings.allEvents().map(({ at, device, kind, company, host, purpose, sent, received, seconds, confidence }) =>
      ({ at: new Date(at * 1000).toISOString(), device, kind, company, host, purpose, sent, received, seconds, confidence })),
    alerts: doings.allAlerts().map((alert) => {
      const device = alert.device === null ? null : devices.get(alert.device)
      const company = alert.company === null ? null : (rules.companies.describe(alert.company)?.name ?? alert.company)
      const { from, kind, seen, usual } = alert
      return { at: new Date(from * 1000).toISOString(), device: alert.device, kind, company: alert.company, seen, usual, message: messageOf(alert, { device: device == null ? null : (device.name ?? device.id), company }) }
    }),
  }
}

async function compare(path: string, speeds: Speed[]): Promise<{ events: number; alerts: number }> {
  const analysis = await analyzeFile(path, { rules }).catch((error: unknown) => {
    if (error instanceof UnreadableCaptureError) return null
    throw error
  })
  if (analysis === null) return { events: 0, alerts: 0 }
  const { events = [], alerts = [] } = analysis
  for (const speed of speeds) {
    const told = await replayed(path, speed)
    expect([path, speed, inOrder(told.events)]).toEqual([path, speed, inOrder(events)])
    expect([path, speed, told.alerts]).toEqual([path, speed, alerts])
  }
  return { events: events.length, alerts: alerts.length }
}

/** Within a second the order is by the engine's numbers, which say nothing. */
function inOrder(events: EventEntry[]): string[] {
  return events.map((event) => JSON.stringify(event)).sort()
}

describe('a recording that is played tells what analyze tells', () => {
  const names = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name)
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
    if (captures === null) return context.skip()
    const chosen = captures.filter(({ path }) => /alexa_5_40s|VCFingerprinting.*(echo|alexa).*1|Xiaomi.*pcap$/i.test(path)).slice(0, 6)
    expect(chosen.length).toBeGreaterThan(0)
    const counts: { events: number; alerts: number }[] = []
    for (const { path } of chosen) counts.push(await compare(path, ['max', 100]))
    console.log(chosen.map(({ path }, index) => `${path.split('/').at(-1)}: ${counts[index]?.events} events, ${counts[index]?.alerts} alerts`).join('\n'))
    expect(counts.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(0)
  }, 300_000)
})
