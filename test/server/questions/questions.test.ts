// Each question over a made-up month with known truth: sentence, figures, limits, and rows that add up to the figures.
import { beforeAll, describe, expect, test } from 'vitest'
import type { Answer, QuestionId } from '../../../server/api.ts'
import { ask, listQuestions } from '../../../server/questions/ask.ts'
import type { Asked, FactsSource } from '../../../server/questions/facts.ts'
import { QUESTIONS } from '../../../server/questions/questions.ts'
import { isRecognition } from '../../../server/questions/tv-acr.ts'
import {
  CAMERA,
  DAYS,
  ECHO,
  FIRST,
  month,
  type Month,
  monthOfLookups,
  OFF_DAY,
  PHONE,
  RANGE,
  sourceOf,
  TV,
} from './month.ts'

const DAY = 86_400
let home: Month
let source: FactsSource
beforeAll(() => {
  home = month()
  source = sourceOf(home)
})

const asked = (id: QuestionId, more: Partial<Asked> = {}, from: FactsSource = source): Promise<Answer> =>
  ask(id, from, { ...RANGE, devices: [], company: null, ...more })

const figure = ({ figures }: Answer, name: string): number | undefined =>
  figures.find((one) => one.name === name)?.value

/** What the rows of a figure add up to, those that are not listed with them. */
function rowsOf({ evidence, evidenceRest }: Answer, name: string): number {
  const sum = (rows: readonly { of: string; value: number }[]): number =>
    rows.reduce((total, { of, value }) => total + (of === name ? value : 0), 0)
  return sum(evidence) + sum(evidenceRest)
}

describe.each(QUESTIONS.map(({ id }) => [id] as const))('the question %s', (id) => {
  test('is answered in at most 40 words and three sentences, with a limit, within the month', async () => {
    const answer = await asked(id)
    expect(answer.sentence.split(/\s+/).length).toBeLessThanOrEqual(40)
    expect(answer.limits.length).toBeGreaterThan(0)
    expect(answer.coverage).toMatchObject({ of: DAYS * DAY })
    expect(answer.sentence).not.toMatch(/export/i)
  })

  test('is not answered from less than a day', async () => {
    const answer = await asked(id, { from: FIRST, to: FIRST + 6 * 3_600 })
    if (QUESTIONS.find((one) => one.id === id)?.needsNoCapture !== true)
      expect(['not-enough', 'cannot-know']).toContain(answer.verdict)
  })

  test('has rows that add up to the figures that they name', async () => {
    const answer = await asked(id)
    const named = new Set([...answer.evidence, ...answer.evidenceRest].map(({ of }) => of))
    for (const name of named) expect([name, rowsOf(answer, name)]).toEqual([name, figure(answer, name)])
  })
})

describe('voice requests', () => {
  test('are counted by the day, a day without capture is none of them, and half a day is no whole one', async () => {
    const answer = await asked('voice-per-day')
    expect(answer.perDay.map(({ sure, possible }) => ({ sure, possible }))).toEqual(
      home.requests.filter((_, day) => day !== OFF_DAY),
    )
    const whole = home.requests.filter((_, day) => day !== OFF_DAY && day !== OFF_DAY + 1)
    const sums = whole.map(({ sure, possible }) => sure + possible)
    expect(answer.sentence).toContain(
      `On ${DAYS - 2} captured days your 1 voice device sent ${Math.min(...sums)} to ${Math.max(...sums)} spoken requests a day`,
    )
    expect(answer.figures[0]).toMatchObject({ news: 70, unit: 'count' })
    expect(answer.asked.devices).toEqual([ECHO])
  })

  test('while the phone is away are told apart from those beside it', async () => {
    const { verdict, figures } = await asked('voice-night')
    // By day the phone moves something once an hour: away between, by the rule of 20 minutes.
    expect(verdict).toBe('yes')
    expect(figures.find(({ name }) => name === 'requests looked at')?.value).toBe(
      home.events.filter(({ kind }) => kind === 'voice-request').length,
    )
  })
})

