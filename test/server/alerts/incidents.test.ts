// Which findings are one incident, what decisions do to the next, and how much of it is kept.
import { describe, expect, it } from 'vitest'
import type { Alert, Finding } from '../../../server/alerts/alert.ts'
import {
  expectFromNowOn,
  forgetIncidents,
  itWasMe,
  mute,
  newIncidentMemory,
  reopen,
  addFinding,
  begin,
  unmute,
  type IncidentMemory,
} from '../../../server/alerts/incidents.ts'
import { messageOf, worded } from '../../../server/alerts/words.ts'

/** When the owner decides. */
const NOW = 9_000
const NAMES = { device: 'Kitchen Echo', company: 'Amazon' }
const finding = (facts: Partial<Finding> = {}): Finding => ({
  kind: 'upload-spike',
  device: 'aa',
  company: 'aws',
  from: 1_000,
  to: 1_005,
  seen: 80_000,
  usual: 5_000,
  unit: 'bytes',
  sent: 80_000,
  received: 4_321,
  sure: 0.5,
  learning: true,
  detail: null,
  reason: null,
  destination: null,
  ...facts,
})
/** The incident that a finding begins. */
const alertOf = (facts: Partial<Finding>): Alert => begin(newIncidentMemory(), finding(facts))
const find = (memory: IncidentMemory, facts: Partial<Finding> = {}): ReturnType<typeof addFinding> =>
  addFinding(memory, finding(facts), 60)

describe('an incident', () => {
  it('begins with every figure of its finding', () => {
    const memory = newIncidentMemory()
    expect(find(memory)).toEqual({
      ...finding(),
      id: 'alert-1',
      direction: 'out',
      times: 1,
      state: 'open',
      bytes: 0,
      peak: 0,
      isOver: true,
      destinations: [],
      decided: null,
    })
    const [alert] = memory.alerts as [Alert]
    expect(worded(alert, messageOf(alert, NAMES))).toEqual({
      ...alert,
      message:
        'Kitchen Echo sent 0 B to Amazon within 6 seconds; usual are up to 5.0 kB an hour (still learning what is usual)',
      advice: [
        'Think of what you did with the device at that time.',
        'If it goes on, switch the device off and see who else it talked to.',
      ],
    })
    expect(memory).toMatchObject({ next: 2, mutes: [], expectations: [] })
  })

  it('has a direction as soon as a byte moved either way', () => {
    const directionOf = (sent: number, received: number): unknown =>
      find(newIncidentMemory(), { sent, received })?.direction
    expect([directionOf(0, 0), directionOf(1, 0), directionOf(0, 1)]).toEqual(['none', 'out', 'out'])
  })

  it('goes on for a finding exactly its cool-down later, and ends a second after', () => {
    const memory = newIncidentMemory()
    find(memory)
    expect(find(memory, { from: 1_065, to: 1_066 })).toMatchObject({ id: 'alert-1', times: 2, to: 1_066 })
    expect(find(memory, { from: 1_127, to: 1_128 })).toMatchObject({ id: 'alert-2', times: 1 })
  })

  it('keeps its peak with all that belongs to it, and its end', () => {
    const memory = newIncidentMemory()
    find(memory)
    const peak = { from: 1_010, to: 1_011, seen: 90_000, usual: 6_000, sent: 90_001, received: 7, sure: 0.8 }
    expect(find(memory, { ...peak, learning: false })).toMatchObject({
      from: 1_000,
      to: 1_011,
      seen: 90_000,
      usual: 6_000,
      sent: 90_001,
      received: 7,
      sure: 0.8,
      times: 2,
      learning: false,
    })
    expect(messageOf(memory.alerts[0], NAMES)).toBe(
      'Kitchen Echo sent 0 B to Amazon in 2 uploads within 12 seconds; usual are up to 6.0 kB an hour',
    )
    const less = { from: 1_012, to: 1_008, seen: 90_000, usual: 1, sent: 1, received: 1, sure: 0.9, learning: true }
    expect(find(memory, less)).toMatchObject({
      to: 1_011,
      usual: 6_000,
      sent: 90_001,
      received: 7,
      sure: 0.8,
      times: 3,
      learning: false,
    })
    expect(find(memory, { from: 1_013, to: 1_013, seen: 95_000, sure: 0.1 })).toMatchObject({ seen: 95_000, sure: 0.8 })
  })

  it.each([
    ['another device', { device: 'bb' }],
    ['another company', { company: 'google' }],
    ['another kind', { kind: 'silent' as const }],
  ])('is not the one of %s', (_what, facts) => {
    const memory = newIncidentMemory()
    find(memory)
    expect(find(memory, facts)?.id).toBe('alert-2')
  })

  it('is one for all ways to see the same upload, and keeps its first words', () => {
    const memory = newIncidentMemory()
    find(memory)
    const large = { kind: 'large-upload' as const, from: 900, to: 1_040, seen: 900_000 }
    expect(find(memory, large)).toMatchObject({
      id: 'alert-1',
      kind: 'upload-spike',
      seen: 900_000,
      to: 1_040,
      times: 2,
    })
    expect(find(memory, { kind: 'quiet-hours', to: 1_030 })).toMatchObject({ id: 'alert-1', to: 1_040 })
    expect(find(memory, { kind: 'camera-away', from: 1_100 })).toMatchObject({ id: 'alert-1', times: 4 })
    expect(find(memory, { kind: 'large-upload', company: 'google', from: 1_050 })?.id).toBe('alert-2')
    expect(find(memory, { kind: 'large-upload', device: 'bb', from: 1_050 })?.id).toBe('alert-3')
    expect(find(memory, { kind: 'unencrypted', from: 1_050 })?.id).toBe('alert-4')
  })

  it('is kept for the latest five hundred', () => {
    const memory = newIncidentMemory()
    for (let index = 1; index <= 500; index++) find(memory, { device: `device-${index}` })
    expect([memory.alerts.length, memory.alerts[0]?.id]).toEqual([500, 'alert-1'])
    find(memory, { device: 'one more' })
    expect([memory.alerts.length, memory.alerts[0]?.id, memory.alerts.at(-1)?.id]).toEqual([
      500,
      'alert-2',
      'alert-501',
    ])
  })
})

