// A camera that sends 5 GB on day 100 to a destination that it hardly knows, or not at all: it is told while it runs.
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../../server/alerts/alert.ts'
import { AlertEngine } from '../../../server/alerts/engine.ts'
import { DEFAULT_SETTINGS } from '../../../server/alerts/settings.ts'
import { endpoint } from '../../support/alert-home.ts'
import { DAY, HOUR, START } from '../../support/detector-samples.ts'

const DAYS = 100
const TEN_MINUTES = 600
const MAKER = 1
const OTHER = 2
const ADDRESS = '203.0.113.9'
const UPLOAD_SECONDS = 500
const RATE = 10_000_000
/** Soon enough to pull a plug. */
const SOON = 15

interface Case {
  what: string
  /** Of the other destination; null: nobody knows whose address it is. */
  company: string | null
  /** Sent to the maker each ten minutes. */
  perTenMinutes: number
  /** Whether the camera sends 3 kB a week to the other destination. */
  isWeekly: boolean
}

const CASES: Case[] = [
  { what: 'a known company never talked to', company: 'dropbox', perTenMinutes: 2_000, isWeekly: false },
  { what: 'an address nobody knows', company: null, perTenMinutes: 2_000, isWeekly: false },
  { what: 'an unnamed address, talked to once a week', company: null, perTenMinutes: 2_000, isWeekly: true },
  { what: 'an address nobody knows, by a busy camera', company: null, perTenMinutes: 1_000_000, isWeekly: false },
  {
    what: 'a company never talked to, by a busy camera',
    company: 'dropbox',
    perTenMinutes: 1_000_000,
    isWeekly: false,
  },
]

/** The updates about the upload, each with the second that had been fed when it came. */
function run({ company, perTenMinutes, isWeekly }: Case): { begins: number; got: { second: number; alert: Alert }[] } {
  let second = START
  const got: { second: number; alert: Alert }[] = []
  const engine = new AlertEngine({
    settings: DEFAULT_SETTINGS,
    timeZone: 'UTC',
    onAlert: (alert) => got.push({ second, alert: { ...alert } }),
  })
  const host = company === null ? null : `x.${company}.com`
  engine.addEndpoints([
    endpoint(MAKER, {
      host: 'fw.ring.com',
      address: '203.0.113.8',
      company: 'ring',
      purpose: 'control',
      namedBy: 'tls',
    }),
    endpoint(OTHER, { host, address: ADDRESS, company, purpose: 'unknown', namedBy: host === null ? 'none' : 'tls' }),
  ])
  engine.setDevice(0, { id: 'cam', name: 'camera', kind: 'camera', firstSeen: START })
  const send = (at: number, number: number, sent: number, received: number): void => {
    second = at
    engine.add(Float64Array.from([at, 0, number, sent, received]))
  }
  for (let at = START; at < START + DAYS * DAY; at += TEN_MINUTES) {
    send(at, MAKER, perTenMinutes, 2_000)
    if (isWeekly && (at - START) % (7 * DAY) === 11 * HOUR) send(at + 60, OTHER, 3_000, 1_000)
  }
  got.length = 0
  const begins = START + DAYS * DAY + 10 * HOUR
  for (let at = begins; at < begins + UPLOAD_SECONDS; at++) send(at, OTHER, RATE, 100_000)
  for (let at = begins + UPLOAD_SECONDS; at < begins + UPLOAD_SECONDS + 60; at++) {
    second = at
    engine.mark(at)
  }
  return { begins, got }
}

describe('5 GB by a camera on day 100', () => {
  it.each(CASES)('to $what are told while they run, and in full once they are over', (which) => {
    const { begins, got } = run(which)
    const ends = begins + UPLOAD_SECONDS - 1
    // That the company is new is one more thing; this is about the bytes.
    const about = got.filter(
      ({ alert }) => alert.device === 'cam' && alert.to >= begins && (alert.reason ?? null) !== null,
    )
    const [first] = about
    expect(first, 'nothing was told').toBeDefined()
    expect(first.second - begins).toBeLessThanOrEqual(SOON)
    expect(first.alert).toMatchObject({ state: 'open', isOver: false, company: which.company })
    expect(first.alert.bytes).toBeGreaterThan(0)
    expect(first.alert.destinations[0]).toMatchObject({ company: which.company, address: ADDRESS })
    // It goes on: what is told meanwhile is what was sent so far.
    const half = about.filter(({ second }) => second <= begins + UPLOAD_SECONDS / 2).at(-1)
    expect(half?.alert.bytes).toBeGreaterThanOrEqual(RATE * (UPLOAD_SECONDS / 2 - 10))

    expect(new Set(about.map(({ alert }) => alert.id)).size).toBe(1)
    const last = about.at(-1)?.alert
    expect(last).toMatchObject({ isOver: true, bytes: UPLOAD_SECONDS * RATE, from: begins, to: ends })
    expect(last?.destinations).toEqual([
      {
        company: which.company,
        host: which.company === null ? null : 'x.dropbox.com',
        address: ADDRESS,
        bytes: UPLOAD_SECONDS * RATE,
      },
    ])
  })
})
