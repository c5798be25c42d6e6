// A fortnight in a home, second by second, for a seed.
import type { EventEndpoint } from '../../server/events/event.ts'
import { derivedSeed, seededRandom, type Random } from '../../server/sample/packets/random.ts'
import type { WatchedDevice } from '../../server/alerts/watched-device.ts'
import {
  beat,
  DAY,
  DAYS,
  HOUR,
  type Incident,
  nightUpload,
  Pen,
  randomStory,
  roam,
  sorted,
  START,
  stranger,
  stream,
  talk,
  triple,
  watch,
} from './lives.ts'

/** Typical seconds between two heartbeats, where no measured ones are given. */
const TYPICAL_PERIODS = [
  30, 49, 55, 60, 60, 61, 240, 288, 300, 300, 301, 960, 1024, 1800, 2170, 3460, 3600, 7118, 28_800, 43_274, 86_400,
]

export interface SimulatedHome {
  devices: WatchedDevice[]
  endpoints: EventEndpoint[]
  /** Second, device, endpoint, sent, received, in the order of time. */
  cells: Float64Array
  incidents: Incident[]
  /** What made this fortnight what it is. */
  story: string
}

/** `periods` are seconds between heartbeats, as measured or typical. */
export function simulateHome(seed: number, periods: readonly number[] = TYPICAL_PERIODS): SimulatedHome {
  const random = seededRandom(derivedSeed(seed, 0))
  const devices: WatchedDevice[] = []
  const endpoints: EventEndpoint[] = []
  const pen = new Pen()
  const story = randomStory(random)
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
