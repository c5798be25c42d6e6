// Where a listener of datagrams listens and whom it hears, as text: a line of Settings, an argument of --source.
import { networkInterfaces } from 'node:os'
import { addressText, isLoopback, parseAddress, parseIpv4, withoutZone } from '../ip-address.ts'
import type { NamedSource } from './definition.ts'

export interface ListenerDetails {
  /** Canonical text; a link-local IPv6 address may have a zone ("fe80::5%eth0"). */
  address: string
  port: number
  /** Canonical texts, each once, at least one. One with a zone is meant on that interface only. */
  senders: string[]
}

/** How the sources of one kind are named. */
export interface ListenerNaming {
  kind: string
  /** "NetFlow", in the title of a source. */
  title: string
  /** The port where a text names none; absent: it has to. */
  defaultPort?: number
}

const LOOPBACK = '127.0.0.1'
/** Where no sender is named, this machine's own programs may send. */
const OWN_SENDERS: readonly string[] = ['127.0.0.1', '::1']
export const MAX_SENDERS = 16
const LONGEST_TEXT = 2000
/** Names of Linux's interfaces have up to 15 characters. */
const ZONE = /^[\w.:-]{1,15}$/

/**
 * The source that a line "[ADDRESS:]PORT [from SENDER[,SENDER]]" names, with IPv6 ADDRESSes in brackets; null where it
 * names none. Without ADDRESS it listens on 127.0.0.1.
 */
export function parseListenerLine(naming: ListenerNaming, line: string): NamedSource<ListenerDetails> | null {
  if (line.length > LONGEST_TEXT) return null
  const [, place, senders] = /^\s*(\S*?)\s*(?:\bfrom\s+(.+?))?\s*$/.exec(line) ?? []
  if (place === undefined || (place === '' && senders === undefined)) return null
  return named(naming, place, senders?.split(','))
}

/** The same of "KIND:[ADDRESS:]PORT[,from=SENDER[+SENDER]]". */
export function parseListenerArgument(naming: ListenerNaming, text: string): NamedSource<ListenerDetails> | null {
  const start = `${naming.kind}:`
  if (!text.startsWith(start) || text.length > LONGEST_TEXT) return null
  const [place = '', senders, ...more] = text.slice(start.length).split(',')
  if (more.length > 0 || (senders !== undefined && !senders.startsWith('from='))) return null
  return named(naming, place, senders?.slice('from='.length).split('+'))
}

function named(naming: ListenerNaming, place: string, senderTexts?: string[]): NamedSource<ListenerDetails> | null {
  const { address, port = naming.defaultPort } = placeOf(place) ?? {}
  if (address === undefined || port === undefined || port < 1 || port > 65_535) return null
  const senders = senderTexts === undefined ? [...OWN_SENDERS] : senderTexts.map((text) => senderOf(text.trim()))
  if (senders.includes(null) || senders.length > MAX_SENDERS) return null
  const details = { address, port, senders: [...new Set(senders as string[])] }
  const from = senderTexts === undefined ? '' : ` from ${details.senders.join(', ')}`
  return {
    // Who may send can be changed without its becoming another source.
    id: `${naming.kind}:${placeText(details)}`,
    title: `${naming.title} on ${placeText(details)}${from}`,
    ...details,
  }
}

/** "192.0.2.1:2055" or "[fd00::5]:2055". */
export function placeText({ address, port }: Pick<ListenerDetails, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function placeOf(text: string): { address: string; port?: number } | null {
  if (text === '') return { address: LOOPBACK }
  if (/^\d+$/.test(text)) return { address: LOOPBACK, port: Number(text) }
  const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = bracketed === undefined ? ipv4Of(plain ?? '') : ipv6Of(bracketed)
  if (address === null || useOf(address) === 'group') return null
  return portText === undefined ? { address } : { address, port: Number(portText) }
}

/** Null for names, and for addresses that are nobody's: 0.0.0.0, ::, groups. */
function senderOf(text: string): string | null {
  const inside = /^\[([^\]]+)\]$/.exec(text)?.[1] ?? text
  const address = ipv4Of(inside) ?? ipv6Of(inside)
  return address === null || useOf(address) !== 'one' ? null : address
}

