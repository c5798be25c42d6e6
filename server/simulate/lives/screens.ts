// Lives of devices that show and play: televisions, streaming players, games consoles, smart speakers.
import { isWeekend } from '../calendar.ts'
import { ANSWER, draw, ECHO_METRICS, ECHO_REQUEST, GOOGLE_REQUEST, GOOGLE_TELEMETRY, PERIODS } from '../measured.ts'
import type { Living, Scene } from '../scene.ts'
import { DAY, HOUR } from '../tape.ts'

const FILMS = [
  'ipv4-c001-fra001.1.oca.nflxvideo.net',
  'rr4---sn-4g5e6nze.googlevideo.com',
  'vod-akc-eu.disney-plus.net',
  's3-ww.videos.primevideo.com',
]

/** An evening with one or two services; the pieces of a film come from one of several delivery computers. */
export function liveTelevision(scene: Scene, living: Living): void {
  const { random } = living
  const { places, calendar } = scene
  for (const period of PERIODS.samsung) scene.beat(living, living.maker, period)
  const telemetry = places.named(living.device.vendor === 'Samsung' ? 'log.samsunghrm.com' : 'scribe.logs.roku.com')
  // A service that the home takes out later in the month.
  const services = [...FILMS].sort(() => random.next() - 0.5)
  const later = random.integer(8, 25)
  for (let day = 0; day < scene.days; day++) {
    if (calendar.away.has(day) || random.chance(0.15)) continue
    const hours = (isWeekend(day) ? 2.2 : 1.4) * (0.4 + random.next() * 1.2)
    let at = day * DAY + (18 + random.next() * 1.5) * HOUR
    for (let left = hours * HOUR; left > 300;) {
      const lasts = Math.min(left, (0.5 + random.next()) * HOUR)
      const service = services[random.integer(0, day >= later ? 2 : 1)]
      // 5 to 16 Mbit/s, full to four times full HD.
      const endpoint = random.chance(0.3) ? places.ofNetwork('akamai', 'cdn') : places.named(service)
      scene.play(living, endpoint, at, lasts, 600_000 + random.next() * 1_400_000, 6)
      for (let second = 0; second < lasts; second += 60 + random.next() * 60)
        scene.send(living, telemetry, at + second, 1, 1_500 + random.next() * 7_000, 900)
      at += lasts
      left -= lasts
    }
  }
}

export function liveConsole(scene: Scene, living: Living): void {
  const { random } = living
  scene.beat(living, living.maker, 290)
  for (let day = 0; day < scene.days; day++) {
    if (scene.calendar.away.has(day) || !random.chance(isWeekend(day) ? 0.7 : 0.35)) continue
    const at = day * DAY + (16 + random.next() * 4) * HOUR
    // A match runs on a rented computer of its own, or on another player's.
    const match = random.chance(0.5) ? scene.places.ofNetwork('aws') : scene.places.nameless('network of a games host')
    const minutes = random.integer(20, 120)
    for (let second = 0; second < minutes * 60; second += 1)
      scene.tape.add(living.index, match, at + second, random.integer(4_000, 14_000), random.integer(8_000, 40_000))
  }
  for (let left = random.integer(1, 4); left > 0; left--)
    scene.fetch(
      living,
      scene.places.named('gs2.ww.prod.dl.playstation.net'),
      random.next() * scene.days * DAY,
      random.integer(2, 30) * 1e9,
      15e6,
    )
}

/** Requests by hour: mornings and evenings, more with guests. */
function listen(scene: Scene, living: Living, request: (at: number) => void): void {
  const liking = 0.5 + living.random.next() * 1.5
  scene.moments(
    living.random,
    (day, hour) => scene.lively(day, hour) * liking,
    (at) => {
      living.requests.push(at)
      request(at)
    },
  )
}

/** One spoken request at the pace of speech, and its answer. */
export function speak(scene: Scene, living: Living, at: number): void {
  const { random } = living
  const isEcho = living.device.vendor === 'Amazon'
  const sent = draw(random, isEcho ? ECHO_REQUEST : GOOGLE_REQUEST)
  scene.send(living, living.maker, at, isEcho ? random.integer(2, 4) : random.integer(2, 3), sent, draw(random, ANSWER))
}

function playMusic(scene: Scene, living: Living, host: string): void {
  const { random } = living
  for (let day = 0; day < scene.days; day++) {
    if (scene.calendar.away.has(day) || !random.chance(0.5)) continue
    const lasts = random.exponential(1.2 * HOUR)
    // 128 to 320 kbit/s, a piece every ten seconds.
    scene.play(living, scene.places.named(host), day * DAY + (8 + random.next() * 11) * HOUR, lasts, 28_000, 10)
  }
}

export function liveEcho(scene: Scene, living: Living): void {
  const { random } = living
  const [voice, metrics, content] = PERIODS.echo
  scene.beat(living, living.maker, voice)
  const statistics = scene.places.named('device-metrics-us.amazon.com')
  scene.beat(living, statistics, metrics)
  scene.beat(living, scene.places.named('d3p8zr0ffa9t17.cloudfront.net'), content)
  scene.moments(
    random,
    () => 0.25,
    (at) => scene.send(living, statistics, at, 1, draw(random, ECHO_METRICS), 5_500),
  )
  listen(scene, living, (at) => speak(scene, living, at))
  playMusic(scene, living, random.pick(['audio-fa.scdn.co', 'd3p8zr0ffa9t17.cloudfront.net']))
}

export function liveGoogleSpeaker(scene: Scene, living: Living): void {
  const { random } = living
  const [push] = PERIODS.google
  scene.beat(living, scene.places.named('fcm.googleapis.com'), push)
  const statistics = scene.places.named('play.googleapis.com')
  scene.moments(
    random,
    () => 2,
    (at) => scene.send(living, statistics, at, 1, draw(random, GOOGLE_TELEMETRY), 600),
  )
  listen(scene, living, (at) => speak(scene, living, at))
  playMusic(scene, living, 'audio-fa.scdn.co')
}
