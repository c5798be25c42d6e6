// Alerts of the made-up home: an upload that goes on, ended ones, repeated ones, a habit, decided ones.
import type { AlertAnswers, AlertDestination, AlertRow, Company } from '../../server/api.ts'
import { rankOf } from '../../server/alerts/rank.ts'
import { titleOf } from '../../server/alerts/words.ts'
import { type AlertKind } from '../../server/alerts/detectors/index.ts'
import { coverage, uploadSentence } from '../../server/text/en/uploads.ts'
import { calledName, type FakeDevice } from './fake-home.ts'

/** The upload that goes on stops this long after the service began. */
export const GOES_ON_SECONDS = 120
const RATE = 270_000
const HOUR = 3_600
const NOBODY: Company = { slug: null, name: '', cloud: false }

/** What a fake alert is made of; all else has a plain value. */
type Facts = Pick<AlertRow, 'from'> & Partial<AlertRow> & { kind: AlertKind }

function rowOf(id: string, device: FakeDevice | undefined, facts: Facts): AlertRow {
  const bytes = facts.bytes ?? 0
  return {
    id,
    device: device?.id ?? null,
    company: null,
    to: facts.from,
    seen: bytes,
    usual: null,
    unit: 'bytes',
    sent: bytes,
    received: 0,
    sure: 0.9,
    learning: false,
    detail: null,
    times: 1,
    state: 'open',
    bytes,
    peak: 0,
    isOver: true,
    destinations: [],
    reason: null,
    rank: rankOf({ kind: facts.kind, reason: facts.reason ?? null, bytes }),
    covers: null,
    muted: false,
    title: titleOf(facts.kind),
    message: '',
    advice: ['Look into the device’s own settings for what it uploads.'],
    ...facts,
  }
}

/** A row of an upload, with the sentences that the service has for it. */
function uploadOf(id: string, device: FakeDevice, facts: Facts): AlertRow {
  const row = rowOf(id, device, { detail: 'hour', ...facts })
  const [first] = row.destinations
  const whom = row.company?.name ?? first?.host ?? `${first?.address ?? ''}, an address without a name`
  return {
    ...row,
    message: uploadSentence(row, calledName(device), whom),
    covers: coverage(1.5 * row.bytes, row.to - row.from >= 6 * HOUR ? null : [10, 13], whom),
  }
}

const nameless = (address: string, bytes: number): AlertDestination[] => [{ company: null, host: null, address, bytes }]

function toClouds(device: FakeDevice, bytes: number): Pick<AlertRow, 'company' | 'destinations'> {
  const named = device.endpoints.filter(({ company }) => company.slug !== null)
  const [first, second] = named
  const company = first?.company ?? NOBODY
  const part = second === undefined ? bytes : Math.round(bytes * 0.8)
  return {
    company,
    destinations: [first, second]
      .filter((endpoint) => endpoint !== undefined)
      .map(({ company, host, addresses }, place) => ({
        company,
        host,
        address: addresses[0] ?? null,
        bytes: place === 0 ? part : bytes - part,
      })),
  }
}

/** `now` and `started` in whole seconds; newest first, as the service answers. */
export function fakeAlerts(devices: FakeDevice[], now: number, started: number): AlertRow[] {
  const [speaker, camera = speaker, doorbell = camera, plug = doorbell] = devices
  if (speaker === undefined || camera === undefined || doorbell === undefined || plug === undefined) return []
  return [
    goingOn(camera, now, started),
    ...uploads(camera, now),
    ...repeated(doorbell, now),
    ...others(speaker, plug, now),
  ].sort((one, other) => other.to - one.to)
}

function goingOn(camera: FakeDevice, now: number, started: number): AlertRow {
  const from = started - 15
  const to = Math.min(now, started + GOES_ON_SECONDS)
  const bytes = (to - from) * RATE
  return uploadOf('alert-1', camera, {
    kind: 'new-destination',
    from,
    to,
    bytes,
    peak: 10 * RATE,
    usual: 0,
    isOver: now >= to + 20,
    reason: 'nameless',
    destinations: nameless('203.0.113.7', bytes),
  })
}

function uploads(camera: FakeDevice, now: number): AlertRow[] {
  const six = [1, 2, 3].map((place) => {
    const from = now - place * 9 * HOUR
    const bytes = 632_000_000 + place * 4_000_000
    return uploadOf(`alert-${place + 1}`, camera, {
      kind: 'long-upload',
      from,
      to: from + 6 * HOUR - 1,
      bytes,
      peak: 400_000,
      usual: 40_000,
      reason: 'nameless',
      destinations: nameless('198.51.100.20', bytes),
    })
  })
  const from = now - 2 * HOUR
  return [
    ...six,
    uploadOf('alert-5', camera, {
      kind: 'large-upload',
      from,
      to: from + 46,
      bytes: 300_000_000,
      peak: 66_000_000,
      usual: 2_000_000,
      received: 2_000_000,
      reason: 'ceiling',
      ...toClouds(camera, 300_000_000),
      advice: ['A backup or a new recording plan explains most of it.'],
    }),
  ]
}

