// Lives of people's own devices: phones and laptops that browse, call and back up, and those of guests.
import type { Random } from '../../sample/packets/random.ts'
import { isWeekend } from '../calendar.ts'
import type { Living, Scene } from '../scene.ts'
import { DAY, HOUR } from '../tape.ts'

/** Apps and sites that everybody uses, and whom their pages bring along. */
const APPS = [
  'i.instagram.com',
  'scontent-fra3-1.cdninstagram.com',
  'graph.facebook.com',
  'www.google.com',
  'rr4---sn-4g5e6nze.googlevideo.com',
  'e4.whatsapp.net',
  'api.spotify.com',
  'v16-webapp.tiktok.com',
]
const COMPANIONS = ['www.google-analytics.com', 'stats.g.doubleclick.net', 'sb.scorecardresearch.com']
const SITES = 900
/** Where files and photos are kept; hosts that the rules know. */
const PHOTO_STORES = ['p42-content.icloud.com', 'photosdata-pa.googleapis.com', 'content.dropboxapi.com']
const FILE_STORES = [
  'skyapi.onedrive.live.com',
  'content.dropboxapi.com',
  'drive.google.com',
  'uploads.backblazeb2.com',
]
const TRANSFERS = ['upload.wetransfer.net', 'disk.yandex.net', 'g.api.mega.co.nz']

/** One visit: a site, what it shows, and a companion. An upload takes 2 to 4 % of what is received, and its form. */
function visit(scene: Scene, living: Living, at: number): void {
  const { random } = living
  const isApp = random.chance(0.45)
  // Few sites are visited by everybody, most by hardly anybody.
  const site = Math.floor(random.heavyTailed(0.7, SITES)) - 1
  const endpoint = scene.places.named(isApp ? random.pick(APPS) : `www.site-${site}.example`)
  const received = 60_000 * random.heavyTailed(1.1, 120)
  const seconds = random.integer(1, 6)
  scene.send(living, endpoint, at, seconds, 2_500 + received * (0.02 + 0.02 * random.next()), received)
  if (random.chance(0.3)) scene.send(living, scene.places.named(random.pick(COMPANIONS)), at + 1, 1, 1_800, 6_000)
  // A picture or a short film for others.
  if (isApp && random.chance(0.04))
    scene.send(living, endpoint, at + 20, random.integer(2, 9), 300_000 * random.heavyTailed(0.9, 60), 9_000)
}

function browse(scene: Scene, living: Living, perHour: number): void {
  const { random } = living
  const isOut = (day: number, hour: number): boolean => !isWeekend(day) && hour >= 9 && hour < 16
  scene.moments(
    random,
    (day, hour) => scene.lively(day, hour) * perHour * (isOut(day, hour) && !scene.calendar.worksAtHome ? 0.15 : 1),
    (at) => visit(scene, living, at),
  )
}

/** Pictures and sound both ways: directly between two homes, or over the service's own computers. */
function call(scene: Scene, living: Living, endpoint: number, at: number, minutes: number): void {
  const { random, index } = living
  const pace = 50_000 + random.next() * 160_000
  const back = pace * (0.5 + random.next())
  for (let second = 0; second < minutes * 60; second++)
    scene.tape.add(
      index,
      endpoint,
      at + second,
      Math.round(pace * (0.85 + 0.3 * random.next())),
      Math.round(back * (0.85 + 0.3 * random.next())),
    )
}

function callFriends(scene: Scene, living: Living): void {
  const { random } = living
  for (let day = 0; day < scene.days; day++) {
    if (scene.calendar.away.has(day) || !random.chance(0.35)) continue
    const at = day * DAY + (17 + random.next() * 4) * HOUR
    const isDirect = random.chance(0.5)
    const endpoint = isDirect
      ? scene.places.nameless('network of a subscriber line', ['direct-media'])
      : scene.places.ofNetwork('whatsapp', 'messaging')
    call(scene, living, endpoint, at, 4 + random.exponential(12))
  }
}

/** On days of work at home. */
function meet(scene: Scene, living: Living): void {
  const { random } = living
  const service = random.pick(['zoomff130fra.zoom.us', 'world.ap.teams.microsoft.com'])
  for (let day = 0; day < scene.days; day++) {
    if (scene.calendar.away.has(day) || isWeekend(day) || !scene.calendar.worksAtHome) continue
    for (let left = random.integer(0, 3), hour = 9; left > 0; left--, hour += 2) {
      // A meeting's pictures go to one of many computers of the service, mostly without a name.
      const endpoint = random.chance(0.5) ? scene.places.named(service) : scene.places.ofNetwork('zoom', 'calls')
      call(scene, living, endpoint, day * DAY + (hour + random.next()) * HOUR, 15 + random.next() * 45)
    }
  }
}

