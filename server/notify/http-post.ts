// Posts to an address that the owner gave, and to no other.
import { lookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPrivateAddress } from '../../capture/ip-address.ts'
import type { Delivery } from './channel.ts'

const TIMEOUT_MS = 10_000

export interface Post {
  /** What messages call it: never the address, which may hold a secret. */
  name: string
  url: string
  headers: Record<string, string>
  body: string
  /** Whether the owner said that a machine at home is meant. */
  allowPrivate: boolean
}

/**
 * Redirects are not followed. The address that was looked up is the one connected to, so that a second look-up cannot
 * lead into the home. Answers of 2xx are success, 408, 425, 429 and 5xx "not now", everything else "never".
 */
export async function post({ name, url, headers, body, allowPrivate }: Post): Promise<Delivery> {
  const refuse = (reason: string, again: boolean): Delivery => ({ done: false, again, reason: `${name}: ${reason}` })
  if (!URL.canParse(url)) return refuse('its address is no web address: it should begin with https://', false)
  const target = new URL(url)
  if (target.protocol !== 'https:' && target.protocol !== 'http:')
    return refuse('its address should begin with https:// or http://', false)
  const host = target.hostname.replace(/^\[|\]$/g, '')
  let addresses: { address: string; family: number }[]
  try {
    addresses = isIP(host) !== 0 ? [{ address: host, family: isIP(host) }] : await lookup(host, { all: true })
  } catch {
    return refuse('the name in its address is not known at the moment', true)
  }
  if (!allowPrivate && addresses.some(({ address }) => isPrivateAddress(address))) {
    return refuse('its address is in a home network: allow private addresses in its settings if that is meant', false)
  }
  const [first] = addresses
  if (first === undefined) return refuse('the name in its address has no address', true)
  return send(target, headers, body, first, refuse)
}

function send(
  target: URL,
  headers: Record<string, string>,
  body: string,
  { address, family }: { address: string; family: number },
  refuse: (reason: string, again: boolean) => Delivery,
): Promise<Delivery> {
  const pinned: LookupFunction = (_host, options, done) =>
    options.all === true ? done(null, [{ address, family }]) : done(null, address, family)
  return new Promise((resolve) => {
    const bytes = Buffer.from(body)
    const request = (target.protocol === 'https:' ? requestHttps : requestHttp)(
      target,
      {
        method: 'POST',
        lookup: pinned,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: { ...headers, 'content-length': bytes.length },
      },
      (response) => {
        // What it says is not of interest; unread, it would hold the connection.
        response.resume()
        response.on('error', () => undefined)
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) resolve({ done: true })
        else if (status >= 300 && status < 400)
          resolve(refuse(`it answered ${status} and wants to lead elsewhere: give the final address`, false))
        else resolve(refuse(`it answered ${status}`, status >= 500 || [408, 425, 429].includes(status)))
      },
    )
    request.on('error', () => resolve(refuse('it cannot be reached at the moment', true)))
    request.end(bytes)
  })
}
