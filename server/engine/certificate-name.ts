// The host name that a server's certificate tells.
import type { CertificateNames } from '../../capture/wire/certificate.ts'
import { publicDomain } from '../model/registered-domain.ts'

/** A host name, with `*.` before it where it stands for all below it (RFC 6125 section 6.4.3). */
const HOST = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/
const WILDCARD = '*.'
/** The longest host name (RFC 1035 section 2.3.4). */
const MAX_LENGTH = 253
/** Shorter labels stand in too many organisations' names by accident. */
const MIN_LABEL = 4

/** A name of the certificate without its wildcard, and the domain that somebody registered. */
interface Named {
  name: string
  isWildcard: boolean
  domain: string
}

/**
 * The name that the certificate tells of its server; null for none. `known` is what the address is called so far, null
 * for nothing: it stays where the certificate is for it.
 *
 * What it tells is what all of its names have in common: `example.com` of `*.example.com`, or of `a.example.com` and
 * `b.example.com`. Of several domains it tells nothing, as on a CDN's server for many customers, but for a subject
 * whose organisation bears the name: an authority checked that all of them are that organisation's. Names below no
 * public suffix, such as a private authority's `device.local`, addresses and single words tell nothing.
 */
export function nameInCertificate(certificate: CertificateNames, known: string | null): string | null {
  const { commonName, dnsNames, organisation, isComplete } = certificate
  // RFC 6125 section 6.4.4: the common name counts where there is no other.
  const all = namesOf(dnsNames.length > 0 ? dnsNames : commonName === null ? [] : [commonName])
  if (known !== null && all.some((name) => isFor(name, known))) return known
  if (all.length === 0) return null
  const labels = new Set(all.map(({ domain }) => labelOf(domain)))
  const subject = namesOf(commonName === null ? [] : [commonName]).at(0)
  if (labels.size > 1 || !isComplete)
    return subject !== undefined && isOrganisations(organisation, subject) ? subject.name : null
  const domains = new Set(all.map(({ domain }) => domain))
  // example.com and example.co.uk are one owner's: the subject's name says which is meant first.
  if (domains.size > 1) return (subject ?? all[0]).domain
  return commonEnd(all.map(({ name }) => name))
}

function namesOf(texts: readonly string[]): Named[] {
  return texts.flatMap((text) => {
    const lower = text.toLowerCase().replace(/\.$/, '')
    if (lower.length > MAX_LENGTH || !HOST.test(lower)) return []
    const isWildcard = lower.startsWith(WILDCARD)
    const name = isWildcard ? lower.slice(WILDCARD.length) : lower
    const domain = publicDomain(name)
    return domain === null ? [] : [{ name, isWildcard, domain }]
  })
}

/** Whether the certificate's name is for the host: the same, or one label below the wildcard. */
function isFor({ name, isWildcard }: Named, host: string): boolean {
  if (!isWildcard) return name === host
  return host.endsWith(`.${name}`) && !host.slice(0, -name.length - 1).includes('.')
}

/** `example` of `example.co.uk`. */
function labelOf(domain: string): string {
  return domain.slice(0, domain.indexOf('.'))
}

function isOrganisations(organisation: string | null, { domain }: Named): boolean {
  const label = labelOf(domain).replaceAll('-', '')
  const letters = organisation?.toLowerCase().replaceAll(/[^a-z0-9]/g, '') ?? ''
  return label.length >= MIN_LABEL && letters.includes(label)
}

/** The longest end of whole labels that all names have. */
function commonEnd(names: readonly string[]): string {
  let common = names[0].split('.')
  for (const name of names) {
    const labels = name.split('.')
    let same = 0
    while (same < common.length && same < labels.length && common.at(-1 - same) === labels.at(-1 - same)) same++
    common = common.slice(common.length - same)
  }
  return common.join('.')
}
