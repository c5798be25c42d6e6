// Names from DNS messages: who asked for what, and which address a name led to.
import { addressOfIpv4, addressOfIpv6, findIpv4, findIpv6, scopeOf } from './addresses'
import { NO_NAME, OTHER_HOME, SCOPE_INTERNET } from './constants'
import { MAX_RECORDS } from './dns-layout'
import {
  DAMAGED,
  message,
  nameLength,
  nameText,
  questionAt,
  questionType,
  readDnsMessage,
  readName,
  recordOf,
  SECTION_ANSWER,
  TYPE_A,
  TYPE_AAAA,
  TYPE_CNAME,
  TYPE_HTTPS,
  TYPE_SVCB,
} from './dns-message'
import { askDns, mayBelieve } from './dns-queries'
import { binding, echNameAt, echNameEnd, readEchPublicName, readServiceBinding } from './dns-service-binding'
import { addKey, findKey, newKeyTable } from './key-table'
import { MAX_ADDRESSES_PER_MAC, MAX_DNS_QUERIES, REACHED_ADDRESSES_PER_MAC, REACHED_DNS_QUERIES } from './limits'
import { allocate, byteAt, grown, i32At } from './memory'
import { rememberAnswer } from './name-memory'
import { internNameFor } from './names'
import { addQuery } from './observed'
import { countReached } from './reached'
import { newShares, reserveShare } from './shares'

/** The first bit of the flags (RFC 1035 section 4.1.1). */
const DNS_IS_RESPONSE: i32 = 0x80
/** Addresses learned from one message; real answers hold a dozen. */
const MAX_LEARNED: i32 = 512
/** CNAMEs of one answer that are followed; Zeek's limit. */
const MAX_ALIASES: i32 = 20
const FIRST_NAMES: usize = 1024
const UNDERSCORE: i32 = 0x5f
const DOT: i32 = 0x2e

/** Names that one answer makes aliases of the asked one. */
const aliases: usize = memory.data(4 * (MAX_ALIASES + 1), 4)
let aliasCount: i32 = 0
let addressesLeft: i32 = 0
/** Per answer: its owner's name, and the name that a CNAME leads to. */
const owners: usize = memory.data(4 * MAX_RECORDS, 4)
const targets: usize = memory.data(4 * MAX_RECORDS, 4)
/** Devices by key, and the names they asked for. */
const asked = newKeyTable(MAX_DNS_QUERIES)
/** Per name: 1 where it is a public name of ECH keys. */
let echPublicNames: usize = allocate(FIRST_NAMES)
let echCapacity: usize = FIRST_NAMES
const addressShares = newShares(MAX_ADDRESSES_PER_MAC, REACHED_ADDRESSES_PER_MAC)

/**
 * Takes the message in the bytes [at, to), which the frame at hand brought. `client` is the address that asked,
 * `device` its device key, `port` its port; `server` the other address.
 */
export function observeDns(at: usize, to: usize, client: i32, device: i32, server: i32, port: i32): void {
  if (!readDnsMessage(at, to)) return
  if (!message.isResponse) observeQuery(client, device, server, port)
  else if (message.responseCode == 0 && message.recordCount > 0) observeAnswer(client, device, server, port)
}

/** Whether the message in [at, to) is a response. */
export function isDnsResponse(at: usize, to: usize): bool {
  return to > at + 2 && (byteAt(at + 2) & DNS_IS_RESPONSE) != 0
}

/** Whether the device asked for the name, whatever the type. */
export function hasAsked(device: i32, name: i32): bool {
  return findKey(asked, device, name, 0, 0) >= 0
}

/** Whether the name is one that ECH keys in the DNS show in place of the destination. */
export function isEchPublicName(name: i32): bool {
  return <usize>name < echCapacity && load<u8>(echPublicNames + <usize>name) == 1
}

function observeQuery(client: i32, device: i32, server: i32, port: i32): void {
  for (let index = 0; index < message.questionCount; index++) {
    if (readName(questionAt(index)) == DAMAGED) return
    const name = internName(device)
    if (index == 0) askDns(client, server, port, message.id, name)
    if (addQuery(client, name, questionType(index))) noteAsked(device, name)
  }
}

/** The device asked for the name, in a message or by what a resolver's log says. */
export function noteAsked(device: i32, name: i32): void {
  if (name == NO_NAME || findKey(asked, device, name, 0, 0) >= 0) return
  if (addKey(asked, device, name, 0, 0) < 0) countReached(REACHED_DNS_QUERIES)
}

function observeAnswer(client: i32, device: i32, server: i32, port: i32): void {
  if (scopeOf(client) == SCOPE_INTERNET) return
  const question = message.questionCount > 0 ? nameAt(questionAt(0), device) : NO_NAME
  if (!mayBelieve(client, device, server, port, message.id, question)) return
  addressesLeft = MAX_LEARNED
  readOwners(question, device)
  collectAliases(question)
  // Sections stand in order: the first record that is no answer ends them.
  for (let index = 0; isAnswer(index); index++) {
    if (addressesLeft <= 0) return
    const type = recordOf(index).type
    if (type == TYPE_A || type == TYPE_AAAA) observeAddress(index, question, device)
    else if (type == TYPE_HTTPS || type == TYPE_SVCB) observeServiceBinding(index, device)
  }
}

