// The traffic history of a plausible home, made from a seed; every sum of every part is exact.
import type { Company, DeviceKind, Level, NameSource } from '../../server/api.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'
import { derivedSeed, seededRandom, type Random } from '../../server/sample/packets/random.ts'

export interface FakeHomeOptions {
  seed: number
  devices: number
  /** Endpoints of all devices together; the first device has a quarter of them. */
  endpoints: number
  hostile: boolean
  /** When the capture began, and a stretch in which nothing was captured. */
  first: number
  gap: { from: number; to: number }
}

export interface FakeDevice {
  id: string
  index: number
  guessedName: string
  name: string | null
  guessedKind: DeviceKind
  kind: DeviceKind | null
  vendor: string
  addresses: string[]
  level: Level
  mergedInto: string | null
  firstSeen: number
  endpoints: FakeEndpoint[]
  local: Course
}

export interface FakeEndpoint {
  id: number
  host: string | null
  addresses: string[]
  company: Company
  purpose: string
  country: string | null
  network: string | null
  namedBy: NameSource
  labels: string[]
  ech: boolean
  sent: Course
  received: Course
  firstSeen: number
}

/** How many bytes had moved by a second: whole, never falling, so that parts of a range always add up to the range. */
export type Course = (second: number) => number

interface Model {
  name: string
  kind: DeviceKind
  vendor: string
  /** Company, host, purpose, mean bytes per second sent and received. */
  talks: [slug: string | null, host: string | null, purpose: string, sent: number, received: number][]
}

const COMPANIES: Record<string, { name: string; cloud: boolean; country: string }> = {
  amazon: { name: 'Amazon', cloud: false, country: 'US' },
  aws: { name: 'Amazon Web Services', cloud: true, country: 'US' },
  google: { name: 'Google', cloud: false, country: 'US' },
  ring: { name: 'Ring', cloud: false, country: 'US' },
  tuya: { name: 'Tuya', cloud: false, country: 'CN' },
  samsung: { name: 'Samsung', cloud: false, country: 'KR' },
  netflix: { name: 'Netflix', cloud: false, country: 'US' },
  spotify: { name: 'Spotify', cloud: false, country: 'SE' },
  apple: { name: 'Apple', cloud: false, country: 'US' },
  'tp-link': { name: 'TP-Link', cloud: false, country: 'SG' },
  philips: { name: 'Signify (Philips Hue)', cloud: false, country: 'NL' },
  doubleclick: { name: 'Google Advertising', cloud: false, country: 'US' },
  akamai: { name: 'Akamai', cloud: true, country: 'US' },
  'pool-ntp': { name: 'NTP Pool', cloud: false, country: 'DE' },
}

/** Who owns one of them; all others stand alone. */
export const FAKE_OWNERS: Readonly<Record<string, string>> = {
  ring: 'amazon',
  aws: 'amazon',
  doubleclick: 'google',
}

/** The company's owner as the API tells it, or nothing where it stands alone. */
export function fakeOwner(slug: string | null): { owner?: { slug: string; name: string } } {
  const owner = FAKE_OWNERS[slug ?? '']
  return owner === undefined ? {} : { owner: { slug: owner, name: COMPANIES[owner]?.name ?? owner } }
}

