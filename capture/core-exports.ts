// Types of what the core offers (capture/core/index.ts; its readers of payloads: reader-exports.ts) and asks
// (capture/core/host.ts). Truth values are 0 and 1; places are addresses in its memory.
import type { ReaderExports } from './reader-exports.ts'

export interface CoreImports {
  takePacket: () => void
  countUnread: () => void
  mayDeliver: () => number
  isExcluded: () => number
  advance: (second: number) => void
  mayAppear: () => number
  mayClaim: (high: number, low: number) => number
  mayBeNamed: () => number
  observeAnswer: () => void
  addressChanged: (
    address: number,
    before: number,
    mac: number,
    isLeased: number,
    since: number,
    lastUse: number,
  ) => void
  unaskedAnswer: (client: number, holder: number, sender: number, name: number, isTold: number) => void
  observeAnnouncement: (kind: number, binding: number) => void
  observeUserAgent: (binding: number, at: number, end: number) => void
  observeSaid: (kind: number, binding: number, at: number, end: number) => void
  labelBitsOfPort: (protocol: number, port: number) => number
  takeTick: (second: number) => void
  nameDiffers: (name: number, byDns: number) => void
  nameOfCertificate: (device: number, at: number, end: number, name: number) => number
}

export interface CoreExports extends ReaderExports {
  memory: WebAssembly.Memory

  // memory.ts, key-table.ts, reached.ts
  allocate: (bytes: number) => number
  release: (address: number) => void
  hashWordsAddress: () => number
  hashWordsLength: () => number
  timesReached: (limit: number) => number

  // frame.ts
  frameAddress: () => number

  // decode.ts, engine.ts
  decodeFrame: () => number
  processFrame: () => void

  // arp.ts, ndp.ts
  readArp: () => number
  arpMacHigh: WebAssembly.Global
  arpMacLow: WebAssembly.Global
  arpAddress: WebAssembly.Global
  readNdp: () => number
  ndpType: WebAssembly.Global
  ndpAddressAt: WebAssembly.Global
  ndpMacAt: WebAssembly.Global
  ndpTargetAt: WebAssembly.Global
  ndpPrefixCount: WebAssembly.Global
  ndpPrefixAt: (index: number) => number
  ndpPrefixBits: (index: number) => number
  macHighAt: (address: number) => number
  macLowAt: (address: number) => number

  // records.ts; `records` is what openRecords gave
  allocateBuffer: (bytes: number) => number
  openRecords: (mode: number) => number
  closeRecords: (records: number) => void
  usePcap: (
    records: number,
    linkType: number,
    headerLength: number,
    unitsPerSecond: number,
    nanosPerUnit: number,
    lengthsSwapped: number,
  ) => void
  clearInterfaces: (records: number) => void
  addInterface: (records: number, linkType: number, snaplen: number, unitsPerSecond: number, offset: number) => void
  readPcapRecords: (records: number, from: number, to: number, fileOffset: number) => number
  readPcapngRecords: (records: number, from: number, to: number, fileOffset: number) => number
  deliverFrame: (records: number) => void

  // flows.ts
  flowsUsed: () => number
  flowsAlive: () => number
  surveyAddress: () => number
  surveyFlow: (id: number) => number

  // clock.ts, counters.ts
  now: WebAssembly.Global
  firstTime: WebAssembly.Global
  lastTime: WebAssembly.Global
  ipPackets: WebAssembly.Global
  ipBytes: WebAssembly.Global
  transitBytes: WebAssembly.Global
  localBytes: WebAssembly.Global
  /** `kind` is one of REST_…. */
  restBytesOf: (kind: number) => number
  restPacketsOf: (kind: number) => number
  openRestBytes: (kind: number) => number
  countRest: (kind: number, bytes: number, packets: number) => void
  countLocal: (bytes: number) => void
  excludedBytes: WebAssembly.Global
  tunnelBytes: WebAssembly.Global
  takenPackets: WebAssembly.Global
  copiedPackets: WebAssembly.Global
  copiedBytes: WebAssembly.Global
  excludedPackets: WebAssembly.Global
  stoppedAtLayer: (layer: number) => number

  // credits.ts
  creditsAddress: () => number
  takeCredits: (count: number, time: number) => void

  // link-notes.ts; `note` is one of NOTE_…, `tunnel` one of TUNNEL_…
  noted: (note: number) => number
  tunnelPackets: (tunnel: number) => number
  tunnelSender: (tunnel: number) => number
  unreadLinkInside: () => number
  setLeavesTzsp: (value: number) => void
  countTransit: (bytes: number) => void

