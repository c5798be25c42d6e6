// The detector of look-ups that are blocked again and again: from how many on it tells, what it leaves alone, and what
// the engine makes of verdicts that come with their look-ups or after them.
import { describe, expect, it, test } from 'vitest'
import type { BlockedSample } from '../../../server/alerts/detector.ts'
import { blockedAgain } from '../../../server/alerts/detectors/blocked-again.ts'
import { readAlertMemory } from '../../../server/alerts/memory.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import type { Found } from '../../../server/alerts/found.ts'
import type { EventEndpoint } from '../../../server/events/event.ts'
import { endpoint, Home } from '../../support/alert-home.ts'
import { DAY, freshOf, HOUR, settingsOf, START, taking, traffic } from '../../support/detector-samples.ts'

const MINUTE = 60
const LATER = START + 10 * DAY
type Memory = ReturnType<typeof blockedAgain.memory.fresh>
type Blocked = Partial<Omit<BlockedSample, 'endpoint'>> & { kind?: string; endpoint?: Partial<EventEndpoint> }

const SAMSUNG = { family: 'samsung', endpoint: { company: 'samsung', host: 'acr0.example', purpose: 'tracking' } }

function sampleOf(second: number, count: number, { kind = 'tv', ...more }: Blocked = {}): BlockedSample {
  const { endpoint: facts = SAMSUNG.endpoint, ...rest } = more
  return { ...traffic(second, 0, { kind, endpoint: facts }), family: SAMSUNG.family, othersBusy: 0, ...rest, count }
}

const ask = (memory: Memory, sample: BlockedSample, floor = 100): Found | null =>
  taking(blockedAgain.streams.blocked)(memory, sample, settingsOf('blocked-again', { blockedAgainFloor: floor }))

/** Blocked look-ups in each of some minutes, and what was found in them. */
function persist(memory: Memory, from: number, minutes: number, each: number, more: Blocked = {}): Found[] {
  return Array.from({ length: minutes }, (_, minute) =>
    ask(memory, sampleOf(from + minute * MINUTE, each, more)),
  ).filter((found) => found !== null)
}

/** A memory of which the first week is over. */
function learned(): Memory {
  const memory = freshOf(blockedAgain)
  ask(memory, sampleOf(START, 1))
  return memory
}

const said = (found: Found | undefined, whom: string): string =>
  blockedAgain.words.en.sentence({ ...(found as Found), bytes: 0, times: 1, isOver: true }, 'The television', whom)