describe('what is expected from now on', () => {
  it('may be half as much again, for the same device, company and kind', () => {
    const memory = newIncidentMemory()
    find(memory)
    expect(expectFromNowOn(memory, 'alert-1', NOW)).toMatchObject({ id: 'alert-1', state: 'expected' })
    expect(memory.expectations).toEqual([
      { device: 'aa', company: 'aws', kind: 'upload-spike', upTo: 80_000, destination: null, hours: null },
    ])
    expect(find(memory, { from: 5_000, seen: 120_000 })).toBeNull()
    expect(find(memory, { from: 5_000, seen: 1, device: 'bb' })?.id).toBe('alert-2')
    expect(find(memory, { from: 5_000, seen: 1, company: 'google' })?.id).toBe('alert-3')
    expect(find(memory, { from: 5_000, to: 5_000, seen: 120_001 })?.id).toBe('alert-4')
  })

  it('is raised by a larger one, once, and not lowered by a smaller one', () => {
    const memory = newIncidentMemory()
    find(memory, { seen: 50_000 })
    find(memory, { from: 5_000, to: 5_000, seen: 80_000 })
    expectFromNowOn(memory, 'alert-2', NOW)
    expectFromNowOn(memory, 'alert-1', NOW)
    expect(memory.expectations.map(({ upTo }) => upTo)).toEqual([80_000])
  })

  it('is not any more once the decision is taken back', () => {
    const memory = newIncidentMemory()
    find(memory)
    find(memory, { device: 'bb' })
    expectFromNowOn(memory, 'alert-1', NOW)
    expectFromNowOn(memory, 'alert-2', NOW)
    expect(reopen(memory, 'alert-1')).toMatchObject({ state: 'open' })
    expect(memory.expectations.map(({ device }) => device)).toEqual(['bb'])
    itWasMe(memory, 'alert-1', NOW)
    reopen(memory, 'alert-1')
    expect([memory.alerts[0]?.state, memory.expectations.length]).toEqual(['open', 1])
    expect([reopen(memory, 'none'), expectFromNowOn(memory, 'none', NOW), itWasMe(memory, 'none', NOW)]).toEqual([
      null,
      null,
      null,
    ])
  })
})

describe('a decision before the first second behind a restart', () => {
  it.each([itWasMe, expectFromNowOn])('is made at the end of what it is about', (decide) => {
    const memory = newIncidentMemory()
    find(memory)
    expect(decide(memory, 'alert-1', Number.NEGATIVE_INFINITY)?.decided?.at).toBe(memory.alerts[0].to)
  })
})

describe('a full list', () => {
  const full = (kinds: readonly Finding['kind'][]): IncidentMemory => {
    const memory = newIncidentMemory()
    for (let index = 0; memory.alerts.length < 500; index++)
      find(memory, { kind: kinds[index % kinds.length], device: `device-${index}` })
    return memory
  }

  it('keeps serious ones longest, and open ones before decided ones', () => {
    const memory = full(['silent', 'address-conflict'])
    itWasMe(memory, memory.alerts[1].id, NOW)
    const decided = memory.alerts[1].id
    find(memory, { device: 'late' })
    expect(memory.alerts.map(({ id }) => id)).not.toContain(decided)
    for (let index = 0; index < 100; index++) find(memory, { kind: 'silent', device: `later-${index}` })
    expect(memory.alerts).toHaveLength(500)
    expect(memory.alerts.filter(({ kind }) => kind === 'address-conflict')).toHaveLength(249)
    expect(memory.alerts.at(-1)?.device).toBe('later-99')
  })

  it('drops of equals the oldest, and nothing of the newer half', () => {
    const memory = full(['silent'])
    itWasMe(memory, memory.alerts[400].id, NOW)
    const [oldest] = memory.alerts
    find(memory, { device: 'late' })
    expect(memory.alerts.map(({ id }) => id)).not.toContain(oldest.id)
    expect(memory.alerts.some(({ state }) => state === 'it-was-me')).toBe(true)
  })
})

