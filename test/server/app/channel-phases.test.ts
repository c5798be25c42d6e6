// What the receivers of channels hear of an incident: its start, its growth and its end, each once, with the total.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WordedAlert } from '../../../server/alerts/alert.ts'
import { type ChannelState, noChannelState, readChannelState } from '../../../server/app/channel-state.ts'
import { Channels, type Emitted } from '../../../server/app/channels.ts'
import { defaults } from '../../../server/settings/settings.ts'
import type { Settings } from '../../../server/settings/schema.ts'
import { collectedLog } from '../../support/collected-log.ts'
import { SmtpSink } from '../notify/smtp-sink.ts'
import { uploadAlert } from '../notify/upload-alert.ts'
import { MONDAY_NOON, StandingClock } from './standing-clock.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const NAMES = { device: 'Hall camera', company: 'Ring' }

let server: Server
const mail = new SmtpSink()
let mailPort = 0
let isAway = false
let clock: StandingClock
let settings: Settings
let disk = ''
let saves = 0
let channels: Channels
const posts: { header: string; id: string; phase: string; sequence: number; bytes: number; text: string }[] = []

/** As after a start of Telltale: what is on the disk is all that is left. */
async function start(): Promise<void> {
  const data = readChannelState(disk === '' ? noChannelState() : JSON.parse(disk))
  const write = (state: ChannelState): void => {
    saves++
    disk = JSON.stringify(state)
  }
  channels = new Channels({
    kept: {
      data,
      save: async () => write(data),
      change: async (work) => work(data),
      purge: async () => {
        write(data)
        return 2
      },
    },
    settings: () => settings,
    timeZone: () => 'UTC',
    clock,
    log: collectedLog([]),
    devices: () => Promise.resolve(null),
  })
  await channels.apply()
}
const after = (milliseconds: number): Promise<void> => clock.moveTo(clock.now() + milliseconds)
const emit = (more: Partial<WordedAlert>, how: Emitted = {}): Promise<void> =>
  channels.emit(uploadAlert(more), { names: NAMES, ...how })
const heard = (): string[] => posts.map(({ phase, bytes }) => `${phase} ${bytes}`)
const subjects = (): string[] =>
  mail.mails.map((text) => /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(text)?.[1]?.replace(/\r\n[ \t]/g, ' ') ?? '')

