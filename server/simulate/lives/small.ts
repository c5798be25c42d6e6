// Lives of devices that say little: plugs, lights, thermostats, hubs, sensors, printers, vacuum cleaners; and what all
// have in common: updates, power cuts, names that change, a new feature.
import type { Kind } from '../../rules/types.ts'
import { PERIODS } from '../measured.ts'
import type { Living, Scene } from '../scene.ts'
import { DAY, HOUR } from '../tape.ts'

/** A heartbeat, and status when somebody switches it. */
export function liveSwitched(scene: Scene, living: Living, periods: readonly number[], from = 0): void {
  const { random } = living
  for (const period of periods) scene.beat(living, living.maker, period, from)
  scene.moments(
    random,
    (day, hour) => (day * DAY + hour * HOUR < from ? 0 : scene.lively(day, hour) * 0.4),
    (at) => scene.send(living, living.maker, at, 1, 400 + random.next() * 1_600, 300 + random.next() * 900),
  )
  // Statistics of the day: energy, minutes of light.
  for (let day = Math.ceil(from / DAY); day < scene.days; day++)
    if (random.chance(0.6))
      scene.send(living, living.maker, day * DAY + random.next() * DAY, 1, 2_000 + random.next() * 14_000, 2_000)
}

/** A floor plan after cleaning: some hundred kB, as the cleaner's own app shows it. */
export function liveVacuum(scene: Scene, living: Living): void {
  const { random } = living
  scene.beat(living, living.maker, PERIODS.iotCore[0])
  const hour = random.integer(9, 13)
  for (let day = 0; day < scene.days; day++)
    if (!scene.calendar.away.has(day) && random.chance(0.7))
      scene.send(
        living,
        living.maker,
        day * DAY + (hour + random.next()) * HOUR,
        random.integer(2, 5),
        150_000 + random.next() * 400_000,
        9_000,
      )
}

/** Ink levels, pages of the week; with some a page now and then goes to a mailbox. */
export function livePrinter(scene: Scene, living: Living): void {
  const { random } = living
  scene.beat(living, living.maker, PERIODS.push[0])
  const scans = random.chance(0.3)
  for (let day = 0; day < scene.days; day++) {
    const at = day * DAY + (8 + random.next() * 12) * HOUR
    if (random.chance(0.3)) scene.send(living, living.maker, at, 1, 8_000 + random.next() * 30_000, 4_000)
    // A colour page of 300 dpi as JPEG: 0.5 to 2 MB.
    if (scans && !scene.calendar.away.has(day) && random.chance(0.08))
      scene.send(living, living.maker, at + 600, random.integer(3, 9), 5e5 + random.next() * 1.5e6, 15_000)
  }
}

/** Where devices of the kind get their software, and how large it is. */
const SOFTWARE: Partial<Record<Kind, { hosts: readonly string[]; least: number; most: number }>> = {
  speaker: { hosts: ['softwareupdates.amazon.com', 'd3p8zr0ffa9t17.cloudfront.net'], least: 60e6, most: 500e6 },
  tv: { hosts: ['otn.samsungcloudcdn.com'], least: 300e6, most: 1.5e9 },
  camera: { hosts: ['firmware.cam-maker.example', 'd2e6fw.cloudfront.net'], least: 8e6, most: 60e6 },
  doorbell: { hosts: ['fw.ring.com'], least: 8e6, most: 40e6 },
  vacuum: { hosts: ['d3ota.cloudfront.net'], least: 20e6, most: 120e6 },
  hub: { hosts: ['fw.ota.homesmart.ikea.net'], least: 5e6, most: 40e6 },
  printer: { hosts: ['d1print.cloudfront.net'], least: 5e6, most: 60e6 },
}
const SMALL_SOFTWARE = { hosts: ['d3smallota.cloudfront.net'], least: 500_000, most: 2_500_000 }

/** New software once or twice a month, mostly at night; the device starts anew and tells its maker so. */
export function updateSoftware(scene: Scene, living: Living): void {
  const { random, device } = living
  const { hosts, least, most } = SOFTWARE[device.kind] ?? SMALL_SOFTWARE
  for (let left = random.integer(0, 2); left > 0; left--) {
    const at = random.integer(0, scene.days - 1) * DAY + (1 + random.next() * 5) * HOUR
    scene.fetch(living, scene.places.named(random.pick(hosts)), at, least + random.next() * (most - least), 2e6)
    restart(scene, living, at + 1_200)
  }
}

/** After a power cut all of them come back within two minutes. */
export function restart(scene: Scene, living: Living, at: number): void {
  const { random } = living
  const delay = 15 + random.next() * 90
  scene.send(living, scene.places.named('pool.ntp.org'), at + delay, 1, 76, 76)
  scene.send(living, living.maker, at + delay + 2, random.integer(1, 3), 4_000 + random.next() * 30_000, 9_000)
}

/** Another computer of the maker's takes over: the name of it was never seen before. */
export function moveToOtherHosts(scene: Scene, living: Living, name: (number: number) => string): void {
  const { random } = living
  for (let left = random.integer(1, 3); left > 0; left--) {
    const endpoint = scene.places.named(name(random.integer(2, 60)))
    const from = random.next() * scene.days * DAY
    scene.beat(living, endpoint, 300, from, from + (1 + random.next() * 5) * DAY)
  }
}

/** From a day on the device does more: what its maker added sends something every day. */
export function gainFeature(scene: Scene, living: Living, host: string, typical: number): void {
  const { random } = living
  const endpoint = scene.places.named(host)
  for (let day = random.integer(9, 20); day < scene.days; day++)
    scene.send(
      living,
      endpoint,
      day * DAY + (9 + random.next() * 10) * HOUR,
      random.integer(1, 4),
      typical * (0.5 + random.next()),
      6_000,
    )
}
