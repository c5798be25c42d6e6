// Which made-up alerts tell a made-up incident, and which are false.
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { type ScoredHome, Scorer } from '../../../server/score-alerts/scorer.ts'
import type { Incident } from '../../../server/simulate/incident.ts'
import { START } from '../../../server/simulate/tape.ts'

const BEGIN = START + 10 * 86_400
const CAMERA = { id: 'camera', name: 'Camera', kind: 'camera', vendor: null, firstSeen: START } as const
const PLUG = { id: 'plug', name: 'Plug', kind: 'plug', vendor: null, firstSeen: BEGIN } as const
const endpoint = (number: number, host: string | null, company: string | null): ScoredHome['endpoints'][number] => ({
  number,
  host,
  address: `198.18.0.${number}`,
  company,
  purpose: 'unknown',
  network: null,
  labels: [],
  namedBy: host === null ? 'none' : 'tls',
})
const ENDPOINTS = [endpoint(1, null, null), endpoint(2, 'files.example', null), endpoint(3, null, 'aws')]

const incident = (facts: Partial<Incident> = {}): Incident => ({
  id: 1,
  kind: 'upload',
  size: '5 MB',
  target: 'nameless',
  device: 0,
  deviceKind: 'camera',
  isPersonal: false,
  endpoints: [1],
  bytes: 5_000_000,
  begin: BEGIN,
  end: BEGIN + 100,
  due: BEGIN + 160,
  floorAt: BEGIN + 4,
  follows: null,
  ...facts,
})

const alert = (facts: Partial<Alert> = {}): Alert => ({
  kind: 'new-destination',
  device: 'camera',
  company: null,
  destination: null,
  from: BEGIN,
  to: BEGIN + 10,
  seen: 500_000,
  usual: null,
  unit: 'bytes',
  sent: 500_000,
  received: 0,
  sure: 0.9,
  learning: false,
  detail: null,
  reason: 'nameless',
  id: 'alert-1',
  direction: 'out',
  times: 1,
  state: 'open',
  bytes: 500_000,
  peak: 500_000,
  isOver: false,
  destinations: [{ company: null, host: null, address: '198.18.0.1', bytes: 500_000 }],
  decided: null,
  ...facts,
})

/** Alerts with the time at which each is told, in its order. */
function scored(incidents: Incident[], told: [at: number, alert: Alert][]): Scorer {
  const scorer = new Scorer({ devices: [CAMERA, PLUG], endpoints: ENDPOINTS, incidents })
  for (const [at, one] of told) scorer.told(one, at)
  return scorer
}
const delays = (scorer: Scorer): (number | null)[] => scorer.incidents().map(({ delay }) => delay)
const wrong = (scorer: Scorer): string[] => scorer.falseAlerts().map(({ alert: { id } }) => id)

describe('an upload', () => {
  test('is told by an alert that names its device and address, so long after its floor', () => {
    const scorer = scored([incident()], [[BEGIN + 10, alert()]])
    expect(delays(scorer)).toEqual([6])
    expect(wrong(scorer)).toEqual([])
  })

  test('that is told before its floor has no delay', () => {
    expect(delays(scored([incident()], [[BEGIN + 2, alert()]]))).toEqual([0])
  })

  test.each([
    ['another device', { device: 'plug' }],
    ['another address', { destinations: [{ company: null, host: null, address: '198.18.0.9', bytes: 1 }] }],
    ['no destination', { destinations: [] }],
    ['another company', { company: 'hetzner', destinations: [] }],
    ['something that ended before', { from: BEGIN - 900, to: BEGIN - 800 }],
    ['silence', { kind: 'silent' as const }],
    ['what the owner has decided about', { state: 'it-was-me' as const }],
  ])('is not told by an alert of %s', (_, facts) => {
    expect(delays(scored([incident()], [[BEGIN + 10, alert(facts)]]))).toEqual([null])
  })

  test('is not told after its time', () => {
    expect(delays(scored([incident()], [[BEGIN + 161, alert({ to: BEGIN + 100 })]]))).toEqual([null])
  })

  test('to a host or a company is told by its name', () => {
    const named = [{ company: null, host: 'files.example', address: null, bytes: 1 }]
    expect(delays(scored([incident({ endpoints: [2] })], [[BEGIN + 5, alert({ destinations: named })]]))).toEqual([1])
    const rented = alert({ company: 'aws', destinations: [] })
    expect(delays(scored([incident({ endpoints: [3] })], [[BEGIN + 5, rented]]))).toEqual([1])
  })

  test('within an older alert is told once that has grown by as much as makes an incident', () => {
    const before: [number, Alert] = [BEGIN - 600, alert({ from: BEGIN - 600, to: BEGIN - 590, bytes: 400_000 })]
    const grown = (bytes: number): Alert => alert({ from: BEGIN - 600, to: BEGIN + 20, bytes })
    expect(delays(scored([incident()], [before, [BEGIN + 20, grown(450_000)]]))).toEqual([null])
    expect(delays(scored([incident()], [before, [BEGIN + 20, grown(450_000)], [BEGIN + 24, grown(900_000)]]))).toEqual([
      20,
    ])
  })
})

