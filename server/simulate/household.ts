// The devices of a simulated home: which of them it has, by its seed, and the life that each leads.
import type { Random } from '../sample/packets/random.ts'
import {
  liveDoorbell,
  liveRecordingCamera,
  liveRelayCamera,
  liveSessionCamera,
  liveStoringCamera,
} from './lives/cameras.ts'
import { inviteGuests, liveLaptop, livePhone, liveStore } from './lives/people.ts'
import { liveConsole, liveEcho, liveGoogleSpeaker, liveTelevision } from './lives/screens.ts'
import {
  gainFeature,
  livePrinter,
  liveSwitched,
  liveVacuum,
  moveToOtherHosts,
  restart,
  updateSoftware,
} from './lives/small.ts'
import { PERIODS } from './measured.ts'
import type { Living, Scene } from './scene.ts'
import { DAY, HOUR, START } from './tape.ts'

/** Brings in the devices, and writes down all that they do. */
export function furnish(scene: Scene, random: Random): void {
  const phones = people(scene, random)
  speakers(scene, random)
  cameras(scene, random, phones)
  screens(scene, random)
  switches(scene, random)
  others(scene, random)
  const own = [...scene.livings]
  if (random.chance(0.3)) {
    const day = random.integer(8, 24) + 0.6
    liveSwitched(
      scene,
      scene.join('New plug', 'plug', 'TP-Link', 'devs.tplinkcloud.com', day),
      PERIODS.tpLink,
      day * DAY,
    )
  }
  inviteGuests(scene)
  for (const living of own) {
    if (isPersonal(living.device.kind)) continue
    updateSoftware(scene, living)
    for (const at of scene.calendar.powerCuts) restart(scene, living, at)
  }
  surprises(scene, random, own)
}

/** People start what they please on them, and copy files. */
export function isPersonal(kind: string): boolean {
  return PERSONAL.includes(kind)
}
const PERSONAL = ['phone', 'tablet', 'computer', 'console', 'storage']

function people(scene: Scene, random: Random): Living[] {
  const phones: Living[] = []
  for (let left = random.integer(1, 4); left > 0; left--) {
    const isApple = random.chance(0.5)
    const host = isApple ? '1-courier.push.apple.com' : 'mtalk.google.com'
    const phone = scene.join(`Phone ${phones.length + 1}`, 'phone', isApple ? 'Apple' : 'Samsung', host)
    phones.push(phone)
    livePhone(scene, phone)
  }
  for (let left = random.integer(1, 2); left > 0; left--)
    liveLaptop(scene, scene.join(`Laptop ${left}`, 'computer', 'Apple', 'update.googleapis.com'))
  if (random.chance(0.4)) livePhone(scene, scene.join('Tablet', 'tablet', 'Apple', '1-courier.push.apple.com'))
  if (random.chance(0.2)) liveStore(scene, scene.join('NAS', 'storage', 'Synology', 'nas.synology.com'))
  return phones
}

function speakers(scene: Scene, random: Random): void {
  liveEcho(scene, scene.join('Kitchen Echo', 'speaker', 'Amazon', 'avs-alexa-4-na.amazon.com'))
  if (random.chance(0.5)) liveEcho(scene, scene.join('Bedroom Echo', 'speaker', 'Amazon', 'avs-alexa-4-na.amazon.com'))
  if (random.chance(0.6)) liveGoogleSpeaker(scene, scene.join('Nest Mini', 'speaker', 'Google', 'www.google.com'))
}

/** Cameras of two or three makers out of four. */
function cameras(scene: Scene, random: Random, phones: readonly Living[]): void {
  const makers = ['storing', 'session', 'recording', 'relay'] as const
  const left: string[] = [...makers]
  for (let drop = random.integer(1, 2); drop > 0; drop--) left.splice(random.integer(0, left.length - 1), 1)
  const phone = random.pick(phones)
  if (left.includes('storing'))
    liveStoringCamera(
      scene,
      scene.join('Hall camera', 'camera', 'Wyze', 'wyze-device-alarm-file.s3.us-west-2.amazonaws.com'),
      phone,
    )
  if (left.includes('session'))
    liveSessionCamera(scene, scene.join('Garden camera', 'camera', 'Ring', 'es.ring.com'), phone)
  if (left.includes('recording'))
    liveRecordingCamera(scene, scene.join('Living room camera', 'camera', 'Google', 'oculus99-us1.dropcam.com'))
  if (left.includes('relay'))
    liveRelayCamera(scene, scene.join('Baby camera', 'camera', 'Vimtag', 'ovca18.vimtag.com'), phone)
  if (random.chance(0.5))
    liveDoorbell(scene, scene.join('Doorbell', 'doorbell', 'Ring', 'wss.prod.rms.ring.devices.a2z.com'))
}