  // copies.ts, copy-identity.ts, copy-table.ts
  copiesSameWay: WebAssembly.Global
  copiesOtherWay: WebAssembly.Global
  copiesTranslated: WebAssembly.Global
  copiesUnsure: WebAssembly.Global
  longestCopyGap: WebAssembly.Global
  firstSameWay: WebAssembly.Global
  firstOtherWay: WebAssembly.Global
  firstUnsure: WebAssembly.Global
  copyKeyAddress: () => number
  beginPiece: () => void
  recentPlaces: () => number
  recentTags: () => number
  recentSightings: () => number
  takeRecent: (places: number) => void
  adoptRecent: () => void

  // engine.ts and the parts of flows
  processHeldFrame: () => void
  saveFrame: () => number
  restoreFrame: () => void
  setIsHolding: (value: number) => void
  setLeavesOutCopies: (value: number) => void
  setMayExclude: (value: number) => void
  markTime: (second: number) => void
  finishFlows: () => void
  addLocal: (binding: number, sent: number, received: number) => void
  creditNameless: (binding: number, sent: number, received: number, time: number) => void
  setDirectMediaLabel: (bit: number) => void
  setHasTicks: (value: number) => void
  nameSince: (second: number) => void
  namesAgreed: WebAssembly.Global
  // dns-message.ts, dns-service-binding.ts, dns-observer.ts
  dnsMessageAddress: () => number
  dnsNameAddress: () => number
  dnsNameLength: () => number
  readDnsMessage: (at: number, end: number) => number
  readDnsName: (at: number) => number
  skipDnsName: (at: number, end: number) => number
  serviceBindingAddress: () => number
  readServiceBinding: (at: number, end: number) => number
  readEchPublicName: (at: number, end: number) => number
  echNameAddress: () => number
  echNameEndAddress: () => number
  noteAsked: (device: number, name: number) => void
  hasAsked: (device: number, name: number) => number
  isEchPublicName: (name: number) => number
  // shares.ts
  newShares: (maxPerDevice: number, reachedLimit: number) => number
  reserveShare: (shares: number, device: number) => number

  // keyed-hash.ts
  beginHash: () => void
  hashWord: (word: number) => void
  hashBytes: (at: number, end: number) => void
  endHash: () => number
  moreHash: () => number
  hashKeyAddress: () => number

  // names.ts, name-memory.ts
  findName: (at: number, end: number) => number
  internName: (at: number, end: number) => number
  internNameFor: (device: number, at: number, end: number) => number
  nameCount: () => number
  nameAt: (id: number) => number
  nameEndOf: (id: number) => number
  rememberAnswer: (device: number, address: number, name: number) => void
  rememberCall: (device: number, address: number, name: number) => void
  answeredName: (device: number, address: number) => number
  calledName: (device: number, address: number) => number
  othersName: (device: number, address: number) => number

  // observed.ts
  countTlsName: (name: number) => void
  countQuicName: (name: number) => void
  countHttpHost: (name: number) => void
  tlsNameCount: (name: number) => number
  quicNameCount: (name: number) => number
  httpHostCount: (name: number) => number
  addQuery: (client: number, name: number, type: number) => number
  queriesUsed: () => number
  queryWord: (query: number, word: number) => number
  queryCount: (query: number) => number

  // rows.ts
  rowsUsed: () => number
  rowOf: (owner: number, binding: number, name: number, how: number, address: number) => number
  creditRow: (row: number, sent: number, received: number, packets: number, first: number, last: number) => void
  rowWord: (row: number, word: number) => number
  rowNumber: (row: number, field: number) => number
  rowService: (row: number) => number
  addToBinding: (binding: number, field: number, bytes: number) => void
  bindingNumber: (binding: number, field: number) => number

  // ports.ts
  portOfBinding: (binding: number, place: number) => number
  notePort: (binding: number, value: number) => void
  portCountOf: (binding: number) => number

  // ticks.ts
  addRowToTick: (row: number, sent: number, received: number) => void
  addLocalToTick: (binding: number, sent: number, received: number) => void
  hasTick: () => number
  clearTick: () => void
  tickRows: () => number
  tickRowIds: () => number
  tickSent: () => number
  tickReceived: () => number
  tickBindings: () => number
  tickBindingIds: () => number
  tickSentLocal: () => number
  tickReceivedLocal: () => number

  // fragment-ports.ts, repetitions.ts
  resolveFragment: (source: number, destination: number) => void
  orphanFragments: () => number
  isRepeated: (at: number, end: number, sender: number) => number

  // clock.ts
  setNow: (time: number) => void

