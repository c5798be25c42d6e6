// A fortnight in a home, second by second, for a seed.
import type { EventEndpoint } from '../../server/events/event.ts'
import { derivedSeed, seededRandom, type Random } from '../../server/sample/packets/random.ts'
import type { WatchedDevice } from '../../server/alerts/watched-device.ts'

export const DAYS = 14
export const LEARNING_DAYS = 7
/** A Monday, 2026-06-01, 00:00 UTC; the home lives in UTC. */
export const START = 1_780_272_000
const DAY = 86_400
const HOUR = 3_600

/** Typical seconds between two heartbeats, where no measured ones are given. */
const TYPICAL_PERIODS = [
  30, 49, 55, 60, 60, 61, 240, 288, 300, 300, 301, 960, 1024, 1800, 2170, 3460, 3600, 7118, 28_800, 43_274, 86_400,
]

export interface Incident {
  kind: 'quiet-hours' | 'voice-busy' | 'new-company'
  device: string
  /** When it began; and when it had become as large as its name says (a tripling takes its time). */
  begins: number
  due: number
}

export interface SimulatedHome {
  devices: WatchedDevice[]
  endpoints: EventEndpoint[]
  /** Second, device, endpoint, sent, received, in the order of time. */
  cells: Float64Array
  incidents: Incident[]
  /** What made this fortnight what it is. */
  story: string
}

interface Story {
  holidays: ReadonlySet<number>
  guests: ReadonlySet<number>
  updates: ReadonlyMap<number, number>
}

/** Writes down the traffic of one device. */
class Pen {
  readonly numbers: number[] = []

  /** Bytes spread evenly over some seconds, with a little unrest. */
  burst(
    random: Random,
    device: number,
    endpoint: number,
    at: number,
    seconds: number,
    sent: number,
    received: number,
  ): void {
    for (let second = 0; second < seconds; second++) {
      const unrest = 0.7 + 0.6 * random.next()
      this.numbers.push(
        START + Math.floor(at) + second,
        device,
        endpoint,
        Math.round((sent / seconds) * unrest),
        Math.round((received / seconds) * unrest),
      )
    }
  }
}