function isAnswer(index: i32): bool {
  return index < message.recordCount && recordOf(index).section == SECTION_ANSWER
}

/** Reads each answer's owner, and where a CNAME leads, once. */
function readOwners(question: i32, device: i32): void {
  const target: usize = message.questionCount > 0 ? questionAt(0) : 0
  for (let index = 0; isAnswer(index); index++) {
    const record = recordOf(index)
    const owner = pointsTo(record.at, target) ? question : nameAt(record.at, device)
    const alias = record.type == TYPE_CNAME ? nameAt(record.dataAt, device) : NO_NAME
    store<i32>(owners + ((<usize>index) << 2), owner)
    store<i32>(targets + ((<usize>index) << 2), alias)
  }
}

/** Most answers say nothing but "the name asked for": a pointer to the question (0 for none). */
function pointsTo(at: usize, target: usize): bool {
  const length = byteAt(at)
  return target != 0 && length >= 0xc0 && message.start + (((length & 0x3f) << 8) | byteAt(at + 1)) == target
}

/** The asked name and the CNAME targets it leads to. An answer may list them in any order. */
function collectAliases(question: i32): void {
  store<i32>(aliases, question)
  aliasCount = question == NO_NAME ? 0 : 1
  for (let grew = true; grew && aliasCount > 0;) {
    grew = false
    for (let index = 0; isAnswer(index); index++) {
      const target = load<i32>(targets + ((<usize>index) << 2))
      if (target == NO_NAME || !isAlias(ownerOf(index))) continue
      if (isAlias(target) || aliasCount > MAX_ALIASES) continue
      store<i32>(aliases + ((<usize>aliasCount) << 2), target)
      aliasCount++
      grew = true
    }
  }
}

function ownerOf(index: i32): i32 {
  return load<i32>(owners + ((<usize>index) << 2))
}

function isAlias(name: i32): bool {
  for (let index = 0; index < aliasCount; index++) {
    if (load<i32>(aliases + ((<usize>index) << 2)) == name) return name != NO_NAME
  }
  return false
}

function observeAddress(index: i32, question: i32, device: i32): void {
  const record = recordOf(index)
  const at = record.dataAt
  const length = record.dataEnd - at
  const owner = ownerOf(index)
  const name = isAlias(owner) ? question : owner
  if (record.type == TYPE_A && length == 4) learn(ipv4Id(i32At(at), device), name, device)
  else if (length == 16) learn(ipv6Id(at, device), name, device)
}

/** RFC 9460: hints name addresses like A and AAAA records do. */
function observeServiceBinding(index: i32, device: i32): void {
  const record = recordOf(index)
  if (!readServiceBinding(record.dataAt, record.dataEnd)) return
  const name = serviceNameAt(isAlias(ownerOf(index)) ? questionAt(0) : record.at, device)
  for (let at = binding.ipv4At; mayLearn(at, binding.ipv4End); at += 4) learn(ipv4Id(i32At(at), device), name, device)
  for (let at = binding.ipv6At; mayLearn(at, binding.ipv6End); at += 16) learn(ipv6Id(at, device), name, device)
  if (binding.echAt == 0 || !readEchPublicName(binding.echAt, binding.echEnd)) return
  const publicName = internNameFor(device, echNameAt, echNameEnd)
  if (publicName != NO_NAME && publicName != name) addEchPublicName(publicName)
}

function addEchPublicName(name: i32): void {
  const place = <usize>name
  if (place >= echCapacity) {
    const capacity = max<usize>(2 * echCapacity, place + 1)
    echPublicNames = grown(echPublicNames, echCapacity, capacity)
    echCapacity = capacity
  }
  store<u8>(echPublicNames + place, 1)
}

function mayLearn(at: usize, end: usize): bool {
  return at != 0 && at < end && addressesLeft > 0
}

function learn(address: i32, name: i32, device: i32): void {
  addressesLeft--
  if (name != NO_NAME && address > OTHER_HOME) rememberAnswer(device, address, name)
}

function nameAt(at: usize, device: i32): i32 {
  return readName(at) == DAMAGED ? NO_NAME : internName(device)
}

function internName(device: i32): i32 {
  return internNameFor(device, nameText, nameText + nameLength)
}

/** The name without the labels that only state port and scheme: "_8443._https.example.com" (RFC 9460 section 2.3). */
function serviceNameAt(at: usize, device: i32): i32 {
  if (readName(at) == DAMAGED) return NO_NAME
  const end = nameText + nameLength
  let start = nameText
  while (start < end && byteAt(start) == UNDERSCORE) {
    let dot = start
    while (dot < end && byteAt(dot) != DOT) dot++
    if (dot >= end) break
    start = dot + 1
  }
  return internNameFor(device, start, end)
}

/** An answer may name any address there is: those not seen yet count against the device's share. */
function ipv4Id(address: i32, device: i32): i32 {
  const known = findIpv4(address)
  return known >= 0 || !reserveShare(addressShares, device) ? known : addressOfIpv4(address)
}

function ipv6Id(at: usize, device: i32): i32 {
  const known = findIpv6(at)
  return known >= 0 || !reserveShare(addressShares, device) ? known : addressOfIpv6(at)
}
