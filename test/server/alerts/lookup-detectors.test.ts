// Detectors over look-ups alone: what each reports, in look-ups, and what it leaves alone.
import { describe, expect, it, test } from 'vitest'
import { domainOf } from '../../../server/alerts/asked.ts'
import { BusyDevices } from '../../../server/alerts/busy-devices.ts'
import { farEndOf } from '../../../server/alerts/destination.ts'
import type { LookupSample, UploadSample } from '../../../server/alerts/detector.ts'
import { aroundYourDns } from '../../../server/alerts/detectors/around-your-dns.ts'
import { newCompany } from '../../../server/alerts/detectors/new-company.ts'
import { newDevice } from '../../../server/alerts/detectors/new-device.ts'
import { newTracker } from '../../../server/alerts/detectors/new-tracker.ts'
import { quietLookups } from '../../../server/alerts/detectors/quiet-lookups.ts'
import { silent } from '../../../server/alerts/detectors/silent.ts'
import type { Found } from '../../../server/alerts/found.ts'
import type { EventEndpoint } from '../../../server/events/event.ts'
import {
  COMMON,
  DAY,
  deviceOf,
  freshOf,
  HOUR,
  settingsOf,
  START,
  taking,
  traffic,
  type Traffic,
  utc,
} from '../../support/detector-samples.ts'

type Lookup = Partial<Omit<LookupSample, 'endpoint'>> & { kind?: string; endpoint?: Partial<EventEndpoint> }

/** Look-ups of a control server of Tuya by a plug, unless told otherwise. */
function lookup(second: number, count: number, { kind = 'plug', endpoint = {}, ...more }: Lookup = {}): LookupSample {
  return { ...traffic(second, 0, { kind, endpoint }), count, othersBusy: 0, ...more }
}

const of = (family: string | null, purpose: string, more: Lookup = {}): Lookup => ({
  family,
  endpoint: { company: family, purpose, host: `a.${family ?? 'nobody'}.example` },
  ...more,
})
/** The sentence that the alert begins with. */
function said(detector: { words: typeof newCompany.words }, found: Found | null, who: string, whom: string): string {
  return detector.words.en.sentence({ ...(found as Found), bytes: 0, times: 1, isOver: true }, who, whom)
}

/** Bytes of a device, as detectors of uploads get them. */
function upload(second: number, sent: number, more: Traffic): UploadSample {
  const none = { ten: 0, hour: 0, day: 0 }
  const sample = traffic(second, sent, more)
  const usual = { amounts: none, explained: 0, usual: none, ownUsual: none, ownDays: 0, firstSent: second }
  const judged = { isNew: false, isYoung: false, isStartedByPerson: false }
  return { ...sample, farEnd: farEndOf(sample.endpoint), upload: null, isEnd: false, ...usual, ...judged }
}

const LATER = START + 10 * DAY
const MINUTE = 60

