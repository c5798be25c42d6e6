// The words of incidents: amounts, lengths and counts as in the sentences of alerts.
import { describe, expect, test } from 'vitest'
import { setTimeZone } from '../../ui/text/format.ts'
import { alertWords } from '../../ui/text/en-alert.ts'
import { t } from '../../ui/text/text.ts'

const words = t.alerts.incidents
const course = { bytes: 300e6, times: 1, from: 1_000, to: 1_046, isOver: true }

describe('the words of an incident', () => {
  test.each([
    [course, 'Stopped after 47 seconds: 300 MB'],
    [{ ...course, bytes: 41e6, isOver: false }, 'Sending now, 41 MB so far'],
    [{ ...course, bytes: 5.7e6, times: 14 }, '14 times, 5.7 MB in all'],
    [{ ...course, bytes: 5.7e6, times: 14, isOver: false }, 'Sending now, 5.7 MB so far, 14 times'],
    [{ ...course, bytes: 0 }, ''],
    [{ ...course, bytes: 0, times: 3 }, '3 times'],
  ])('%j: %s', (one, expected) => expect(words.course(one)).toBe(expected))

  test('count the alerts under one heading, and how often they happened', () => {
    expect(words.group('Hall camera', 3, { ...course, bytes: 1.92e9, times: 3 }, '')).toBe(
      'Hall camera: 3 alerts, 1.92 GB in all',
    )
    expect(words.group('Hall camera', 3, { ...course, times: 17 }, 'Wyze')).toBe(
      'Hall camera: 3 alerts, 17 times, 300 MB in all to Wyze',
    )
    expect(words.group('', 2, { ...course, bytes: 0, times: 2 }, '')).toBe('2 alerts')
  })

  test('say of an event that it is a part, with no other total', () => {
    expect(words.event({ kind: 'motion-upload', confidence: 0.6 }, 'Ring')).toBe('Possible recording to Ring')
    expect(words.part(course)).toBe('Part of this upload: 300 MB in all')
    expect(words.part({ bytes: 5.7e6, times: 14, isOver: true })).toBe('Counted in this alert: 14 times, 5.7 MB in all')
    expect(words.part({ ...course, isOver: false })).toBe('Part of this upload: 300 MB so far')
    expect(alertWords.parts([{ kind: 'motion-upload', count: 14 }])).toBe('Part of this alert: 14 recordings')
  })

  test('say how long it lasted, and between which times where it came again', () => {
    setTimeZone('UTC')
    expect(alertWords.facts.lasted(course)).toBe('47 seconds')
    expect(alertWords.facts.lasts({ ...course, to: 1_299, isOver: false })).toBe('5 minutes so far, since 00:16')
    expect(alertWords.facts.lasted({ ...course, times: 2, to: 87_399 })).toBe(
      'Within 24 hours, from Jan 1, 00:16 to Jan 2, 00:16',
    )
  })

  test('say what a decision covers before and after it', () => {
    expect(alertWords.decision.expectedWould('up to 12 MB an hour; more is told again')).toBe(
      '“Expected from now on” would cover: up to 12 MB an hour; more is told again.',
    )
    expect(alertWords.decision.expectedNow('up to 12 MB an hour; more is told again')).toBe(
      'Expected from now on: up to 12 MB an hour; more is told again.',
    )
  })

  test.each([
    [2e6, 'hour', 'Up to 2.0 MB an hour'],
    [2e6, 'day', 'Up to 2.0 MB a day'],
    [2e6, 'hour 14 clips', 'Up to 2.0 MB an hour'],
    [2e6, 'ten', 'Up to 2.0 MB within ten minutes'],
    [2e6, null, 'Up to 2.0 MB'],
    [999, 'hour', 'Next to nothing'],
  ])('say what is usual: %d (%s)', (usual, detail, expected) =>
    expect(alertWords.facts.usualOf(usual, detail)).toBe(expected),
  )

  test('are there for every reason, unit and state of the API', () => {
    for (const reason of ['ceiling', 'nameless', 'new', 'known'] as const)
      expect(alertWords.reasons[reason]).toMatch(/\.$/)
    expect(Object.entries(alertWords.units).map(([, of]) => of(120))).toEqual([
      '120 B',
      '120 times',
      '2 minutes',
      '120 events',
      '120 addresses',
      '120 devices',
      '120 look-ups',
    ])
    expect(Object.keys(t.alerts.states).sort()).toEqual(['expected', 'habit', 'it-was-me', 'muted', 'open'])
  })
})