/** `periods` are seconds between heartbeats, as measured or typical. */
export function simulateHome(seed: number, periods: readonly number[] = TYPICAL_PERIODS): SimulatedHome {
  const random = seededRandom(derivedSeed(seed, 0))
  const devices: WatchedDevice[] = []
  const endpoints: EventEndpoint[] = []
  const pen = new Pen()
  const story = tellStory(random)
  const addDevice = (name: string, kind: string, day = 0): number =>
    devices.push({
      id: `02:00:00:00:00:${(devices.length + 16).toString(16)}`,
      name,
      kind,
      firstSeen: START + day * DAY,
    }) - 1
  const addEndpoint = (host: string | null, company: string | null, purpose: string): number => {
    const number = endpoints.length + 1
    endpoints.push({
      number,
      host,
      address: `203.0.113.${number}`,
      company,
      purpose,
      network: null,
      labels: [],
      namedBy: host === null ? 'network' : 'tls',
    })
    return number
  }
  /** A device with one to three heartbeats. */
  const live = (
    name: string,
    kind: string,
    hosts: [string, string, string][],
    index: number,
  ): { device: number; ends: number[]; random: Random } => {
    const own = seededRandom(derivedSeed(seed, index))
    const device = addDevice(name, kind)
    const ends = hosts.map(([host, company, purpose]) => addEndpoint(host, company, purpose))
    for (const end of ends.slice(0, 1 + own.integer(0, 2))) beat(pen, own, device, end, own.pick(periods))
    return { device, ends, random: own }
  }

  const echo = live(
    'Kitchen Echo',
    'speaker',
    [
      ['avs-alexa-4-na.amazon.com', 'alexa', 'voice'],
      ['device-metrics-us.amazon.com', 'amazon-devices', 'telemetry'],
    ],
    1,
  )
  const mini = live(
    'Bedroom speaker',
    'speaker',
    [
      ['www.google.com', 'google', 'web'],
      ['play.googleapis.com', 'google-analytics', 'telemetry'],
    ],
    2,
  )
  const hall = live(
    'Hall camera',
    'camera',
    [
      ['clips.wyze.example', 'wyze', 'video'],
      ['api.wyzecam.com', 'wyze', 'control'],
    ],
    3,
  )
  const yard = live(
    'Garden camera',
    'camera',
    [
      ['stream.ring.example', 'ring', 'video'],
      ['fw.ring.com', 'ring', 'control'],
    ],
    4,
  )
  const bell = live(
    'Doorbell',
    'doorbell',
    [
      ['bell.ring.example', 'ring', 'video'],
      ['api.ring.com', 'ring', 'control'],
    ],
    5,
  )
  const small = (['plug', 'plug', 'bulb', 'bulb', 'thermostat', 'hub', 'sensor'] as const).map((kind, index) =>
    live(
      `${kind} ${index}`,
      kind,
      [
        [`m${index}.tuya.example`, 'tuya', 'control'],
        [`log${index}.tuya.example`, 'tuya', 'telemetry'],
      ],
      6 + index,
    ),
  )
  const vacuum = live('Vacuum', 'vacuum', [['mqtt.roborock.example', 'roborock', 'control']], 20)
  const tv = live(
    'Television',
    'tv',
    [
      ['video.netflix.example', 'netflix', 'streaming'],
      ['log.samsung.example', 'samsung', 'telemetry'],
    ],
    21,
  )
  const phone = live(
    'Phone',
    'phone',
    [
      ['icloud.example', 'icloud', 'cloud'],
      ['push.apple.example', 'apple-push', 'push'],
    ],
    22,
  )
  const laptop = live('Laptop', 'computer', [['drive.google.example', 'google', 'cloud']], 23)
  const update = addEndpoint('updates.cdn.example', 'akamai', 'cdn')

  const taken = [echo, mini].map((speaker) => talk(pen, speaker, story))
  for (const camera of [hall, yard, bell]) watch(pen, camera, story)
  for (let day = 0; day < DAYS; day++) {
    const at = day * DAY
    // The vacuum brings its map, the plugs their statistics, the television its evening.
    if (!story.holidays.has(day))
      pen.burst(
        vacuum.random,
        vacuum.device,
        vacuum.ends[0],
        at + 10 * HOUR + vacuum.random.next() * 4 * HOUR,
        4,
        150_000 + vacuum.random.next() * 700_000,
        9_000,
      )
    for (const thing of small)
      if (thing.random.chance(0.6))
        pen.burst(
          thing.random,
          thing.device,
          thing.ends[1],
          at + thing.random.next() * DAY,
          1,
          3_000 + thing.random.next() * 20_000,
          3_000,
        )
    for (const speaker of [echo, mini])
      for (let times = speaker.random.integer(1, 6); times > 0; times--)
        pen.burst(
          speaker.random,
          speaker.device,
          speaker.ends[1],
          at + speaker.random.next() * DAY,
          1,
          15_000 + speaker.random.next() * 200_000,
          8_000,
        )
    if (!story.holidays.has(day)) stream(pen, tv, at)
    roam(pen, phone, at, addEndpoint)
    roam(pen, laptop, at, addEndpoint)
    if (phone.random.chance(0.5))
      pen.burst(
        phone.random,
        phone.device,
        phone.ends[0],
        at + phone.random.next() * 6 * HOUR,
        120,
        20e6 + phone.random.heavyTailed(1.2, 12) * 20e6,
        900_000,
      )
    const updated = story.updates.get(day)
    if (updated !== undefined)
      pen.burst(random, updated, update, at + 2 * HOUR + random.next() * HOUR, 40, 60_000, 4e6 + random.next() * 30e6)
  }
  let guests = 0
  for (const day of [...story.guests].filter((day) => !story.guests.has(day - 1))) {
    const guest = addDevice(`Guest ${++guests}`, 'phone', day)
    for (let times = 0; times < 60; times++)
      pen.burst(
        random,
        guest,
        addEndpoint(`g${times}.example`, `guest-site-${times % 20}`, 'web'),
        day * DAY + (10 + random.next() * 12) * HOUR,
        3,
        40_000,
        400_000,
      )
  }

  const incidents = [
    nightUpload(pen, random, devices, random.pick([hall, yard])),
    triple(pen, random, devices, ...(random.chance(0.5) ? ([echo, taken[0]] as const) : ([mini, taken[1]] as const))),
    stranger(pen, random, devices, random.pick(small), addEndpoint),
  ]
  const words = `${story.holidays.size} days away, ${story.guests.size} days with guests, ${story.updates.size} updates`
  return { devices, endpoints, cells: sorted(pen.numbers), incidents, story: words }
}

