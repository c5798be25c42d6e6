// Which devices the page asks about, and the kinds that it offers.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openPage, type FakePage } from '../../support/page.ts'
import { WORDS } from '../../support/fake-words.ts'

let page: FakePage
beforeEach(() => (page = openPage()))
afterEach(() => vi.unstubAllGlobals())

const opened = async () => import('../../../ui/state/kind-asks.svelte.ts')
const unknown = (id: string) => ({ id, kind: 'unknown', kindByOwner: false })

describe('the question what a device is', () => {
  it('is asked of an unknown kind, and ends with any answer of the owner', async () => {
    const { kindAsks } = await opened()
    expect(kindAsks.asksAbout(unknown('a'))).toBe(true)
    expect(kindAsks.asksAbout({ ...unknown('a'), kind: 'plug' })).toBe(false)
    expect(kindAsks.asksAbout({ ...unknown('a'), kindByOwner: true })).toBe(false)
  })

  it('is not asked again in this browser where the owner does not know, until the device is forgotten', async () => {
    const { kindAsks } = await opened()
    kindAsks.dismiss('a')
    expect([kindAsks.asksAbout(unknown('a')), kindAsks.asksAbout(unknown('b'))]).toEqual([false, true])
    expect([...page.store.values()]).toEqual(['["a"]'])
    kindAsks.forget('a')
    expect([kindAsks.asksAbout(unknown('a')), page.store.size]).toEqual([true, 0])
  })

  it('is remembered over a reload, whatever else stands in the store', async () => {
    page.store.set('telltale-unasked', '["a",7]')
    expect((await opened()).kindAsks.asksAbout(unknown('a'))).toBe(false)
    for (const damaged of ['{', '{}', 'null']) {
      const again = openPage()
      again.store.set('telltale-unasked', damaged)
      expect((await opened()).kindAsks.asksAbout(unknown('a'))).toBe(true)
    }
  })

  it('forgets the oldest of too many', async () => {
    const { kindAsks } = await opened()
    for (let index = 0; index <= 500; index++) kindAsks.dismiss(`device ${index}`)
    expect(kindAsks.asksAbout(unknown('device 0'))).toBe(true)
    expect(kindAsks.asksAbout(unknown('device 1'))).toBe(false)
  })
})

describe('the kinds to choose from', () => {
  it('are the best three guesses in their order, then all others by name, each once and never unknown', async () => {
    const { kindChoices } = await opened()
    const { guessed, others } = kindChoices(['bulb', 'no-such-kind', 'plug', 'bulb', 'unknown', 'tv', 'toy'], WORDS)
    expect(guessed.map(({ kind }) => kind)).toEqual(['bulb', 'plug', 'tv'])
    expect(guessed[1]).toEqual({ kind: 'plug', title: 'Smart plug' })
    const titles = others.map(({ title }) => title)
    expect(titles).toEqual(titles.toSorted((a, b) => a.localeCompare(b)))
    const kinds = [...guessed, ...others].map(({ kind }) => kind).toSorted()
    expect(kinds).toEqual(
      Object.keys(WORDS.kinds)
        .filter((kind) => kind !== 'unknown')
        .toSorted(),
    )
  })
})
