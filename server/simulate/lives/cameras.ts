// Lives of cameras by three makers and of a doorbell: clips, somebody who watches, continuous pictures, relays.
import { isVisited, isWeekend } from '../calendar.ts'
import {
  BELL_CLIP,
  BELL_TALK,
  BELL_TELEMETRY,
  CAMERA_CALL,
  draw,
  PERIODS,
  RELAYED_VIEW,
  RING_CLIP,
  STEADY_VIDEO,
  STORED_CLIP,
} from '../measured.ts'
import type { Living, Scene } from '../scene.ts'
import { DAY, HOUR } from '../tape.ts'

/** Clips in an hour: people by day, hardly anything at night, trees in the wind. */
function motion(scene: Scene, day: number, hour: number, isOutside: boolean, liking: number): number {
  const { calendar } = scene
  const isDay = hour >= 6 && hour <= 22
  const passers = isOutside ? (isDay ? 0.9 : 0.06) : scene.lively(day, hour) * 0.9
  const wind = isOutside && calendar.windy.has(day) ? (isDay ? 4 : 1.5) : 0
  return (passers * (isVisited(calendar, day) ? 1.6 : 1) + wind) * liking
}

/**
 * Somebody looks: the phone asks the maker, then the pictures come, and go on to the phone. Of people who are away only
 * the camera's part is seen, as their phones are not there.
 */
function look(scene: Scene, camera: Living, phone: Living, at: number, endpoint: number): void {
  const { random } = camera
  const seconds = random.integer(20, 90)
  const sent = (draw(random, RELAYED_VIEW) * seconds) / 45
  scene.send(phone, camera.maker, at - 3, 2, 5_000, 9_000)
  scene.send(camera, endpoint, at, seconds, sent, sent / 16)
  scene.send(phone, endpoint, at, seconds, sent / 40, sent)
}

function eachLook(scene: Scene, { random }: Living, act: (at: number) => void): void {
  for (let day = 0; day < scene.days; day++)
    for (let left = random.integer(0, scene.calendar.away.has(day) ? 4 : 2); left > 0; left--)
      act(day * DAY + (8 + random.next() * 13) * HOUR)
}

/** Brings a clip to a store with its maker's name and calls the maker; pictures for a phone go over a service. */
export function liveStoringCamera(scene: Scene, camera: Living, phone: Living): void {
  const { random } = camera
  const { places } = scene
  const api = places.named('api.wyzecam.com')
  scene.beat(camera, places.named('aws-iot.wyzecam.com'), PERIODS.camera[0])
  const liking = 0.5 + random.next()
  const isOutside = random.chance(0.4)
  scene.moments(
    random,
    (day, hour) => motion(scene, day, hour, isOutside, liking),
    (at) => {
      scene.send(camera, api, at - 1, 1, draw(random, CAMERA_CALL), 4_400)
      const sent = draw(random, STORED_CLIP)
      scene.send(camera, camera.maker, at, random.integer(8, 12), sent, sent / 36)
    },
  )
  const relay = places.named('m-72556905.kinesisvideo.us-west-2.amazonaws.com')
  eachLook(scene, camera, (at) => look(scene, camera, phone, at, relay))
}

/** Each recording goes to a computer of its own: rented, mostly with a name of the maker's, at times without one. */
export function liveSessionCamera(scene: Scene, camera: Living, phone: Living): void {
  const { random } = camera
  const { places } = scene
  scene.beat(camera, camera.maker, PERIODS.ring[0])
  const isNamed = random.chance(0.6)
  const session = (): number =>
    isNamed
      ? places.named(`${random.integer(3, 99)}-${random.integer(1, 254)}-11-20.prod.rms.ring.devices.a2z.com`)
      : places.ofNetwork('aws')
  const liking = 0.4 + random.next()
  scene.moments(
    random,
    (day, hour) => motion(scene, day, hour, true, liking),
    (at) => {
      const sent = draw(random, RING_CLIP)
      scene.send(camera, session(), at, 4 + sent / 300_000, sent, sent / 50)
    },
  )
  eachLook(scene, camera, (at) => look(scene, camera, phone, at, session()))
}

