// The first sentence of Home agrees with the traffic history.
import { describe, expect, test } from 'vitest'
import type { AlertRow, TrafficStatus, CompanyRow, DeviceRow, Overview, SourceStatus } from '../../server/api.ts'
import { deviceState, inOrder, storyOf } from '../../ui/state/story.ts'
import { setTimeZone } from '../../ui/text/format.ts'

function device(id: string, name: string | null, more: Partial<DeviceRow> = {}): DeviceRow {
  return {
    id,
    index: 0,
    name,
    namedByOwner: false,
    kind: 'unknown',
    kindByOwner: false,
    vendor: null,
    why: [],
    confidence: 0,
    mac: id,
    privateMac: false,
    addresses: [],
    level: 'everything',
    merged: [],
    firstSeen: 0,
    lastSeen: 1000,
    isNew: false,
    sent: 100,
    received: 0,
    sentLocal: 0,
    receivedLocal: 0,
    topCompany: null,
    sparkline: [],
    ...more,
  }
}

function company(slug: string | null, name: string): CompanyRow {
  return { slug, name, cloud: false, sent: 0, received: 0, devices: 1, purposes: [], first: null, last: null }
}

function overview(more: Partial<Overview>): Overview {
  return {
    from: 0,
    to: 1,
    sent: 0,
    received: 0,
    sentLocal: 0,
    receivedLocal: 0,
    devices: [],
    companies: [],
    purposes: ['video'],
    cells: [],
    coverage: {},
    attributed: { seen: 0, likely: 0, of: 0 },
    ...more,
  }
}

const source: SourceStatus = {
  id: 's',
  kind: 'interface',
  title: 'eth0',
  state: 'running',
  packets: 5,
  packetsPerSecond: 1,
  dropped: 0,
  lastPacket: 1,
  problem: null,
}
const status: TrafficStatus = {
  scope: 'live',
  sources: [source],
  now: 1000,
  first: 0,
  last: 1000,
  timeZone: 'UTC',
  learningUntil: null,
  sample: false,
  health: {
    packets: 1000,
    dropped: 0,
    paused: 0,
    copied: 0,
    damaged: {},
    limits: {},
    memoryBytes: 0,
    databaseBytes: 0,
    writtenBytes: 0,
    cpuSeconds: 0,
    startedAt: 0,
  },
}
const busy = overview({
  sent: 412e6,
  devices: [device('a', 'Doorbell'), device('b', 'TV')],
  companies: [company('ring', 'Ring'), company(null, '')],
  cells: [
    [0, 0, 0, 200e6, 0],
    [0, 0, 0, 100e6, 0],
    [1, 1, 0, 112e6, 0],
  ],
})

