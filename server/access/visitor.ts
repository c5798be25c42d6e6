// Who a request comes from: the browser's address, behind a trusted proxy too, and whether it came over TLS.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isLoopback, parseAddress, parsePrefix, prefixContains, withoutZone } from '../../capture/ip-address.ts'

export interface Visitor {
  /** The browser's address, as far as only trusted proxies vouch for it. */
  address: string
  isTls: boolean
  /** On this machine, and not through a proxy: nobody of the network can be behind it. */
  isLocal: boolean
  /** Who may set the first password: any address of this machine, but not by a proxy that nobody told of. */
  isOnThisMachine: boolean
  /** The connection is a trusted proxy's, which brings requests of many. */
  isProxied: boolean
}

/** What is read of a request. */
export interface Arrival {
  headers: IncomingHttpHeaders
  remoteAddress: string
  isEncrypted: boolean
}

export type VisitorOf = (arrival: Arrival) => Visitor

/** Hops of proxies that are followed. */
const MOST_HOPS = 16
/** Headers that a proxy writes and a browser does not. */
const FORWARDING = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
  'via',
] as const

/** What a browser on this machine comes from. Loopback has 16 million addresses more: they are not all as good. */
export function isLocalhost(address: string): boolean {
  return ['127.0.0.1', '::ffff:127.0.0.1', '::1'].includes(address)
}

/** Whether an address is among trusted proxies, which are addresses and ranges. */
export function isAmong(trusted: readonly string[], address: string): boolean {
  const words = parseAddress(withoutZone(address))
  if (words === null) return false
  return trusted.some((text) => {
    const prefix = parsePrefix(text)
    return prefix !== null && prefixContains(prefix, ...words)
  })
}

/**
 * `proxies` are addresses and ranges, read at every request. X-Forwarded-For and X-Forwarded-Proto count from those
 * only; X-Forwarded-Host never: a proxy hands on the Host header, which is checked as everyone's.
 */
export function visitors(proxies: () => readonly string[]): VisitorOf {
  return ({ headers, remoteAddress, isEncrypted }) => {
    const trusted = proxies()
    const isProxied = isAmong(trusted, remoteAddress)
    const isForwarded = FORWARDING.some((name) => headers[name] !== undefined)
    const address = isProxied ? browserBehind(trusted, remoteAddress, headers['x-forwarded-for']) : remoteAddress
    return {
      address,
      isTls: isEncrypted || (isProxied && lastOf(headers['x-forwarded-proto']) === 'https'),
      isLocal: !isProxied && !isForwarded && isLocalhost(remoteAddress),
      isOnThisMachine: (isProxied || !isForwarded) && isLoopback(address),
      isProxied,
    }
  }
}

export function arrivalOf({ headers, socket }: IncomingMessage): Arrival {
  return {
    headers,
    remoteAddress: socket.remoteAddress ?? '',
    isEncrypted: 'encrypted' in socket && socket.encrypted === true,
  }
}

/** The last address that no trusted proxy holds; what a browser itself wrote in front of it is not looked at. */
function browserBehind(
  trusted: readonly string[],
  remoteAddress: string,
  header: string | string[] | undefined,
): string {
  let address = remoteAddress
  const hops = listed(header).slice(-MOST_HOPS)
  while (hops.length > 0 && isAmong(trusted, address)) {
    const before = withoutPort(hops.pop() as string)
    if (parseAddress(withoutZone(before)) === null) break
    address = before
  }
  return address
}

function lastOf(header: string | string[] | undefined): string | undefined {
  return listed(header).at(-1)?.toLowerCase()
}

function listed(header: string | string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** "[2001:db8::1]:443" and "192.0.2.1:443", as some proxies write. */
function withoutPort(text: string): string {
  const parts = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text)
  return parts?.[1] ?? parts?.[2] ?? text
}
