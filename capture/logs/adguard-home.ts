// AdGuard Home's querylog.json: one JSON object a line.
import { DnsMessage, DnsName, DnsType, readDnsMessage, readName, SECTION_ANSWER } from '../wire/dns.ts'
import { readServiceBinding, ServiceBinding } from '../wire/dns-service-binding.ts'
import { addressOf, isUnspecified } from './addresses.ts'
import type { TextLogFormat } from './format.ts'
import { ipv4TextAt, ipv6TextAt } from '../ip-address.ts'
import { numberField, parseJsonLine, textField } from './json-line.ts'
import { nameOf } from './names.ts'
import type { AnswerStatus, LogParser, LogRecord } from './record.ts'
import { NOTHING } from './record.ts'
import { parseIso } from './timestamps.ts'
import { statusOf, typeOf } from './types.ts'

/** Addresses and aliases taken from one answer. */
const MAX_ADDRESSES = 512
const MAX_ALIASES = 20
/** filtering.Reason of AdGuard Home: 3 to 8 are the kinds of block; 1 is an allow list, from 9 on rewrites. */
const FIRST_BLOCK = 3
const LAST_BLOCK = 8

/** Follows a querylog.json: fields T, QH, QT, IP, Answer (a DNS message in base64) and Result. */
export class AdGuardHomeLog implements LogParser {
  private readonly message = new DnsMessage()
  private readonly name = new DnsName()
  private readonly binding = new ServiceBinding()

  parse(line: string): readonly LogRecord[] {
    const entry = parseJsonLine(line)
    if (entry === null) return NOTHING
    const client = addressOf(textField(entry, 'IP'))
    const name = nameOf(textField(entry, 'QH'), 'raw')
    if (client === null || name === null) return NOTHING
    const time = parseIso(textField(entry, 'T'))
    const type = typeOf(textField(entry, 'QT')) ?? 0
    const query: LogRecord = { kind: 'query', time, client, name, type }
    const answer: LogRecord = { kind: 'answer', time, client, name, type, status: 'failed', addresses: [], aliases: [] }
    const isRead = this.readAnswer(textField(entry, 'Answer'), answer)
    const isBlocked = blocks(entry['Result'])
    if (isBlocked) Object.assign(answer, { status: 'blocked', addresses: [], aliases: [] })
    return isRead || isBlocked ? [query, answer] : [query]
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

function blocks(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return false
  const reason = numberField(result as Record<string, unknown>, 'Reason')
  return (
    (result as Record<string, unknown>)['IsFiltered'] === true ||
    (reason !== null && reason >= FIRST_BLOCK && reason <= LAST_BLOCK)
  )
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
