// What the core offers to the program around it.
export { allocate, release } from './memory'
export { hashWordsAddress, hashWordsLength } from './key-table'
export { timesReached } from './reached'
export { frameAddress } from './frame'
export { flowsUsed, flowsAlive } from './flows'
export { surveyAddress, surveyFlow } from './flow-survey'

// clock.ts, counters.ts
export { firstTime, lastTime, now } from './clock'
export { copiedBytes, copiedPackets, excludedBytes, excludedPackets, ipBytes, ipPackets } from './counters'
export { localBytes, restBytesOf, restPacketsOf, stoppedAtLayer, takenPackets } from './counters'
export { transitBytes, tunnelBytes } from './counters'

// copies.ts, copy-identity.ts, copy-table.ts
export { copiesOtherWay, copiesSameWay, copiesTranslated, copiesUnsure } from './copies'
export { firstOtherWay, firstSameWay, firstUnsure, longestCopyGap } from './copies'
export { copyKeyAddress } from './copy-identity'
export { adoptRecent, beginPiece, recentPlaces, recentSightings, recentTags, takeRecent } from './copy-table'

// credits.ts
export { creditsAddress, takeCredits } from './credits'

// link-notes.ts
// link-notes.ts, wire/tunnels.ts
export { noted, tunnelPackets, tunnelSender, unreadLinkInside } from './link-notes'
export { setLeavesTzsp } from './wire/tunnels'

// engine.ts and the parts of flows
export {
  finishFlows,
  markTime,
  processHeldFrame,
  restoreFrame,
  saveFrame,
  setIsHolding,
  setLeavesOutCopies,
  setMayExclude,
} from './engine'
export { addLocal, creditNameless, setDirectMediaLabel, setHasTicks } from './flow-credits'
export { countLocal, countRest, countTransit } from './counters'
export { openRestBytes } from './flow-credits'
export { namesAgreed, nameSince } from './flow-names'
// dns-message.ts, dns-service-binding.ts, dns-observer.ts
export {
  dnsMessageAddress,
  dnsNameAddress,
  dnsNameLength,
  readDnsMessage,
  readName as readDnsName,
  skipName as skipDnsName,
} from './dns-message'
export {
  echNameAddress,
  echNameEndAddress,
  readEchPublicName,
  readServiceBinding,
  serviceBindingAddress,
} from './dns-service-binding'
export { hasAsked, isEchPublicName, noteAsked } from './dns-observer'
// shares.ts, keyed-hash.ts
export { newShares, reserveShare } from './shares'
export { beginHash, hashWord, hashBytes, endHash, moreHash, hashKeyAddress } from './keyed-hash'
// names.ts, name-memory.ts
export { findName, internName, internNameFor, nameCount, nameAt, nameEndOf } from './names'
export { rememberAnswer, rememberCall, answeredName, calledName, othersName } from './name-memory'
// observed.ts
export { countTlsName, countQuicName, countHttpHost, tlsNameCount, quicNameCount, httpHostCount } from './observed'
export { addQuery, queriesUsed, queryWord, queryCount } from './observed'
// rows.ts
export { rowsUsed, rowOf, creditRow, rowWord, rowNumber, rowService, addToBinding, bindingNumber } from './rows'
export { rowsUsed, rowOf, creditRow, rowWord, rowNumber, addToBinding, bindingNumber } from './rows'
// ports.ts
export { notePort, portCountOf, portOfBinding } from './ports'
// ticks.ts
export { addRowToTick, addLocalToTick, hasTick, clearTick } from './ticks'
export { tickRows, tickRowIds, tickSent, tickReceived } from './ticks'
export { tickBindings, tickBindingIds, tickSentLocal, tickReceivedLocal } from './ticks'
// fragment-ports.ts, repetitions.ts
export { resolveFragment, orphanFragments } from './fragment-ports'
export { isRepeated } from './repetitions'
// clock.ts
// key-table.ts
export {
  newKeyTable,
  keyCount,
  keyIdsUsed,
  findKey,
  addKey,
  keyWord,
  removeKey,
  clearKeys,
  probesOf,
} from './key-table'
// tls-hello.ts
export {
  readClientHelloMessage,
  readClientHelloRecords,
  serverNameAt,
  serverNameEnd,
  alpnAt,
  alpnEnd,
  hasEncryptedHello,
  isHelloJoined,
  helloScratch,
  helloScratchBytes,
} from './tls-hello'
// tls-certificate.ts
export { startsLikeFlight, readServerFlight, certificateAt, certificateEnd } from './tls-certificate'
// http-request.ts
export {
  readHttpRequest,
  startsLikeHttpRequest,
  hostWithoutPort,
  requestMethodEnd,
  targetHostAt,
  targetHostEnd,
  hostAt,
  hostEnd,
  userAgentAt,
  userAgentEnd,
  serverAt,
  serverEnd,
  isConnect,
} from './http-request'
// stream-assembly.ts
export {
  assemblyCount,
  openAssembly,
  closeAssembly,
  oldestAssembly,
  addSegment,
  consumeAssembled,
  nextOfAssembly,
  isAssemblyFull,
  fullLimitOf,
} from './stream-assembly'
// quic/
export { SHA256_START, sha256Compress } from './quic/sha256'
export { expandAes128Key, encryptAes128Block } from './quic/aes128'
export { quicVersionOf } from './quic/versions'
export {
  KEYS_BYTES,
  deriveKeys,
  deriveAgain,
  forgetKeys,
  areFor,
  haveConnectionId,
  ivOf,
  contentScheduleOf,
  headerScheduleOf,
} from './quic/keys'
export { looksLikeQuicLongHeader, asksForNewInitial } from './quic/header'
export {
  newInitials,
  resetInitials,
  releaseInitials,
  pushInitial,
  initialHelloAt,
  initialHelloEnd,
  initialHelloChanges,
} from './quic/initial'
export { contentStart, contentEnd } from './quic/decrypt'
export { takeInitial, hasReadInitial } from './quic/initial-budget'
// gquic.ts, stun.ts, udp-inspector.ts
export { readGquicServerName, gquicNameAt, gquicNameEnd } from './gquic'
export { looksLikeStun, readStunSoftware, softwareAt, softwareEnd } from './stun'
// mqtt.ts, banners.ts
export { readMqttConnect, clientIdAt, clientIdEnd } from './mqtt'
export {
  startsLikeRtspResponse,
  startsLikeRtspRequest,
  readRtspHead,
  startsLikeSsh,
  readSshBanner,
  bannerAt,
  bannerEnd,
} from './banners'
export { inspectDatagram, forgetHandshake } from './udp-inspector'
// home-network.ts, addresses.ts
export { beginNamedHome, nameHome, scopeOfIpv4, scopeOfIpv6, learnPrefix } from './home-network'
export { addressesUsed, findIpv4, findAddress, addressOfIpv4, addressOfWords, otherIpv4 } from './addresses'
export { scopeOf, makeGroup, unmakeGroup, isIpv4, isSameSubnet, addressWord } from './addresses'