test('Amazon gets what its brands get, and nothing of others', async () => {
  const answer = await asked('company-all', { company: 'amazon' })
  const requests = home.events.filter(({ kind }) => kind === 'voice-request').length
  const ring = home.events.filter(({ kind }) => kind !== 'voice-request').reduce((sum, { sent }) => sum + sent, 0)
  const views = home.events.filter(({ kind, at }) => kind === 'live-view' && ((at - FIRST) % DAY) / 3_600 === 18).length
  const audible = 3 * 30 * 2_000
  expect(figure(answer, 'sent')).toBe(requests * 40_000 + ring + views * 3_000 + audible)
  expect(answer.sentence).toMatch(/^Amazon's services got .* from 3 devices since 2026-06-01: Ring .*, Alexa/)
})

test('a company that got nothing is a no of the captured month', async () => {
  const answer = await asked('company-all', { company: 'sonos', from: FIRST + 15 * DAY })
  expect([answer.verdict, answer.sentence]).toEqual(['no', 'Nothing went to Sonos since 2026-06-16.'])
})

describe('a phone at night', () => {
  test('has heartbeats, a backup and an upload told apart', async () => {
    const answer = await asked('night-phone')
    const nights = DAYS - 2
    expect(answer.sentence).toBe(
      `In ${nights} of ${nights} nights Phone sent 4.7 kB to 4.8 kB to WhatsApp while asleep, usually 120 B every 9 minutes. Larger: 90 MB to iCloud on Sat 01:10 (looks like a backup) and 1 other.`,
    )
    // A message fell into the minutes of the upload.
    expect(figure(answer, 'larger uploads')).toBe(90e6 + 20e6 + 120)
    expect(answer.evidence.filter(({ of }) => of === 'larger uploads').map(({ value }) => value)).toEqual([
      90e6,
      20e6 + 120,
    ])
    expect(answer.asked).toMatchObject({ devices: [PHONE], company: 'whatsapp' })
  })
})

test('a camera has its clips and live views, and those that no phone at home was behind', async () => {
  const answer = await asked('camera-uploads')
  const count = (kind: string): number => home.events.filter((event) => event.kind === kind).length
  expect([figure(answer, 'clips'), figure(answer, 'live views')]).toEqual([count('motion-upload'), count('live-view')])
  const away = home.events.filter(({ kind, at }) => kind === 'live-view' && ((at - FIRST) % DAY) / 3_600 === 13).length
  expect(figure(answer, 'live views from away')).toBe(away)
  expect(answer.sentence).toMatch(new RegExp(`${away} live views of ${count('live-view')} began while no phone`))
  expect(answer.asked.devices).toEqual([CAMERA])
})

test('a television reported in 50 of 60 minutes that it was on', async () => {
  const answer = await asked('tv-acr')
  const evenings = DAYS - 1
  expect([figure(answer, 'minutes on'), figure(answer, 'minutes with recognition')]).toEqual([
    evenings * 60,
    evenings * 50,
  ])
  expect(answer.asked.devices).toEqual([TV])
})

test.each([
  ['log-ingestion-eu.samsungacr.com', true],
  ['acr-eu-prd.samsungcloud.tv', true],
  ['eu-acr4.alphonso.tv', true],
  ['sdk.alphonso.tv', true],
  ['platform.cognitivenetworks.com', true],
  ['acrobat.adobe.com', false],
  ['sacramento.example', false],
  ['www.samba.org', false],
  ['time.samsungcloudsolution.com', false],
])('%s is a recognition service: %s', (host, is) => expect(isRecognition(host)).toBe(is))

test('audiobooks and films have their days and hours', async () => {
  const answer = await asked('reading-listening')
  expect(figure(answer, 'Audible')).toBe(3 * 30 * 60)
  expect(figure(answer, 'Netflix')).toBe((DAYS - 1) * 3_600)
  expect(answer.sentence).toContain('Audible on 3 days, about 90 minutes together')
})

test('a television gives its maker a share, and others the rest', async () => {
  const answer = await asked('others', { devices: [TV] })
  expect(answer.sentence).toMatch(
    /^Samsung TV: .* to Samsung, .* to clouds and helpers, .* to 2 others \(Netflix and Google/,
  )
  expect((figure(answer, 'others') ?? 0) > (figure(answer, 'maker') ?? 0)).toBe(true)
})

describe('a home of which only look-ups are known', () => {
  test('gets the questions that look-ups can answer, in look-ups', async () => {
    const lookups = sourceOf(monthOfLookups(), true)
    const answer = await asked('company-all', { company: 'amazon' }, lookups)
    expect(figure(answer, 'look-ups')).toBe(DAYS * 20)
    expect(answer.sentence).toMatch(/^2 devices looked up Amazon's services 600 times since 2026-06-01/)
    expect((await asked('others', { devices: [TV] }, lookups)).figures).toContainEqual({
      name: 'maker',
      value: DAYS * 30,
      unit: 'lookups',
    })
  })

  test('never reads silence as no request', async () => {
    const lookups = sourceOf(monthOfLookups(), true)
    const { questions } = await listQuestions(lookups, RANGE)
    expect(questions.find(({ id }) => id === 'voice-per-day')).toMatchObject({ state: 'needs' })
    expect((await asked('voice-per-day', {}, lookups)).verdict).toBe('cannot-know')
  })
})

test('the home is asked best about its speakers', async () => {
  expect((await listQuestions(source, RANGE)).best).toBe('voice-per-day')
})