describe('new-company by look-ups', () => {
  const settings = settingsOf('new-company')
  const ask = (memory: ReturnType<typeof newCompany.memory.fresh>, sample: LookupSample): Found | null =>
    taking(newCompany.streams.lookups)(memory, sample, settings)
  const learned = (): ReturnType<typeof newCompany.memory.fresh> => {
    const memory = freshOf(newCompany)
    expect(ask(memory, lookup(START, 2))).toBeNull()
    return memory
  }

  it('needs look-ups in two minutes, and counts all of them', () => {
    const memory = learned()
    expect(ask(memory, lookup(LATER, 2, of('ring', 'video')))).toBeNull()
    const found = ask(memory, lookup(LATER + MINUTE, 1, of('ring', 'video')))
    expect(found).toMatchObject({ company: 'ring', seen: 3, usual: 0, unit: 'lookups', sent: 0, learning: false })
    expect(said(newCompany, found, 'The plug', 'Ring')).toBe(
      'The plug asked for names of Ring, which it never asked for before: 3 look-ups',
    )
    expect(ask(memory, lookup(LATER + 2 * MINUTE, 9, of('ring', 'video')))).toBeNull()
  })

  it('says how many of them were blocked', () => {
    const memory = learned()
    expect(ask(memory, lookup(LATER, 2, of('ring', 'video', { blocked: 2 })))).toBeNull()
    const some = ask(memory, lookup(LATER + MINUTE, 2, of('ring', 'video', { blocked: 0 })))
    expect(said(newCompany, some, 'The plug', 'Ring')).toBe(
      'The plug asked for names of Ring, which it never asked for before: 4 look-ups, 2 blocked',
    )
    const all = ask(learned(), lookup(LATER, 4, of('ring', 'video', { blocked: 4 })))
    expect(said(newCompany, all, 'The plug', 'Ring')).toMatch(/: 4 look-ups, all blocked$/)
  })

  it('takes what was blocked for no contact: bytes that go there later are the first', () => {
    const bytes = (memory: ReturnType<typeof newCompany.memory.fresh>, second: number): Found | null =>
      taking(newCompany.streams.uploads)(
        memory,
        upload(second, 5_000, { kind: 'plug', family: 'ring', endpoint: { company: 'ring', purpose: 'video' } }),
        settings,
      )
    for (const [blocked, isTold] of [
      [4, true],
      [3, false],
    ] as const) {
      const memory = learned()
      expect(ask(memory, lookup(LATER, 4, of('ring', 'video', { blocked })))).not.toBeNull()
      // Asked for before: no news, blocked or not.
      expect(ask(memory, lookup(LATER + DAY, 9, of('ring', 'video', { blocked: 9 })))).toBeNull()
      expect(ask(memory, lookup(LATER + DAY, 9, of('ring', 'video')))).toBeNull()
      expect(bytes(memory, LATER + 2 * DAY) !== null).toBe(isTold)
      expect(bytes(memory, LATER + 3 * DAY)).toBeNull()
    }
  })

  it('takes more look-ups than one attempt makes at once', () => {
    expect(ask(learned(), lookup(LATER, 3, of('ring', 'video')))).toBeNull()
    expect(ask(learned(), lookup(LATER, 4, of('ring', 'video')))).toMatchObject({ seen: 4 })
  })

  it.each([
    ['its own company', lookup(LATER, 9)],
    ['the time', lookup(LATER, 9, of('ntp', 'time'))],
    ['a delivery network', lookup(LATER, 9, of('akamai', 'cdn'))],
    ['updates', lookup(LATER, 9, of('debian', 'update'))],
    ['a phone', lookup(LATER, 9, of('ring', 'video', { kind: 'phone' }))],
    ['a television', lookup(LATER, 9, of('ring', 'video', { kind: 'tv' }))],
    ['the first week', lookup(START + 6 * DAY, 9, of('ring', 'video'))],
    ['a tracker, which has an alert of its own', lookup(LATER, 9, of('amplitude', 'tracking'))],
    ['a name at home', lookup(LATER, 9, { family: null, endpoint: { company: null, host: 'nas.lan' } })],
    ['an address', lookup(LATER, 9, { family: null, endpoint: { company: null, host: '4.3.2.1.in-addr.arpa' } })],
    ['a name that is not kept', lookup(LATER, 9, { family: null, endpoint: { company: null, host: null } })],
  ])('leaves %s alone', (_what, sample) => {
    expect(ask(learned(), sample)).toBeNull()
  })

  it('learns a log that is new to an old home for a week', () => {
    const memory = freshOf(newCompany)
    expect(ask(memory, lookup(LATER, 9, of('ring', 'video')))).toBeNull()
    expect(ask(memory, lookup(LATER + 6 * DAY, 9, of('wyze', 'video')))).toBeNull()
    expect(ask(memory, lookup(LATER + 7 * DAY, 9, of('eufy', 'video')))).not.toBeNull()
  })

  it('tells of one company once, whether packets or the log show it first', () => {
    const bytes = upload(LATER, 5_000, { kind: 'plug', family: 'ring', endpoint: { company: 'ring' } })
    const detect = taking(newCompany.streams.uploads)
    const first = learned()
    expect(detect(first, bytes, settings)).toMatchObject({ unit: 'bytes' })
    expect(ask(first, lookup(LATER, 9, of('ring', 'video')))).toBeNull()
    const second = learned()
    expect(ask(second, lookup(LATER, 9, of('ring', 'video')))).not.toBeNull()
    expect(detect(second, bytes, settings)).toBeNull()
  })

  it('tells of a domain that nobody known owns where a device does one thing and its bytes are not seen', () => {
    const stranger = lookup(LATER, 5, {
      family: null,
      endpoint: { company: null, host: 'c2.evil.example', purpose: 'unknown' },
    })
    const found = ask(learned(), stranger)
    expect(found).toMatchObject({ company: null, detail: 'evil.example', seen: 5, unit: 'lookups' })
    expect(said(newCompany, found, 'The plug', 'an unknown company')).toContain('names under evil.example')
    const seen = learned()
    taking(newCompany.streams.uploads)(seen, upload(LATER - 60, 500, { kind: 'plug' }), settings)
    expect(ask(seen, stranger)).toBeNull()
    const radio = learned()
    for (let station = 0; station < 9; station++)
      ask(radio, lookup(START, 2, { family: null, endpoint: { company: null, host: `radio-${station}.example` } }))
    expect(ask(radio, stranger)).toBeNull()
  })

  it('takes a device of unknown kind for an appliance while it asks for few companies', () => {
    const sample = lookup(LATER, 5, of('ring', 'video', { kind: 'unknown' }))
    expect(ask(learned(), sample)).not.toBeNull()
    const many = learned()
    for (let index = 0; index < 9; index++) ask(many, lookup(START, 2, of(`company-${index}`, 'web')))
    expect(ask(many, sample)).toBeNull()
  })

  it('remembers 256 companies and 64 domains, and asks about no more', () => {
    const memory = learned()
    for (let index = 0; index < 300; index++) {
      ask(memory, lookup(START, 2, of(`company-${index}`, 'web')))
      ask(memory, lookup(START, 2, { family: null, endpoint: { company: null, host: `name-${index}.example` } }))
      ask(memory, lookup(LATER, 1, of(`asked-${index}`, 'web')))
    }
    expect([memory.known.length, memory.domains.length]).toEqual([256, 64])
    const asking = learned()
    for (let index = 0; index < 300; index++) ask(asking, lookup(LATER, 1, of(`asked-${index}`, 'web')))
    expect(Object.keys(asking.asked)).toHaveLength(256)
  })
})

