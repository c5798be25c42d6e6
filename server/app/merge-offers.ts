// Offers to merge devices that look like one: a phone that makes up a new hardware address now and then.
import type { MergeOffer } from '../api.ts'
import { hostName } from '../identity/host-name.ts'
import type { KnownDevice } from '../session/device-registry.ts'

/** Offers at one time, and devices of one. */
const MAX_OFFERS = 32
const MAX_MEMBERS = 64
const DAY = 86_400
/** A new address is taken when a device comes back: after longer than this it may be anybody's. */
const LONGEST_ABSENCE = 60 * DAY
/** Names that a model has before anybody chose one: two of them may be two people's. */
const NAME_OF_MANY =
  /^(iphone|ipad|ipod|apple-?watch|mac(book)?([- ]?(air|pro))?|imac|watch|android(-[0-9a-f]+)?|samsung|galaxy[-_ a-z0-9]*|pixel[-_ a-z0-9]*|redmi[-_ a-z0-9]*|xiaomi[-_ a-z0-9]*|mi[-_ 0-9]+[a-z]*|oneplus[-_ a-z0-9]*|huawei[-_ a-z0-9]*|honor[-_ a-z0-9]*|oppo[-_ a-z0-9]*|moto[-_ a-z0-9]*|phone|tablet)$/i
const LONGEST_ABSENCE_OF_MANY = DAY

interface Stay {
  from: number
  to: number
}

/** One device on the page: itself and what was merged into it. */
interface Candidate {
  id: string
  kinds: Set<string>
  stays: Stay[]
  last: number
}

/**
 * Devices with private addresses that asked for an address by one name, and were never there at the same time. Names
 * are known only of devices whose level keeps everything. `rootOf` gives the device that another was merged into;
 * `isApart` those that the owner keeps apart.
 */
export function mergeOffers(
  known: readonly KnownDevice[],
  rootOf: (id: string) => string,
  isApart: (one: string, other: string) => boolean,
): MergeOffer[] {
  const byName = new Map<string, { name: string; candidates: Map<string, Candidate> }>()
  for (const device of known) {
    const name = device.privateMac && device.mac !== null ? dhcpName(device) : null
    if (name === null) continue
    const group = byName.get(name.toLowerCase()) ?? { name, candidates: new Map<string, Candidate>() }
    byName.set(name.toLowerCase(), group)
    add(group.candidates, rootOf(device.id), device)
  }
  const offers: MergeOffer[] = []
  for (const { name, candidates } of byName.values()) {
    if (candidates.size < 2 || candidates.size > MAX_MEMBERS || offers.length >= MAX_OFFERS) continue
    const ids = inTurn(name, [...candidates.values()], isApart)
    if (ids !== null) offers.push({ name, devices: ids.slice(0, -1), into: ids[ids.length - 1] })
  }
  return offers
}

function dhcpName({ evidence }: KnownDevice): string | null {
  const names = new Set((evidence?.dhcpHostnames ?? []).map(hostName).filter((name) => name !== null))
  return names.size === 1 ? [...names][0] : null
}

function add(candidates: Map<string, Candidate>, id: string, { kind, firstSeen, lastSeen }: KnownDevice): void {
  const candidate = candidates.get(id) ?? { id, kinds: new Set(), stays: [], last: Number.NEGATIVE_INFINITY }
  if (kind !== 'unknown') candidate.kinds.add(kind)
  candidate.stays.push({ from: firstSeen, to: lastSeen })
  candidate.last = Math.max(candidate.last, lastSeen)
  candidates.set(id, candidate)
}

/** Ids in the order in which they were last seen; null where they were there at one time, or are not alike. */
function inTurn(
  name: string,
  candidates: readonly Candidate[],
  isApart: (one: string, other: string) => boolean,
): string[] | null {
  const stays = candidates.flatMap((candidate) => candidate.stays).toSorted((one, other) => one.from - other.from)
  const longest = NAME_OF_MANY.test(name) ? LONGEST_ABSENCE_OF_MANY : LONGEST_ABSENCE
  for (let index = 1; index < stays.length; index++) {
    const absence = stays[index].from - stays[index - 1].to
    if (absence < 0 || absence > longest) return null
  }
  const kinds = new Set(candidates.flatMap((candidate) => [...candidate.kinds]))
  if (kinds.size > 1) return null
  const ids = candidates.toSorted((one, other) => one.last - other.last).map(({ id }) => id)
  return ids.some((one, at) => ids.slice(at + 1).some((other) => isApart(one, other))) ? null : ids
}