type Living = { device: number; ends: number[]; random: Random }

function tellStory(random: Random): Story {
  const holidays = new Set<number>()
  const guests = new Set<number>()
  const updates = new Map<number, number>()
  if (random.chance(0.5))
    for (let day = random.integer(1, 9), left = random.integer(2, 4); left > 0; left--) holidays.add(day++)
  for (let visits = random.integer(0, 2); visits > 0; visits--) {
    const first = random.integer(1, 11)
    for (let day = first; day < first + random.integer(1, 2); day++) if (!holidays.has(day)) guests.add(day)
  }
  for (let count = random.integer(2, 5); count > 0; count--)
    updates.set(random.integer(0, DAYS - 1), random.integer(0, 11))
  return { holidays, guests, updates }
}

function isWeekend(day: number): boolean {
  return day % 7 >= 5
}

function beat(pen: Pen, random: Random, device: number, endpoint: number, period: number): void {
  for (let at = random.next() * period; at < DAYS * DAY; at += period + (random.next() - 0.5) * 2) {
    // A beat goes missing now and then.
    if (!random.chance(0.01))
      pen.burst(random, device, endpoint, at, 1, 100 + random.next() * 300, 100 + random.next() * 300)
  }
}

/** Expected voice requests in an hour of a day. */
function talkRate(day: number, hour: number, { holidays, guests }: Story): number {
  if (holidays.has(day) || hour < 6 || hour > 22) return 0
  const busy = isWeekend(day) ? (hour >= 9 ? 1.4 : 0.2) : hour <= 8 || hour >= 17 ? 1.8 : 0.3
  return guests.has(day) ? busy * 1.6 : busy
}

/** Requests of a fortnight; returns when they began, by hour since the start. */
function talk(pen: Pen, { device, ends, random }: Living, story: Story): number[][] {
  const times: number[][] = []
  const liking = 0.6 + random.next() * 0.9
  for (let hour = 0; hour < DAYS * 24; hour++) {
    const begins: number[] = []
    const rate = talkRate(Math.floor(hour / 24), hour % 24, story) * liking
    for (let at = rate === 0 ? 1 : random.exponential(1 / rate); at < 1; at += random.exponential(1 / rate)) {
      request(pen, random, device, ends[0], (hour + at) * HOUR)
      begins.push((hour + at) * HOUR)
    }
    times.push(begins)
  }
  return times
}

function request(pen: Pen, random: Random, device: number, endpoint: number, at: number): void {
  pen.burst(
    random,
    device,
    endpoint,
    at,
    random.integer(3, 7),
    70_000 + random.next() * 70_000,
    8_000 + random.next() * 90_000,
  )
}

/** Clips when something moves, and somebody who looks now and then. */
function watch(pen: Pen, { device, ends, random }: Living, { holidays, guests }: Story): void {
  for (let day = 0; day < DAYS; day++) {
    for (let hour = 0; hour < 24; hour++) {
      const isDay = hour >= 7 && hour <= 22
      const rate =
        (isDay ? (isWeekend(day) ? 1.2 : 0.8) : 0.04) * (holidays.has(day) ? 0.3 : 1) * (guests.has(day) ? 1.5 : 1)
      for (let at = random.exponential(1 / rate); at < 1; at += random.exponential(1 / rate)) {
        pen.burst(
          random,
          device,
          ends[0],
          (day * 24 + hour + at) * HOUR,
          random.integer(6, 14),
          400_000 + random.heavyTailed(2, 5) * 500_000,
          30_000,
        )
      }
    }
    for (let looks = random.integer(0, holidays.has(day) ? 5 : 3); looks > 0; looks--) {
      const seconds = random.integer(15, 150)
      pen.burst(
        random,
        device,
        ends[0],
        day * DAY + (8 + random.next() * 14) * HOUR,
        seconds,
        seconds * (100_000 + random.next() * 150_000),
        seconds * 3_000,
      )
    }
  }
}

