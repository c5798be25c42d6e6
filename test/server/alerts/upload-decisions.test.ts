// What is expected from now on, and what is muted, of uploads.
import { describe, expect, it } from 'vitest'
import { type Home, LEARNED, learned, nameless } from '../../support/alert-home.ts'
import { DAY, HOUR } from '../../support/detector-samples.ts'

const MINUTE = 60
const STRANGER = 2

/** A camera that sends next to nothing, and two addresses without a name. */
function home(): Home {
  const one = learned('camera')
  one.engine.addEndpoints([nameless(STRANGER), nameless(3)])
  return one
}

const parts = (seconds: number, bytes: number): number[] => new Array<number>(seconds).fill(bytes)

describe('what is expected from now on', () => {
  const at = LEARNED + 10 * HOUR
  /** 1 MB at ten in the morning is expected. */
  const expecting = (): Home => {
    const one = home()
    one.upload(at, parts(10, 1e5))
    expect(one.engine.expectFromNowOn(one.ids[0])).toMatchObject({ state: 'expected', decided: { bytes: 1e6 } })
    return one
  }
  const told = (one: Home, from: number, bytes: number, number = 1): boolean => {
    const before = one.ids.length
    one.upload(from, parts(10, bytes / 10), number)
    return one.ids.length > before
  }

  it('has a size and hours: half as much again, an hour before to an hour after', () => {
    expect(expecting().engine.expectations).toEqual([
      {
        device: 'aa',
        company: 'aws',
        kind: 'upload-spike',
        upTo: 1e6,
        destination: 'company:aws',
        hours: [9, 11],
      },
    ])
    expect(told(expecting(), at + DAY, 1.5e6)).toBe(false)
    expect(told(expecting(), at + DAY, 1.51e6)).toBe(true)
    expect(told(expecting(), at + DAY - HOUR, 1e6)).toBe(false)
    expect(told(expecting(), at + DAY - HOUR - 100, 1e6)).toBe(true)
    expect(told(expecting(), at + DAY + 2 * HOUR - 100, 1e6)).toBe(false)
    expect(told(expecting(), at + DAY + 2 * HOUR, 1e6)).toBe(true)
  })

  it('is about one destination', () => {
    const one = expecting()
    expect(told(one, at + DAY, 1e6, STRANGER)).toBe(true)
    one.engine.expectFromNowOn(one.ids[1])
    expect(told(one, at + 2 * DAY, 1e6, STRANGER)).toBe(false)
    expect(told(one, at + 2 * DAY + MINUTE, 1e6, 3)).toBe(true)
  })

  it('is larger and longer after another one of it', () => {
    const one = expecting()
    expect(told(one, at + DAY + 4 * HOUR, 3e6)).toBe(true)
    one.engine.expectFromNowOn(one.ids[1])
    expect(one.engine.expectations).toMatchObject([{ upTo: 3e6, hours: [9, 15] }])
    expect(told(one, at + 2 * DAY, 4.4e6)).toBe(false)
  })

  it('is told again after the decision is taken back', () => {
    const one = expecting()
    one.engine.reopen(one.ids[0])
    expect(one.engine.expectations).toEqual([])
    expect(told(one, at + DAY, 1e6)).toBe(true)
  })
})

describe('a mute', () => {
  const until = null
  it('of an address without a name silences no other', () => {
    const one = home()
    const destination = 'address:203.0.113.2'
    one.engine.mute({ device: 'aa', company: null, kind: 'new-destination', destination, until })
    one.upload(LEARNED, parts(10, 1e6), STRANGER)
    expect(one.reported).toEqual([])
    one.upload(LEARNED + HOUR, parts(10, 1e6), 3)
    expect(one.latest).toMatchObject([{ destination: 'address:203.0.113.3' }])
    one.engine.unmute({ device: 'aa', company: null, kind: 'new-destination', destination })
    one.upload(LEARNED + 2 * HOUR, parts(10, 1e6), STRANGER)
    expect(one.latest).toHaveLength(2)
  })

  it('without a destination silences all of the device, as before', () => {
    const one = home()
    one.engine.mute({ device: 'aa', company: null, kind: 'upload-spike', until })
    one.upload(LEARNED, parts(10, 1e6), STRANGER)
    one.upload(LEARNED, parts(10, 1e6))
    expect(one.reported).toEqual([])
  })
})
