// Owners of networks, and the countries in which they are registered, by address.
import { BoundedMap } from '../../capture/bounded-map.ts'
import { openSections, packSections, pooledString, StringPool, type Section, type Sections } from '../rules/sections.ts'
import { addressUse, ipv4Text } from '../../capture/ip-address.ts'
import { type AddressNumbers, numbersOf } from './address-numbers.ts'
import type { CompanyTable } from './company-names.ts'

/**
 * The network around an address. `owner` is the name the network's operator registered; `country` is the ISO 3166 code
 * of the registration, which need not be where the machine stands.
 */
export interface Network {
  asn: number | null
  owner: string | null
  country: string | null
}

/** What an address alone says about the other end. A name seen in DNS or TLS takes precedence. */
export interface AddressAttribution extends Network {
  /** The company at the other end: null for a rented-out network, because its customers are behind it too. */
  company: string | null
  /** The company whose network it is, rented out or not. */
  networkCompany: string | null
  /** Whether the company publishes the address as its own, rather than only running the network. */
  published: boolean
  /** Whether others rent machines in this network. */
  cloud: boolean
  /** One sentence for the screen, in English; null when nothing is known. */
  words: string | null
}

/** One row of the tables this is built from; addresses are inclusive, as text. */
export interface NetworkRow {
  first: string
  last: string
  asn: number
  owner: string
}

export interface CountryRow {
  first: string
  last: string
  country: string
}

interface Ranges {
  high: number[]
  low: number[]
  value: number[]
}

/** DB-IP's licence (CC BY 4.0) asks for this link wherever its data is shown. */
export const NETWORK_DATA_CREDIT = { text: 'IP to network owner by DB-IP', href: 'https://db-ip.com' }

const TWO_TO_32 = 2 ** 32
const UNKNOWN = 0

/** Longest table of an owner's own file that is read: three times the size of the whole internet's. */
const MAX_ROWS = 1_500_000

/** Sorted starts and the value from each on; `high` is null for IPv4. */
interface Starts {
  high: Section | null
  low: Section
  value: Section
}

interface Opened {
  date: string | null
  owner4: Starts
  owner6: Starts
  country4: Starts
  country6: Starts
  asns: Section
  names: Section
  nameOffsets: Section
  nameText: Section
}

/** Owner names decoded so far that are kept: a home talks to a few hundred networks. */
const MAX_DECODED_NAMES = 4_096
/** Addresses remembered with their network. */
const MAX_ANSWERS = 4_096

/** Opens lazily: nothing is read until the first look-up. */
export class NetworkTable {
  private opened: Opened | null = null
  private readonly open: () => Sections
  private readonly decoded = new BoundedMap<number, string>('names of networks', MAX_DECODED_NAMES)
  /** Devices of one home talk to the same addresses. */
  private readonly answers = new BoundedMap<string, Network | null>('addresses with their network', MAX_ANSWERS)

  constructor(open: () => Sections) {
    this.open = open
  }

  /** Day the data was made, `YYYY-MM-DD`; null when there is no data. */
  get date(): string | null {
    return this.read().date
  }

  /** Network of an address given as text; null for an address in no registered network (home, multicast, unused). */
  lookUp(address: string): Network | null {
    let known = this.answers.get(address)
    if (known === undefined) {
      const numbers = numbersOf(address)
      known = numbers === null || !hasOwner(address, numbers) ? null : this.lookUpNumbers(numbers)
      this.answers.set(address, known)
    }
    return known
  }

  private lookUpNumbers(numbers: AddressNumbers): Network | null {
    return numbers.version === 4 ? this.lookUpIpv4(numbers.low) : this.lookUpIpv6(numbers.high, numbers.low)
  }

  /** `address` is the unsigned 32-bit value. */
  lookUpIpv4(address: number): Network | null {
    const { owner4, country4 } = this.read()
    return this.describe(valueAt(owner4, 0, address), valueAt(country4, 0, address))
  }

  /** `high` and `low` are the first 64 bits of the address. */
  lookUpIpv6(high: number, low: number): Network | null {
    const { owner6, country6 } = this.read()
    return this.describe(valueAt(owner6, high, low), valueAt(country6, high, low))
  }

  private describe(owner: number, country: number): Network | null {
    if (owner === UNKNOWN && country === UNKNOWN) return null
    return {
      asn: owner === UNKNOWN ? null : this.read().asns[owner],
      owner: owner === UNKNOWN ? null : this.name(owner),
      country: country === UNKNOWN ? null : String.fromCharCode(country >>> 8, country & 0xff),
    }
  }

  private name(owner: number): string {
    const known = this.decoded.get(owner)
    if (known !== undefined) return known
    const { nameOffsets, nameText, names } = this.read()
    const name = pooledString(nameOffsets, nameText, names[owner])
    this.decoded.set(owner, name)
    return name
  }