function stream(pen: Pen, { device, ends, random }: Living, at: number): void {
  for (let minutes = random.integer(20, 180), start = at + 19 * HOUR; minutes > 0; minutes--)
    pen.burst(random, device, ends[0], start + minutes * 60, 8, 20_000, 9e6)
}

/** Phones and laptops go wherever their people go. */
function roam(
  pen: Pen,
  { device, random }: Living,
  at: number,
  addEndpoint: (host: string, company: string, purpose: string) => number,
): void {
  for (let visits = random.integer(10, 60); visits > 0; visits--) {
    const site = random.integer(0, 400)
    pen.burst(
      random,
      device,
      addEndpoint(`w${site}.example`, `site-${site}`, 'web'),
      at + (7 + random.next() * 16) * HOUR,
      random.integer(1, 5),
      random.heavyTailed(1.1, 200) * 10_000,
      300_000,
    )
  }
}

/** Three at night: a camera sends and sends. */
function nightUpload(pen: Pen, random: Random, devices: WatchedDevice[], { device, ends }: Living): Incident {
  const at = random.integer(LEARNING_DAYS + 1, DAYS - 1) * DAY + 3 * HOUR + random.integer(0, 1_500)
  const seconds = random.integer(300, 1_200)
  pen.burst(random, device, ends[0], at, seconds, seconds * (150_000 + random.next() * 250_000), seconds * 4_000)
  return { kind: 'quiet-hours', device: devices[device].id, begins: START + at, due: START + at }
}

/**
 * In one evening hour three times as many requests as there ever were at that time of the day, an hour more or less.
 */
function triple(
  pen: Pen,
  random: Random,
  devices: WatchedDevice[],
  { device, ends }: Living,
  times: readonly number[][],
): Incident {
  const day = random.integer(LEARNING_DAYS + 1, DAYS - 1)
  const hour = day * 24 + random.integer(18, 20)
  const usual = Math.max(
    3,
    ...Array.from(
      { length: day * 3 },
      (_, index) => times[Math.floor(index / 3) * 24 + (hour % 24) + (index % 3) - 1].length,
    ),
  )
  const own = times[hour]
  const wanted = 3 * usual - own.length
  const pause = HOUR / (wanted + 1)
  const added = Array.from({ length: wanted }, (_, index) => hour * HOUR + (index + 1) * pause)
  for (const at of added) request(pen, random, device, ends[0], at)
  // It has tripled with the last request of the hour, whoever made it.
  const due = Math.max(...added, ...own)
  return {
    kind: 'voice-busy',
    device: devices[device].id,
    begins: START + Math.floor(added[0]),
    due: START + Math.floor(due),
  }
}

/** A small device finds itself a new friend. */
function stranger(
  pen: Pen,
  random: Random,
  devices: WatchedDevice[],
  { device }: Living,
  addEndpoint: (host: string, company: string, purpose: string) => number,
): Incident {
  const at = random.integer(LEARNING_DAYS + 1, DAYS - 1) * DAY + random.integer(0, 20 * HOUR)
  const end = addEndpoint('collect.stranger.example', 'stranger', 'tracking')
  for (let times = 0; times < 20; times++)
    pen.burst(random, device, end, at + times * 180, 1, 2_500 + random.next() * 2_000, 1_500)
  return { kind: 'new-company', device: devices[device].id, begins: START + at, due: START + at }
}

function sorted(numbers: readonly number[]): Float64Array {
  const order = Array.from({ length: numbers.length / 5 }, (_, index) => index * 5)
  order.sort((one, other) => numbers[one] - numbers[other])
  const cells = new Float64Array(numbers.length)
  for (const [place, at] of order.entries())
    for (let field = 0; field < 5; field++) cells[place * 5 + field] = numbers[at + field]
  return cells
}
