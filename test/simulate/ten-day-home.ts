// A home over ten days as a capture: cameras that send clips, a plug, a speaker, a phone, and six uploads to addresses
// without a name. Everything but the six varies with the seed.
import { type Random, seededRandom } from '../../server/sample/packets/random.ts'
import { LongCapture, type Station, type Talk } from './long-capture.ts'
import {
  type CameraLife,
  CAMERAS,
  type Gadget,
  liveAsCamera,
  liveAsPhone,
  liveAsPlug,
  liveAsSpeaker,
  PHONES,
  PLUGS,
  SPEAKERS,
} from './ten-day-lives.ts'

export const DAYS = 10
const DAY = 86_400
const HOUR = 3_600
const MEGABYTE = 1e6
/** Larger ones go in packets as receive offload makes them, so that the file stays small. */
const MANY_PACKETS = 20_000
const LARGEST_PAYLOAD = 65_000
const COMMON_PAYLOAD = 1_400

export interface Upload {
  label: string
  /** MAC. */
  device: string
  address: string
  /** Seconds since 1970 of its first and last packet. */
  from: number
  until: number
  /** IP bytes sent. */
  bytes: number
}

export interface TenDayHome {
  story: string
  start: number
  uploads: Upload[]
  packets: number
}

interface Cast {
  cameras: (Gadget & { station: Station })[]
  plug: Gadget & { station: Station }
  speaker: Gadget & { station: Station }
  phone: (Gadget & { station: Station }) | null
}

/** Without a name: nobody looks them up. Documentation addresses, and some of companies that rent out machines. */
const NAMELESS = ['198.51.100', '192.0.2', '167.99.40', '51.15.201', '185.199.4']

export function writeTenDayHome(path: string, seed: number): TenDayHome {
  const random = seededRandom(seed)
  const start = Date.UTC(2026, random.integer(0, 11), random.integer(1, 28)) / 1000 + random.integer(0, 23) * HOUR
  const capture = new LongCapture(random)
  const cast = castOf(random)
  const life = { capture, random, start, until: start + DAYS * DAY }
  const cameraLives = cast.cameras.map((camera, index): CameraLife => {
    const connection = (['tls', 'persistent', 'dns', 'older'] as const)[(seed + index) % 4]
    const clipBytes = random.pick([200_000, 400_000, 800_000, 2_000_000])
    const [fromHour, untilHour] = [random.integer(6, 9), random.integer(18, 23)]
    const everySeconds: [number, number] = random.pick([
      [120, 360],
      [200, 500],
      [300, 900],
    ])
    const atNight = random.pick([0, 0, 1, 3])
    liveAsCamera(life, camera, { connection, clipBytes, fromHour, untilHour, everySeconds, atNight })
    return { connection, clipBytes, fromHour, untilHour, everySeconds, atNight }
  })
  liveAsPlug(life, cast.plug)
  liveAsSpeaker(life, cast.speaker)
  if (cast.phone !== null) liveAsPhone(life, cast.phone)
  const uploads = sixUploads(capture, random, start, cast)
  const cameras = cameraLives.map(
    ({ connection, clipBytes }, index) => `${cast.cameras[index].hostName} (${connection}, ${clipBytes / 1000} kB)`,
  )
  return {
    story: [...cameras, cast.plug.hostName, cast.speaker.hostName, cast.phone?.hostName ?? 'no phone'].join(', '),
    start,
    uploads,
    packets: capture.write(path),
  }
}

function castOf(random: Random): Cast {
  let number = 20
  const member = (gadget: Gadget): Gadget & { station: Station } => {
    const tail = [1, 2, 3].map(() => random.integer(16, 255).toString(16)).join(':')
    number += random.integer(1, 9)
    return { ...gadget, station: { mac: `${gadget.oui}:${tail}`, address: `192.168.8.${number}` } }
  }
  const first = random.integer(0, CAMERAS.length - 1)
  const second = (first + random.integer(1, CAMERAS.length - 1)) % CAMERAS.length
  return {
    cameras: [CAMERAS[first], ...(random.chance(0.4) ? [CAMERAS[second]] : [])].map(member),
    plug: member(random.pick(PLUGS)),
    speaker: member(random.pick(SPEAKERS)),
    phone: random.chance(0.7) ? member(random.pick(PHONES)) : null,
  }
}

