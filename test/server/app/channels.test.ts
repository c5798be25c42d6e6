// Channels emit each alert once, when and as soon as their settings ask for it, over kills and on a full disk too.
import type { Stored } from '../../../server/store/stored.ts'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WordedAlert } from '../../../server/alerts/alert.ts'
import { defaults } from '../../../server/settings/settings.ts'
import { type ChannelState, noChannelState, readChannelState } from '../../../server/app/channel-state.ts'
import { Channels } from '../../../server/app/channels.ts'
import { collectedLog } from '../../support/collected-log.ts'
import { MONDAY_NOON, StandingClock } from './standing-clock.ts'
import type { Settings } from '../../../server/settings/schema.ts'

const alert = (more: Partial<WordedAlert> = {}): WordedAlert => ({
  id: 'alert-1',
  kind: 'quiet-hours',
  device: 'aa',
  company: null,
  from: 1_000,
  to: 1_060,
  seen: 4e6,
  usual: 0,
  unit: 'bytes',
  sent: 4e6,
  received: 0,
  sure: 0.8,
  learning: false,
  detail: null,
  direction: 'out',
  times: 1,
  state: 'open',
  destination: null,
  bytes: 0,
  peak: 0,
  isOver: true,
  destinations: [],
  decided: null,
  message: 'Hall camera sent 4.0 MB',
  advice: [],
  ...more,
})

const HOUR = 3_600_000

let sink: Server
let status = 204
const got: string[] = []
let settings: Settings
let clock: StandingClock
let disk = ''
let isDiskFull = false
const said: string[] = []
const running: Channels[] = []

/** As after a start of Telltale: what was written down is all that is left. */
function open(known: WordedAlert[] = []): Channels {
  const state = readChannelState(disk === '' ? noChannelState() : JSON.parse(disk))
  const write = (data: ChannelState): void => {
    if (isDiskFull) throw new Error('ENOSPC')
    disk = JSON.stringify(data)
  }
  const kept: Stored<ChannelState> = {
    data: state,
    save: async () => write(state),
    change: async (work) => work(state),
    purge: async () => {
      write(state)
      return 2
    },
  }
  const channels = new Channels({
    kept,
    settings: () => settings,
    timeZone: () => 'UTC',
    clock,
    log: collectedLog(said),
    devices: () => Promise.resolve(null),
  })
  channels.know(known)
  running.push(channels)
  return channels
}