describe('blocked-again', () => {
  it('tells it with the figures of the hour, and goes on counting them in the same alert', () => {
    const found = persist(learned(), LATER, 60, 7)
    expect(found[0]).toMatchObject({
      seen: 105,
      usual: 1,
      unit: 'lookups',
      company: 'samsung',
      sent: 0,
      learning: false,
    })
    expect(found[0]).toMatchObject({ destination: null, detail: null, from: LATER, to: LATER + 14 * MINUTE })
    expect(found.at(-1)?.seen).toBe(420)
    expect(said(found.at(-1), 'Samsung')).toBe(
      'The television keeps asking for names of Samsung, which your resolver blocks: 420 blocked look-ups within an hour, at most 1 before. A blocked look-up gives no address, so it reached nobody by it',
    )
  })

  it('counts an hour that slides, and no more', () => {
    const memory = learned()
    // 95 an hour for a day.
    for (let minute = 0; minute < 24 * 60; minute += 6)
      expect(ask(memory, sampleOf(LATER + minute * MINUTE, 9))).toBeNull()
    const next = LATER + 24 * HOUR
    expect(persist(memory, next, 60, 1)).toEqual([])
  })

  it('tells of a domain that nobody known owns by its name', () => {
    const nobody = { family: null, endpoint: { company: null, host: 'a.b.tracker-nobody.com', purpose: 'unknown' } }
    const [found] = persist(learned(), LATER, 20, 10, nobody)
    expect(found).toMatchObject({ company: null, destination: 'host:tracker-nobody.com', detail: 'tracker-nobody.com' })
    expect(said(found, 'an unknown company')).toContain(
      'The television keeps asking for names under tracker-nobody.com, which your resolver blocks: 100 blocked look-ups',
    )
  })

  it('counts all names of a company, and of its brands, together', () => {
    const memory = learned()
    const found = Array.from({ length: 20 }, (_, minute) =>
      ask(
        memory,
        sampleOf(LATER + minute * MINUTE, 6, {
          endpoint: { company: minute % 2 ? 'samsung' : 'smartthings', host: `n${minute}.example` },
        }),
      ),
    ).filter((one) => one !== null)
    expect(found[0]).toMatchObject({ seen: 102, company: 'samsung' })
  })

  it('is quiet for the rest of the day, and while it goes on as before on the days after', () => {
    const memory = learned()
    expect(persist(memory, LATER, 8 * 60, 5).at(-1)?.seen).toBe(300)
    for (let day = 1; day < 20; day++) expect(persist(memory, LATER + day * DAY, 8 * 60, 10)).toEqual([])
    const [more] = persist(memory, LATER + 20 * DAY, 60, 40)
    expect(more).toMatchObject({ usual: 600 })
    expect(more?.seen).toBeGreaterThanOrEqual(1_800)
  })

  it('is no second alert over midnight', () => {
    const memory = learned()
    expect(persist(memory, LATER + 23 * HOUR, 60, 5).length).toBeGreaterThan(0)
    expect(persist(memory, LATER + 24 * HOUR, 120, 5)).toEqual([])
  })

  it.each<[string, number, number, Blocked]>([
    ['from fewer than the setting', 60, 1, {}],
    ['from a burst of few minutes', 9, 100, {}],
    ['while several others try again and again too', 60, 20, { othersBusy: 2 }],
    ['of a phone', 60, 20, { kind: 'phone' }],
    ['of a computer', 60, 20, { kind: 'computer' }],
    ['of a name at home', 60, 20, { family: null, endpoint: { company: null, host: 'printer.lan' } }],
    ['of what is not kept', 60, 20, { family: null, endpoint: { company: '*kept-back', host: null } }],
  ])('says nothing %s', (_what, minutes, each, more) => {
    expect(persist(learned(), LATER, minutes, each, more)).toEqual([])
  })

  it('needs three times the most of an hour before', () => {
    const habit = (): Memory => {
      const memory = learned()
      persist(memory, LATER - DAY, 60, 1)
      return memory
    }
    expect(persist(habit(), LATER, 59, 3)).toEqual([])
    expect(persist(habit(), LATER, 60, 3)).toMatchObject([{ seen: 180, usual: 60 }])
  })

  it('tells in the first week only of three times as many, and without what is usual', () => {
    expect(persist(freshOf(blockedAgain), START, 59, 5)).toEqual([])
    const [found] = persist(freshOf(blockedAgain), START, 60, 5)
    expect(found).toMatchObject({ seen: 300, usual: null, learning: false })
    expect(said(found, 'Samsung')).toContain('300 blocked look-ups within an hour. A blocked')
    const known = freshOf(blockedAgain)
    // A log that is new to an old home is learned for a week of its own.
    expect(persist(known, LATER, 40, 5, { learnedFrom: START })).toEqual([])
  })

  it('takes one of unknown kind for an appliance while it asks for few companies', () => {
    const unknown = { kind: 'unknown' }
    expect(persist(learned(), LATER, 20, 10, unknown).length).toBeGreaterThan(0)
    const memory = learned()
    for (let index = 0; index < 8; index++)
      taking(blockedAgain.streams.lookups)(
        memory,
        sampleOf(LATER - HOUR, 1, { family: `c-${index}` }),
        settingsOf('blocked-again'),
      )
    expect(persist(memory, LATER, 20, 10, unknown)).toEqual([])
  })

  it('remembers a limited number of companies, those that were blocked last', () => {
    const memory = learned()
    for (let index = 0; index < 500; index++) ask(memory, sampleOf(LATER + index * MINUTE, 1, { family: `c-${index}` }))
    expect(Object.keys(memory.blocked)).toHaveLength(32)
    expect(memory.blocked).toHaveProperty('c-499')
    expect(memory.blocked).not.toHaveProperty('samsung')
  })

  it('takes names that objects have by nature for names', () => {
    for (const family of ['constructor', 'toString'])
      expect(persist(learned(), LATER, 20, 10, { family }).length).toBeGreaterThan(0)
  })
})

