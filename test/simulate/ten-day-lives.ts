// What the devices of the ten-day home are, and what they do when nothing is wrong.
import type { Random } from '../../server/sample/packets/random.ts'
import type { LongCapture, Station, Talk } from './long-capture.ts'

const DAY = 86_400
const HOUR = 3_600
/** As large as a packet of receive offload on a gateway: clips in few records. */
const CLIP_PAYLOAD = 21_000
const REQUEST_PAYLOAD = 1_400
const PAGE_PAYLOAD = 42_000

export interface Gadget {
  oui: string
  hostName: string | null
  hosts: { host: string; address: string }[]
}

export type Member = Gadget & { station: Station }

export interface Life {
  capture: LongCapture
  random: Random
  start: number
  until: number
}

export interface CameraLife {
  /** How its connection to the maker has a name, or that it is older than the capture and has none. */
  connection: 'tls' | 'persistent' | 'dns' | 'older'
  clipBytes: number
  fromHour: number
  untilHour: number
  everySeconds: [least: number, most: number]
  /** Clips a night. */
  atNight: number
}

const at = (host: string, address: string): Gadget['hosts'][number] => ({ host, address })

/** The first host takes clips, the others what else there is. Addresses of rented clouds, as makers have. */
export const CAMERAS: readonly Gadget[] = [
  {
    oui: 'ec:71:db',
    hostName: 'Reolink-E1-Pro',
    hosts: [at('p2p.reolink.com', '52.29.17.101'), at('pushx.reolink.com', '3.122.40.9')],
  },
  {
    oui: '5c:47:5e',
    hostName: 'RingStickUpCam-3a',
    hosts: [at('share-snaps.ring.com', '54.171.22.40'), at('fw.ring.com', '3.248.9.77')],
  },
  {
    oui: '2c:aa:8e',
    hostName: 'WyzeCam-v3',
    hosts: [
      at('wyze-device-alarm-file.s3.us-west-2.amazonaws.com', '52.218.180.3'),
      at('wyze-mqtt.wyzecam.com', '44.240.7.19'),
    ],
  },
  {
    oui: '50:c7:bf',
    hostName: 'Tapo_C200_1A2B',
    hosts: [at('euw1-relay-i-0b2.dcipc.i.tplinknbu.com', '34.252.8.15'), at('n-devs.tplinkcloud.com', '54.72.61.4')],
  },
  // Of a maker that no rule knows.
  {
    oui: '7e:22:81',
    hostName: 'IPC-front-door',
    hosts: [at('clips.cam-of-nobody.example', '3.68.12.201'), at('api.cam-of-nobody.example', '3.68.12.202')],
  },
]

export const PLUGS: readonly Gadget[] = [
  { oui: '50:c7:bf', hostName: 'HS110(EU)', hosts: [at('devs.tplinkcloud.com', '52.213.5.61')] },
  { oui: '2c:aa:8e', hostName: 'WLPP1CFH-2CAA8E1A2B3C', hosts: [at('wyze-mqtt.wyzecam.com', '44.240.7.20')] },
  { oui: '84:0d:8e', hostName: 'shellyplug-s-7A8B9C', hosts: [at('shelly-23-eu.shelly.cloud', '3.120.99.8')] },
]

export const SPEAKERS: readonly Gadget[] = [
  {
    oui: '68:54:fd',
    hostName: 'amazon-1a2b3c4d5',
    hosts: [at('avs-alexa-4-na.amazon.com', '52.94.240.5'), at('device-metrics-us.amazon.com', '52.46.150.8')],
  },
  {
    oui: '54:60:09',
    hostName: 'Google-Home-Mini',
    hosts: [at('embeddedassistant.googleapis.com', '142.250.185.74'), at('clients3.google.com', '142.250.185.78')],
  },
]