function repeated(doorbell: FakeDevice, now: number): AlertRow[] {
  const bytes = 5_700_000
  const from = now - 26 * HOUR
  return [
    uploadOf('alert-6', doorbell, {
      kind: 'upload-spike',
      from,
      to: now - HOUR,
      bytes,
      times: 14,
      peak: 412_000,
      usual: 90_000,
      reason: 'known',
      ...toClouds(doorbell, bytes),
    }),
    uploadOf('alert-7', doorbell, {
      kind: 'new-company',
      from: from - HOUR,
      to: from - HOUR + 4,
      bytes: 230_000,
      peak: 230_000,
      times: 1,
      reason: 'new',
      company: { slug: 'wyze', name: 'Wyze', cloud: false },
      destinations: [
        {
          company: { slug: 'wyze', name: 'Wyze', cloud: false },
          host: 'api.wyze.example',
          address: '192.0.2.8',
          bytes: 230_000,
        },
      ],
    }),
    uploadOf('alert-8', doorbell, {
      kind: 'upload-spike',
      from: now - 60 * HOUR,
      to: now - 38 * HOUR,
      bytes: 4_532_000,
      times: 11,
      peak: 412_000,
      usual: 412_000,
      state: 'habit',
      reason: 'known',
      ...toClouds(doorbell, 4_532_000),
    }),
  ]
}

function others(speaker: FakeDevice, plug: FakeDevice, now: number): AlertRow[] {
  return [
    rowOf('alert-9', plug, {
      kind: 'silent',
      message: `${calledName(plug)} has been silent for 9 hours; it is usually heard every 2 minutes`,
      from: now - 9 * HOUR,
      unit: 'seconds',
      seen: 9 * HOUR,
      usual: 120,
    }),
    rowOf('alert-10', undefined, {
      kind: 'source-stopped',
      message: 'Nothing came from br-lan for 15 minutes',
      from: now - 30 * HOUR,
      to: now - 29 * HOUR,
      unit: 'seconds',
      seen: 900,
      times: 3,
    }),
    uploadOf('alert-11', speaker, {
      kind: 'upload-spike',
      from: now - 40 * HOUR,
      to: now - 40 * HOUR + 40,
      bytes: 8_100_000,
      peak: 3_000_000,
      usual: 310_000,
      state: 'expected',
      reason: 'known',
      ...toClouds(speaker, 8_100_000),
    }),
    uploadOf('alert-12', speaker, {
      kind: 'quiet-hours',
      from: now - 50 * HOUR,
      to: now - 50 * HOUR + 300,
      bytes: 2_200_000,
      peak: 500_000,
      usual: 1_000,
      state: 'it-was-me',
      reason: 'known',
      ...toClouds(speaker, 2_200_000),
    }),
  ]
}

/** Many alerts of many devices, for lists that are long. */
export function manyAlerts(devices: FakeDevice[], now: number, count: number): AlertRow[] {
  return Array.from({ length: count }, (_, place) => {
    const device = devices[place % devices.length]
    const bytes = 200_000 + ((place * 7_919) % 90_000_000)
    const kinds = ['new-destination', 'upload-spike', 'long-upload', 'large-upload'] as const
    const kind = kinds[(place >> 3) % kinds.length] ?? 'upload-spike'
    return rowOf(`many-${place}`, device, {
      kind,
      title: 'Upload',
      message: `${device === undefined ? '' : calledName(device)} sent ${(bytes / 1e6).toFixed(1)} MB to 198.51.100.${place % 250}`,
      from: now - place * 1_800,
      to: now - place * 1_800 + 60,
      bytes,
      reason: 'nameless',
      state: place % 5 === 4 ? 'it-was-me' : 'open',
      destinations: nameless(`198.51.100.${place % 250}`, bytes),
    })
  })
}

/** The address that the camera sends to at night, and who is probably there. */
const LIKELY = {
  address: '198.51.100.20',
  likely: {
    company: { slug: 'tuya', name: 'Tuya', cloud: false },
    purpose: 'video',
    confidence: 0.8,
    why: ['A camera made by Tuya talks nearly only to Tuya', 'The same address had a name of Tuya’s last week'],
  },
}

/** Where the alert's traffic went, as the traffic history has it. */
export function fakeHosts({ destinations, received }: AlertRow): AlertAnswers['hosts'] {
  return destinations.map(({ host, address, bytes }, place) => ({
    host,
    address,
    country: place === 0 ? 'US' : 'DE',
    network: host === null ? 'DigitalOcean, LLC' : null,
    namedBy: host === null ? 'none' : 'tls',
    ...(address === LIKELY.address ? { likely: LIKELY.likely } : {}),
    // By the minute: what else went there in the same minutes is in it, too.
    sent: Math.round(bytes * 1.2),
    received: place === 0 ? received : 0,
  }))
}
