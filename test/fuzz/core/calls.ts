// Calls of what the core offers to the program around it, with numbers that the core gave out before.
import { activityCalls } from './activity-calls.ts'
import { REACHED_COUNT } from '../../../capture/core/limits.ts'
import type { CoreUnderTest } from './core-under-test.ts'

/** No table is so large. */
const FAR = 50_000_000

type Call = (core: CoreUnderTest) => unknown

export function runCalls(core: CoreUnderTest): void {
  const { draw } = core
  if (draw.once(3)) return activityCalls(core)
  for (let calls = 1 + draw.below(16); calls > 0; calls--) {
    const result = draw.pick(CALLS)(core)
    if (typeof result === 'number') core.note(result)
  }
}

const address = ({ exports, draw }: CoreUnderTest): number => draw.below(exports.addressesUsed())
const binding = ({ exports, draw }: CoreUnderTest): number => draw.below(exports.bindingsUsed())
const name = ({ exports, draw }: CoreUnderTest): number => draw.below(exports.nameCount() + 1)
const low = ({ draw }: CoreUnderTest): number => draw.below(8)
const mac = (core: CoreUnderTest): number => core.exports.macOf(0x0200, low(core))
const bytes = ({ draw }: CoreUnderTest): number => draw.below(1_500)
const device = (core: CoreUnderTest): number => core.exports.deviceKey(binding(core))
const word = ({ draw }: CoreUnderTest): number => (draw.once(2) ? draw.below(4) : draw.word()) | 0

/** Who holds what, as logs, leases and the router's tables say. */
const OWNERSHIP: readonly Call[] = [
  (core) => core.exports.addressOfIpv4(0xc0a80100 | core.draw.below(256)),
  (core) => core.exports.addressOfWords(0x20010db8, core.draw.below(4) << 16, 0, core.draw.below(32)),
  (core) => core.exports.findIpv4(0xc0a80100 | core.draw.below(256)),
  (core) => core.exports.otherIpv4(word(core)),
  (core) => core.exports.findAddress(0x20010db8, 0, 0, core.draw.below(32)),
  (core) => core.exports.isSameSubnet(address(core), address(core)),
  (core) => core.exports.makeGroup(address(core)),
  (core) => core.exports.unmakeGroup(address(core)),
  (core) => core.exports.scopeOf(core.draw.below(2_000_000)),
  (core) => core.exports.scopeOfIpv4(word(core)),
  (core) => core.exports.scopeOfIpv6(word(core), word(core), core.draw.pick([0, 0xffff, 1]), word(core)),
  (core) => core.exports.leaseAddress(address(core), 0x0200, low(core)),
  (core) => core.exports.claimAddress(address(core), 0x0200, low(core), mac(core)),
  (core) => core.exports.requestedAddress(address(core), mac(core)),
  (core) => core.exports.sawSender(address(core), 0x0200, low(core)),
  (core) => core.exports.sawInternetSender(address(core), 0x0200, low(core), core.draw.pick([0, 63, 64, 128, 255])),
  (core) => core.exports.bindingOn(address(core)),
  (core) => core.exports.isHeld(address(core)),
  (core) => core.exports.isUsualSender(address(core), 0x0200, low(core)),
  (core) => core.exports.isContested(address(core)),
  (core) => core.exports.bindingByMac(address(core), 0x0200, low(core), 0),
  (core) => core.exports.claimsAddress(address(core), mac(core)),
  (core) => core.exports.usesAddress(address(core), mac(core)),
  (core) => core.exports.isProven(binding(core)),
  (core) => core.exports.isOwnBinding(binding(core)),
  (core) => core.exports.addressOfBinding(binding(core)),
  (core) => core.exports.macOfBinding(binding(core)),
  (core) => core.exports.deviceKey(binding(core)),
  (core) => core.exports.sampledAddresses(mac(core)),
  (core) => core.exports.sentOnlyFrom(mac(core), address(core)),
  (core) => core.exports.holdsAnother(mac(core), address(core), core.draw.below(2)),
  (core) => core.exports.nextBindingOf(mac(core), binding(core)),
  (core) => core.exports.isRouter(mac(core)),
  (core) => core.exports.isCarrier(mac(core)),
  (core) => core.exports.isSuspect(mac(core)),
  (core) => core.exports.isSeen(mac(core)),
  (core) => core.exports.carries(mac(core), mac(core)),
  (core) => core.exports.isCarriedBinding(binding(core)),
  (core) => core.exports.passedOnBy(address(core)),
  (core) => core.exports.sendsFrom(address(core), mac(core)),
  (core) => core.exports.suspectMac(mac(core)),
  (core) => core.exports.addMac(0x0200, low(core)),
  (core) => core.exports.macNumber(mac(core), core.draw.below(2)),
  (core) => core.exports.hasOneMac(),
  (core) => core.exports.raiseEpoch(),
  (core) => core.exports.rescopeAddresses(),
]

