// News of alerts: one start and one end of an incident, however many updates come.
import { describe, expect, test } from 'vitest'
import type { AlertRow } from '../../server/api.ts'
import { AlertTelling } from '../../ui/state/alert-news.ts'
import { alertRowOf } from '../support/alert-row.ts'

/** What is told of updates of one or several alerts that come one after another. */
function toldOf(...updates: AlertRow[]): string[] {
  const telling = new AlertTelling()
  const known = new Set<string>()
  return updates.flatMap((alert) => {
    const news = telling.news([alert], ({ id }) => known.has(id))
    known.add(alert.id)
    return news.map(({ alert: { id, bytes }, what }) => `${what} of ${id}: ${bytes}`)
  })
}
const going = (bytes: number, facts: Partial<AlertRow> = {}): AlertRow =>
  alertRowOf('a', { bytes, isOver: false, ...facts })
const over = (bytes: number, facts: Partial<AlertRow> = {}): AlertRow => going(bytes, { isOver: true, ...facts })

describe('news of alerts', () => {
  test('are a start and an end with the total, and nothing each second', () => {
    expect(toldOf(going(5e6), going(6e6), going(9e6), over(9e6), over(9e6))).toEqual([
      'start of a: 5000000',
      'end of a: 9000000',
    ])
  })

  test('tell again of an incident that went on only when it has ten times what was told', () => {
    const updates = [going(5e6), over(5e6), going(20e6), over(20e6), going(300e6), over(300e6)]
    expect(toldOf(...updates)).toEqual(['start of a: 5000000', 'end of a: 5000000', 'end of a: 300000000'])
  })

  test('of one that was over when it came, are its start only', () => {
    expect(toldOf(over(5e6), over(5e6, { times: 2 }), over(6e6, { times: 3 }))).toEqual(['start of a: 5000000'])
    expect(toldOf(alertRowOf('silent'), alertRowOf('silent', { times: 2 }))).toEqual(['start of silent: 0'])
  })

  test.each([
    ['decided', { state: 'it-was-me' }],
    ['a habit', { state: 'habit' }],
    ['muted', { muted: true }],
  ] as const)('end when it is %s', (_what, facts) => {
    expect(toldOf(over(5e6, facts))).toEqual([])
    expect(toldOf(going(5e6), going(6e6, facts), over(9e6, facts), over(9e6))).toEqual(['start of a: 5000000'])
  })

  test('of one that was there before the page was opened, are none', () => {
    const telling = new AlertTelling()
    expect(telling.news([going(5e6), over(9e6)], () => true)).toEqual([])
  })

  test('of one moment stand in the order of seriousness', () => {
    const news = new AlertTelling().news([alertRowOf('mild'), alertRowOf('bad', { rank: 3 })], () => false)
    expect(news.map(({ alert }) => alert.id)).toEqual(['bad', 'mild'])
  })

  test('keep so many incidents in mind and no more', () => {
    const telling = new AlertTelling()
    for (let place = 0; place < 300; place++) telling.news([going(5, { id: `${place}` })], () => false)
    const ended = (id: string): number => telling.news([over(9, { id })], () => true).length
    expect([ended('0'), ended('299')]).toEqual([0, 1])
  })
})
