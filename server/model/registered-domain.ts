// The part of a host's name that somebody registered.
import { createRequire } from 'node:module'
import type * as Tldts from 'tldts'

let tldts: typeof Tldts | null = null

/**
 * `example.co.uk` of `www.example.co.uk`; null for a name of nobody. The list of public suffixes is loaded at the first
 * name: most captures are of names whose company is known.
 */
export function registeredDomain(host: string): string | null {
  tldts ??= createRequire(import.meta.url)('tldts') as typeof Tldts
  return tldts.getDomain(host, { allowPrivateDomains: true })
}