describe('a mute', () => {
  const wish = { device: 'aa', company: null, kind: 'upload-spike', until: 2_000 } as const

  it('ends with the second that it names', () => {
    const memory = newIncidentMemory()
    mute(memory, wish)
    expect(find(memory, { to: 1_999 })).toBeNull()
    expect(find(memory, { to: 2_000 })).not.toBeNull()
  })

  it.each([
    ['this device', { device: 'aa', company: 'aws' }, true],
    ['every device', { device: null, company: 'aws' }, true],
    ['every company', { device: 'aa', company: null }, true],
    ['another device', { device: 'bb', company: null }, false],
    ['another company', { device: null, company: 'google' }, false],
  ])('for %s', (_whom, whom, isMuted) => {
    const memory = newIncidentMemory()
    mute(memory, { ...wish, ...whom, until: null })
    expect(find(memory) === null).toBe(isMuted)
    expect(find(memory, { kind: 'unencrypted' })).not.toBeNull()
  })

  it('takes the place of the same one, and is taken back alone', () => {
    const memory = newIncidentMemory()
    mute(memory, wish)
    mute(memory, { ...wish, device: 'bb' })
    mute(memory, { ...wish, until: null })
    expect(memory.mutes).toEqual([
      { ...wish, device: 'bb' },
      { ...wish, until: null },
    ])
    unmute(memory, wish)
    expect(memory.mutes).toEqual([{ ...wish, device: 'bb' }])
  })

  it('is kept for the latest thousand', () => {
    const memory = newIncidentMemory()
    for (let index = 0; index < 1_000; index++) mute(memory, { ...wish, device: `device-${index}` })
    expect([memory.mutes.length, memory.mutes[0]?.device]).toEqual([1_000, 'device-0'])
    mute(memory, wish)
    expect([memory.mutes.length, memory.mutes[0]?.device, memory.mutes.at(-1)]).toEqual([1_000, 'device-1', wish])
  })
})

it('forgets what names a device, and nothing else', () => {
  const memory = newIncidentMemory()
  for (const device of ['aa', 'bb']) {
    const alert = find(memory, { device })
    expectFromNowOn(memory, alert?.id ?? '', NOW)
    mute(memory, { device, company: null, kind: 'silent', until: null })
  }
  forgetIncidents(memory, new Set(['aa']))
  for (const list of [memory.alerts, memory.mutes, memory.expectations])
    expect(list.map(({ device }) => device)).toEqual(['bb'])
})

it('forgets what names a device beside its own, and not one whose address begins alike', () => {
  const memory = newIncidentMemory()
  find(memory, { kind: 'address-conflict', device: 'bb', detail: 'flip-flop 192.168.1.20 02:ba:d0:00:00:66' })
  find(memory, { kind: 'address-conflict', device: 'cc', detail: 'flip-flop 192.168.1.21 02:ba:d0:00:00:67' })
  forgetIncidents(memory, new Set(['192.168.1.2']))
  expect(memory.alerts).toHaveLength(2)
  forgetIncidents(memory, new Set(['02:ba:d0:00:00:66']))
  expect(memory.alerts.map(({ device }) => device)).toEqual(['cc'])
})