/**
 * 300 MB in the first week; 5 MB, and 300 MB to the same address three minutes after it; a plug's 200 kB; 5 GB; 50 kB
 * a minute for 20 hours.
 */
function sixUploads(capture: LongCapture, random: Random, start: number, cast: Cast): Upload[] {
  const addresses = addressesWithoutAName(random)
  const large = (): Station => random.pick([...cast.cameras, ...cast.cameras, cast.speaker]).station
  const camera = random.pick(cast.cameras).station
  const latest = DAYS * DAY - 4 * HOUR
  // From the second day on, or only when a week is over.
  const earliest = random.chance(0.5) ? DAY : 7 * DAY
  const within = (length: number): number => start + random.integer(earliest, latest - length)
  const send = (label: string, station: Station, address: string, from: number, bytes: number, rate: number): Upload =>
    oneUpload(capture, random, { label, station, address, from, bytes, rate })
  const firstWeek = start + random.integer(HOUR * 6, 7 * DAY - HOUR)
  const [one, two, three, other, five] = addresses
  // It may go where the first went, also from another device.
  const four = random.chance(0.25) ? one : other
  const uploads = [
    send('300 MB in the first week', random.pick(cast.cameras).station, one, firstWeek, 300 * MEGABYTE, 4e6),
  ]
  const pair = send('5 MB', camera, two, within(HOUR), 5 * MEGABYTE, 5e5)
  uploads.push(pair, send('300 MB three minutes later', camera, two, pair.until + 180, 300 * MEGABYTE, 4e6))
  uploads.push(send("a plug's 200 kB", cast.plug.station, three, within(HOUR), 2e5, 6e4))
  uploads.push(send('5 GB', large(), four, within(2 * HOUR), 5_000 * MEGABYTE, 8e6))
  const slow = random.pick([cast.plug, cast.speaker, ...cast.cameras]).station
  uploads.push(slowUpload(capture, random, slow, five, within(21 * HOUR)))
  return uploads
}

function addressesWithoutAName(random: Random): string[] {
  const networks = NAMELESS.map((network) => ({ network, at: random.next() })).sort((one, other) => one.at - other.at)
  return networks.map(({ network }) => `${network}.${random.integer(2, 250)}`)
}

function oneUpload(
  capture: LongCapture,
  random: Random,
  given: { label: string; station: Station; address: string; from: number; bytes: number; rate: number },
): Upload {
  const { label, station, address, from, bytes } = given
  const rate = given.rate * (0.5 + random.next())
  const via = random.chance(0.3) ? 'udp' : 'tcp'
  const port = random.pick([443, 443, 8_443, 22, 50_000])
  const talk = capture.open(from, station, address, null, via, port)
  const begins = via === 'udp' ? from : from + 0.1
  const perPacket = Math.min(LARGEST_PAYLOAD, Math.max(COMMON_PAYLOAD, Math.ceil(bytes / MANY_PACKETS)))
  const last = capture.move(begins, talk, 'out', bytes, bytes / rate, perPacket)
  capture.close(last + 0.05, talk)
  const until = via === 'udp' ? last : last + 0.1
  return { label, device: station.mac, address, from, until, bytes: talk.sent }
}

/** In one piece a minute, in small ones all the time, or in between. */
function slowUpload(capture: LongCapture, random: Random, station: Station, address: string, from: number): Upload {
  const talk: Talk = capture.open(from, station, address, null)
  const seconds = random.pick([2, 20, 58])
  let until = from
  for (let minute = 0; minute < 20 * 60; minute++)
    until = capture.move(from + 1 + minute * 60, talk, 'out', 50_000, seconds, COMMON_PAYLOAD)
  return { label: `50 kB a minute, in ${seconds} s`, device: station.mac, address, from, until, bytes: talk.sent }
}