describe('the second of two uploads', () => {
  const second = (kind: Incident['kind']): Incident =>
    incident({
      id: 2,
      kind,
      bytes: 300_000_000,
      begin: BEGIN + 280,
      end: BEGIN + 380,
      due: BEGIN + 440,
      floorAt: BEGIN + 281,
    })
  const told: [number, Alert][] = [
    [BEGIN + 10, alert()],
    [BEGIN + 120, alert({ to: BEGIN + 100, bytes: 5_000_000, isOver: true })],
    [BEGIN + 290, alert({ to: BEGIN + 290, bytes: 30_000_000 })],
  ]

  test('right after the first is told when the alert that it prolongs makes another message', () => {
    const more: [number, Alert] = [BEGIN + 300, alert({ to: BEGIN + 300, bytes: 60_000_000 })]
    expect(delays(scored([incident(), second('right after another')], told))).toEqual([6, null])
    const scorer = scored([incident(), second('right after another')], [...told, more])
    expect(delays(scorer)).toEqual([6, 19])
    const end: [number, Alert] = [BEGIN + 400, alert({ to: BEGIN + 380, bytes: 305_000_000, isOver: true })]
    // Of a channel that cannot replace: when it began, its first end and its second.
    const whole = scored([incident(), second('right after another')], [...told, more, end])
    expect(whole.incidents().map(({ pushes }) => pushes)).toEqual([3, 3])
  })

  test('after a decision is told by a new alert alone', () => {
    const grown: [number, Alert] = [BEGIN + 300, alert({ to: BEGIN + 300, bytes: 200_000_000 })]
    const fresh: [number, Alert] = [BEGIN + 301, alert({ id: 'alert-2', from: BEGIN + 280, to: BEGIN + 300 })]
    expect(delays(scored([incident(), second('after "it was me"')], [...told, grown]))).toEqual([6, null])
    expect(delays(scored([incident(), second('after "it was me"')], [...told, grown, fresh]))).toEqual([6, 20])
  })

  test('knows the alerts of the first, about which the owner decides', () => {
    const scorer = scored([incident(), second('after "expected"')], told)
    expect([scorer.alertsOf(1), scorer.alertsOf(2)]).toEqual([['alert-1'], []])
  })
})

describe('other incidents', () => {
  const late = { due: BEGIN + 7_300, bytes: 0, size: null, target: null }

  test('of a device alone are told by whatever names it', () => {
    const busy = incident({ ...late, kind: 'busy speaker', endpoints: [] })
    const voice = alert({ kind: 'voice-busy', unit: 'requests', destinations: [], bytes: 0 })
    expect(delays(scored([busy], [[BEGIN + 60, voice]]))).toEqual([56])
  })

  test('of a destination are told by what names it, or nothing but the device', () => {
    const tracker = incident({ ...late, kind: 'new tracker', endpoints: [3] })
    const about = (facts: Partial<Alert>): (number | null)[] => delays(scored([tracker], [[BEGIN + 60, alert(facts)]]))
    expect(about({ company: 'aws', destinations: [] })).toEqual([56])
    expect(about({ company: 'hetzner', destinations: [] })).toEqual([null])
    expect(about({ company: null, destinations: [] })).toEqual([56])
  })

  test('are told by the minute in which they began, but not by one before it', () => {
    const device = incident({
      ...late,
      kind: 'look-ups: new device',
      endpoints: [],
      begin: BEGIN + 45,
      floorAt: BEGIN + 45,
    })
    const told = (to: number): (number | null)[] =>
      delays(scored([device], [[BEGIN + 50, alert({ kind: 'new-device', from: to, to })]]))
    expect([told(BEGIN), told(BEGIN - 60)]).toEqual([[5], [null]])
  })

  test('of silence and of a new device are told by just that', () => {
    const silence = incident({ ...late, kind: 'look-ups: silence', endpoints: [] })
    expect(delays(scored([silence], [[BEGIN + 60, alert()]]))).toEqual([null])
    expect(delays(scored([silence], [[BEGIN + 60, alert({ kind: 'silent' })]]))).toEqual([56])
  })
})

describe('an alert is false', () => {
  test('that no incident of its device explains', () => {
    const other = alert({ id: 'alert-2', device: 'plug', to: BEGIN + 30 })
    const earlier = alert({ id: 'alert-3', from: BEGIN - 90_000, to: BEGIN - 89_000 })
    const scorer = scored(
      [incident()],
      [
        [BEGIN - 89_000, earlier],
        [BEGIN + 10, alert()],
        [BEGIN + 30, other],
      ],
    )
    expect(wrong(scorer)).toEqual(['alert-3', 'alert-2'])
  })

  test('once, however often it goes on, and as it was first told', () => {
    const scorer = scored(
      [],
      [
        [BEGIN, alert({ bytes: 1 })],
        [BEGIN + 1, alert({ bytes: 2 })],
      ],
    )
    expect(scorer.falseAlerts()).toMatchObject([{ at: BEGIN, alert: { bytes: 1 } }])
  })

  test('but not where it is of the device and time of an incident, whatever it says', () => {
    const about = alert({ kind: 'quiet-hours', destinations: [], to: BEGIN + 60 })
    expect(wrong(scored([incident()], [[BEGIN + 60, about]]))).toEqual([])
  })

  test('but not where it says that a device is new and it is', () => {
    const fresh = alert({ kind: 'new-device', device: 'plug' })
    const old = alert({ kind: 'new-device', id: 'alert-2' })
    expect(
      wrong(
        scored(
          [],
          [
            [BEGIN + 5, fresh],
            [BEGIN + 6, old],
          ],
        ),
      ),
    ).toEqual(['alert-2'])
  })
})