/** The first host takes photos at night, the others are looked at. */
export const PHONES: readonly Gadget[] = [
  {
    oui: 'd2:7c:19',
    hostName: 'Pixel-7',
    hosts: [
      at('photosdata-pa.googleapis.com', '142.250.185.90'),
      at('www.youtube.com', '142.250.185.110'),
      at('i.instagram.com', '157.240.0.63'),
      at('en.wikipedia.org', '185.15.59.224'),
      at('mmg.whatsapp.net', '157.240.0.60'),
    ],
  },
  {
    oui: '8a:10:5b',
    hostName: 'Annas-iPhone',
    hosts: [
      at('p63-content.icloud.com', '17.248.145.70'),
      at('gateway.icloud.com', '17.248.145.71'),
      at('www.youtube.com', '142.250.185.110'),
      at('i.instagram.com', '157.240.0.63'),
      at('github.com', '140.82.121.4'),
    ],
  },
]

export function liveAsCamera(life: Life, camera: Member, { connection, clipBytes, ...habits }: CameraLife): void {
  const { capture, random, start } = life
  const { station, hosts } = camera
  const [clips, control] = hosts
  const isOlder = connection === 'older'
  // One that is older than the capture was given its address before it, too.
  if (!isOlder) capture.join(start + random.integer(1, 60), station, camera.hostName)
  else capture.askForRouter(start + random.integer(1, 60), station)
  if (isOlder) keepAlive(life, capture.older(station, control.address), start + 60, random.integer(30, 60))
  else {
    capture.lookUp(start + 61, station, control.host, control.address)
    keepAlive(
      life,
      capture.open(start + 62, station, control.address, control.host),
      start + 70,
      random.integer(30, 60),
    )
  }
  if (connection === 'persistent') capture.lookUp(start + 63, station, clips.host, clips.address)
  const lasting = isOlder
    ? capture.older(station, clips.address)
    : connection === 'persistent'
      ? capture.open(start + 64, station, clips.address, clips.host)
      : null
  for (const moment of momentsOfClips(life, habits)) {
    if (connection === 'dns' || connection === 'tls') capture.lookUp(moment - 1, station, clips.host, clips.address)
    const host = connection === 'tls' ? clips.host : null
    const talk = lasting ?? capture.open(moment - 0.5, station, clips.address, host)
    const bytes = Math.round(clipBytes * (0.7 + 0.6 * random.next()))
    const seconds = Math.max(2, bytes / (60_000 + random.integer(0, 140_000)))
    const last = capture.move(moment, talk, 'out', bytes, seconds, CLIP_PAYLOAD)
    capture.move(last + 0.1, talk, 'in', 600, 0.1, REQUEST_PAYLOAD)
    if (lasting === null) capture.close(last + 0.3, talk)
  }
}

/** By day every few minutes, at night hardly ever; the hour's number varies as people do. */
function momentsOfClips(
  { random, start, until }: Life,
  { fromHour, untilHour, everySeconds, atNight }: Omit<CameraLife, 'connection' | 'clipBytes'>,
): number[] {
  const moments: number[] = []
  for (let midnight = Math.floor(start / DAY) * DAY; midnight < until; midnight += DAY) {
    const morning = midnight + fromHour * HOUR + random.integer(0, 1_200)
    for (let now = morning; now < midnight + untilHour * HOUR; now += random.integer(...everySeconds)) moments.push(now)
    for (let clip = 0; clip < atNight; clip++) moments.push(midnight + random.integer(0, 5 * HOUR))
  }
  return moments.filter((moment) => moment > start + 120 && moment < until - 60).sort((one, other) => one - other)
}

export function liveAsPlug(life: Life, plug: Member): void {
  const { capture, random, start, until } = life
  const [cloud] = plug.hosts
  capture.join(start + random.integer(1, 60), plug.station, plug.hostName)
  const talk = openToCloud(life, plug.station, cloud)
  keepAlive(life, talk, start + 70, random.integer(40, 90))
  // Switched a few times a day.
  for (let now = start + HOUR; now < until - HOUR; now += random.integer(2 * HOUR, 8 * HOUR))
    capture.move(now, talk, 'out', random.integer(300, 900), 0.2, REQUEST_PAYLOAD)
}

