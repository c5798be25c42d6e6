// The words of the questions about companies, in English.
import { amount, counted, listed } from './common.ts'

export const COMPANY_ALL = {
  title: 'What did one company get, with all its services?',
  story: 'Amazon owns Alexa, Ring, Kindle, Audible, Prime Video and more: what one of them learns, its owner may use.',
}

/** `brands` as "Ring 61.6 MB (camera video)"; amounts are bytes, or look-ups where only those are told of. */
export function companyAll(
  name: string,
  total: number,
  devices: number,
  since: string,
  brands: readonly string[],
  rented: { sent: number } | null,
): string {
  const first = `${name}'s services got ${amount(total)} from ${counted(devices, 'device')} since ${since}: ${listed(brands)}.`
  return rented === null
    ? first
    : `${first} A further ${amount(rented.sent)} went to computers it rents out; for whom cannot be seen.`
}

export function companyLookups(
  name: string,
  lookups: number,
  blocked: number,
  devices: number,
  since: string,
  brands: readonly string[],
): string {
  const stopped = blocked > 0 ? `, ${blocked.toLocaleString('en')} of them blocked` : ''
  return `${counted(devices, 'device')} looked up ${name}'s services ${lookups.toLocaleString('en')} times since ${since}${stopped}: ${listed(brands)}.`
}

export function companyNothing(name: string, since: string): string {
  return `Nothing went to ${name} since ${since}.`
}

export function brandPart(name: string, bytes: number, purpose: string | null): string {
  return `${name} ${amount(bytes)}${purpose === null ? '' : ` (${purpose.toLowerCase()})`}`
}

export function brandLookups(name: string, lookups: number): string {
  return `${name} ${lookups.toLocaleString('en')}`
}

export const companyLimits = [
  { key: 'content', sentence: 'How much and to whom is seen; what was in it is not.' },
  { key: 'elsewhere', sentence: 'Only this network is seen: what a phone sends over mobile data is not in it.' },
]
export const likelyLimit = {
  key: 'likely',
  sentence: 'What only likely went there, without a name, is left out of these sums.',
}
export const lookupsLimit = {
  key: 'look-ups',
  sentence: 'Only look-ups are known here: that a device asked for an address, and no bytes.',
}
export const needsCompany = 'Nothing was sent to a company that is known.'

export const OTHERS = {
  title: 'Who besides the maker gets traffic?',
  story: "Employees and partners sold or misused customers' data: it matters who gets any.",
}

export interface OtherShares {
  device: string
  maker: string | null
  makerShare: string
  helpersShare: string
  othersShare: string
  others: readonly string[]
}

export function othersSentence(shares: OtherShares): string {
  const { device, maker, makerShare, helpersShare, othersShare, others } = shares
  const own = maker === null ? 'its maker is not known' : `${makerShare} to ${maker}`
  const rest = others.length === 0 ? 'nothing to others' : `${othersShare} to ${counted(others.length, 'other')}`
  return `${device}: ${own}, ${helpersShare} to clouds and helpers, ${rest}${others.length === 0 ? '' : ` (${listed(others)})`}.`
}

export const othersLimits = [
  { key: 'passed-on', sentence: 'What a company passes on later cannot be seen.' },
  { key: 'clouds', sentence: 'For whom a rented cloud works cannot be seen.' },
]
export const needsDevice = 'No device with a known maker sent anything in this time.'