beforeEach(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () => {
      if (!isAway)
        posts.push({ ...(JSON.parse(body) as (typeof posts)[0]), header: String(request.headers['x-telltale-id']) })
      response.writeHead(isAway ? 503 : 204, { connection: 'close' }).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  mailPort ||= await mail.listen()
  mail.mails.length = 0
  posts.length = 0
  isAway = false
  disk = ''
  clock = new StandingClock()
  settings = structuredClone(defaults())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  Object.assign(settings.webhook, { url, privateAddresses: true })
  await start()
})
afterEach(async () => {
  await channels.close()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

/** Of so many bytes at the end, one update a second, twenty seconds of pause, and the end. */
async function upload(id: string, bytes: number, seconds: number, more: Partial<WordedAlert> = {}): Promise<void> {
  for (let second = 1; second <= seconds; second++) {
    await emit({ id, bytes: Math.round((bytes * second) / seconds), to: 999 + second, isOver: false, ...more })
    clock.time += SECOND
    if (second % 10 === 1) await after(0)
  }
  await after(20 * SECOND)
  await emit({ id, bytes, to: 999 + seconds, isOver: true, ...more })
  await after(0)
}

describe('an upload', () => {
  test('is told at once, at ten times as much, and with its total when it is over', async () => {
    await upload('alert-1', 300e6, 47)
    expect(heard()).toEqual(['start 6382979', 'growth 70212766', 'end 300000000'])
    expect(posts.map(({ id, sequence, header }) => [id, sequence, header])).toEqual([
      ['alert-1-1000', 1, 'alert-1-1000'],
      ['alert-1-1000', 2, 'alert-1-1000-2'],
      ['alert-1-1000', 3, 'alert-1-1000-3'],
    ])
    expect(posts.map(({ text }) => text.split('\n')[0])).toEqual([
      'Hall camera has been sending to Ring for 1 s, 6.4 MB so far',
      'Hall camera has been sending to Ring for 11 s, 70 MB so far',
      'Hall camera stopped after 47 s: 300 MB to Ring',
    ])
  })

  test('is written down with its messages only, not with each second', async () => {
    saves = 0
    await upload('alert-1', 9e5, 60, { bytes: 9e5 })
    // Two messages, and that each was taken.
    expect([heard().length, saves]).toEqual([2, 4])
  })

  test('is a conversation of three mails at most, and the total is in the last', async () => {
    Object.assign(settings.email, { host: '127.0.0.1', port: mailPort, to: 'me@home.example', plain: true })
    Object.assign(settings.email, { privateAddresses: true })
    await channels.apply()
    await upload('alert-1', 5e6, 5)
    await after(3 * MINUTE)
    for (const bytes of [6e6, 60e6, 305e6]) await emit({ bytes, to: 1_200, times: 2, isOver: false })
    await after(20 * SECOND)
    await emit({ bytes: 305e6, to: 1_240, times: 2, isOver: true })
    await after(0)
    expect(subjects()).toEqual([
      'Telltale: Hall camera has been sending to Ring for 1 s, 1.0 MB so far',
      'Telltale: Hall camera stopped after 5 s: 5.0 MB to Ring',
      'Telltale: Hall camera stopped after 4 min: 305 MB in 2 uploads to Ring',
    ])
    expect(heard()).toEqual(['start 1000000', 'end 5000000', 'growth 60000000', 'end 305000000'])
  })

  test('that was decided about or muted says nothing more, and what waits of it is dropped', async () => {
    isAway = true
    await emit({ id: 'alert-1' })
    await emit({ id: 'alert-2' })
    await emit({ id: 'alert-3' })
    await after(SECOND)
    await emit({ id: 'alert-1', state: 'it-was-me' })
    await emit({ id: 'alert-2' }, { isMuted: true })
    isAway = false
    await emit({ id: 'alert-1', state: 'it-was-me', bytes: 1e9, isOver: true })
    await emit({ id: 'alert-2', bytes: 1e9, isOver: true }, { isMuted: true })
    await after(HOUR)
    expect(posts.map(({ id, phase }) => [id, phase])).toEqual([['alert-3-1000', 'start']])
  })
})

describe('while the receiver is away', () => {
  test('the newest message takes the place of the one that waits, over a kill too, and each is told once', async () => {
    isAway = true
    await emit({ bytes: 100_000 })
    await after(SECOND)
    await emit({ bytes: 2e6 })
    await channels.close()
    await start()
    await emit({ bytes: 4e6, isOver: true })
    isAway = false
    await after(HOUR)
    expect(heard()).toEqual(['end 4000000'])
    await channels.close()
    await start()
    await emit({ bytes: 4e6, isOver: true })
    await after(HOUR)
    expect(posts).toHaveLength(1)
  })

  test('quiet hours hold the messages, and the last is told after them', async () => {
    settings.webhook.quiet = ['Mo-Su 12:00-13:00']
    await upload('alert-1', 300e6, 47)
    expect(posts).toEqual([])
    await clock.moveTo(MONDAY_NOON + HOUR + MINUTE)
    expect(heard()).toEqual(['end 300000000'])
  })
})

describe('an incident that went on when Telltale stopped', () => {
  /** Killed while it went on: its alert is written down as it was, and over, as nothing of it is known to go on. */
  async function restartWith(bytes: number): Promise<void> {
    await emit({ bytes: 100_000 })
    await after(SECOND)
    await emit({ bytes: 5e7 })
    await after(SECOND)
    await channels.close()
    await start()
    channels.know([uploadAlert({ bytes, isOver: true })])
    await emit({ bytes, isOver: true }, { isRestored: true })
    await after(29 * SECOND)
    expect(heard()).toEqual(['start 100000', 'growth 50000000'])
  }

  test('is told to be over once it has not come again for a while, with no less than was told', async () => {
    await restartWith(4e6)
    await after(SECOND)
    expect(heard().slice(2)).toEqual(['end 50000000'])
    expect(posts.at(-1)?.text).toContain('50 MB')
    await emit({ bytes: 5e7, isOver: true })
    await after(MINUTE)
    expect(heard()).toHaveLength(3)
  })

  test('is not told to be over while it goes on', async () => {
    await restartWith(5e7)
    await emit({ bytes: 6e7, isOver: false })
    await after(MINUTE)
    expect(heard()).toHaveLength(2)
    await emit({ bytes: 7e7, isOver: true })
    await after(SECOND)
    expect(heard().slice(2)).toEqual(['end 70000000'])
  })

  test('is not told when its device was forgotten, or somebody decided about it', async () => {
    await restartWith(5e7)
    await channels.forget(['aa'])
    await after(MINUTE)
    await emit({ bytes: 5e7, isOver: true, state: 'expected' })
    await after(MINUTE)
    expect(heard()).toHaveLength(2)
  })
})

describe('many alerts within an hour', () => {
  const many = async (count: number): Promise<void> => {
    for (let number = 1; number <= count; number++) {
      const [device, name] = number % 3 === 0 ? ['plug', 'Plug'] : ['cam', 'Hall camera']
      const alert = uploadAlert({ id: `alert-${number}`, device, isOver: true })
      await channels.emit(alert, { names: { device: name, company: null } })
    }
    await after(0)
  }

  test('are summed up at its end, after a restart in between too', async () => {
    await many(24)
    expect(posts).toHaveLength(12)
    await channels.close()
    await start()
    await after(HOUR - SECOND)
    expect(posts).toHaveLength(12)
    await after(SECOND)
    expect(posts.slice(12).map(({ phase, text }) => [phase, text.split('\n')[0]])).toEqual([
      ['summary', '12 more: Hall camera 8, Plug 4'],
    ])
    await after(3 * HOUR)
    expect(posts).toHaveLength(13)
  })

  test('hold no ceiling up', async () => {
    await many(12)
    await emit({ id: 'alert-50', reason: 'ceiling', bytes: 5e9 })
    await after(0)
    expect(posts.at(-1)).toMatchObject({ id: 'alert-50-1000', phase: 'start', bytes: 5e9 })
  })

  test('leave nothing of a forgotten device, in a summary that waits neither', async () => {
    await many(24)
    isAway = true
    await after(HOUR)
    expect(disk).toContain('Hall camera 8')
    await channels.forget(['cam'])
    expect(disk).not.toMatch(/Hall camera|"cam"/)
  })
})

/** As this was written before incidents had phases. */
function fileBefore(): string {
  const added = ['destination', 'bytes', 'peak', 'isOver', 'destinations', 'reason']
  const alert = Object.fromEntries(Object.entries(uploadAlert({ seen: 1e6 })).filter(([key]) => !added.includes(key)))
  const notification = { id: 'alert-1-1000', alert, title: 'Telltale', text: 'Hall camera sent 1.0 MB\nLook at it.' }
  return JSON.stringify({
    waiting: { webhook: [{ notification, since: MONDAY_NOON - HOUR, attempts: 3, next: MONDAY_NOON }] },
    told: { webhook: ['alert-0-900', 'alert-1-1000'] },
    mqtt: noChannelState().mqtt,
  })
}

describe('the file of the version before', () => {
  test('is read: what waits is delivered as it was, and what was told is not told again', async () => {
    await channels.close()
    disk = fileBefore()
    await start()
    channels.know([uploadAlert({ id: 'alert-0', from: 900 }), uploadAlert()])
    await after(SECOND)
    expect(posts).toMatchObject([
      { id: 'alert-1-1000', header: 'alert-1-1000', text: 'Hall camera sent 1.0 MB\nLook at it.' },
    ])
    await emit({ id: 'alert-0', from: 900, isOver: true })
    await emit({ bytes: 2e6, isOver: false })
    await after(SECOND)
    expect(posts).toHaveLength(1)
    // From now on its growth and its end are told.
    await emit({ bytes: 2e7, isOver: false })
    await after(SECOND)
    await emit({ bytes: 3e7, isOver: true })
    await after(SECOND)
    expect(heard().slice(1)).toEqual(['growth 20000000', 'end 30000000'])
  })

  test('is read: what waits is delivered though somebody decided about it', async () => {
    await channels.close()
    disk = fileBefore()
    isAway = true
    await start()
    await emit({ state: 'it-was-me', isOver: true }, { isRestored: true })
    isAway = false
    await after(HOUR)
    expect(posts).toHaveLength(1)
  })

  test('is read: what goes on while it waits takes its place', async () => {
    await channels.close()
    disk = fileBefore()
    isAway = true
    await start()
    await emit({ bytes: 3e7, isOver: true })
    isAway = false
    await after(HOUR)
    expect(posts.map(({ id, phase, bytes }) => [id, phase, bytes])).toEqual([['alert-1-1000', 'end', 3e7]])
  })
})