// ownership.ts, macs.ts, mac-behaviour.ts
export { findMac, macOf, addMac, macNumber, hasOneMac } from './macs'
export { reserveIds, ownershipEpoch, raiseEpoch, bindingsUsed, isRouter } from './ownership'
export { addressOfBinding, macOfBinding, isProven, isOwnBinding, deviceKey, nextBindingOf } from './ownership'
export { isCarriedBinding, sendsFrom, passedOnBy } from './ownership'
export { bindingOn, isHeld, isUsualSender, claimsAddress, usesAddress, isContested, bindingByMac } from './ownership'
export { sawSender, sawInternetSender, becameHome, claimAddress, leaseAddress, requestedAddress } from './ownership'
export { sampledAddresses, sentOnlyFrom, holdsAnother } from './ownership'
export { sawMac, isSeen, carries, isCarrier, suspectMac, isSuspect } from './mac-behaviour'

// clock.ts
export { setNow } from './clock'
// frame.ts, decode.ts, engine.ts
export { decodeQuietly as decodeFrame } from './decode'
export { processFrame } from './engine'
// arp.ts, ndp.ts
export { arpAddress, arpMacHigh, arpMacLow, readArp } from './arp'
export { macHighAt, macLowAt, ndpAddressAt, ndpMacAt, ndpPrefixAt, ndpPrefixBits, ndpPrefixCount } from './ndp'
export { ndpTargetAt, ndpType, readNdp } from './ndp'
// records.ts
export {
  addInterface,
  allocateBuffer,
  clearInterfaces,
  closeRecords,
  deliverFrame,
  openRecords,
  usePcap,
} from './records'
export { readPcapngRecords, readPcapRecords } from './records'
// activity/
export { roomForCells } from './activity/cells'
export { deviceNumber, makeTickCells, numberTickRow } from './activity/tick-cells'
export {
  askForBursts,
  burstAddress,
  burstCount,
  clearBursts,
  cutCells,
  finishBursts,
  markBursts,
} from './activity/burst-cutter'
export { findPeriod, lastBeatPeriod, lastBeatShare, observeBeat } from './activity/heartbeats'
export {
  activeCount,
  activeDevice,
  activeSecond,
  canBeCounted,
  clearActive,
  countDevice,
  countNoDevices,
  lastCounted,
  noteActive,
} from './activity/meter-devices'
export {
  clearReports,
  finishMeter,
  forgetMeter,
  markMeter,
  meterCell,
  meterCells,
  meterRowCount,
  meterTouchedCount,
  reportAddress,
  reportCount,
  setUploadFloor,
} from './activity/upload-meter'
export { rescopeAddresses } from './ownership'
