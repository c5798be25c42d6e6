// The owner's decisions: their effect, their undo, and what is left of them after Forget.
import { describe, expect, test } from 'vitest'
import {
  type DecisionData,
  Decisions,
  noDecisions,
  readDecisions,
  salvagedDecisions,
} from '../../../server/app/decisions.ts'
import { hashOfId } from '../../../server/session/excluded-devices.ts'

function open(): { decisions: Decisions; data: DecisionData } {
  const data = noDecisions()
  return {
    data,
    decisions: new Decisions({ data, save: async () => {}, change: async (work) => work(data), purge: async () => 2 }),
  }
}

describe('decisions', () => {
  test('are taken back one by one', async () => {
    const { decisions, data } = open()
    const first = await decisions.change('a', { name: 'One' })
    const second = await decisions.change('a', { name: 'Two' })
    await decisions.undo(second)
    expect(data.devices['a']).toEqual({ name: 'One' })
    await decisions.undo(first)
    expect(data.devices).toEqual({})
    await expect(decisions.undo(first)).rejects.toThrow('no longer')
  })

  test('reach every device that was merged into one', async () => {
    const { decisions } = open()
    await decisions.merge('b', 'a')
    await decisions.change('a', { level: 'paused' })
    expect(decisions.policy('everything', (id) => [id, 'b']).levels).toEqual({ a: 'paused', b: 'paused' })
  })

  test('leave nothing of a forgotten device but a salted hash, and that only where it is ignored', async () => {
    const { decisions, data } = open()
    await decisions.change('02:00:00:00:00:0a', { name: 'Hall camera' })
    await decisions.merge('192.168.1.9', '02:00:00:00:00:0a')
    await decisions.forget(['02:00:00:00:00:0a'], true)
    expect(JSON.stringify(data)).not.toMatch(/02:00|Hall/)
    expect(data.ignored.hashes).toEqual([hashOfId(data.ignored.salt, '02:00:00:00:00:0a')])
    await decisions.unignore(data.ignored.hashes[0])
    expect(data.ignored.hashes).toEqual([])
  })

  test('hold an id such as __proto__ as any other', async () => {
    const { decisions, data } = open()
    await decisions.change('__proto__', { name: 'Odd' })
    expect(Object.keys(data.devices)).toEqual(['__proto__'])
    expect(({} as { name?: string }).name).toBeUndefined()
    expect(readDecisions(JSON.parse(JSON.stringify(data))).devices).toEqual(data.devices)
  })

  test('of a damaged file are refused, and salvaged as far as they can be used', () => {
    const hash = 'a'.repeat(64)
    const whole = { devices: { a: { name: 'A' } }, merges: { d: 'a' }, ignored: { salt: 's', hashes: [hash] } }
    expect(readDecisions(whole)).toEqual(whole)
    for (const damaged of [
      null,
      [],
      {},
      { ...whole, devices: { a: 3 } },
      { ...whole, devices: { a: { level: 'everythin' } } },
      { ...whole, merges: { d: 7 } },
      { ...whole, ignored: { salt: 's', hashes: ['x'] } },
      { ...whole, ignored: { hashes: [hash] } },
    ])
      expect(() => readDecisions(damaged), JSON.stringify(damaged)).toThrow(/wrong|missing|does not hold/)
    expect(
      salvagedDecisions([undefined, { devices: { a: { name: 'A' }, b: 3 }, merges: { c: 7, d: 'a' }, ignored: 'x' }]),
    ).toMatchObject({ data: { devices: { a: { name: 'A' } }, merges: { d: 'a' } }, knowsIgnored: false })
    expect(salvagedDecisions([{ ignored: { salt: 's', hashes: [hash, 5] } }])).toMatchObject({
      data: { ignored: { salt: 's', hashes: [hash] } },
      knowsIgnored: false,
    })
    expect(salvagedDecisions([{ ...whole, devices: 5 }])).toMatchObject({ knowsIgnored: true })
  })
})