test.each([
  ['api.eu.example.com', 'example.com'],
  ['API.Example.co.uk.', 'example.co.uk'],
  ['example.de', 'example.de'],
  ['fritz.box', null],
  ['printer', null],
  ['10.0.0.1', null],
  ['b._dns-sd._udp.0.168.192.in-addr.arpa', null],
  [null, null],
])('the domain of %s is %s', (host, domain) => {
  expect(domainOf(host)).toBe(domain)
})

describe('new-tracker', () => {
  const settings = settingsOf('new-tracker')
  type Memory = ReturnType<typeof newTracker.memory.fresh>
  const ask = (memory: Memory, sample: LookupSample): Found | null =>
    taking(newTracker.streams.lookups)(memory, sample, settings)
  const learned = (): Memory => {
    const memory = freshOf(newTracker)
    expect(ask(memory, lookup(START, 2))).toBeNull()
    expect(ask(memory, lookup(START, 2, of('oldstats', 'telemetry')))).toBeNull()
    return memory
  }

  it.each([
    ['ads', 'which deals in advertising'],
    ['tracking', 'which follows what people do'],
    ['telemetry', 'which collects how devices are used'],
  ])('tells of %s by look-ups', (purpose, words) => {
    const memory = learned()
    expect(ask(memory, lookup(LATER, 2, of('stranger', purpose)))).toBeNull()
    const found = ask(memory, lookup(LATER + 3 * MINUTE, 2, of('stranger', purpose)))
    expect(found).toMatchObject({ company: 'stranger', seen: 4, unit: 'lookups', detail: purpose })
    expect(said(newTracker, found, 'The plug', 'Stranger')).toBe(
      `The plug asked for names of Stranger, ${words}, for the first time: 4 look-ups`,
    )
    expect(ask(memory, lookup(LATER + DAY, 9, of('stranger', purpose)))).toBeNull()
  })

  it('tells of one by bytes, once', () => {
    const memory = learned()
    const detect = taking(newTracker.streams.uploads)
    const sample = (sent: number) =>
      upload(LATER, sent, { family: 'stranger', endpoint: { company: 'stranger', purpose: 'tracking' } })
    expect(detect(memory, sample(999), settings)).toBeNull()
    expect(detect(memory, sample(1), settings)).toMatchObject({ unit: 'bytes', seen: 1_000, sent: 1_000 })
    expect(detect(memory, sample(9_000), settings)).toBeNull()
    expect(ask(memory, lookup(LATER, 9, of('stranger', 'tracking')))).toBeNull()
  })

  it.each([
    ['statistics of whom the device does its work with', lookup(LATER, 9, of('tuya', 'telemetry'))],
    ['one that it always talked to', lookup(LATER, 9, of('oldstats', 'telemetry'))],
    ['a company that is no tracker', lookup(LATER, 9, of('ring', 'video'))],
    ['the first week', lookup(START + 6 * DAY, 9, of('stranger', 'ads'))],
    ['a phone', lookup(LATER, 9, of('stranger', 'ads', { kind: 'phone' }))],
    ['a computer', lookup(LATER, 9, of('stranger', 'ads', { kind: 'computer' }))],
    ['a television that knows trackers', lookup(LATER, 9, of('stranger', 'ads', { kind: 'tv' }))],
    ['nobody in particular', lookup(LATER, 9, of(null, 'ads'))],
  ])('leaves %s alone', (_what, sample) => {
    expect(ask(learned(), sample)).toBeNull()
  })

  it('leaves statistics of whom keeps what the device measures alone', () => {
    const memory = learned()
    expect(ask(memory, lookup(START, 2, of('scales', 'data')))).toBeNull()
    expect(ask(memory, lookup(LATER, 9, of('scales', 'telemetry')))).toBeNull()
  })

  it.each(['tv', 'unknown'])('tells of the first one of a %s that had none', (kind) => {
    const memory = freshOf(newTracker)
    ask(memory, lookup(START, 2, { kind }))
    expect(ask(memory, lookup(LATER, 9, of('stranger', 'ads', { kind })))).not.toBeNull()
    expect(ask(memory, lookup(LATER, 9, of('stranger-2', 'ads', { kind })))).toBeNull()
  })

  it('learns an old home for a week after it came, and remembers 128 companies', () => {
    const memory = freshOf(newTracker)
    for (let index = 0; index < 200; index++) ask(memory, lookup(LATER, 9, of(`stats-${index}`, 'ads')))
    expect(memory.trackers).toHaveLength(128)
    expect(ask(freshOf(newTracker), lookup(LATER, 9, of('stranger', 'ads')))).toBeNull()
  })

  it('knows before a dry run what the device knew', () => {
    const past = { now: null, fresh: freshOf(newTracker), day: 0 }
    const { endpoint } = traffic(START, 0)
    const memory = newTracker.memory.baseline?.({
      ...past,
      endpoints: [
        { ...endpoint, family: 'tuya' },
        { ...endpoint, family: 'stats', purpose: 'ads' },
      ],
    })
    expect(memory).toMatchObject({ own: ['tuya'], trackers: ['stats'] })
  })
})