  // key-table.ts
  newKeyTable: (limit: number) => number
  keyCount: (table: number) => number
  keyIdsUsed: (table: number) => number
  findKey: (table: number, a: number, b: number, c: number, d: number) => number
  addKey: (table: number, a: number, b: number, c: number, d: number) => number
  keyWord: (table: number, id: number, word: number) => number
  removeKey: (table: number, id: number) => void
  clearKeys: (table: number) => void
  probesOf: (table: number, id: number) => number
  // home-network.ts, addresses.ts
  beginNamedHome: () => void
  nameHome: (w0: number, w1: number, w2: number, w3: number, bits: number) => void
  scopeOfIpv4: (address: number) => number
  scopeOfIpv6: (w0: number, w1: number, w2: number, w3: number) => number
  learnPrefix: (at: number, bits: number) => number
  addressesUsed: () => number
  findIpv4: (address: number) => number
  findAddress: (w0: number, w1: number, w2: number, w3: number) => number
  addressOfIpv4: (address: number) => number
  addressOfWords: (w0: number, w1: number, w2: number, w3: number) => number
  otherIpv4: (address: number) => number
  scopeOf: (address: number) => number
  makeGroup: (address: number) => void
  unmakeGroup: (address: number) => void
  rescopeAddresses: () => void
  isIpv4: (address: number) => number
  isSameSubnet: (one: number, other: number) => number
  addressWord: (address: number, word: number) => number

  // ownership.ts, macs.ts, mac-behaviour.ts
  reserveIds: () => void
  ownershipEpoch: WebAssembly.Global<'i32'>
  raiseEpoch: () => void
  bindingsUsed: () => number
  hasOneMac: () => number
  findMac: (high: number, low: number) => number
  macOf: (high: number, low: number) => number
  addMac: (high: number, low: number) => number
  macNumber: (mac: number, word: number) => number
  isRouter: (mac: number) => number
  addressOfBinding: (binding: number) => number
  macOfBinding: (binding: number) => number
  isProven: (binding: number) => number
  isOwnBinding: (binding: number) => number
  isCarriedBinding: (binding: number) => number
  passedOnBy: (address: number) => number
  sendsFrom: (address: number, mac: number) => number
  deviceKey: (binding: number) => number
  nextBindingOf: (mac: number, after: number) => number
  bindingOn: (address: number) => number
  isHeld: (address: number) => number
  isUsualSender: (address: number, high: number, low: number) => number
  claimsAddress: (address: number, mac: number) => number
  usesAddress: (address: number, mac: number) => number
  isContested: (address: number) => number
  bindingByMac: (address: number, high: number, low: number, otherwise: number) => number
  sawSender: (address: number, high: number, low: number) => void
  sawInternetSender: (address: number, high: number, low: number, hopLimit: number) => void
  becameHome: (address: number) => void
  claimAddress: (address: number, high: number, low: number, from: number) => void
  leaseAddress: (address: number, high: number, low: number) => void
  requestedAddress: (address: number, mac: number) => void
  sampledAddresses: (mac: number) => number
  sentOnlyFrom: (mac: number, address: number) => number
  holdsAnother: (mac: number, address: number, onlyIpv4: number) => number
  sawMac: (mac: number) => void
  isSeen: (mac: number) => number
  carries: (mac: number, client: number) => void
  isCarrier: (mac: number) => number
  suspectMac: (mac: number) => void
  isSuspect: (mac: number) => number

  // clock.ts
  // activity/cells.ts
  roomForCells: (count: number) => number

  // activity/tick-cells.ts
  deviceNumber: (binding: number) => number
  numberTickRow: (row: number, device: number, endpoint: number) => void
  makeTickCells: (second: number) => number

  // activity/burst-cutter.ts
  askForBursts: (sent: number, received: number) => void
  cutCells: (at: number, count: number) => number
  markBursts: (second: number) => number
  finishBursts: () => number
  burstCount: () => number
  burstAddress: () => number
  clearBursts: () => void

  // activity/heartbeats.ts
  observeBeat: (device: number, endpoint: number, first: number, sent: number, received: number) => number
  findPeriod: (intervals: number, length: number) => number
  lastBeatPeriod: () => number
  lastBeatShare: () => number

  // activity/meter-devices.ts
  countDevice: (device: number, isCounted: number) => void
  countNoDevices: () => void
  canBeCounted: (device: number) => number
  noteActive: (device: number, second: number) => void
  lastCounted: () => number
  activeCount: () => number
  activeDevice: (index: number) => number
  activeSecond: (index: number) => number
  clearActive: () => void

  // activity/upload-meter.ts
  setUploadFloor: (bytes: number) => void
  meterCells: (at: number, count: number, now: number) => number
  meterCell: (second: number, device: number, endpoint: number, sent: number, received: number) => void
  markMeter: (second: number) => number
  meterRowCount: () => number
  meterTouchedCount: () => number
  finishMeter: () => number
  forgetMeter: (device: number) => void
  reportCount: () => number
  reportAddress: () => number
  clearReports: () => void
}