function ipv4Of(text: string): string | null {
  return parseIpv4(text) === null ? null : text
}

function ipv6Of(text: string): string | null {
  const zone = text.includes('%') ? text.slice(text.indexOf('%') + 1) : null
  const words = text.includes(':') ? parseAddress(withoutZone(text)) : null
  if (words === null) return null
  if (zone === null) return addressText(words)
  const isLinkLocal = words[0] >>> 22 === 0xfe80 >>> 6
  return isLinkLocal && ZONE.test(zone) ? `${addressText(words)}%${zone}` : null
}

function useOf(address: string): 'any' | 'group' | 'one' {
  const [w0, w1, w2, w3] = parseAddress(withoutZone(address)) ?? [0, 0, 0, 0]
  if (!address.includes(':')) {
    if (w3 >>> 24 === 0) return 'any'
    return w3 >>> 28 === 0xe || w3 >>> 0 === 0xffff_ffff ? 'group' : 'one'
  }
  if (w0 === 0 && w1 === 0 && w2 === 0 && w3 === 0) return 'any'
  return w0 >>> 24 === 0xff ? 'group' : 'one'
}

/** Tells whether a datagram's source address, as the socket gives it, is a named sender's. */
export class NamedSenders {
  private readonly named: ReadonlySet<string>
  /** What the socket calls named senders: as many texts as they have interfaces. */
  private readonly known = new Map<string, string>()

  constructor(senders: readonly string[]) {
    this.named = new Set(senders)
  }

  /** The sender's canonical address without a zone; null where it is not named. */
  nameOf(given: string): string | null {
    const known = this.known.get(given)
    if (known !== undefined) return known
    const { plain, zoned } = canonicalSender(given)
    if (!this.named.has(plain) && !this.named.has(zoned)) return null
    if (this.known.size < 4 * MAX_SENDERS) this.known.set(given, plain)
    return plain
  }
}

/** An IPv4 address that came over an IPv6 socket is an IPv4 address. */
export function canonicalSender(given: string): { plain: string; zoned: string } {
  const words = parseAddress(withoutZone(given))
  const plain = words === null ? given : addressText(words)
  return { plain, zoned: given.includes('%') ? plain + given.slice(given.indexOf('%')) : plain }
}

/**
 * What keeps every named sender's datagrams away, as a sentence; null where nothing does. `own`: this machine's
 * addresses.
 */
export function unreachableSentence(details: ListenerDetails, own: readonly string[] = ownAddresses()): string | null {
  const { address, port, senders } = details
  const isLocalPlace = isLoopback(address)
  if (senders.every(isLoopback)) {
    if (isLocalPlace || useOf(address) === 'any') return null
    return (
      `Nobody's datagrams are taken at ${placeText(details)}: no sender is named. ` +
      `Name the router: "${placeText(details)} from 192.168.1.1".`
    )
  }
  if (!isLocalPlace || senders.some(isLoopback) || senders.some((one) => own.includes(one))) return null
  const [sender] = senders
  const fitting = own.find((one) => !isLoopback(one) && isNear(one, sender)) ?? 'ADDRESS'
  const place = placeText({ address: fitting, port })
  return (
    `It listens on this machine alone (${address}): nothing of ${sender} can arrive. ` +
    `Write the address that ${sender} sends to, such as "${place} from ${senders.join(', ')}".`
  )
}

/** In one /24, or the first half of an IPv6 address: homes' networks are that large or smaller. */
function isNear(one: string, other: string): boolean {
  const words = parseAddress(withoutZone(one))
  const others = parseAddress(withoutZone(other))
  if (words === null || others === null || one.includes(':') !== other.includes(':')) return false
  if (one.includes(':')) return words[0] === others[0] && words[1] === others[1]
  return words[3] >>> 8 === others[3] >>> 8
}

/** This machine's addresses, link-local ones with their zone. */
export function ownAddresses(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, scopeid }) => (scopeid ? `${address}%${name}` : address)),
  )
}