describe('quiet-lookups', () => {
  type Memory = ReturnType<typeof quietLookups.memory.fresh>
  const ask = (memory: Memory, sample: LookupSample, floor = 20): Found | null =>
    taking(quietLookups.streams.lookups)(memory, sample, settingsOf('quiet-lookups', { quietLookupsFloor: floor }))
  /** Busy from 8 to 22 o'clock with 40 look-ups an hour, and `night` in each other hour. */
  const habit = (days: number, night = 1): Memory => {
    const memory = freshOf(quietLookups)
    for (let hour = 0; hour < days * 24; hour++)
      ask(memory, lookup(START + hour * HOUR, hour % 24 >= 8 && hour % 24 < 22 ? 40 : night))
    return memory
  }
  const atThree = START + 10 * DAY + 3 * HOUR + 600

  it('tells of many look-ups in the middle of the night, from the floor on', () => {
    const memory = habit(10)
    expect(ask(memory, lookup(atThree, 19))).toBeNull()
    const found = ask(memory, lookup(atThree + 60, 18))
    expect(found).toEqual({
      from: START + 10 * DAY + 3 * HOUR,
      to: atThree + 60,
      seen: 37,
      usual: 1,
      unit: 'lookups',
      sent: 0,
      received: 0,
      sure: 0.75,
      learning: false,
      detail: null,
    })
    expect(said(quietLookups, found, 'The plug', '')).toBe(
      'The plug made 37 look-ups within an hour; at this time of the day it made at most 1 look-up before',
    )
  })

  it('tells of look-ups that began before midnight as of those that did not', () => {
    const memory = habit(10)
    const midnight = START + 11 * DAY
    // Below the floor before midnight, and no habit of the hour after it.
    expect(ask(memory, lookup(midnight - 600, 19))).toBeNull()
    expect(ask(memory, lookup(midnight + 600, 30))).toMatchObject({ seen: 30, usual: 1 })
  })

  it.each([
    ['by day', habit(10), lookup(START + 10 * DAY + 12 * HOUR, 100)],
    ['in the hour before it usually begins', habit(10), lookup(START + 10 * DAY + 7 * HOUR, 100)],
    ['of less than three times what it made before', habit(10, 10), lookup(atThree, 29)],
    ['within the first days', habit(4), lookup(START + 4 * DAY + 3 * HOUR, 100)],
    ['of a phone', habit(10), lookup(atThree, 100, { kind: 'phone' })],
    ['of a television', habit(10), lookup(atThree, 100, { kind: 'tv' })],
    ['where another tries again and again as well', habit(10), lookup(atThree, 100, { othersBusy: 1 })],
  ])('says nothing %s', (_when, memory, sample) => {
    expect(ask(memory, sample)).toBeNull()
  })

  it('counts nothing of the time in which another tries again and again, then or later', () => {
    const memory = habit(10)
    expect(ask(memory, lookup(atThree, 100, { othersBusy: 1 }))).toBeNull()
    expect(ask(memory, lookup(atThree + 600, 2))).toBeNull()
    expect(ask(memory, lookup(atThree + DAY, 20))).toMatchObject({ seen: 20, usual: 2 })
  })

  it('tells it of a device that never rests as well', () => {
    expect(ask(habit(10, 10), lookup(atThree, 30))).toMatchObject({ seen: 30, usual: 10 })
  })

  it('takes one of unknown kind for an appliance while it asks for few companies', () => {
    expect(ask(habit(10), lookup(atThree, 100, { kind: 'unknown' }))).not.toBeNull()
    const memory = habit(10)
    for (let index = 0; index < 7; index++) ask(memory, lookup(atThree - DAY + 9 * HOUR, 1, { family: `c-${index}` }))
    expect(ask(memory, lookup(atThree, 100, { kind: 'unknown' }))).toBeNull()
  })

  it('marks what is found while device or home are learned', () => {
    expect(ask(habit(10), lookup(atThree, 100, { isLearning: true }))).toMatchObject({ learning: true })
  })

  it('takes the floor from the settings, and keeps three weeks', () => {
    expect(ask(habit(10), lookup(atThree, 10), 10)).toMatchObject({ seen: 10 })
    expect(habit(40).days).toHaveLength(22)
  })
})

