// AdGuard Home's querylog.json: one JSON object a line, in its form of today and in that of before version 0.100.
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName, SECTION_ANSWER } from '../wire/dns.ts'
import { readServiceBinding, ServiceBinding } from '../wire/dns-service-binding.ts'
import { addressOf, isUnspecified } from './addresses.ts'
import type { TextLogFormat } from './format.ts'
import { ipv4TextAt, ipv6TextAt, isHomeAddress, isLoopback } from '../ip-address.ts'
import { numberField, parseJsonLine, textField } from './json-line.ts'
import { nameOf } from './names.ts'
import type { AnswerStatus, LogParser, LogRecord } from './record.ts'
import { NOTHING } from './record.ts'
import { parseIso } from './timestamps.ts'
import { statusOf, typeOf } from './types.ts'

/** Addresses and aliases taken from one answer. */
const MAX_ADDRESSES = 512
const MAX_ALIASES = 20
/** A label of a host name (RFC 1035): what AdGuard Home allows for a client's id. */
const MAX_CLIENT_NAME = 63
/** filtering.Reason of AdGuard Home: 3 to 8 are the kinds of block; 1 is an allow list, from 9 on rewrites. */
const FIRST_BLOCK = 3
const LAST_BLOCK = 8
/** The search engine's own safe address is answered instead: the device is led somewhere all the same. */
const SAFE_SEARCH = 7
/** The words of the interface for the same reasons. */
const BLOCK_WORDS: Readonly<Record<string, number>> = {
  FilteredBlackList: 3,
  FilteredBlockList: 3,
  FilteredSafeBrowsing: 4,
  FilteredParental: 5,
  FilteredInvalid: 6,
  FilteredSafeSearch: SAFE_SEARCH,
  FilteredBlockedService: 8,
}
/** RFC 6891: the record that holds options. */
const OPT = 41
/** RFC 7871: the option's code, and its families (IANA address family numbers). */
const CLIENT_SUBNET = 8
const FAMILIES = [
  { family: 1, length: 4, text: ipv4TextAt },
  { family: 2, length: 16, text: ipv6TextAt },
] as const

/** What was asked, and when. */
interface Asked {
  time: number | null
  name: string
  type: number
  /** The client that a forwarder in front named in EDNS, "" where there is none. */
  subnet: string
}

/**
 * Follows a querylog.json: fields T, QH, QT, IP, ECS, CID, Answer (a DNS message in base64) and Result; before 0.100 Time
 * and Question (a DNS message).
 */
export class AdGuardHomeLog implements LogParser {
  private readonly message = new DnsMessage()
  private readonly name = new DnsName()
  private readonly binding = new ServiceBinding()

  parse(line: string): readonly LogRecord[] {
    const entry = parseJsonLine(line)
    const asked = entry === null ? null : this.askedIn(entry)
    const address = entry === null ? null : addressOf(textField(entry, 'IP'))
    if (entry === null || asked === null || address === null) return NOTHING
    const { time, name, type } = asked
    const client = clientBehind(address, asked.subnet) ?? address
    const clientName = isHomeAddress(client) ? '' : textField(entry, 'CID').slice(0, MAX_CLIENT_NAME)
    const who = clientName === '' ? { client } : { client, clientName }
    const query: LogRecord = { kind: 'query', time, ...who, name, type }
    const answer: LogRecord = { kind: 'answer', time, ...who, name, type, status: 'failed', addresses: [], aliases: [] }
    const isRead = this.readAnswer(textField(entry, 'Answer'), answer)
    const reason = blockOf(entry['Result'])
    const isBlocked = reason !== null && reason !== SAFE_SEARCH
    if (isBlocked) Object.assign(answer, { status: 'blocked', addresses: [], aliases: [] })
    return isRead || isBlocked ? [query, answer] : [query]
  }

  private askedIn(entry: Record<string, unknown>): Asked | null {
    const question = textField(entry, 'QH') === '' ? textField(entry, 'Question') : ''
    if (question !== '') return this.askedInMessage(question, parseIso(textField(entry, 'Time')))
    const name = nameOf(textField(entry, 'QH'), 'raw')
    if (name === null) return null
    const time = parseIso(textField(entry, 'T') || textField(entry, 'Time'))
    return { time, name, type: typeOf(textField(entry, 'QT')) ?? 0, subnet: textField(entry, 'ECS') }
  }

  private askedInMessage(base64: string, time: number | null): Asked | null {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
    const { message } = this
    if (!readDnsMessage(bytes, 0, bytes.length, message) || message.questionCount === 0) return null
    const name = this.textAt(message.questionAt[0])
    if (name === null || name === '') return null
    return { time, name, type: message.questionType[0], subnet: this.subnetInMessage() }
  }

  /** The client subnet option (RFC 7871) of the message's OPT record; "" where there is none. */
  private subnetInMessage(): string {
    const { message } = this
    const { bytes } = message
    const index = message.recordType.subarray(0, message.recordCount).indexOf(OPT)
    if (index < 0) return ''
    const end = message.rdataEnd[index]
    for (let at = message.rdataAt[index]; at + 4 <= end;) {
      const code = bytes[at] * 256 + bytes[at + 1]
      const length = bytes[at + 2] * 256 + bytes[at + 3]
      const form = FAMILIES.find(({ family }) => family === bytes[at + 4] * 256 + bytes[at + 5])
      // Shorter ones are of networks, not of one client.
      if (code === CLIENT_SUBNET && at + 4 + length <= end && form !== undefined && length === 4 + form.length)
        return `${form.text(bytes, at + 8)}/${bytes[at + 6]}`
      at += 4 + length
    }
    return ''
  }

