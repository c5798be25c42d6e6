// Registry of known devices: what the packets show of them, and the owner's choices, which take precedence.
import type { Device, Level } from '../api.ts'
import { MAX_DEVICES, OTHERS_ID } from '../model/others.ts'
import type { SeenDevice } from '../model/seen-device.ts'
import { personOf, rootIn } from './device-people.ts'
import type { OwnerChoices } from './owner-choices.ts'

export type { OwnerChoices } from './owner-choices.ts'

const DAY = 86_400
/** By how much the odds of another kind exceed those of the kind that was said before it takes its place. */
const CLEARLY_SURER = 3
/** Devices that are next to make room: found together, so that not each new one costs a search. */
const MAKING_ROOM = 64
/** A year after 1970 began. */
const UNSET_UNTIL = 365 * DAY

/** What is kept of a device over a restart. */
export type KnownDevice = Omit<SeenDevice, 'index'> & {
  /** On how many days the internet sent it something, and the number of the last of them. Absent: on none. */
  days?: number
  lastDay?: number
}

export class DeviceRegistry {
  private readonly known = new Map<string, KnownDevice & { index: number }>()
  private readonly byIndex: string[] = []
  private readonly choices: () => OwnerChoices
  private readonly newDeviceLevel: () => Level
  /** The devices as shown, kept until something changes. */
  private shown: Device[] | null = null
  /** The end of learning that `shown` was made with: it is known a moment after the first devices are. */
  private shownFor: number | null = null
  private leaving: { id: string; lastSeen: number }[] = []

  constructor(choices: () => OwnerChoices, newDeviceLevel: () => Level) {
    this.choices = choices
    this.newDeviceLevel = newDeviceLevel
  }

  /** Records what the packets show; a name or kind that is known better stays. */
  see(seen: KnownDevice): void {
    const before = this.known.get(seen.id)
    if (before === undefined && this.known.size >= MAX_DEVICES) this.makeRoom()
    const index = before?.index ?? this.byIndex.push(seen.id) - 1
    this.known.set(seen.id, { ...(before === undefined ? seen : better(before, seen)), index })
    this.shown = null
  }

  /** Something of a known device moved in this second. */
  saw(id: string, second: number): void {
    const device = this.known.get(id)
    // Later by days can only be what a wrong clock left behind.
    if (device === undefined || (device.lastSeen >= second && device.lastSeen < second + DAY)) return
    device.lastSeen = second
    this.shown = null
  }

  /** The internet sent the device something in this second. */
  heard(id: string, second: number): void {
    const device = this.known.get(id)
    const day = Math.floor(second / DAY)
    if (device === undefined || (device.lastDay ?? Number.NEGATIVE_INFINITY) >= day) return
    device.lastDay = day
    device.days = (device.days ?? 0) + 1
  }

  forget(id: string): void {
    if (!this.known.delete(id)) return
    this.shown = null
    // A conflict names both its parties.
    for (const device of this.known.values())
      if (device.doubts !== undefined) device.doubts = device.doubts.filter((doubt) => !doubt.includes(id))
  }

  clear(): void {
    this.known.clear()
    this.byIndex.length = 0
    this.shown = null
  }

  /** The owner's choices changed. Evidence is kept only of devices whose level keeps everything. */
  refresh(): void {
    for (const device of this.known.values()) if (this.levelOf(device.id) !== 'everything') delete device.evidence
    this.leaving = []
    this.shown = null
  }

  has(id: string): boolean {
    return this.known.has(id)
  }

  /** Devices for the pages: merged ones under the one they were merged into. */
  devices(learningUntil: number | null): Device[] {
    if (this.shown !== null && this.shownFor === learningUntil) return this.shown
    const members = new Map<string, (KnownDevice & { index: number })[]>()
    for (const device of this.known.values()) {
      const root = this.rootOf(device.id)
      const list = members.get(root)
      if (list === undefined) members.set(root, [device])
      else list.push(device)
    }
    this.shownFor = learningUntil
    this.shown = [...members].map(([root, list]) => this.show(root, list, learningUntil))
    return this.shown
  }

  /** The device that another was merged into; a circle ends where it began. */
  rootOf(id: string): string {
    return rootIn(this.choices().merges, id)
  }

  membersOf(id: string): string[] {
    const merged = Object.keys(this.choices().merges).filter((member) => this.rootOf(member) === id)
    return [id, ...merged]
  }

  indexOf(id: string): number {
    return this.known.get(this.rootOf(id))?.index ?? this.known.get(id)?.index ?? -1
  }

  levelOf(id: string): Level {
    const { devices } = this.choices()
    return (Object.hasOwn(devices, id) ? devices[id]?.level : undefined) ?? this.newDeviceLevel()
  }

