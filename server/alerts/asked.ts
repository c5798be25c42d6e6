// Look-ups of names that are new to a device: when they are enough to be no chance, and what the names belong to.
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { registeredDomain } from '../model/registered-domain.ts'
import type { LookupSample } from './detector.ts'

/** What the server of a company is for that follows people, sells advertising or collects statistics. */
export const TRACKER_PURPOSES: readonly string[] = ['ads', 'tracking', 'telemetry']

/** Whose names every device uses, whoever made it: a new one of them is no evidence about the device. */
export const INFRASTRUCTURE: readonly string[] = ['time', 'dns', 'connectivity', 'cdn', 'update', 'security']

/** One attempt asks for up to three types of address, and one attempt may be chance. */
const ENOUGH_AT_ONCE = 4
const MAX_ASKED = 256
const MINUTE = 60
const LONGEST_DOMAIN = 60
/** Names at home, and of addresses: they belong to nobody on the internet. */
const NO_DOMAINS: readonly string[] = [
  'arpa',
  'box',
  'corp',
  'home',
  'internal',
  'intranet',
  'invalid',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'onion',
  'private',
  'test',
]

/** Look-ups by whom they are about, how many of them were blocked, and the minute of the first. */
export const AskedSchema = Type.Record(
  Type.String(),
  Type.Object({ count: Type.Number(), minute: Type.Number(), blocked: Type.Optional(Type.Number()) }),
)

/** What was asked, once it is enough. */
export interface Enough {
  count: number
  blocked: number
}

/** A device of which nobody knows what it is counts as an appliance while it asks for so few companies. */
const FEW_COMPANIES = 6
/** Families of the companies that a device asks for, as far as they are few. */
export const CompaniesSchema = Type.Array(Type.String())

export function noteCompany(companies: string[], { family, endpoint }: LookupSample): void {
  if (family === null || INFRASTRUCTURE.includes(endpoint.purpose)) return
  if (companies.length <= FEW_COMPANIES && !companies.includes(family)) companies.push(family)
}

export function areFew(companies: readonly string[]): boolean {
  return companies.length <= FEW_COMPANIES
}

/** Adds the sample; what was asked once it is enough, else null. */
export function askedEnough(
  asked: Static<typeof AskedSchema>,
  whom: string,
  { second, count, blocked = 0 }: Pick<LookupSample, 'second' | 'count' | 'blocked'>,
): Enough | null {
  const minute = Math.floor(second / MINUTE)
  const before = Object.hasOwn(asked, whom) ? asked[whom] : { count: 0, blocked: 0, minute }
  const all = { count: before.count + count, blocked: (before.blocked ?? 0) + blocked }
  if (minute !== before.minute || all.count >= ENOUGH_AT_ONCE) {
    delete asked[whom]
    return all
  }
  if (before.count > 0 || Object.keys(asked).length < MAX_ASKED) asked[whom] = { ...all, minute: before.minute }
  return null
}

/** The part of the name that somebody registered; null for a name of the home. */
export function domainOf(host: string | null): string | null {
  const name = host?.toLowerCase().replace(/\.$/, '') ?? ''
  const top = name.slice(name.lastIndexOf('.') + 1)
  if (!name.includes('.') || NO_DOMAINS.includes(top)) return null
  return registeredDomain(name)?.slice(0, LONGEST_DOMAIN) ?? null
}