describe('busy devices', () => {
  const device = (id: string, kind = 'plug') => deviceOf(kind, id)
  const SPAN = 600

  it('are other appliances that ask more within two spans than any two before can have held, for half an hour', () => {
    const busy = new BusyDevices()
    for (const id of ['a', 'b', 'c']) busy.othersBusy(device(id), START, 4)
    const now = START + SPAN
    expect(busy.othersBusy(device('a'), now, 9)).toBe(0)
    expect(busy.othersBusy(device('b'), now, 3)).toBe(1)
    expect(busy.othersBusy(device('c'), now, 9)).toBe(1)
    expect(busy.othersBusy(device('b'), now + 2 * SPAN, 1)).toBe(2)
    expect(busy.othersBusy(device('b'), now + 3 * SPAN, 1)).toBe(0)
  })

  it('are none of people, and none in its first ten minutes', () => {
    const busy = new BusyDevices()
    busy.othersBusy(device('phone', 'phone'), START, 1)
    busy.othersBusy(device('phone', 'phone'), START + SPAN, 500)
    busy.othersBusy(device('new'), START + SPAN, 500)
    expect(busy.othersBusy(device('a'), START + SPAN, 1)).toBe(0)
  })

  it('make no habit of it', () => {
    const busy = new BusyDevices()
    for (const span of [0, 1, 2]) busy.othersBusy(device('a'), START + span * SPAN, span === 1 ? 100 : 2)
    busy.othersBusy(device('a'), START + 9 * SPAN, 50)
    expect(busy.othersBusy(device('b'), START + 9 * SPAN, 1)).toBe(1)
  })

  it('are counted among 512 at most', () => {
    const busy = new BusyDevices()
    for (const span of [0, 1])
      for (let index = 0; index < 600; index++) busy.othersBusy(device(`d${index}`), START + span * SPAN, 1 + span * 99)
    expect(busy.othersBusy(device('other'), START + SPAN, 1)).toBe(512)
  })
})