const NAMES: readonly Call[] = [
  (core) => core.exports.noteAsked(device(core), name(core)),
  (core) => core.exports.hasAsked(device(core), name(core)),
  (core) => core.exports.isEchPublicName(name(core)),
  (core) => core.exports.addQuery(address(core), name(core), core.draw.below(3)),
  (core) => core.exports.rememberAnswer(device(core), address(core), name(core)),
  (core) => core.exports.rememberCall(device(core), address(core), name(core)),
  (core) => core.exports.answeredName(device(core), address(core)),
  (core) => core.exports.calledName(device(core), address(core)),
  (core) => core.exports.othersName(device(core), core.draw.below(2_000_000)),
  (core) => core.exports.othersName(device(core), address(core)),
  (core) => core.exports.countTlsName(name(core)),
  (core) => core.exports.countQuicName(name(core)),
  (core) => core.exports.countHttpHost(name(core)),
  (core) => core.exports.tlsNameCount(name(core)),
  (core) => core.exports.quicNameCount(name(core)),
  (core) => core.exports.httpHostCount(name(core)),
  (core) => {
    const query = core.draw.below(core.exports.queriesUsed() + 1) - 1
    return query < 0 ? 0 : core.exports.queryWord(query, core.draw.below(3)) + core.exports.queryCount(query)
  },
  (core) => {
    const id = name(core)
    return id === 0 ? 0 : core.exports.nameEndOf(id) - core.exports.nameAt(id)
  },
]

/** What no table holds: numbers of others, and where the records are. */
const PLACES: readonly Call[] = [
  (core) => core.exports.isRouter(FAR),
  (core) => core.exports.sampledAddresses(FAR),
  (core) => core.exports.sentOnlyFrom(FAR, 2),
  (core) => core.exports.isSeen(FAR),
  (core) => core.exports.isHeld(FAR),
  (core) => core.exports.isContested(FAR),
  (core) => core.exports.isUsualSender(FAR, 0x0200, 1),
  (core) => core.exports.isProven(FAR),
  (core) => core.exports.makeGroup(FAR),
  (core) => core.exports.unmakeGroup(address(core)),
  (core) => core.exports.tlsNameCount(FAR),
  (core) => core.exports.isEchPublicName(FAR),
  (core) => core.exports.timesReached(core.draw.below(REACHED_COUNT)),
  (core) => core.exports.nameAt(0) - core.exports.nameAt(0),
  (core) => core.exports.dnsMessageAddress(),
  (core) => core.exports.serviceBindingAddress(),
  (core) => core.exports.tickRowIds(),
  (core) => core.exports.tickBindingIds(),
  (core) => core.exports.macHighAt(core.draw.below(2) * core.exports.hashWordsAddress()),
  (core) => core.exports.macLowAt(core.draw.below(2) * core.exports.hashWordsAddress()),
  (core) => core.exports.nameSince(core.draw.once(2) ? 0 : 1_767_600_000),
  (core) => core.exports.hostWithoutPort(core.inputAt, core.inputAt),
]

const CREDITS: readonly Call[] = [
  (core) => core.exports.creditNameless(binding(core), bytes(core), bytes(core), core.draw.below(1_000)),
  (core) => core.exports.addLocal(binding(core), bytes(core), bytes(core)),
  (core) => core.exports.countTransit(bytes(core)),
  (core) => {
    const of = binding(core)
    const row = core.exports.rowOf(core.draw.below(3), of, name(core), core.draw.below(64), address(core))
    core.exports.creditRow(row, bytes(core), bytes(core), 1, core.draw.below(9), core.draw.below(9))
    return row + core.exports.rowWord(row, core.draw.below(4))
  },
  (core) => core.exports.addToBinding(binding(core), core.draw.below(4), bytes(core)),
  (core) => core.exports.bindingNumber(core.draw.below(5_000), core.draw.below(4)),
  (core) => core.exports.markTime(core.draw.once(3) ? NaN : core.draw.below(2 ** 31)),
  (core) => core.exports.setNow(core.draw.below(2 ** 31)),
  (core) => core.exports.setHasTicks(core.draw.below(2)),
  (core) => core.exports.orphanFragments(),
  (core) => core.exports.stoppedAtLayer(core.draw.below(12)),
  (core) => core.exports.flowsAlive(),
  (core) => core.exports.hasReadInitial(device(core)),
  (core) => core.exports.takeInitial(device(core), core.draw.below(20)),
  (core) => core.exports.quicVersionOf(core.draw.pick([1, 0x6b3343cf, 0xff00001d, 0xff000017, 0x51303433, 0]) | 0),
]

const TABLES: readonly Call[] = [
  (core) => {
    const { exports, draw } = core
    const table = exports.newKeyTable(1 + draw.below(100))
    for (let keys = draw.below(120); keys > 0; keys--) {
      const key = draw.below(64)
      const known = exports.findKey(table, key, 0, 0, 0)
      if (known < 0) core.note(exports.addKey(table, key, 0, 0, 0))
      else if (draw.once(2)) exports.removeKey(table, known)
      else core.note(exports.probesOf(table, known) + exports.keyWord(table, known, 0))
    }
    if (draw.once(4)) exports.clearKeys(table)
    return exports.keyCount(table) + exports.keyIdsUsed(table)
  },
  (core) => {
    const { exports, draw } = core
    const shares = exports.newShares(3, 0)
    let sum = 0
    for (let calls = draw.below(200); calls > 0; calls--) sum += exports.reserveShare(shares, draw.below(100))
    return sum
  },
]

/** More packets inside of each other than are kept apart. */
function nestedFrames({ exports, draw }: CoreUnderTest): number {
  let saved = 0
  for (let times = draw.below(7); times > 0; times--) saved += exports.saveFrame()
  for (let times = saved; times > 0; times--) exports.restoreFrame()
  return saved
}

const CALLS: readonly Call[] = [...OWNERSHIP, ...OWNERSHIP, ...NAMES, ...CREDITS, ...PLACES, ...TABLES, nestedFrames]