function screens(scene: Scene, random: Random): void {
  liveTelevision(scene, scene.join('Television', 'tv', 'Samsung', 'acr0.samsungcloudsolution.com'))
  if (random.chance(0.4))
    liveTelevision(scene, scene.join('Streaming stick', 'streamer', 'Roku', 'scribe.logs.roku.com'))
  if (random.chance(0.35))
    liveConsole(scene, scene.join('Games console', 'console', 'Sony', 'telemetry-console.api.playstation.com'))
}

function switches(scene: Scene, random: Random): void {
  for (let left = random.integer(1, 3); left > 0; left--)
    liveSwitched(scene, scene.join(`Plug ${left}`, 'plug', 'Tuya', 'm2.tuyaus.com'), PERIODS.tuya)
  liveSwitched(scene, scene.join('Washing machine plug', 'plug', 'TP-Link', 'n-devs.tplinkcloud.com'), PERIODS.tpLink)
  for (let left = random.integer(1, 2); left > 0; left--)
    liveSwitched(scene, scene.join(`Bulb ${left}`, 'bulb', 'Tuya', 'm2.tuyaus.com'), PERIODS.tuya)
}

function others(scene: Scene, random: Random): void {
  if (random.chance(0.5))
    liveSwitched(scene, scene.join('Thermostat', 'thermostat', 'Ecobee', 'ecobee-iot.ecobee.com'), [300, 3_600])
  if (random.chance(0.6))
    liveSwitched(scene, scene.join('Hub', 'hub', 'IKEA', 'a1nvlh0fc0asuq.iot.us-east-1.amazonaws.com'), PERIODS.iotCore)
  if (random.chance(0.4))
    liveSwitched(scene, scene.join('Air sensor', 'sensor', 'Netatmo', 'api.eu.netatmo.net'), PERIODS.sensor)
  if (random.chance(0.45)) liveVacuum(scene, scene.join('Vacuum', 'vacuum', 'Roborock', 'awsiot.roborock.com'))
  if (random.chance(0.5)) livePrinter(scene, scene.join('Printer', 'printer', 'HP', 'xmpp006.hpeprint.com'))
}

/**
 * While the line is down nothing moves, and what wants its maker asks for it again and again. `busy` are seconds since
 * 1970-01-01 UTC at which the line is not to be down.
 */
export function loseTheLine({ calendar, livings, tape }: Scene, busy: readonly { begin: number; end: number }[]): void {
  for (const { from, seconds } of calendar.outages) {
    const first = START + from
    if (busy.some(({ begin, end }) => first < end + HOUR && first + seconds > begin - HOUR)) continue
    tape.cutOff(from, from + seconds)
    for (const { index, device, maker, random } of livings) {
      if (isPersonal(device.kind) || device.firstSeen > first) continue
      for (let at = from + random.next() * 20; at < from + seconds; at += 8 + random.next() * 40)
        tape.addLookups(index, maker, at, random.integer(1, 2))
    }
  }
}

/** What changes in a month without anybody having done anything. */
function surprises(scene: Scene, random: Random, own: readonly Living[]): void {
  const things = own.filter(({ device }) => !isPersonal(device.kind))
  for (const living of things) {
    if (living.device.vendor === 'Vimtag') moveToOtherHosts(scene, living, (number) => `ovca${number}.vimtag.com`)
    if (living.device.vendor === 'Ring') moveToOtherHosts(scene, living, (number) => `relay-${number}.ring.com`)
    if (living.device.kind === 'sensor') moveToOtherHosts(scene, living, (number) => `relay-${number}.maker.example`)
    // The maker moves to another rented computer.
    if (living.device.kind === 'plug' && random.chance(0.3)) {
      const from = random.next() * scene.days * DAY
      scene.beat(living, scene.places.ofNetwork('aws'), 600, from, from + 3 * DAY)
    }
  }
  if (!random.chance(0.4)) return
  const living = random.pick(things)
  const isCamera = living.device.kind === 'camera' || living.device.kind === 'doorbell'
  gainFeature(
    scene,
    living,
    `insights.${living.device.vendor?.toLowerCase()}-cloud.example`,
    isCamera ? 300_000 : 60_000,
  )
}