  /** For keeping over a restart. */
  all(): KnownDevice[] {
    return [...this.known.values()].map(({ index: _, ...device }) => device)
  }

  private show(root: string, members: (KnownDevice & { index: number })[], learningUntil: number | null): Device {
    const main = members.find(({ id }) => id === root) ?? members[0]
    const { devices } = this.choices()
    const chosen = Object.hasOwn(devices, root) ? devices[root] : undefined
    const shown = { ...main }
    delete shown.evidence
    delete shown.guesses
    const { guesses } = main
    const person = personOf(
      this.choices(),
      root,
      members.map(({ id }) => id),
    )
    const firstSeen = Math.min(...members.map((member) => member.firstSeen))
    return {
      ...shown,
      id: root,
      name: chosen?.name ?? members.map(({ name }) => name).find((name) => name !== null) ?? null,
      namedByOwner: chosen?.name !== undefined,
      kind: chosen?.kind ?? main.kind,
      kindByOwner: chosen?.kind !== undefined,
      ...(chosen?.kind !== undefined || guesses === undefined ? {} : { guesses }),
      addresses: [...new Set(members.flatMap(({ addresses }) => addresses))],
      level: this.levelOf(root),
      ...(person === null ? {} : { person }),
      merged: members.filter(({ id }) => id !== root).map(({ id }) => id),
      firstSeen,
      lastSeen: Math.max(...members.map((member) => member.lastSeen)),
      isNew: learningUntil !== null && firstSeen > learningUntil,
    }
  }

  private makeRoom(): void {
    for (let search = 0; search < 2; search++) {
      for (let next = this.leaving.pop(); next !== undefined; next = this.leaving.pop())
        // Whoever was seen since is looked at anew.
        if (this.known.get(next.id)?.lastSeen === next.lastSeen) return void this.known.delete(next.id)
      this.leaving = this.nextToLeave()
    }
  }

  /**
   * Whoever the owner decided about stays; of the others those that the internet answered on the fewest days go, and
   * among them those seen longest ago. The first to go is the last.
   */
  private nextToLeave(): { id: string; lastSeen: number }[] {
    const { devices, merges } = this.choices()
    const targets = new Set(Object.values(merges))
    const isKept = ({ id }: KnownDevice): boolean =>
      id === OTHERS_ID || Object.hasOwn(devices, id) || Object.hasOwn(merges, id) || targets.has(id)
    return [...this.known.values()]
      .filter((device) => !isKept(device))
      .sort((one, other) => (one.days ?? 0) - (other.days ?? 0) || one.lastSeen - other.lastSeen)
      .slice(0, MAKING_ROOM)
      .reverse()
      .map(({ id, lastSeen }) => ({ id, lastSeen }))
  }
}

/**
 * After a restart the packets show less than they did before: what was known and is not contradicted stays. A kind that
 * was said gives way only to one that is clearly surer.
 */
function better(before: KnownDevice, seen: KnownDevice): KnownDevice {
  const judged = isBetter(before, seen) ? seen : before
  const isSame = before.kind === seen.kind
  const rest = { ...seen }
  delete rest.guesses
  const guesses = seen.guesses ?? before.guesses
  return {
    ...(before.doubts === undefined ? {} : { doubts: before.doubts }),
    ...rest,
    name: seen.name ?? before.name,
    kind: judged.kind,
    ...(judged.kind === 'unknown' && guesses !== undefined ? { guesses } : {}),
    vendor: judged.vendor ?? before.vendor ?? seen.vendor,
    why: judged.why,
    confidence: isSame ? Math.max(before.confidence, seen.confidence) : judged.confidence,
    firstSeen: earlier(before.firstSeen, seen.firstSeen),
    lastSeen: Math.max(before.lastSeen, seen.lastSeen),
    ...(before.days === undefined ? {} : { days: before.days, lastDay: before.lastDay ?? 0 }),
  }
}

function isBetter(before: KnownDevice, seen: KnownDevice): boolean {
  if (before.kind === 'unknown') return true
  if (seen.kind === 'unknown') return false
  if (seen.kind === before.kind) return seen.confidence >= before.confidence
  return odds(seen.confidence) >= CLEARLY_SURER * odds(before.confidence)
}

function odds(confidence: number): number {
  return confidence / Math.max(1 - confidence, 0.001)
}

/** A clock that was not set yet begins in 1970: its time is no time of anything where there is another. */
function earlier(one: number, other: number): number {
  const [first, last] = [Math.min(one, other), Math.max(one, other)]
  return first < UNSET_UNTIL && last >= UNSET_UNTIL ? last : first
}