  private read(): Opened {
    return (this.opened ??= resolve(this.open()))
  }
}

/**
 * False of addresses that belong to nobody on the internet, whatever a table says. Addresses for documentation are
 * looked up: only a table that means them names them.
 */
function hasOwner(address: string, { version, low }: AddressNumbers): boolean {
  const use = addressUse(version === 4 ? ipv4Text(low) : address)
  return use === 'public' || use === 'documentation'
}

function resolve({ meta, arrays }: Sections): Opened {
  const none = new Uint32Array(0)
  const starts = (table: string): Starts => ({
    high: arrays[`${table}High`] ?? null,
    low: arrays[`${table}Low`] ?? none,
    value: arrays[`${table}Value`] ?? none,
  })
  const date = meta['date']
  return {
    date: typeof date === 'string' ? date : null,
    owner4: starts('owner4'),
    owner6: starts('owner6'),
    country4: starts('country4'),
    country6: starts('country6'),
    asns: arrays['asns'] ?? none,
    names: arrays['names'] ?? none,
    nameOffsets: arrays['nameOffsets'] ?? none,
    nameText: arrays['nameText'] ?? none,
  }
}

/** A table over the bytes that `buildNetworks` made. */
export function networksFromBytes(read: () => Uint8Array): NetworkTable {
  return new NetworkTable(() => openSections(read(), 'The table of network owners (networks.bin)'))
}

/** An empty table, for an installation without the data. */
export function noNetworks(): NetworkTable {
  return new NetworkTable(() => ({ meta: {}, arrays: {} }))
}

/**
 * The owner's own, newer table: lines of `first,last,as number,owner[,country]`, IPv4 and IPv6 in one file, sorted or
 * not. Throws with the line's number when a line is none.
 */
export function networksFromCsv(text: string, date: string): NetworkTable {
  const owners: NetworkRow[] = []
  const countries: CountryRow[] = []
  for (const { row, line } of csvRows(text)) {
    const [first = '', last = '', asn = '', owner = '', country = ''] = row
    if (owners.length >= MAX_ROWS)
      throw new Error(`The network table has more than ${MAX_ROWS} lines: give a smaller one`)
    if (numbersOf(first) === null || numbersOf(last) === null || !/^\d{1,10}$/.test(asn)) {
      throw new Error(
        `Line ${line} of the network table should read "first address,last address,AS number,owner": ${row.join(',').slice(0, 120)}`,
      )
    }
    owners.push({ first, last, asn: Number(asn), owner })
    if (/^[A-Z]{2}$/.test(country)) countries.push({ first, last, country })
  }
  return networksFromBytes(() => buildNetworks(owners, countries, date))
}

/** Packs rows into sorted ranges: a start and an owner each, neighbours of one owner joined, gaps as unknown. */
export function buildNetworks(owners: Iterable<NetworkRow>, countries: Iterable<CountryRow>, date: string): Uint8Array {
  const names = new StringPool()
  const ownerIndexes = new Map<string, number>()
  const asns = [0]
  const nameIndexes = [names.add('')]
  const indexOf = (row: NetworkRow): number => {
    const key = `${row.asn} ${row.owner}`
    let index = ownerIndexes.get(key)
    if (index === undefined) {
      index = asns.push(row.asn) - 1
      nameIndexes.push(names.add(row.owner))
      ownerIndexes.set(key, index)
    }
    return index
  }
  const owned = toRanges(owners, indexOf)
  const registered = toRanges(countries, (row) => row.country.charCodeAt(0) * 256 + row.country.charCodeAt(1))
  const { offsets, text } = names.pack()
  return packSections({
    meta: { date },
    arrays: {
      owner4Low: Uint32Array.from(owned.v4.low),
      owner4Value: Uint32Array.from(owned.v4.value),
      owner6High: Uint32Array.from(owned.v6.high),
      owner6Low: Uint32Array.from(owned.v6.low),
      owner6Value: Uint32Array.from(owned.v6.value),
      country4Low: Uint32Array.from(registered.v4.low),
      country4Value: Uint16Array.from(registered.v4.value),
      country6High: Uint32Array.from(registered.v6.high),
      country6Low: Uint32Array.from(registered.v6.low),
      country6Value: Uint16Array.from(registered.v6.value),
      asns: Uint32Array.from(asns),
      names: Uint32Array.from(nameIndexes),
      nameOffsets: offsets,
      nameText: text,
    },
  })
}