  private readAnswer(base64: string, answer: LogRecord & { kind: 'answer' }): boolean {
    if (base64 === '') return false
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
    const { message } = this
    if (!readDnsMessage(bytes, 0, bytes.length, message) || !message.isResponse) return false
    // An answer to another question than the line says proves nothing.
    if (message.questionCount > 0 && this.textAt(message.questionAt[0])?.toLowerCase() !== answer.name.toLowerCase())
      return false
    const aliases = this.collectAliases(answer.name)
    answer.aliases = aliases.slice(1)
    for (let index = 0; index < message.recordCount && answer.addresses.length < MAX_ADDRESSES; index++)
      this.readRecord(index, aliases, answer.addresses)
    answer.status = this.status(message.responseCode, answer.addresses)
    return true
  }

  private status(code: number, addresses: string[]): AnswerStatus {
    const hasRecords = this.message.recordCount > 0 && this.message.recordSection[0] === SECTION_ANSWER
    if (addresses.length > 0 && addresses.every(isUnspecified)) {
      addresses.length = 0
      return 'blocked'
    }
    return statusOf(String(code), hasRecords)
  }

  /** The asked name and what CNAMEs lead it to, in whatever order the records stand. */
  private collectAliases(asked: string): string[] {
    const { message } = this
    const links: [string, string][] = []
    for (
      let index = 0;
      index < message.recordCount && message.recordSection[index] === SECTION_ANSWER && links.length < MAX_ADDRESSES;
      index++
    ) {
      if (message.recordType[index] !== DnsType.CNAME) continue
      const owner = this.textAt(message.recordAt[index])
      const target = this.textAt(message.rdataAt[index])
      if (owner !== null && target !== null) links.push([owner.toLowerCase(), target])
    }
    const chain = [asked]
    const targets = new Map(links)
    for (
      let next = targets.get(asked.toLowerCase());
      next !== undefined && chain.length <= MAX_ALIASES && !chain.includes(next);
      next = targets.get(next.toLowerCase())
    ) {
      chain.push(next)
    }
    return chain
  }

  private readRecord(index: number, aliases: string[], addresses: string[]): void {
    const { message, binding } = this
    const at = message.rdataAt[index]
    const end = message.rdataEnd[index]
    const type = message.recordType[index]
    if (message.recordSection[index] !== SECTION_ANSWER) return
    const owner = this.textAt(message.recordAt[index])?.toLowerCase()
    if (!aliases.some((alias) => alias.toLowerCase() === owner)) return
    if (type === DnsType.A && end - at === 4) addresses.push(ipv4TextAt(message.bytes, at))
    else if (type === DnsType.AAAA && end - at === 16)
      addresses.push(addressOf(ipv6TextAt(message.bytes, at)) as string)
    else if ((type === DnsType.HTTPS || type === DnsType.SVCB) && readServiceBinding(message.bytes, at, end, binding)) {
      for (let hint = binding.ipv4At; hint >= 0 && hint < binding.ipv4End; hint += 4)
        addresses.push(ipv4TextAt(message.bytes, hint))
      for (let hint = binding.ipv6At; hint >= 0 && hint < binding.ipv6End; hint += 16)
        addresses.push(ipv6TextAt(message.bytes, hint))
    }
  }

  private textAt(at: number): string | null {
    if (readName(this.message, at, this.name) < 0) return null
    return Buffer.from(this.name.bytes.buffer, 0, this.name.length).toString('utf8')
  }
}

/**
 * The client that a forwarder such as dnsmasq with add-subnet=32,128 names: an address of a home in full. Null where the
 * option tells of a network or of somebody on the internet.
 */
function clientBehind(forwarder: string, subnet: string): string | null {
  const [addressText = '', bits = ''] = subnet.split('/', 3)
  const address = addressOf(addressText)
  if (address === null || !isHomeAddress(forwarder) || !isHomeAddress(address) || isLoopback(address)) return null
  return bits === (address.includes(':') ? '128' : '32') ? address : null
}

/** The reason of a block; null where the question was let through. */
function blockOf(result: unknown): number | null {
  if (typeof result !== 'object' || result === null) return null
  const fields = result as Record<string, unknown>
  const word = textField(fields, 'Reason')
  const reason = numberField(fields, 'Reason') ?? (Object.hasOwn(BLOCK_WORDS, word) ? BLOCK_WORDS[word] : null)
  if (reason !== null && reason >= FIRST_BLOCK && reason <= LAST_BLOCK) return reason
  return fields['IsFiltered'] === true ? FIRST_BLOCK : null
}

export const format: TextLogFormat<'adguard-home'> = {
  id: 'adguard-home',
  words: ['adguard', 'adguard-home'],
  program: 'AdGuard Home',
  title: "AdGuard Home's log",
  note: null,
  usualPath: '/opt/AdGuardHome/data/querylog.json',
  switchOn: 'Settings › General: *Enable log*',
  storage: 'text',
  example: '{"T":"2026-11-24T10:00:00Z","QH":"a.example","QT":"A","IP":"10.0.0.5"}',
  tellsBytes: false,
  repeats: [],
  recognises: (line) => line.startsWith('{') && new AdGuardHomeLog().parse(line).length > 0,
  isHeader: null,
  createParser: () => new AdGuardHomeLog(),
}