const MODELS: Model[] = [
  {
    name: 'Echo Dot',
    kind: 'speaker',
    vendor: 'Amazon',
    talks: [
      ['amazon', 'avs-alexa-4-na.amazon.com', 'voice', 320, 410],
      ['amazon', 'device-metrics-us-2.amazon.com', 'telemetry', 45, 6],
      ['spotify', 'audio-fa.scdn.co', 'streaming', 30, 9_000],
      ['pool-ntp', '0.pool.ntp.org', 'time', 0.3, 0.3],
    ],
  },
  {
    name: 'Hall camera',
    kind: 'camera',
    vendor: 'Tuya',
    talks: [
      ['tuya', 'a1.tuyaeu.com', 'control', 20, 12],
      ['aws', 'ty-eu-storage.s3.eu-central-1.amazonaws.com', 'video', 6_500, 130],
      [null, null, 'unknown', 40, 10],
    ],
  },
  {
    name: 'Doorbell',
    kind: 'doorbell',
    vendor: 'Ring',
    talks: [
      ['ring', 'es.ring.com', 'video', 4_000, 90],
      ['ring', 'fw.ring.com', 'update', 1, 60],
      ['amazon', 'time.amazon.com', 'time', 0.2, 0.2],
    ],
  },
  {
    name: 'Living room TV',
    kind: 'tv',
    vendor: 'Samsung',
    talks: [
      ['netflix', 'ipv4-c001-lhr001-ix.1.oca.nflxvideo.net', 'streaming', 600, 55_000],
      ['samsung', 'lcprd1.samsungcloudsolution.net', 'telemetry', 70, 20],
      ['samsung', 'ads.samsungads.com', 'ads', 50, 240],
      ['doubleclick', 'ad.doubleclick.net', 'ads', 25, 110],
    ],
  },
  {
    name: 'Nest Hub',
    kind: 'display',
    vendor: 'Google',
    talks: [
      ['google', 'clients3.google.com', 'connectivity', 3, 4],
      ['google', 'assistant-s3-pa.googleapis.com', 'voice', 210, 380],
      ['google', 'play.googleapis.com', 'update', 4, 150],
    ],
  },
  {
    name: 'Kettle plug',
    kind: 'plug',
    vendor: 'TP-Link',
    talks: [
      ['tp-link', 'n-use1-wap.tplinkcloud.com', 'control', 6, 5],
      ['pool-ntp', '1.pool.ntp.org', 'time', 0.3, 0.3],
    ],
  },
  {
    name: 'Hue bridge',
    kind: 'hub',
    vendor: 'Signify',
    talks: [
      ['philips', 'ws.meethue.com', 'control', 8, 7],
      ['philips', 'diagnostics.meethue.com', 'telemetry', 2, 0.5],
    ],
  },
  {
    name: 'Thermostat',
    kind: 'thermostat',
    vendor: 'Google',
    talks: [
      ['google', 'transport.home.nest.com', 'control', 14, 11],
      ['google', 'logsink.home.nest.com', 'telemetry', 9, 1],
    ],
  },
  {
    name: "Anna's iPhone",
    kind: 'phone',
    vendor: 'Apple',
    talks: [
      ['apple', 'gateway.icloud.com', 'control', 300, 500],
      ['google', 'www.google.com', 'web', 220, 2_400],
      ['akamai', 'a248.e.akamai.net', 'cdn', 90, 4_000],
      [null, null, 'unknown', 60, 180],
    ],
  },
  {
    name: "Tim's tablet",
    kind: 'tablet',
    vendor: 'Samsung',
    talks: [
      ['google', 'www.youtube.com', 'streaming', 400, 22_000],
      ['doubleclick', 'pubads.g.doubleclick.net', 'ads', 90, 300],
      ['samsung', 'dc.di.atlas.samsung.com', 'telemetry', 30, 4],
    ],
  },
  {
    name: 'Laptop',
    kind: 'computer',
    vendor: 'Intel',
    talks: [
      ['google', 'mail.google.com', 'messaging', 250, 1_500],
      ['aws', 'ec2-3-8-1-1.eu-west-2.compute.amazonaws.com', 'unknown', 120, 900],
      ['akamai', 'e123.dscb.akamaiedge.net', 'cdn', 60, 3_000],
    ],
  },
  {
    name: 'Robot vacuum',
    kind: 'vacuum',
    vendor: 'Tuya',
    talks: [
      ['tuya', 'm1.tuyaeu.com', 'control', 16, 14],
      [null, null, 'unknown', 5, 2],
    ],
  },
]

const NAME_SOURCES_WITH_HOST: NameSource[] = ['tls', 'tls', 'tls', 'quic', 'dns', 'remembered', 'http']