export function liveAsSpeaker(life: Life, speaker: Member): void {
  const { capture, random, start, until } = life
  const { station, hosts } = speaker
  const [voice, metrics] = hosts
  capture.join(start + random.integer(1, 60), station, speaker.hostName)
  const talk = openToCloud(life, station, voice)
  keepAlive(life, talk, start + 70, random.integer(30, 60))
  const aDay = random.integer(6, 20)
  for (let midnight = Math.floor(start / DAY) * DAY; midnight < until; midnight += DAY)
    for (let request = 0; request < aDay; request++) {
      const now = midnight + random.integer(7 * HOUR, 22 * HOUR)
      if (now < start + 120 || now > until - 120) continue
      // A voice request is 65 to 150 kB up; the answer comes down as sound.
      capture.move(now, talk, 'out', random.integer(65_000, 150_000), 1.5 + random.next() * 2, 14_000)
      capture.move(now + 4.5, talk, 'in', random.integer(20_000, 60_000), 1, 14_000)
    }
  for (let now = start + 300; now < until - 60; now += random.integer(500, 900)) {
    capture.lookUp(now, station, metrics.host, metrics.address)
    const report = capture.open(now + 0.1, station, metrics.address, metrics.host)
    const last = capture.move(now + 0.5, report, 'out', random.integer(1_000, 6_000), 0.2, REQUEST_PAYLOAD)
    capture.close(last + 0.2, report)
  }
}

export function liveAsPhone(life: Life, phone: Member): void {
  const { capture, random, start, until } = life
  const { station, hosts } = phone
  const [photos, ...looked] = hosts
  const makesCalls = random.chance(0.5)
  capture.join(start + random.integer(1, 60), station, phone.hostName)
  for (let midnight = Math.floor(start / DAY) * DAY; midnight < until; midnight += DAY) {
    for (let page = random.integer(20, 60); page > 0; page--) {
      const now = midnight + random.integer(7 * HOUR, 23 * HOUR)
      if (now < start + 120 || now > until - 120) continue
      const { host, address } = random.pick(looked)
      capture.lookUp(now, station, host, address)
      const talk = capture.open(now + 0.1, station, address, host)
      const asked = capture.move(now + 0.5, talk, 'out', random.integer(2_000, 40_000), 1, REQUEST_PAYLOAD)
      const last = capture.move(asked + 0.2, talk, 'in', random.integer(50_000, 3_000_000), 6, PAGE_PAYLOAD)
      capture.close(last + 1, talk)
    }
    const evening = midnight + random.integer(18 * HOUR, 21 * HOUR)
    if (makesCalls && evening > start + 120 && evening < until - HOUR) call(life, station, evening)
    const night = midnight + random.integer(1 * HOUR, 4 * HOUR)
    if (night < start + 120 || night > until - 600) continue
    capture.lookUp(night, station, photos.host, photos.address)
    const backup = capture.open(night + 0.1, station, photos.address, photos.host)
    const last = capture.move(night + 0.5, backup, 'out', random.integer(3e6, 4e7), random.integer(10, 90), 42_000)
    capture.close(last + 1, backup)
  }
}

/** Mostly named; one in four is older than the capture. */
function openToCloud({ capture, random, start }: Life, station: Station, cloud: Gadget['hosts'][number]): Talk {
  if (random.chance(0.25)) return capture.older(station, cloud.address)
  capture.lookUp(start + 61, station, cloud.host, cloud.address)
  return capture.open(start + 62, station, cloud.address, cloud.host)
}

/** Voice over an address that is nobody's name: as much up as down. */
function call({ capture, random }: Life, station: Station, from: number): void {
  const address = `203.0.113.${random.integer(2, 60)}`
  const talk = capture.open(from, station, address, null, 'udp', random.integer(3_000, 60_000))
  const seconds = random.integer(30, 900)
  for (let second = 0; second < seconds; second += 2) {
    capture.packet(from + second, talk, 'out', 9_000)
    capture.packet(from + second + 0.5, talk, 'in', 9_000)
  }
}

function keepAlive({ capture, random, until }: Life, talk: Talk, from: number, period: number): void {
  const bytes = random.integer(60, 180)
  for (let now = from; now < until - 1; now += period) {
    capture.packet(now, talk, 'out', bytes)
    capture.packet(now + 0.03, talk, 'in', bytes)
    capture.packet(now + 0.031, talk, 'out', 0)
  }
}