describe('the sentence', () => {
  const say = (facts: Partial<Finding>, names: { device: string | null; company: string | null } = NAMES): string =>
    messageOf({ ...alertOf({ learning: false, ...facts }), bytes: 80_000 }, names)
  it.each([
    [{ usual: 999 }, 'Kitchen Echo sent 80 kB to Amazon within 6 seconds; usual is next to nothing'],
    [{ usual: 1_000 }, 'Kitchen Echo sent 80 kB to Amazon within 6 seconds; usual are up to 1.0 kB an hour'],
    [{ detail: 'day' }, 'Kitchen Echo sent 80 kB to Amazon within 6 seconds; usual are up to 5.0 kB a day'],
    [
      { kind: 'large-upload', usual: null },
      'Kitchen Echo sent 80 kB to Amazon within 6 seconds; usual is next to nothing',
    ],
    [
      { kind: 'large-upload', usual: 2_000_000 },
      'Kitchen Echo sent 80 kB to Amazon within 6 seconds; usual are up to 2.0 MB an hour',
    ],
    [
      { kind: 'quiet-hours' },
      'Kitchen Echo sent 80 kB to Amazon in an hour that is usually quiet (at most 5.0 kB before)',
    ],
    [{ kind: 'quiet-hours', usual: null }, 'Kitchen Echo sent 80 kB to Amazon in an hour that is usually quiet'],
    [{ kind: 'new-device' }, 'Kitchen Echo is new in the home'],
    [{ kind: 'new-device', detail: 'plug' }, 'Kitchen Echo is new in the home and seems to be a plug'],
    [{ kind: 'new-company' }, 'Kitchen Echo sent 80 kB to Amazon, which it never talked to before'],
    [
      { kind: 'voice-busy', seen: 12, usual: 3.2 },
      'Kitchen Echo sent 12 voice requests within an hour; usual at this time are up to 4',
    ],
    [{ kind: 'camera-away' }, 'Kitchen Echo sent 80 kB to Amazon while nobody should be home'],
    [{ kind: 'around-your-dns' }, "Kitchen Echo asks Amazon for names instead of your home's own resolver"],
    [
      { kind: 'around-your-dns', detail: 'hidden' },
      "Kitchen Echo asks Amazon for names, hidden in an encrypted connection instead of your home's own resolver",
    ],
    [{ kind: 'unencrypted', detail: 'login' }, 'Kitchen Echo uses a login that anybody on the way can read, at Amazon'],
    [{ kind: 'unencrypted' }, 'Kitchen Echo sent 80 kB to Amazon that anybody on the way can read'],
    [
      { kind: 'unencrypted', detail: 'a.example' },
      'Kitchen Echo sent 80 kB to a.example that anybody on the way can read',
    ],
    [
      { kind: 'silent', to: 1_119, usual: 119 },
      'Kitchen Echo has been silent for 119 seconds; usual are at most 119 seconds',
    ],
    [
      { kind: 'silent', to: 1_120, usual: 7_199 },
      'Kitchen Echo has been silent for 2 minutes; usual are at most 120 minutes',
    ],
    [
      { kind: 'silent', to: 8_200, usual: 172_799 },
      'Kitchen Echo has been silent for 2 hours; usual are at most 48 hours',
    ],
    [
      { kind: 'silent', to: 173_800, usual: null },
      'Kitchen Echo has been silent for 2 days; usual are at most 0 seconds',
    ],
    [{ kind: 'source-stopped', seen: 300 }, 'The source of packets has delivered nothing for 5 minutes'],
    [{ kind: 'source-stopped', seen: 300, detail: 'eth0' }, 'eth0 has delivered nothing for 5 minutes'],
    [{ kind: 'flood', seen: 26 }, '26 new devices within ten minutes are more than a home has'],
    [
      { kind: 'flood', detail: 'flows' },
      'More than there is room for (flows): somebody makes up names, addresses or connections',
    ],
  ] as [Partial<Finding>, string][])('of %o', (facts, sentence) => {
    // A silence begins at 1,000.
    expect(say({ from: 1_000, ...facts })).toBe(sentence)
  })

  it('has names of forty characters at most', () => {
    const said = (name: string): string => say({ kind: 'new-company' }, { device: name, company: name })
    expect(said('x'.repeat(40))).toBe(
      `${'x'.repeat(40)} sent 80 kB to ${'x'.repeat(40)}, which it never talked to before`,
    )
    expect(said('x'.repeat(41))).toBe(
      `${'x'.repeat(40)}… sent 80 kB to ${'x'.repeat(40)}…, which it never talked to before`,
    )
  })

  it('names what it can', () => {
    const unnamed = { device: null, company: null }
    expect(say({ kind: 'new-company' }, unnamed)).toMatch(/^aa sent 80 kB to an unknown company/)
    expect(say({ kind: 'camera-away', device: null }, unnamed)).toMatch(/^The home sent/)
    const whom = (facts: Partial<Alert>, company: string | null = null): string =>
      messageOf(
        { ...alertOf({ kind: 'new-company', learning: false }), bytes: 80_000, ...facts },
        { device: 'A', company },
      )
    const to = { company: null, host: 'a.example', address: '192.0.2.1', bytes: 80_000 }
    expect(whom({ destinations: [to] })).toMatch(/^A sent 80 kB to a\.example, which/)
    expect(whom({ destinations: [{ ...to, host: null }] })).toMatch(
      /80 kB to 192\.0\.2\.1, an address without a name, /,
    )
    expect(whom({ destinations: [{ ...to, host: null, address: null }] })).toMatch(/80 kB to an unknown company, /)
    expect(whom({ destination: 'cloud:aws' }, 'Amazon')).toMatch(/80 kB to a rented computer at Amazon, /)
    expect(whom({ destination: 'company:aws' }, 'Amazon')).toMatch(/80 kB to Amazon, /)
  })
})