beforeEach(async () => {
  sink = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () => {
      if (status < 300) got.push((JSON.parse(body) as { id: string }).id)
      response.writeHead(status, { connection: 'close' }).end()
    })
  })
  await new Promise<void>((done) => sink.listen(0, '127.0.0.1', done))
  status = 204
  got.length = 0
  said.length = 0
  disk = ''
  isDiskFull = false
  clock = new StandingClock()
  settings = structuredClone(defaults())
  Object.assign(settings.webhook, {
    url: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`,
    privateAddresses: true,
  })
})
afterEach(async () => {
  for (const channels of running.splice(0)) await channels.close()
  sink.closeAllConnections()
  await new Promise((done) => sink.close(done))
})

describe('a channel', () => {
  test('is told of an alert once, however often the alert goes on', async () => {
    const channels = open()
    await channels.apply()
    for (let to = 1_060; to < 1_070; to++) await channels.emit(alert({ to }))
    await clock.moveTo(MONDAY_NOON + 1_000)
    expect(got).toEqual(['alert-1-1000'])
  })

  test('hears nothing of what somebody decided about', async () => {
    const channels = open()
    await channels.apply()
    await channels.emit(alert({ state: 'it-was-me' }))
    await clock.moveTo(MONDAY_NOON + 1_000)
    expect(got).toEqual([])
  })

  test('that wants sure alerts only hears of one once it has become sure', async () => {
    settings.webhook.which = 'sure'
    const channels = open()
    await channels.apply()
    await channels.emit(alert({ sure: 0.84 }))
    await clock.moveTo(MONDAY_NOON + 1_000)
    expect(got).toEqual([])
    await channels.emit(alert({ sure: 0.85 }))
    await channels.emit(alert({ sure: 0.9 }))
    await clock.moveTo(MONDAY_NOON + 2_000)
    expect(got).toEqual(['alert-1-1000'])
  })

  test('is quiet in its quiet hours, also with what waited from before, and tells afterwards', async () => {
    settings.webhook.quiet = ['Mo-Su 22:00-07:00']
    status = 503
    const channels = open()
    await channels.apply()
    await channels.emit(alert())
    await clock.moveTo(MONDAY_NOON + 1_000)
    expect(said).toEqual(['webhook: it answered 503'])
    status = 204
    await clock.moveTo(MONDAY_NOON + 10 * HOUR)
    await channels.emit(alert({ id: 'alert-2' }))
    for (let hour = 10; hour < 19; hour++) await clock.moveTo(MONDAY_NOON + hour * HOUR + 1_000)
    expect(got).toEqual([])
    await clock.moveTo(MONDAY_NOON + 19 * HOUR + 60_000)
    expect(got).toEqual(['alert-1-1000', 'alert-2-1000'])
  })

  test('that is set up later is not told what was before', async () => {
    const { url } = settings.webhook
    settings.webhook.url = ''
    const channels = open([alert()])
    await channels.apply()
    await channels.emit(alert({ id: 'alert-2' }))
    settings.webhook.url = url
    await channels.apply()
    await channels.emit(alert())
    await channels.emit(alert({ id: 'alert-2' }))
    await channels.emit(alert({ id: 'alert-3' }))
    await clock.moveTo(MONDAY_NOON + 1_000)
    expect(got).toEqual(['alert-3-1000'])
  })

  test('that is switched off keeps nothing that waits', async () => {
    status = 503
    const channels = open()
    await channels.apply()
    await channels.emit(alert())
    await clock.moveTo(MONDAY_NOON + 1_000)
    settings.webhook.url = ''
    await channels.apply()
    expect(disk).not.toContain('Hall camera')
  })
})

describe('after a kill', () => {
  test('what waited is delivered, and what was told is not told again, be the alert known or found anew', async () => {
    status = 503
    const killed = open()
    await killed.apply()
    await killed.emit(alert())
    await clock.moveTo(MONDAY_NOON + 1_000)
    await killed.close()
    status = 204
    const next = open()
    await next.apply()
    await next.emit(alert())
    await clock.moveTo(MONDAY_NOON + 10_000)
    expect(got).toEqual(['alert-1-1000'])
    await next.close()
    const third = open([alert()])
    await third.apply()
    await third.emit(alert())
    await clock.moveTo(MONDAY_NOON + 20_000)
    expect(got).toEqual(['alert-1-1000'])
  })

  test('another alert that was given the number of one that was lost is told', async () => {
    const killed = open()
    await killed.apply()
    await killed.emit(alert())
    await clock.moveTo(MONDAY_NOON + 1_000)
    await killed.close()
    const next = open()
    await next.apply()
    await next.emit(alert({ from: 5_000, to: 5_060 }))
    await clock.moveTo(MONDAY_NOON + 2_000)
    expect(got).toEqual(['alert-1-1000', 'alert-1-5000'])
  })

  test('the identity at the broker is the same', async () => {
    const first = open()
    await first.apply()
    const { identity } = (JSON.parse(disk) as ChannelState).mqtt
    await first.close()
    await open().apply()
    expect((JSON.parse(disk) as ChannelState).mqtt.identity).toBe(identity)
    expect(noChannelState().mqtt.identity).not.toBe(identity)
  })
})

test('a full disk stops no delivery and ends no process', async () => {
  const channels = open()
  await channels.apply()
  isDiskFull = true
  await channels.emit(alert())
  await clock.moveTo(MONDAY_NOON + 1_000)
  isDiskFull = false
  await channels.emit(alert({ id: 'alert-2' }))
  await clock.moveTo(MONDAY_NOON + 2_000)
  expect(got).toEqual(['alert-1-1000', 'alert-2-1000'])
  expect(said.some((sentence) => sentence.includes('could not be written down'))).toBe(true)
})

test('a forgotten device leaves nothing that waits, on the disk either', async () => {
  status = 503
  const channels = open()
  await channels.apply()
  await channels.emit(alert({ device: 'ab:cd', message: 'Hall camera sent 4.0 MB' }))
  await channels.emit(alert({ id: 'alert-2', device: 'other', message: 'Plug sent 4.0 MB' }))
  await clock.moveTo(MONDAY_NOON + 1_000)
  expect(disk).toContain('Hall camera')
  await channels.forget(['ab:cd'])
  expect(disk).not.toMatch(/Hall camera|ab:cd/)
  status = 204
  await clock.moveTo(MONDAY_NOON + HOUR)
  expect(got).toEqual(['alert-2-1000'])
})

test('a reason is said once, not with every attempt', async () => {
  status = 503
  const channels = open()
  await channels.apply()
  await channels.emit(alert())
  for (let minute = 1; minute < 20; minute++) await clock.moveTo(MONDAY_NOON + minute * 60_000)
  expect(said).toEqual(['webhook: it answered 503'])
})

test('a damaged file of state is used as far as it goes', () => {
  const damaged: unknown[] = [
    null,
    7,
    [],
    {
      waiting: { webhook: [{ notification: 1 }] },
      told: { webhook: [1, 'alert-1-1000'] },
      mqtt: { identity: 'short', devices: [1], clearing: 'no' },
    },
  ]
  for (const stored of damaged)
    expect(readChannelState(stored).mqtt).toMatchObject({
      identity: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      devices: [],
      clearing: [],
    })
  expect(readChannelState(damaged[3])).toMatchObject({
    waiting: { webhook: [] },
    told: { webhook: { incidents: [{ id: 'alert-1-1000', phase: 'known' }] } },
  })
})
