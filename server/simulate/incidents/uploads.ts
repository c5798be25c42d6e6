// Uploads that should not be: of every size to every sort of far end, slow ones, at night, one after another.
import type { Incident, Size, Target } from '../incident.ts'
import type { Living } from '../scene.ts'
import { DAY, HOUR, START } from '../tape.ts'
import { bytesOf, type Script } from './script.ts'

/** Writes incidents that begin at `from` (seconds since the start) or within the half day after it. */
export type Act = (script: Script, from: number) => void

const NEW_TARGETS: readonly Target[] = ['new host', 'known cloud', 'nameless']
/** From the end of one upload to the beginning of the next. */
const RIGHT_AFTER_SECONDS = 180
const DECISION_SECONDS = 600
/** Larger by more than "five times the busiest hour" asks: what it sends meanwhile anyway is not counted. */
const MORE_THAN_BUSIEST = 5.5
/** 50 kB a minute for a day. */
const SLOW_BYTES = 50_000
const SLOW_MINUTES = 1_440

export function byAppliance(size: Size, target: Target): Act {
  return (script, from) => {
    const living = size === '200 kB' ? script.quiet() : script.appliance()
    if (living === null) return
    const at = from + script.random.next() * 0.5 * DAY
    script.upload(living, script.endpoint(living, target), at, bytesOf(size), { kind: 'upload', size, target })
  }
}

export function byPerson(size: Size, target: Target): Act {
  return (script, from) => {
    const living = script.device(({ device }) => device.kind === 'phone' || device.kind === 'computer')
    if (living === null) return
    const day = script.presentDay(from)
    if (day === null) return
    const at = day * DAY + (9 + script.random.next() * 7) * HOUR
    script.upload(living, script.endpoint(living, target), at, bytesOf(size), { kind: 'upload', size, target })
  }
}

/** More than five times what the device ever sends in an hour, to where it sends anyway. */
export const toKnown: Act = (script, from) => {
  const living = script.appliance()
  if (living === null) return
  script.reserve(living)
  const busiest = script.scene.tape.busiestHour(living.index)
  const bytes = Math.round(Math.max(400_000, busiest * MORE_THAN_BUSIEST * (1 + 0.6 * script.random.next())))
  const at = from + script.random.next() * 0.4 * DAY
  // Within an hour: otherwise it would be several of its hours.
  const rate = Math.max(script.rate(bytes), bytes / (0.7 * HOUR))
  script.upload(living, script.ownPlace(living), at, bytes, { kind: 'known destination', target: 'known' }, rate)
}

export const slow: Act = (script, from) => {
  const { random, scene } = script
  // For a small device it is much wherever it goes.
  const target = random.pick(['new host', 'nameless', 'known'] as const)
  const living = target === 'known' ? script.quiet() : script.appliance()
  if (living === null) return
  const endpoint = script.endpoint(living, target)
  const begin = Math.floor(from)
  for (let minute = 0; minute < SLOW_MINUTES; minute++)
    scene.send(living, endpoint, begin + minute * 60 + random.next() * 57, random.integer(1, 2), SLOW_BYTES, 900)
  script.write(living, {
    kind: 'slow',
    size: null,
    target,
    endpoints: [endpoint],
    bytes: SLOW_BYTES * SLOW_MINUTES,
    begin: START + begin,
    end: START + begin + DAY,
    due: START + begin + DAY,
    floorAt: START + begin,
    follows: null,
  })
}

export const atNight: Act = (script, from) => {
  const { random } = script
  const size = random.pick(['5 MB', '300 MB'] as const)
  const target = random.pick([...NEW_TARGETS, 'known'] as const)
  const living = target === 'known' ? script.quiet() : script.appliance()
  if (living === null) return
  const at = night(from) + (1 + random.next() * 3) * HOUR
  script.upload(living, script.endpoint(living, target), at, bytesOf(size), { kind: 'night', size, target })
}

/** The midnight after a moment. */
export function night(from: number): number {
  return Math.ceil(from / DAY) * DAY
}

/** In the first week: more than any such device should send, wherever to. */
export const ceiling: Act = (script, from) => {
  const living = script.appliance(({ device }) => device.kind !== 'camera' && device.kind !== 'doorbell')
  if (living === null) return
  const { random } = script
  const size = random.pick(['300 MB', '5 GB'] as const)
  const target = random.pick([...NEW_TARGETS, 'known'] as const)
  const at = from + random.next() * 0.3 * DAY
  script.upload(living, script.endpoint(living, target), at, bytesOf(size), { kind: 'first week', size, target })
}

/** In the first week: to an address without a name. */
export const namelessEarly: Act = (script, from) => {
  const living = script.appliance()
  if (living === null) return
  const size = living.device.kind === 'camera' || script.random.chance(0.5) ? '300 MB' : '5 MB'
  const at = from + script.random.next() * 0.3 * DAY
  const endpoint = script.endpoint(living, 'nameless')
  script.upload(living, endpoint, at, bytesOf(size), { kind: 'first week', size, target: 'nameless' })
}

/** 5 MB, and three minutes later 300 MB, there or elsewhere. */
export const rightAfter: Act = (script, from) => {
  const living = script.appliance()
  if (living === null) return
  const { first, endpoint, target } = small(script, living, from)
  const isThere = script.random.chance(0.6)
  script.upload(
    living,
    isThere ? endpoint : script.endpoint(living, 'nameless'),
    first.end + 1 + RIGHT_AFTER_SECONDS - START,
    bytesOf('300 MB'),
    { kind: 'right after another', size: '300 MB', target: isThere ? target : 'nameless', follows: first.id },
  )
}

/** 5 MB, "it was me", and hours later 100 MB to the same far end. */
export const afterItWasMe: Act = (script, from) => {
  const living = script.appliance()
  if (living === null) return
  const { first, endpoint, target } = small(script, living, from)
  const decided = first.end + DECISION_SECONDS
  script.decisions.push({ incident: first.id, at: decided, decision: 'it-was-me' })
  const at = decided - START + (0.5 + script.random.next() * 20) * HOUR
  script.upload(living, endpoint, at, 100_000_000, { kind: 'after "it was me"', target, follows: first.id })
}

/** 5 MB, "expected from now on", the next day about as much at the same hour (no alarm), then 300 MB. */
export const afterExpected: Act = (script, from) => {
  const living = script.appliance()
  if (living === null) return
  const { random, scene } = script
  const { first, endpoint, target } = small(script, living, from)
  script.decisions.push({ incident: first.id, at: first.end + DECISION_SECONDS, decision: 'expected' })
  const again = first.begin - START + DAY + (random.next() - 0.5) * 0.5 * HOUR
  const seconds = Math.max(2, first.end - first.begin)
  scene.send(living, endpoint, again, seconds, Math.round(4.5e6), 50_000)
  const begin = START + Math.floor(again)
  script.expected.push({ device: living.index, endpoints: [endpoint], begin, end: begin + seconds })
  const at = again + seconds + (2 + random.next() * 4) * HOUR
  script.upload(living, endpoint, at, bytesOf('300 MB'), {
    kind: 'after "expected"',
    size: '300 MB',
    target,
    follows: first.id,
  })
}

function small(script: Script, living: Living, from: number): { first: Incident; endpoint: number; target: Target } {
  const target = script.random.pick(NEW_TARGETS)
  const endpoint = script.endpoint(living, target)
  const at = from + script.random.next() * 0.4 * DAY
  const first = script.upload(living, endpoint, at, bytesOf('5 MB'), { kind: 'upload', size: '5 MB', target })
  return { first, endpoint, target }
}