describe('the sentence', () => {
  test('a calm home has one short sentence', () => {
    const story = storyOf(busy, status, 412e6, 'since midnight', true)
    expect(`${story.verdict} ${story.figures}`).toBe(
      'Nothing unusual. 2 devices, 412 MB sent since midnight, mostly Doorbell to Ring.',
    )
    expect(story.tone).toBe('calm')
  })

  test('less than half of everything is not called mostly', () => {
    const spread = overview({
      ...busy,
      cells: [
        [0, 0, 0, 200e6, 0],
        [1, 1, 0, 150e6, 0],
        [1, 0, 0, 62e6, 0],
      ],
    })
    expect(storyOf(spread, status, 412e6, 'since midnight', true).figures).toBe(
      '2 devices, 412 MB sent since midnight, the most from Doorbell to Ring.',
    )
  })

  test('whom most of it probably went to is named as that, and only where no company was seen', () => {
    const blink = { slug: 'blink', name: 'Blink', cloud: false }
    const figures = (likelySent: number, cloud: boolean): string => {
      const devices = [device('a', 'Porch', { likelyTop: { company: blink, sent: likelySent } })]
      const companies = [{ ...company('aws', 'Amazon Web Services'), cloud }]
      const most = overview({ sent: 40e6, devices, companies, cells: [[0, 0, 0, 40e6, 0]] })
      return storyOf(most, status, 40e6, 'since midnight', true).figures
    }
    expect(figures(30e6, true)).toBe('1 device, 40 MB sent since midnight, mostly Porch, probably to Blink.')
    expect(figures(19e6, true)).toBe('1 device, 40 MB sent since midnight, mostly Porch to Amazon Web Services.')
    expect(figures(30e6, false)).toBe('1 device, 40 MB sent since midnight, mostly Porch to Amazon Web Services.')
  })

  test('an open alert stands before all else but a source that does not work', () => {
    const alert: AlertRow = {
      id: 'alert-1',
      kind: 'large-upload',
      device: 'a',
      company: { slug: 'digitalocean', name: 'DigitalOcean', cloud: true },
      from: 11_520,
      to: 12_240,
      seen: 801e6,
      usual: null,
      unit: 'bytes',
      sent: 801e6,
      received: 0,
      sure: 0.6,
      learning: true,
      detail: null,
      times: 3,
      state: 'open',
      bytes: 801e6,
      peak: 30e6,
      isOver: true,
      destinations: [],
      reason: 'ceiling',
      rank: 3.3,
      covers: null,
      muted: false,
      title: 'Large upload',
      message: 'Doorbell sent 801 MB to DigitalOcean within 10 minutes',
      advice: [],
    }
    setTimeZone('UTC')
    const story = storyOf(busy, { ...status, learningUntil: 5_000 }, 412e6, 'since midnight', true, [alert, alert])
    expect([story.tone, story.alert, story.verdict]).toEqual([
      'notice',
      'alert-1',
      'Look at this: Doorbell sent 801 MB to DigitalOcean within 10 minutes. It began at 03:12. And 1 other thing.',
    ])
    const verdictOf = (now: number, facts: Partial<AlertRow>): string =>
      storyOf(busy, { ...status, now }, 412e6, 'since midnight', true, [{ ...alert, ...facts }]).verdict
    expect(verdictOf(12_300, { isOver: false })).toMatch(/minutes\. It began at 03:12 and goes on\.$/)
    expect(verdictOf(100_000, {})).toMatch(/minutes\. It began on Jan 1, 03:12\.$/)
    // However often it came, it is one thing.
    expect(verdictOf(12_300, { times: 14 })).not.toContain('other thing')
    expect(
      storyOf(busy, { ...status, sources: [{ ...source, state: 'failed' }] }, 412e6, 'since midnight', true, [alert])
        .tone,
    ).toBe('bad')
    // A remark about a source that runs stands behind it.
    const running = { ...source, state: 'running' as const, problem: 'Only one direction is in the capture.' }
    const remarked = { ...status, sources: [running] }
    expect(storyOf(busy, remarked, 412e6, 'since midnight', true, [alert]).alert).toBe(alert.id)
    expect(storyOf(busy, remarked, 412e6, 'since midnight', true).verdict).toBe('Only one direction is in the capture.')
    expect(
      inOrder([device('b', 'TV', { sent: 900 }), device('a', 'Doorbell')], false, new Set(['a'])).map(({ id }) => id),
    ).toEqual(['a', 'b'])
  })

  test('what goes to brands of one owner goes to the owner, but for its rented cloud', () => {
    const amazon = { slug: 'amazon', name: 'Amazon' }
    const owned = overview({
      ...busy,
      companies: [
        { ...company('ring', 'Ring'), owner: amazon },
        { ...company('alexa', 'Alexa'), owner: amazon },
        { ...company('aws', 'Amazon Web Services'), owner: amazon, cloud: true },
      ],
      cells: [
        [0, 0, 0, 110e6, 0],
        [0, 1, 0, 100e6, 0],
        [1, 2, 0, 202e6, 0],
      ],
    })
    expect(storyOf(owned, status, 412e6, 'since midnight', true).figures).toBe(
      '2 devices, 412 MB sent since midnight, mostly Doorbell to Amazon.',
    )
  })

  test('the unknown is called what it is', () => {
    const unknown = overview({ ...busy, cells: [[1, 1, 0, 412e6, 0]] })
    expect(storyOf(unknown, status, 412e6, 'since midnight', true).figures).toContain(
      'mostly TV to someone we could not name',
    )
  })

  test('a new device is named', () => {
    const story = storyOf(
      { ...busy, devices: [device('a', 'Doorbell'), device('b', 'TV', { isNew: true })] },
      status,
      1,
      'since midnight',
      true,
    )
    expect([story.tone, story.verdict]).toEqual(['notice', 'New device: TV.'])
  })

  test('while the home is learned, nothing is called new and nothing is called usual', () => {
    const story = storyOf(
      { ...busy, devices: [device('a', 'Doorbell', { isNew: true })] },
      { ...status, learningUntil: 2000 },
      1,
      'since midnight',
      true,
    )
    expect(story.verdict).toBe('Still learning what is usual here.')
  })

  test('a source that does not work comes before everything else', () => {
    const broken = {
      ...status,
      learningUntil: 2000,
      sources: [source, { ...source, id: 't', state: 'failed' as const, problem: 'No packets on eth1.' }],
    }
    expect(storyOf(busy, broken, 1, 'since midnight', true)).toMatchObject({
      tone: 'bad',
      verdict: 'No packets on eth1.',
    })
  })

  test('missed packets are not called calm', () => {
    const leaky = { ...status, health: { ...status.health, dropped: 500 } }
    expect(storyOf(busy, leaky, 1, 'since midnight', true)).toMatchObject({
      tone: 'notice',
      verdict: '500 packets were missed: what you see is not all.',
    })
  })

  test('missed packets are told of the source that missed them', () => {
    const sources = [source, { ...source, id: 'ssh', title: 'router', dropped: 480 }]
    const leaky = { ...status, sources, health: { ...status.health, dropped: 480 } }
    expect(storyOf(busy, leaky, 1, 'since midnight', true).verdict).toBe(
      '480 packets were missed on router: what you see is not all.',
    )
  })

  test('of a recording it has the amounts, and nothing about what is usual', () => {
    expect(storyOf(busy, status, 412e6, 'in the whole recording', false)).toMatchObject({ verdict: '', tone: 'plain' })
  })

  test('hidden characters of a name off the wire are visible', () => {
    const tricky = { ...busy, devices: [device('a', 'Door\u202ebell'), device('b', 'TV')] }
    expect(storyOf(tricky, status, 412e6, 'since midnight', true).figures).toContain('Door‹U+202E›bell')
  })

  test('a silent home has a sentence too', () => {
    expect(storyOf(overview({}), status, 0, 'since midnight', true).figures).toBe('Nothing was sent in this time.')
  })
})

describe('rows of devices', () => {
  test('the new come first, then who sent most', () => {
    const rows = [
      device('a', 'A', { sent: 5 }),
      device('b', 'B', { sent: 9 }),
      device('c', 'C', { sent: 1, isNew: true }),
    ]
    expect(inOrder(rows, false).map((row) => row.id)).toEqual(['c', 'b', 'a'])
    expect(inOrder(rows, true).map((row) => row.id)).toEqual(['b', 'a', 'c'])
  })

  test.each([
    ['Not looked at', device('a', 'A', { level: 'paused', isNew: true }), false],
    ['New', device('a', 'A', { isNew: true }), false],
    ['Active', device('a', 'A', { isNew: true }), true],
    ['Quiet', device('a', 'A', { lastSeen: 100 }), false],
  ])('%s', (word, row, learning) => expect(deviceState(row, 1000, learning).word).toBe(word))
})