describe('around-your-dns by look-ups', () => {
  const settings = settingsOf('around-your-dns')
  type Memory = ReturnType<typeof aroundYourDns.memory.fresh>
  const ask = (memory: Memory, host: string, more: Lookup = {}): Found | null => {
    const endpoint = { company: host, host, purpose: 'dns', ...more.endpoint }
    return taking(aroundYourDns.streams.lookups)(memory, lookup(LATER, 1, { ...more, endpoint }), settings)
  }
  const old = (): Memory => ({ known: [], asksSince: START })

  it.each(['dns.google', 'mozilla.cloudflare-dns.com', 'dns.quad9.net', 'doh.opendns.com', 'abc.dns.nextdns.io'])(
    'tells that a device looked up %s, once',
    (host) => {
      const memory = old()
      const found = ask(memory, host)
      expect(found).toMatchObject({ seen: 1, unit: 'lookups', detail: 'name', learning: false })
      expect(said(aroundYourDns, found, 'The TV', 'Google')).toBe(
        "The TV asked where Google is, another resolver than your home's own: 1 look-up. What it asks there cannot be seen",
      )
      expect(ask(memory, host)).toBeNull()
    },
  )

  it.each(['mycam.dahuaddns.com', 'home.myfritz.net', 'a1.iot-dns.com', 'me.synology.me', 'use-application-dns.net'])(
    'leaves %s alone, under which devices are found',
    (host) => {
      expect(ask(old(), host)).toBeNull()
    },
  )

  it('leaves other purposes alone, and marks what is learned', () => {
    expect(ask(old(), 'dns.example', { endpoint: { purpose: 'web' } })).toBeNull()
    expect(ask(old(), 'dns.google', { isLearning: true })).toMatchObject({ learning: true })
    expect(ask(freshOf(aroundYourDns), 'dns.google')).toMatchObject({ learning: true })
  })
})

