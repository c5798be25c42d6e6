// The part of a host's name that somebody registered.
import { createRequire } from 'node:module'
import type * as Tldts from 'tldts'

let tldts: typeof Tldts | null = null

/**
 * `example.co.uk` of `www.example.co.uk`; null for a name of nobody. The list of public suffixes is loaded at the first
 * name: most captures are of names whose company is known.
 */
export function registeredDomain(host: string): string | null {
  return library().getDomain(host, { allowPrivateDomains: true })
}

/**
 * The same by what registries sell only: `amazonaws.com` of a customer's bucket there. Null where the name's last label
 * is no top-level domain, as with `device.local`.
 */
export function publicDomain(host: string): string | null {
  const { domain, isIcann } = library().parse(host, { allowPrivateDomains: false })
  return isIcann === true ? domain : null
}

function library(): typeof Tldts {
  tldts ??= createRequire(import.meta.url)('tldts') as typeof Tldts
  return tldts
}