/** A television that only a resolver's log shows. */
class BlockedHome extends Home {
  constructor(memory = null as Parameters<typeof readAlertMemory>[0]) {
    super(DEFAULT_SETTINGS, memory === null ? null : readAlertMemory(memory))
    this.device(0, '02:00:00:00:00:01', 'tv')
    this.engine.addEndpoints([
      endpoint(3, { company: 'samsung', host: 'acr0.example', purpose: 'tracking' }),
      endpoint(2, { company: 'netflix', host: 'a.netflix.example', purpose: 'streaming' }),
    ])
  }

  live(from: number, until: number): void {
    for (let second = from; second < until; second += 600) {
      this.engine.mark(second)
      this.engine.addLookups(Float64Array.of(second, 0, 2, 1), Float64Array.of(second, 0, 2, 0, 1))
    }
  }
}

describe('verdicts in the engine', () => {
  it('are told once whether they come with their look-ups or a batch later', () => {
    for (const isLate of [false, true]) {
      const home = new BlockedHome()
      home.live(START, LATER)
      for (let minute = 0; minute < 60; minute++) {
        const second = LATER + minute * MINUTE
        const lookups = Float64Array.of(second, 0, 3, 8)
        const verdicts = Float64Array.of(second, 0, 3, 8, 0)
        home.engine.mark(second)
        if (!isLate) home.engine.addLookups(lookups, verdicts)
        else {
          home.engine.addLookups(lookups)
          home.engine.mark(second + 1)
          home.engine.addLookups(new Float64Array(), verdicts)
        }
      }
      const told = home.latest.filter(({ kind }) => kind === 'blocked-again')
      expect(told).toMatchObject([{ device: '02:00:00:00:00:01', company: 'samsung', seen: 480, usual: 0, times: 1 }])
    }
  })

  it('are read in the order of time where a batch holds days of an old log', () => {
    const home = new BlockedHome()
    const lookups: number[] = []
    const verdicts: number[] = []
    for (let second = START; second < START + 20 * DAY; second += 10 * MINUTE) {
      lookups.push(second, 0, 3, 10)
      verdicts.push(second, 0, 3, 10, 0)
    }
    home.engine.addLookups(Float64Array.from(lookups), Float64Array.from(verdicts))
    expect(home.of('blocked-again')).toEqual([])
    expect(home.of('new-device')).toEqual([])
  })

  it('are a habit over a restart, and nothing once the device is forgotten', () => {
    const home = new BlockedHome()
    home.live(START, LATER)
    for (let minute = 0; minute < 60; minute++)
      home.engine.addLookups(
        Float64Array.of(LATER + minute * MINUTE, 0, 3, 8),
        Float64Array.of(LATER + minute * MINUTE, 0, 3, 8, 0),
      )
    const kept = JSON.stringify(home.engine.toJSON())
    expect(kept).toContain('samsung')
    const again = new BlockedHome(JSON.parse(kept))
    for (let minute = 0; minute < 60; minute++)
      again.engine.addLookups(
        Float64Array.of(LATER + DAY + minute * MINUTE, 0, 3, 9),
        Float64Array.of(LATER + DAY + minute * MINUTE, 0, 3, 9, 0),
      )
    expect(again.of('blocked-again')).toEqual([])
    again.engine.forget(new Set(['02:00:00:00:00:01']))
    expect(JSON.stringify(again.engine.toJSON())).not.toMatch(/samsung|02:00:00:00:00:01/)
  })
})

test('a memory of the version before has no blocked look-ups, and keeps all else', () => {
  const home = new BlockedHome()
  home.live(START, LATER)
  const kept = JSON.parse(JSON.stringify(home.engine.toJSON())) as { devices: Record<string, Record<string, unknown>> }
  const [device] = Object.values(kept.devices)
  delete device?.['blocked-again']
  const read = readAlertMemory(kept)
  expect(Object.values(read?.devices ?? {})[0]).toEqual({
    ...device,
    'blocked-again': { since: null, companies: [], blocked: {} },
  })
})