/** Lines of a CSV file (RFC 4180, without line breaks in a field), empty lines and `#` comments left out. */
export function* csvRows(text: string): Generator<{ row: string[]; line: number }> {
  let line = 0
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const content = text.slice(at, end).trimEnd()
    line++
    at = end + 1
    if (content !== '' && !content.startsWith('#')) yield { row: csvFields(content), line }
  }
}

/**
 * What an address alone names: the company of a declared range, else the company of the network.
 * A rented-out network is named as such and never as the company at the other end.
 */
export function attributeAddress(address: string, networks: NetworkTable, companies: CompanyTable): AddressAttribution {
  const network = networks.lookUp(address) ?? { asn: null, owner: null, country: null }
  const publishedBy = companies.companyOfAddress(address)
  const slug = publishedBy ?? companies.companyOfAsn(network.asn)
  const company = slug === null ? null : companies.describe(slug)
  const cloud = company?.cloud ?? false
  const name = company?.name ?? network.owner
  return {
    ...network,
    company: cloud ? null : slug,
    networkCompany: slug,
    published: publishedBy !== null,
    cloud,
    words:
      name === null
        ? null
        : cloud
          ? `${possessive(name)} network: its own service or a customer of its cloud`
          : `${possessive(name)} network`,
  }
}

function possessive(name: string): string {
  return name.endsWith('s') ? `${name}'` : `${name}'s`
}

function csvFields(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  for (let at = 0; at <= line.length;) {
    if (line[at] !== '"') {
      const comma = line.indexOf(',', at)
      const end = comma < 0 ? line.length : comma
      fields.push(line.slice(at, end))
      at = end + 1
      continue
    }
    let close = at + 1
    while (close < line.length && (line[close] !== '"' || line[close + 1] === '"')) close += line[close] === '"' ? 2 : 1
    fields.push(line.slice(at + 1, close).replaceAll('""', '"'))
    at = close + 2
  }
  return fields
}

/**
 * Sorted starts for both versions; where two rows overlap, the one that starts later wins and the earlier one goes on
 * after it.
 */
function toRanges<Row extends { first: string; last: string }>(
  rows: Iterable<Row>,
  valueOf: (row: Row) => number,
): { v4: Ranges; v6: Ranges } {
  const found = {
    4: [] as { start: number; end: number; value: number }[],
    6: [] as { start: bigint; end: bigint; value: number }[],
  }
  for (const row of rows) {
    const first = numbersOf(row.first)
    const last = numbersOf(row.last)
    if (first === null || last === null || first.version !== last.version) continue
    const value = valueOf(row)
    if (first.version === 4) found[4].push({ start: first.low, end: last.low + 1, value })
    else found[6].push({ start: to64(first.high, first.low), end: to64(last.high, last.low) + 1n, value })
  }
  const v4 = cut(found[4])
  const v6 = cut(found[6])
  return {
    v4: { high: [], low: v4.starts, value: v4.values },
    v6: {
      high: v6.starts.map((start) => Number(start >> 32n)),
      low: v6.starts.map((start) => Number(start & 0xffffffffn)),
      value: v6.values,
    },
  }
}

function cut<Place extends number | bigint>(
  ranges: { start: Place; end: Place; value: number }[],
): { starts: Place[]; values: number[] } {
  ranges.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.end > b.end ? -1 : 1))
  const starts: Place[] = []
  const values: number[] = []
  const put = (start: Place, value: number): void => {
    if (starts.at(-1) === start) {
      starts.pop()
      values.pop()
    }
    if ((values.at(-1) ?? UNKNOWN) === value) return
    starts.push(start)
    values.push(value)
  }
  const open: { end: Place; value: number }[] = []
  const closeUntil = (start: Place | null): void => {
    for (let top = open.at(-1); top !== undefined && (start === null || top.end <= start); top = open.at(-1)) {
      open.pop()
      while (open.length > 0 && (open.at(-1)?.end ?? top.end) <= top.end) open.pop()
      put(top.end, open.at(-1)?.value ?? UNKNOWN)
    }
  }
  for (const range of ranges) {
    if (range.end <= range.start) continue
    closeUntil(range.start)
    put(range.start, range.value)
    open.push(range)
  }
  closeUntil(null)
  return { starts, values }
}

function to64(high: number, low: number): bigint {
  return BigInt(high) * BigInt(TWO_TO_32) + BigInt(low)
}

/** Value of the last range that starts at or before the address. */
function valueAt({ high: highs, low: lows, value }: Starts, high: number, low: number): number {
  let from = 0
  let to = lows.length
  while (from < to) {
    const middle = (from + to) >>> 1
    const startHigh = highs === null ? 0 : highs[middle]
    if (startHigh < high || (startHigh === high && lows[middle] <= low)) from = middle + 1
    else to = middle
  }
  return from === 0 ? UNKNOWN : value[from - 1]
}