describe('silent by look-ups', () => {
  const settings = settingsOf('silent')
  /** Asked every ten minutes for so many days. */
  const habit = (days: number, isLookup = true, step = 600, kind = 'plug'): ReturnType<typeof silent.memory.fresh> => {
    const memory = freshOf(silent)
    for (let second = START; second < START + days * DAY; second += step)
      taking(silent.streams.activity)(
        memory,
        { second, local: utc(second), device: deviceOf(kind), isLookup },
        settings,
      )
    return memory
  }
  const look = (memory: ReturnType<typeof habit>, seconds: number, kind = 'plug', heardSince = START): Found | null => {
    const second = (memory.last as number) + seconds
    const sample = { second, local: utc(second), device: deviceOf(kind), quietSeconds: 10, heardSince }
    return taking(silent.streams.clock)(memory, sample, settings)
  }

  it('tells that a device asks no more, and what cannot be seen', () => {
    const found = look(habit(8), 7 * HOUR)
    expect(found).toMatchObject({ seen: 7 * HOUR, usual: 600, unit: 'seconds', detail: 'lookups' })
    expect(said(silent, found, 'The plug', '')).toBe(
      'The plug has made no look-ups for 7 hours; usual are pauses of at most 10 minutes. Whether it is off or asks another resolver cannot be seen',
    )
  })

  it('tells of none that has been away for more than two weeks, as after an upgrade', () => {
    expect(look(habit(8), 14 * DAY)).not.toBeNull()
    expect(look(habit(8), 14 * DAY + 1)).toBeNull()
  })

  it('says so only of a device that is seen by nothing else', () => {
    expect(look(habit(8, false), 7 * HOUR)).toMatchObject({ detail: null })
  })

  it('counts from when the log goes on after a gap', () => {
    const memory = habit(8)
    const back = (memory.last as number) + 6 * HOUR
    expect(look(memory, 7 * HOUR, 'plug', back)).toBeNull()
    expect(look(memory, 12 * HOUR, 'plug', back)).toMatchObject({ seen: 12 * HOUR })
  })

  it('takes one of unknown kind that never rests for an appliance, by look-ups alone', () => {
    expect(look(habit(8, true, 600, 'unknown'), 7 * HOUR, 'unknown')).not.toBeNull()
    expect(look(habit(8, true, 3 * HOUR, 'unknown'), DAY, 'unknown')).toBeNull()
    expect(look(habit(8, false, 600, 'unknown'), 7 * HOUR, 'unknown')).toBeNull()
    expect(look(habit(8, true, 600, 'phone'), 7 * HOUR, 'phone')).toBeNull()
  })

  it('takes no device of unknown kind for an appliance that asks for many companies', () => {
    const memory = habit(8, true, 600, 'unknown')
    for (let index = 0; index < 7; index++)
      taking(silent.streams.lookups)(memory, lookup(START, 1, { family: `company-${index}` }), settings)
    expect(look(memory, 7 * HOUR, 'unknown')).toBeNull()
  })

  it('remembers what a device was that nobody has seen since a restart', () => {
    expect(look(habit(8, false), 7 * HOUR, 'unknown')).not.toBeNull()
    expect(look(habit(8, true, 600, 'phone'), 7 * HOUR, 'unknown')).toBeNull()
  })
})

test('an IPv6 address without a MAC is no new device', () => {
  const detect = taking(newDevice.streams.newDevice)
  const sample = { second: START, local: utc(START), isLearning: false, isRemembered: true }
  expect(detect({}, { ...sample, device: deviceOf('unknown', '2001:db8::7') }, COMMON)).toBeNull()
  expect(detect({}, { ...sample, device: deviceOf('unknown', '192.168.1.7') }, COMMON)).not.toBeNull()
  expect(detect({}, { ...sample, device: deviceOf('unknown', '02:00:00:00:00:01') }, COMMON)).not.toBeNull()
})
