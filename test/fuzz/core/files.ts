// Pieces of capture files, read as the program around the core reads them: some bytes more, and from where it stopped.
import {
  LENGTHS_SWAPPED_YES,
  READ_TO_HOST,
  RECORDS_LONG_PACKET,
  RECORDS_MORE,
  RECORDS_NO_INTERFACE,
} from '../../../capture/core/constants.ts'
import { RecordsAt } from '../../../capture/core/records-layout.ts'
import { ROOM, type CoreUnderTest } from './core-under-test.ts'
import type { CoreInput } from './input.ts'

const LINK_TYPES = [1, 1, 1, 0, 12, 101, 113, 127, 228, 229, 276]
const UNITS = [1, 1_000, 1_000_000, 1_000_000_000, 1e12, 1e18, 2 ** 20, 2 ** 40, 2 ** 63, 2 ** 100]
const OFFSETS = [0, 0, -5, 1_000_000, 2 ** 33]
/** Looked at no further: most of the bytes that are left are no records. */
const MAX_STOPS = 40

export function playFile(core: CoreUnderTest, { kind, bytes }: CoreInput): void {
  const { exports, draw } = core
  const mode = draw.below(4) % (READ_TO_HOST + 2)
  const records = exports.openRecords(mode)
  const { integers, numbers } = core
  if (!draw.once(4)) numbers[(records + RecordsAt.latest) >> 3] = 2 ** 40
  integers[(records + RecordsAt.bigEndian) >> 2] = draw.once(10) || bytes[0] === 0xa1 || bytes[8] === 0x1a ? 1 : 0
  const isPcap = kind === 'pcap'
  // The host reads the headers; the first interface is the one that the builders write.
  const headerLength = draw.once(4) ? 24 : 16
  exports.usePcap(records, draw.pick(LINK_TYPES), headerLength, 1e6, 1_000, draw.below(LENGTHS_SWAPPED_YES + 1))
  for (let count = draw.below(8); count > 0; count--) interfaceOf(core, records)
  let from = isPcap ? 24 : 0
  const length = Math.min(bytes.length, ROOM)
  let end = Math.min(length, from + 1 + draw.below(draw.once(2) ? 200 : 100_000))
  for (let stops = 0; stops < MAX_STOPS && from < length; stops++) {
    const at = core.place(bytes.subarray(0, end))
    const code = isPcap
      ? exports.readPcapRecords(records, at + from, at + end, from)
      : exports.readPcapngRecords(records, at + from, at + end, from)
    const next = core.integers[(records + RecordsAt.next) >> 2] - at
    core.note(code)
    core.note(next)
    if (next < from || (next > end && code === RECORDS_MORE)) throw new Error(`records from ${from} end at ${next}`)
    from = next
    if (code === RECORDS_MORE) {
      if (end === length) break
      end = Math.min(length, end + 1 + draw.below(draw.once(2) ? 64 : 100_000))
    } else if (code < RECORDS_NO_INTERFACE || code > RECORDS_LONG_PACKET) {
      // A block of the host's, or damage: it steps over it, and an interface may be in it.
      from = Math.min(length, from + 4 * (1 + draw.below(8)))
      if (draw.once(8)) exports.clearInterfaces(records)
      if (draw.once(2)) interfaceOf(core, records)
      if (end < from) end = from
    }
  }
  core.note(core.numbers[(records + RecordsAt.packets) >> 3])
  core.note(core.numbers[(records + RecordsAt.frameBytes) >> 3])
  core.note(core.numbers[(records + RecordsAt.dropped) >> 3])
  exports.closeRecords(records)
}

function interfaceOf({ exports, draw }: CoreUnderTest, records: number): void {
  exports.addInterface(records, draw.pick(LINK_TYPES), draw.once(2) ? 0 : 96, draw.pick(UNITS), draw.pick(OFFSETS))
}
