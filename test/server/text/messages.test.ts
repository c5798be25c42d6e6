// The messages about incidents say who, to whom, how much, how long, what is usual, how sure, and what one can do.
import { describe, expect, it, test } from 'vitest'
import { shortDuration } from '../../../server/text/en/duration.ts'
import { quantity } from '../../../server/text/en/quantity.ts'
import type { IncidentFacts } from '../../../server/text/message-facts.ts'
import { messageWords } from '../../../server/text/messages.ts'

const UPLOAD: IncidentFacts = {
  isFirst: true,
  isOver: false,
  who: 'Hall camera',
  whom: ['Ring', 'clips.ring.com', '203.0.113.9'],
  others: 0,
  bytes: 4_100_000,
  seconds: 15,
  times: 1,
  sentence: 'Hall camera sent Ring more than usual',
  seen: 4_100_000,
  usual: 430_000,
  unit: 'bytes',
  sure: 0.8,
  advice: ['Think of what you did.', 'Switch it off.'],
}
const lines = (more: Partial<IncidentFacts>): string[] => messageWords.incident({ ...UPLOAD, ...more }).split('\n')

describe('a message', () => {
  it('of an upload that goes on says since when and how much so far', () => {
    expect(lines({})).toEqual([
      'Hall camera has been sending to Ring for 15 s, 4.1 MB so far',
      'Hall camera sent Ring more than usual',
      'With: Ring, clips.ring.com, 203.0.113.9',
      'Usual: up to 430 kB; 80 % sure',
      'Think of what you did.',
      'Switch it off.',
    ])
  })

  it.each<[Partial<IncidentFacts>, string]>([
    [{ isFirst: false, isOver: true, seconds: 47, bytes: 3e8 }, 'Hall camera stopped after 47 s: 300 MB to Ring'],
    [{ isOver: true, seconds: 0, bytes: 2e5 }, 'Hall camera sent 200 kB to Ring in 1 s'],
    [
      { isFirst: false, isOver: true, seconds: 240, bytes: 3.05e8, times: 2 },
      'Hall camera stopped after 4 min: 305 MB in 2 uploads to Ring',
    ],
    [
      { isFirst: false, seconds: 200, bytes: 5e7, times: 2, whom: ['203.0.113.9'], others: 2 },
      'Hall camera is sending to 203.0.113.9 and 2 others again: 50 MB in 2 uploads within 3 min so far',
    ],
    [{ whom: [] }, 'Hall camera has been sending to someone we could not name for 15 s, 4.1 MB so far'],
    [{ others: 1 }, 'Hall camera has been sending to Ring and 1 other for 15 s, 4.1 MB so far'],
  ])('%j begins with "%s"', (more, first) => {
    expect(lines(more)[0]).toBe(first)
  })

  it('that is about no upload begins with its own sentence, and says what was seen', () => {
    const requests = { bytes: 0, whom: ['Amazon'], seen: 9, usual: 2.5, unit: 'requests', seconds: 2_400, advice: [] }
    expect(lines({ ...requests, sentence: 'Echo sent 9 voice requests' })).toEqual([
      'Echo sent 9 voice requests',
      'With: Amazon',
      'Seen: 9 requests in 40 minutes; usual: up to 3 requests; 80 % sure',
    ])
    expect(lines({ bytes: 0, whom: [], seen: 1, usual: null, unit: 'devices', advice: [] }).slice(1)).toEqual([
      'Seen: 1 device in 15 seconds; 80 % sure',
    ])
    expect(lines({ bytes: 0, whom: [], seen: 21_600, usual: 0, unit: 'seconds', advice: [] }).at(-1)).toBe(
      'Seen: 6 hours; usual: none; 80 % sure',
    )
  })

  it.each<[number | null, string]>([
    [null, 'Usual: not known yet; 80 % sure'],
    [999, 'Usual: next to nothing; 80 % sure'],
    [1_000, 'Usual: up to 1.0 kB; 80 % sure'],
  ])('with a usual of %s says "%s"', (usual, line) => {
    expect(lines({ usual })).toContain(line)
  })
})

test('how far an upload is fits into a line', () => {
  const progress = (more: Partial<IncidentFacts>): string | null => messageWords.progress({ ...UPLOAD, ...more })
  expect(progress({})).toBe('Sending for 15 s, 4.1 MB so far')
  expect(progress({ times: 3, seconds: 600 })).toBe('Sending again: 4.1 MB in 3 uploads within 10 min so far')
  expect(progress({ isOver: true, seconds: 47, bytes: 3e8 })).toBe('Stopped after 47 s: 300 MB')
  expect(progress({ bytes: 0 })).toBeNull()
})

test('a summary counts the alerts of each device, and names ten of them', () => {
  const [first] = messageWords
    .summary([
      { name: 'Hall camera', count: 7 },
      { name: 'Plug', count: 5 },
    ])
    .split('\n')
  expect(first).toBe('12 more: Hall camera 7, Plug 5')
  const many = Array.from({ length: 13 }, (_unused, index) => ({ name: `D${index}`, count: 2 }))
  expect(messageWords.summary(many).split('\n')[0]).toMatch(/^26 more: D0 2, .*, D9 2, 3 other devices 6$/)
})

test.each([
  [0, '1 s'],
  [119, '119 s'],
  [120, '2 min'],
  [7_199, '120 min'],
  [7_200, '2 h'],
  [172_800, '2 days'],
])('%i seconds are %s in a notification', (seconds, text) => {
  expect(shortDuration(seconds)).toBe(text)
})

test.each([
  [1, 'requests', '1 request'],
  [2.1, 'requests', '3 requests'],
  [1, 'addresses', '1 address'],
  [1_200, 'addresses', '1,200 addresses'],
  [21_600, 'seconds', '6 hours'],
  [1_500, 'bytes', '1.5 kB'],
])('%d %s are "%s"', (value, unit, text) => {
  expect(quantity(value, unit)).toBe(text)
})