/** What has come together since the day before, while the battery is charged: tens of MB, at times several GB. */
function backUp(scene: Scene, living: Living, store: number, typical: number, chance: number): void {
  const { random } = living
  for (let day = 0; day < scene.days; day++) {
    if (scene.calendar.away.has(day) || !random.chance(chance)) continue
    const bytes = typical * random.heavyTailed(0.95, 200)
    const pace = scene.uplink * (0.3 + 0.5 * random.next())
    scene.send(
      living,
      store,
      day * DAY + (1 + random.next() * 4) * HOUR,
      Math.max(2, bytes / pace),
      bytes,
      bytes * 0.012,
    )
  }
}

/** What a person sends now and then to somewhere the home never sent anything: a film for a friend. */
function sendFiles(scene: Scene, living: Living): void {
  const { random } = living
  if (!random.chance(0.3)) return
  const bytes = 30e6 * random.heavyTailed(1, 20)
  const at = random.integer(1, scene.days - 1) * DAY + (10 + random.next() * 10) * HOUR
  scene.send(
    living,
    scene.places.named(random.pick(TRANSFERS)),
    at,
    bytes / (scene.uplink * 0.7) + 1,
    bytes,
    bytes * 0.012,
  )
}

export function livePhone(scene: Scene, living: Living): void {
  const { random } = living
  for (const host of ['1-courier.push.apple.com', 'mtalk.google.com'])
    scene.beat(living, scene.places.named(host), random.integer(850, 1_700))
  browse(scene, living, 5 + random.next() * 9)
  callFriends(scene, living)
  backUp(scene, living, scene.places.named(random.pick(PHOTO_STORES)), 12e6, 0.55)
  stayAway(scene, living)
}

export function liveLaptop(scene: Scene, living: Living): void {
  const { random } = living
  browse(scene, living, 4 + random.next() * 8)
  meet(scene, living)
  backUp(scene, living, scene.places.named(random.pick(FILE_STORES)), 9e6, 0.6)
  sendFiles(scene, living)
  fetchSoftware(scene, living, random)
  stayAway(scene, living)
}

function fetchSoftware(scene: Scene, living: Living, random: Random): void {
  for (let left = random.integer(1, 4); left > 0; left--) {
    const at = random.next() * scene.days * DAY
    scene.fetch(living, scene.places.named('swdist.apple.com'), at, 40e6 * random.heavyTailed(0.9, 100), 4e6)
  }
}

/** People take their devices along. */
function stayAway(scene: Scene, { index }: Living): void {
  for (const day of scene.calendar.away) scene.tape.pause(index, day * DAY, (day + 1) * DAY)
}

/** A store at home that brings its changes away at night. */
export function liveStore(scene: Scene, living: Living): void {
  scene.beat(living, scene.places.named('nas.synology.com'), 600)
  backUp(scene, living, scene.places.named('uploads.backblazeb2.com'), 60e6, 0.95)
}

/** Phones and laptops that nobody knows, for a day or a weekend. */
export function inviteGuests(scene: Scene): void {
  let count = 0
  for (const { day, days, people } of scene.calendar.visits) {
    for (let left = people; left > 0; left--) {
      const kind = scene.livings.length % 4 === 0 ? 'computer' : 'phone'
      const arrival = day + (9 + (count % 5)) / 24
      const guest = scene.join(`Guest ${++count}`, kind, null, 'www.google.com', arrival)
      const { random } = guest
      const leaves = day + days - 0.08 * random.next()
      scene.beat(guest, scene.places.named('mtalk.google.com'), 900, arrival * DAY, leaves * DAY)
      for (let at = arrival * DAY; at < leaves * DAY; at += random.exponential(500)) {
        const hour = (at % DAY) / HOUR
        if (hour > 8 && hour < 23.5) visit(scene, guest, at)
      }
      // Photos of the day go to wherever the guest keeps them.
      if (random.chance(0.4)) {
        const bytes = 15e6 * random.heavyTailed(1.1, 30)
        const store = scene.places.named(random.pick(PHOTO_STORES))
        scene.send(guest, store, (day + 0.9) * DAY, bytes / (scene.uplink * 0.5) + 1, bytes, bytes * 0.012)
      }
    }
  }
}