export function makeHome(options: FakeHomeOptions): FakeDevice[] {
  let nextEndpoint = 1
  const extraOf = (index: number): number => {
    const perDevice = (options.endpoints * 0.75) / Math.max(1, options.devices - 1)
    return Math.floor(index === 0 ? options.endpoints / 4 : perDevice)
  }
  return Array.from({ length: options.devices }, (_, index) => {
    const random = seededRandom(derivedSeed(options.seed, index))
    const model = MODELS[index % MODELS.length]
    const firstSeen = index % 12 === 11 ? options.first + 27 * 86_400 : options.first
    const hostile = (salt: number): string | null =>
      options.hostile ? HOSTILE_NAMES[(index + salt) % HOSTILE_NAMES.length] : null
    const talks = [...model.talks]
    while (talks.length < extraOf(index)) talks.push(furtherTalk(model, talks.length, random))
    const endpoints = talks.map(([slug, host, purpose, sent, received], place): FakeEndpoint => {
      const newer = random.chance(0.08) ? options.first + 25 * 86_400 : firstSeen
      const company = slug === null ? null : COMPANIES[slug]
      const name = host !== null && hostile(place) !== null ? hostile(place + 7)! : host
      return {
        id: nextEndpoint++,
        host: name,
        addresses: [`203.0.${random.integer(0, 255)}.${random.integer(1, 254)}`],
        company: {
          slug,
          name: company === null ? '' : (hostile(place + 3) ?? company.name),
          cloud: company?.cloud ?? false,
        },
        purpose,
        country: company?.country ?? (random.chance(0.5) ? 'NL' : null),
        network: host === null ? (hostile(place + 11) ?? 'Example Networks B.V.') : null,
        namedBy: host === null ? (slug === null ? 'network' : 'range') : random.pick(NAME_SOURCES_WITH_HOST),
        labels: random.chance(0.03) ? ['hidden-dns'] : [],
        ech: random.chance(0.05),
        sent: courseOf(sent, newer, options.gap, random),
        received: courseOf(received, newer, options.gap, random),
        firstSeen: newer,
      }
    })
    const copy = Math.floor(index / MODELS.length)
    return {
      id: macOf(index, random),
      index,
      guessedName: hostile(0) ?? (copy === 0 ? model.name : `${model.name} ${copy + 1}`),
      name: null,
      guessedKind: model.kind,
      kind: null,
      vendor: hostile(19) ?? model.vendor,
      addresses: [
        `192.168.${Math.floor(index / 200)}.${20 + (index % 200)}`,
        ...(random.chance(0.5) ? [`fe80::${(index + 1).toString(16)}:1`] : []),
      ],
      level: 'everything',
      mergedInto: null,
      firstSeen,
      endpoints,
      local: courseOf(60, firstSeen, options.gap, random),
    }
  })
}

function furtherTalk(model: Model, place: number, random: Random): Model['talks'][number] {
  const [slug, host, purpose] = random.pick(model.talks)
  const weight = random.heavyTailed(1.1, 500) / 5
  return [slug, host === null ? null : `n${place}.${host}`, purpose, weight, weight * random.heavyTailed(1.2, 20)]
}

function macOf(index: number, random: Random): string {
  const bytes = [0x02, 0x1a, 0x11, random.integer(0, 255), index >> 8, index & 255]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** A steady murmur, more by day than by night, and a burst in every period. */
function courseOf(mean: number, first: number, gap: { from: number; to: number }, random: Random): Course {
  const period = random.integer(40, 900)
  const busy = random.integer(4, Math.floor(period / 4))
  const shift = random.integer(0, period)
  const dayShift = random.next() * 2
  const captured = (second: number): number => {
    const after = Math.max(0, second - first)
    const gapBefore = Math.max(0, Math.min(second, gap.to) - Math.max(first, gap.from))
    return Math.max(0, after - gapBefore)
  }
  return (second) => {
    const time = captured(second)
    const day = time + 0.8 * (86_400 / (2 * Math.PI)) * (1 - Math.cos((2 * Math.PI * time) / 86_400 + dayShift))
    const shifted = time + shift
    const bursts = Math.floor(shifted / period) * period + Math.min(shifted % period, busy) * (period / busy)
    return time === 0 ? 0 : Math.floor(mean * (0.25 * day + 0.75 * bursts))
  }
}
