// Packets that were captured more than once: how many, and the sentences about them.
import type { PacketCore } from '../../capture/packet-core.ts'

/** Counts of capture/core/copies.ts; bytes are IP bytes. */
export interface CopyCounts {
  /** Left out. */
  packets: number
  bytes: number
  /** All packets that were taken. */
  taken: number
  /** Of these: by the same link in the same words, by another link or hop, and with addresses translated (NAT). */
  sameWay: number
  otherWay: number
  translated: number
  /** Counted, and maybe copies. */
  unsure: number
  /** The longest time between two sightings by the same link, in seconds. */
  longestGap: number
  /** Numbers of the first packets of the kinds; 0 where there is none. */
  firstSameWay: number
  firstOtherWay: number
  firstUnsure: number
}

export function copyCounts({ exports }: PacketCore): CopyCounts {
  return {
    packets: exports.copiedPackets.value as number,
    bytes: exports.copiedBytes.value as number,
    taken: exports.takenPackets.value as number,
    sameWay: exports.copiesSameWay.value as number,
    otherWay: exports.copiesOtherWay.value as number,
    translated: exports.copiesTranslated.value as number,
    unsure: exports.copiesUnsure.value as number,
    longestGap: exports.longestCopyGap.value as number,
    firstSameWay: exports.firstSameWay.value as number,
    firstOtherWay: exports.firstOtherWay.value as number,
    firstUnsure: exports.firstUnsure.value as number,
  }
}

export interface CopyNotice {
  /** Number of the first packet that it is about, from 1. */
  packet: number
  message: string
}

/** What a person is to know of a recording's copies. */
export function copyNotices(counts: CopyCounts): CopyNotice[] {
  const notices: CopyNotice[] = []
  const { sameWay, otherWay, translated, unsure } = counts
  if (sameWay > 0)
    notices.push({
      packet: counts.firstSameWay,
      message: `${packets(sameWay)} came twice (same bytes, ${span(counts.longestGap)} apart); each is counted once`,
    })
  if (otherWay > 0)
    notices.push({
      packet: counts.firstOtherWay,
      message: `${packets(otherWay)} came by more than one interface or hop; each is counted once`,
    })
  if (translated > 0)
    notices.push({
      packet: counts.firstOtherWay,
      message: `${packets(translated)} came on both sides of an address translation (NAT); each is counted once, for the address inside`,
    })
  if (unsure > 0)
    notices.push({
      packet: counts.firstUnsure,
      message: `${packets(unsure)} may be ${unsure === 1 ? 'a copy of the one' : 'copies of those'} just before: nothing tells a copy from a repetition, so each is counted`,
    })
  return notices
}

/** Fewer packets, or a smaller share of them, say nothing of a link. */
const FEWEST_DOUBLED = 100
const DOUBLED_SHARE = 0.25

/** A sentence on live traffic of which much comes twice by the same link; null where it does not. */
export function doublingSentence(counts: CopyCounts): string | null {
  if (counts.sameWay < FEWEST_DOUBLED || counts.sameWay < DOUBLED_SHARE * counts.taken) return null
  return `Packets come twice (same bytes, ${span(counts.longestGap)} apart), as from a mirror of both directions; each is counted once.`
}

/** The last moment's packets of one core are known in another, which goes on in its place. */
export function takeOverCopies(from: PacketCore, to: PacketCore): void {
  const places = from.exports.recentPlaces()
  if (places === 0) return
  to.exports.takeRecent(places)
  const copy = (at: number, length: number, target: number): void =>
    to.bytes.set(from.bytes.subarray(at, at + length), target)
  copy(from.exports.copyKeyAddress(), KEY_BYTES, to.exports.copyKeyAddress())
  copy(from.exports.recentTags(), places * TAG_BYTES, to.exports.recentTags())
  copy(from.exports.recentSightings(), places * SIGHTING_BYTES, to.exports.recentSightings())
  to.exports.adoptRecent()
}

const KEY_BYTES = 8
const TAG_BYTES = 8
const SIGHTING_BYTES = 64

function packets(count: number): string {
  return count === 1 ? '1 packet' : `${count} packets`
}

function span(seconds: number): string {
  const micros = Math.round(seconds * 1e6)
  if (micros < 1) return 'less than 1 µs'
  return micros < 1000 ? `up to ${micros} µs` : `up to ${Number((micros / 1000).toPrecision(2))} ms`
}
