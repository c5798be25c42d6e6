// Memory of uploads as this version writes it, with a field missing or wrong: it is read, and alerts go on with it.
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { type AlertMemory, readAlertMemory } from '../../../server/alerts/memory.ts'
import { PastSchema } from '../../../server/alerts/past.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { UploadHabitsSchema } from '../../../server/alerts/upload-habits.ts'
import { Home, LEARNED, learned, nameless } from '../../support/alert-home.ts'

/** JSON of which only the parts with names are gone into. */
interface Tree {
  [name: string]: Tree
}

/** A camera with habits, an upload to a stranger, and one that is expected. */
function written(): AlertMemory {
  const home = learned('camera')
  home.engine.addEndpoints([nameless(2)])
  home.upload(LEARNED, new Array<number>(10).fill(90_000), 2)
  home.upload(LEARNED + 60, new Array<number>(10).fill(90_000))
  home.engine.expectFromNowOn('alert-2')
  home.engine.mute({ device: 'aa', company: null, kind: 'silent', until: null, destination: null })
  return JSON.parse(JSON.stringify(home.engine.toJSON())) as AlertMemory
}
const WRITTEN = written()

/** Every field by its path; of lists that of the last entry. */
function pathsIn(value: Tree, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const names = Object.keys(value).slice(Array.isArray(value) ? -1 : 0)
  return names.flatMap((name) => [[...path, name], ...pathsIn(value[name], [...path, name])])
}

function withField(path: readonly string[], value: unknown): AlertMemory {
  const memory = structuredClone(WRITTEN) as unknown as Tree
  let parent = memory
  for (const name of path.slice(0, -1)) parent = parent[name]
  parent[path.at(-1) as string] = value as Tree
  return JSON.parse(JSON.stringify(memory)) as AlertMemory
}

const PAST = Compile(PastSchema)
const HABITS = Compile(UploadHabitsSchema)

function expectWorks(stored: unknown, field: string): void {
  const memory = readAlertMemory(stored) as AlertMemory
  for (const past of Object.values(memory.pairs)) expect(PAST.Check(past), field).toBe(true)
  for (const { uploads } of Object.values(memory.devices)) expect(HABITS.Check(uploads), field).toBe(true)
  const home = new Home(DEFAULT_SETTINGS, memory)
  home.engine.addEndpoints([nameless(2), nameless(3)])
  const before = new Set(home.engine.alerts.map(({ id }) => id))
  home.upload(LEARNED + 86_400, new Array<number>(10).fill(600_000), 3)
  const fresh = home.latest.filter(({ destination }) => destination === 'address:203.0.113.3')
  expect(fresh, field).toMatchObject([{ reason: 'nameless', bytes: 6e6, isOver: true }])
  expect(before.has(fresh[0].id), field).toBe(false)
}

describe('memory of uploads', () => {
  it('comes back as it was written', () => {
    expect(readAlertMemory(WRITTEN)).toEqual(WRITTEN)
    expect(Object.keys(WRITTEN.pairs)).toEqual(['["aa","company:aws"]', '["aa","address:203.0.113.2"]'])
    expect(WRITTEN.incidents.alerts.map(({ state, bytes }) => [state, bytes])).toEqual([
      ['open', 900_000],
      ['expected', 900_000],
    ])
  })

  const paths = pathsIn(WRITTEN as unknown as Tree).filter(([first]) => first !== 'version')
  it('has many fields to try', () => expect(paths.length).toBeGreaterThan(100))

  it('works where one is missing, whichever it is', () => {
    for (const path of paths) expectWorks(withField(path, undefined), path.join('.'))
  })

  it('works where one is wrong, whichever it is', () => {
    const wrong = [null, 'nonsense', 7, [null, 'x', {}], { surprise: 1 }, true]
    for (const [at, path] of paths.entries()) expectWorks(withField(path, wrong[at % wrong.length]), path.join('.'))
  })

  it('leaves out what is no pair of a device and a destination', () => {
    const memory = structuredClone(WRITTEN)
    const [past] = Object.values(memory.pairs)
    for (const key of ['["aa",null]', '["aa"]', '[1,"company:aws"]', 'aa', '["aa",7]', '{}']) memory.pairs[key] = past
    expect(Object.keys((readAlertMemory(memory) as AlertMemory).pairs)).toEqual(Object.keys(WRITTEN.pairs))
    expectWorks(memory, 'with keys of nothing')
  })

  it('of version 1 has no pasts of what was not kept, and none that are no numbers', () => {
    const days = [{ day: 20_000, hours: [] }]
    const memory = {
      version: 1,
      home: { first: 1, devices: { aa: 1 } },
      devices: { aa: { companies: { first: 1, known: [], meeting: {} }, quiet: { days } } },
      pairs: {
        '["aa",null]': { large: { days: [{ day: 20_000, value: 9 }] } },
        '["aa","ring"]': { large: { days: [{ day: 20_000, value: 9 }, { day: 'x', value: 1 }, null] } },
        '["bb","ring"]': { large: 'nonsense' },
      },
    }
    const read = readAlertMemory(memory) as AlertMemory
    expect(read.devices['aa']?.uploads.own.days).toEqual([])
    expect(Object.entries(read.pairs).map(([key, past]) => [key, past.days])).toEqual([
      ['["aa","company:ring"]', [{ day: 20_000, ten: 9, hour: 54, whole: 1_296 }]],
      ['["aa","cloud:ring"]', [{ day: 20_000, ten: 9, hour: 54, whole: 1_296 }]],
      ['["bb","company:ring"]', []],
      ['["bb","cloud:ring"]', []],
    ])
  })
})
