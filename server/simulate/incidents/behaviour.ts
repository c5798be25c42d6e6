// Incidents that are not one upload: a hijacked camera, a speaker that listens too often, a tracker, a scan.
import { speak } from '../lives/screens.ts'
import { DAY, HOUR, START } from '../tape.ts'
import { GRACE_SECONDS } from './script.ts'
import { type Act, night } from './uploads.ts'

export const TRACKERS = [
  'api.mixpanel.com',
  't.appsflyer.com',
  'api2.amplitude.com',
  'track.adform.net',
  'app.adjust.com',
  'sb.scorecardresearch.com',
]

/** Somebody else watches by night: a stream of up to two hours to its maker, or to an address without a name. */
export const hijackedCamera: Act = (script, from) => {
  const { random } = script
  // One that records anyway streams no more than it does all day.
  const living =
    script.appliance(({ device }) => device.kind === 'camera' && device.vendor !== 'Google') ??
    script.appliance(({ device }) => device.kind === 'doorbell')
  if (living === null) return
  const target = random.pick(['known', 'nameless'] as const)
  // Ring and Wyze send 85 to 260 kB a second while somebody watches (see measured.ts).
  const pace = 85_000 + random.next() * 175_000
  const seconds = random.integer(1_800, 7_200)
  const at = night(from) + (0.5 + random.next() * 3) * HOUR
  const bytes = Math.round(pace * seconds)
  script.upload(living, script.endpoint(living, target), at, bytes, { kind: 'hijacked camera', target }, pace)
}

/** Within an hour four times as many requests as there ever were in one. */
export const busySpeaker: Act = (script, from) => {
  const { random, scene } = script
  const living = script.appliance(({ device, requests }) => device.kind === 'speaker' && requests.length > 0)
  if (living === null) return
  const byHour = new Map<number, number>()
  for (const at of living.requests) byHour.set(Math.floor(at / HOUR), (byHour.get(Math.floor(at / HOUR)) ?? 0) + 1)
  const usual = Math.max(2, ...byHour.values())
  const wanted = Math.max(10, 4 * usual)
  const at = from + random.next() * 0.5 * DAY
  const pause = Math.max(20, (0.9 * HOUR) / wanted)
  const times = Array.from({ length: wanted }, (_, index) => Math.floor(at + index * pause))
  for (const time of times) speak(scene, living, time)
  script.write(living, {
    kind: 'busy speaker',
    size: null,
    target: null,
    endpoints: [],
    bytes: 0,
    begin: START + times[0],
    end: START + times[wanted - 1] + 5,
    due: START + times[wanted - 1] + GRACE_SECONDS,
    floorAt: START + times[2 * usual - 1],
    follows: null,
  })
}

/** An appliance begins to report to a company that follows people: some kB every few minutes for hours. */
export const newTracker: Act = (script, from) => {
  const { random, scene } = script
  const living = script.appliance()
  if (living === null) return
  const endpoint = scene.places.named(random.pick(TRACKERS))
  const at = Math.floor(from + random.next() * 0.5 * DAY)
  const times = random.integer(20, 40)
  for (let index = 0; index < times; index++)
    scene.send(living, endpoint, at + index * 240, 1, 2_500 + random.next() * 2_000, 1_500)
  script.write(living, {
    kind: 'new tracker',
    size: null,
    target: null,
    endpoints: [endpoint],
    bytes: 0,
    begin: START + at,
    end: START + at + times * 240,
    due: START + at + times * 240 + GRACE_SECONDS,
    floorAt: START + at,
    follows: null,
  })
}

/** Hundreds of addresses within minutes, a packet or two each, hardly an answer: mostly a computer. */
export const scan: Act = (script, from) => {
  const { random, scene } = script
  const isComputer = random.chance(0.7)
  const living = isComputer
    ? script.device(({ device }) => device.kind === 'computer')
    : script.appliance(({ device }) => ['camera', 'doorbell', 'plug', 'hub'].includes(device.kind))
  if (living === null) return
  const day = isComputer ? script.presentDay(from) : Math.floor(from / DAY)
  if (day === null) return
  const at = Math.floor((day + 0.3 + random.next() * 0.5) * DAY)
  const addresses = random.integer(300, 800)
  const seconds = random.integer(120, 420)
  for (let index = 0; index < addresses; index++) {
    const endpoint = scene.places.nameless(random.chance(0.6) ? 'network of somebody' : null)
    const isOpen = random.chance(0.03)
    scene.tape.add(
      living.index,
      endpoint,
      at + (index * seconds) / addresses,
      isOpen ? random.integer(160, 900) : 60 * random.integer(1, 3),
      isOpen ? random.integer(120, 900) : random.chance(0.3) ? 40 : 0,
    )
  }
  script.write(living, {
    kind: 'scan',
    size: null,
    target: null,
    endpoints: [],
    bytes: 0,
    begin: START + at,
    end: START + at + seconds,
    due: START + at + seconds + GRACE_SECONDS,
    floorAt: START + at + Math.floor((seconds * 100) / addresses),
    follows: null,
  })
}