/** Records day and night to its maker's computers, and moves to another of them every few days. */
export function liveRecordingCamera(scene: Scene, camera: Living): void {
  const { random, index } = camera
  const { tape, places } = scene
  const pace = STEADY_VIDEO.least + random.next() * (STEADY_VIDEO.most - STEADY_VIDEO.least)
  let endpoint = camera.maker
  let moves = random.exponential(5 * DAY)
  // Pieces of ten seconds.
  for (let at = random.next() * 10; at < scene.days * DAY; at += 10) {
    if (at > moves) {
      endpoint = places.named(`oculus${random.integer(100, 140)}-us1.dropcam.com`)
      moves = at + random.exponential(5 * DAY)
    }
    const hour = Math.floor((at % DAY) / HOUR)
    const scenery = hour < 6 || hour > 21 ? STEADY_VIDEO.atNight : 1
    const sent = pace * 10 * scenery * (0.75 + 0.5 * random.next())
    tape.add(index, endpoint, at, Math.round(sent), Math.round(sent * 0.02))
  }
}

/** Pictures for a phone at home go over relays without a name, of which one is replaced; clips to a rented store. */
export function liveRelayCamera(scene: Scene, camera: Living, phone: Living): void {
  const { random } = camera
  const { places } = scene
  const relays = Array.from({ length: 3 }, () => places.nameless('network of a host of relays'))
  const replaced = random.integer(10, 20) * DAY
  const newer = places.nameless('network of a host of relays')
  for (const relay of relays.slice(0, 2)) scene.beat(camera, relay, PERIODS.relay[0])
  scene.beat(camera, camera.maker, PERIODS.relay[1])
  eachLook(scene, camera, (at) => {
    const place = random.integer(0, 2)
    look(scene, camera, phone, at, place === 2 && at > replaced ? newer : relays[place])
  })
  const store = places.named('clips-eu.oss-eu-central-1.aliyuncs.com')
  const liking = 0.3 + random.next() * 0.7
  scene.moments(
    random,
    (day, hour) => motion(scene, day, hour, false, liking),
    (at) => {
      const sent = draw(random, STORED_CLIP) * 0.6
      scene.send(camera, store, at, random.integer(5, 10), sent, sent / 36)
    },
  )
}

export function liveDoorbell(scene: Scene, bell: Living): void {
  const { random } = bell
  const { places } = scene
  const [status, statistics] = PERIODS.ring
  scene.beat(bell, places.named('rss-dpd-service.ring.com'), status)
  const telemetry = places.named('wu.ring.com')
  scene.beat(bell, telemetry, statistics)
  scene.moments(
    random,
    () => 0.7,
    (at) => scene.send(bell, telemetry, at, 2, draw(random, BELL_TELEMETRY), 5_200),
  )
  const liking = 0.3 + random.next() * 0.5
  const session = (): number => (random.chance(0.7) ? bell.maker : places.ofNetwork('aws'))
  scene.moments(
    random,
    (day, hour) => motion(scene, day, hour, true, liking),
    (at) => {
      const sent = draw(random, BELL_CLIP)
      scene.send(bell, session(), at, random.integer(5, 12), sent, sent / 120)
    },
  )
  if (random.chance(0.4)) sendSnapshots(scene, bell)
  // Parcels, visitors.
  scene.moments(
    random,
    (day, hour) => (hour >= 8 && hour <= 20 ? (isWeekend(day) ? 0.06 : 0.12) : 0),
    (at) => {
      const sent = draw(random, BELL_TALK)
      scene.send(bell, session(), at, random.integer(30, 45), sent, sent / 11)
    },
  )
}

/** A still picture of the door every two hours, always about as large. */
function sendSnapshots(scene: Scene, bell: Living): void {
  const { random } = bell
  const size = 380_000 + random.next() * 80_000
  const store = scene.places.named('snapshots.s3.us-east-1.amazonaws.com')
  for (let at = random.next() * 2 * HOUR; at < scene.days * DAY; at += 2 * HOUR)
    scene.send(bell, store, at + random.next() * 20, random.integer(2, 3), size * (0.97 + 0.06 * random.next()), 9_000)
}
