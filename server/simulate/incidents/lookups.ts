// Incidents of homes of which only look-ups are known.
import type { IncidentKind } from '../incident.ts'
import { liveSwitched } from '../lives/small.ts'
import type { Living } from '../scene.ts'
import { DAY, HOUR, START } from '../tape.ts'
import { TRACKERS } from './behaviour.ts'
import { GRACE_SECONDS, type Script } from './script.ts'
import { type Act, night } from './uploads.ts'

const RESOLVERS = ['dns.google', 'cloudflare-dns.com', 'doh.opendns.com', 'dns.quad9.net']
const COMPANIES = ['disk.yandex.net', 'api.telegram.org', 'g.api.mega.co.nz', 'gateway.discord.gg']
/** A device is silent for so long. */
const SILENCE_SECONDS = 2.5 * DAY
const SILENCE_DUE_SECONDS = 2 * DAY

function note(
  script: Script,
  living: Living,
  kind: IncidentKind,
  endpoints: readonly number[],
  [begin, end]: readonly [number, number],
  due = end + GRACE_SECONDS,
): void {
  const about = { size: null, target: null, bytes: 0, follows: null } as const
  const times = { begin: START + begin, end: START + end, due: START + due, floorAt: START + begin }
  script.write(living, { ...about, ...times, kind, endpoints })
}

/** Looks a host up again and again for two hours. */
function ask(script: Script, living: Living, endpoint: number, at: number, times: number): void {
  for (let index = 0; index < times; index++)
    script.scene.tape.addLookups(living.index, endpoint, at + (index * 2 * HOUR) / times, script.random.integer(1, 2))
}

/** A thing that nobody knows asks for its maker, and stays. */
export const newDevice: Act = (script, from) => {
  const { scene, random } = script
  const at = Math.floor(from + random.next() * 0.4 * DAY)
  const living = scene.join('Strange box', 'unknown', null, `hub.box-${random.integer(1, 99)}.example`, at / DAY)
  liveSwitched(scene, living, [60, 3_600], at)
  note(script, living, 'look-ups: new device', [living.maker], [at, at + HOUR])
}

export const newCompany: Act = (script, from) => {
  // Whoever watches television takes out new services as he pleases.
  const living = script.appliance(({ device }) => device.kind !== 'tv' && device.kind !== 'streamer')
  if (living === null) return
  const { scene, random } = script
  const used = scene.places.families(scene.tape.endpointsOf(living.index))
  const strangers = COMPANIES.filter((host) => {
    const family = scene.places.familyOfHost(host)
    return family !== null && !used.has(family)
  })
  const endpoint = scene.places.named(random.pick(strangers))
  const at = Math.floor(from + random.next() * 0.5 * DAY)
  ask(script, living, endpoint, at, random.integer(8, 30))
  note(script, living, 'look-ups: new company', [endpoint], [at, at + 2 * HOUR])
}

export const tracker: Act = (script, from) => {
  const living = script.appliance()
  if (living === null) return
  const { scene, random } = script
  const endpoint = scene.places.named(random.pick(TRACKERS))
  const at = Math.floor(from + random.next() * 0.5 * DAY)
  ask(script, living, endpoint, at, random.integer(8, 40))
  note(script, living, 'look-ups: tracker', [endpoint], [at, at + 2 * HOUR])
}

/** An appliance that is asleep at night asks for hundreds of names of its own companies at three. */
export const unusualHours: Act = (script, from) => {
  const living = script.appliance(({ device }) =>
    ['speaker', 'vacuum', 'printer', 'thermostat', 'hub'].includes(device.kind),
  )
  if (living === null) return
  const { scene, random } = script
  const at = Math.floor(night(from) + (1 + random.next() * 2.5) * HOUR)
  const known = [...scene.tape.endpointsOf(living.index)].filter((number) => scene.places.at(number).host !== null)
  const seconds = 40 * 60
  for (let second = 0; second < seconds; second += random.integer(4, 12))
    scene.tape.addLookups(living.index, random.pick(known), at + second, random.integer(1, 3))
  note(script, living, 'look-ups: unusual hours', [], [at, at + seconds])
}

/** It turns to a resolver of its own: it looks that one up, and hardly anything after it. */
export const ownDns: Act = (script, from) => {
  const { scene, random } = script
  const used = (living: Living): Set<string> => scene.places.families(scene.tape.endpointsOf(living.index))
  const living = script.appliance((one) => !used(one).has('google'))
  if (living === null) return
  const endpoint = scene.places.named(random.pick(RESOLVERS))
  const at = Math.floor(from + random.next() * 0.5 * DAY)
  for (let second = 0; second < 12 * HOUR; second += random.integer(1_200, 3_600))
    scene.tape.addLookups(living.index, endpoint, at + second, random.integer(1, 2))
  note(script, living, 'look-ups: own DNS', [endpoint], [at, at + 12 * HOUR])
}

export const silence: Act = (script, from) => {
  const living = script.appliance(({ device }) =>
    ['plug', 'bulb', 'hub', 'sensor', 'speaker', 'camera'].includes(device.kind),
  )
  if (living === null) return
  const at = Math.floor(from + script.random.next() * 0.3 * DAY)
  script.scene.tape.pause(living.index, at, at + SILENCE_SECONDS)
  note(script, living, 'look-ups: silence', [], [at, at + SILENCE_SECONDS], at + SILENCE_DUE_SECONDS)
}
