// The traffic history, live or of a recording, under /api/traffic/:scope: overview, series, pages, totals, search.
import type { CompanySlug, NameSource } from './common.ts'
import type { Device } from './devices.ts'

export interface Traffic {
  /** To and from the internet. */
  sent: number
  received: number
}

/** What is counted out of resolvers' logs. Absent: nothing was looked up. */
export interface LookedUp {
  /** How often names were looked up. */
  lookups?: number
  /** How many of them a filter blocked: whoever asked got no address. Absent: none, as far as the log tells. */
  blocked?: number
  /** How many of them were answered with a record. Of the others the log has no answer, or one without a record. */
  answered?: number
}

/** A device with what it did in the range asked for. */
export interface DeviceRow extends Device, Traffic, LookedUp {
  sentLocal: number
  receivedLocal: number
  /** The company it sent most to; without bytes the one whose names it looked up most, blocked look-ups last. */
  topCompany: CompanySlug
  /** Who probably got most of what it sent to a cloud or to nobody that was seen. Absent where nobody is likely. */
  likelyTop?: LikelyTop
  /** Sent bytes in equal parts of the range. */
  sparkline: number[]
}

/** What devices that are not listed add up to. */
export interface MoreDevices extends Traffic, LookedUp {
  count: number
  sentLocal: number
  receivedLocal: number
}

/**
 * GET /api/traffic/:scope/device-rows?from&to&offset&limit[&q]: a page of all devices, those that the owner decided
 * about first, then those that the internet answered.
 */
export interface DeviceListPage {
  /** Devices that fit, on all pages. */
  total: number
  devices: DeviceRow[]
}

export interface Company {
  slug: CompanySlug
  /** Display name; empty for unknown, other and kept back: the page has words for those. */
  name: string
  /** A cloud or delivery network: whoever rents it stays unknown. */
  cloud: boolean
}

/**
 * Who is probably at an address that no name was seen for: reasoned from the device, the network, the port and what
 * else was seen. It is never counted as seen.
 */
export interface Likely {
  company: Company
  purpose: string
  /** 0 to 1. */
  confidence: number
  /** Each reason as a short English sentence, the strongest first. */
  why: string[]
}

/** The company that is likely behind most of what a device sent without one that was seen, and how much that is. */
export interface LikelyTop {
  company: Company
  sent: number
}

/** Bytes by how far it is known whom they went to or came from. */
export interface Attributed {
  /** A company was seen, and no cloud, delivery network or owner of a network. */
  seen: number
  /** Beyond that a company is likely. */
  likely: number
  /** All bytes to and from the internet. */
  of: number
}

export interface CompanyRow extends Company, Traffic, LookedUp {
  /** The company at the top of its owners. Absent where it stands alone. */
  owner?: { slug: string; name: string }
  devices: number
  purposes: string[]
  first: number | null
  last: number | null
  /** What probably went to it as well, counted under a cloud or nobody. Absent where there is none. */
  likely?: Traffic
}

/**
 * How much went between a device, a company and for a purpose: places in Overview's arrays. The cells of an overview
 * add up to its totals.
 */
export type Cell = [device: number, company: number, purpose: number, sent: number, received: number]

/**
 * GET /api/traffic/:scope/overview?from&to[&device][&company|&owner]: one answer for everything a page filters by its
 * range. `owner` is a company with all that is part of it, without the networks that it rents out.
 */
export interface Overview extends Traffic, LookedUp {
  from: number
  to: number
  sentLocal: number
  receivedLocal: number
  devices: DeviceRow[]
  /** Where there are too many for one answer: the others. Their cells have the place behind the last device. */
  moreDevices?: MoreDevices
  companies: CompanyRow[]
  purposes: string[]
  cells: Cell[]
  /**
   * Places of device, company and purpose as in `cells`, how often they were looked up, and how many of these look-ups
   * were blocked, if any. Absent where nothing was looked up.
   */
  lookupCells?: [device: number, company: number, purpose: number, lookups: number, blocked?: number][]
  /** Sent + received bytes by how they were named. */
  coverage: Partial<Record<NameSource, number>>
  attributed: Attributed
}

/**
 * GET /api/traffic/:scope/series?from&to[&device][&company|&owner][&purpose][&step]: null where nothing was captured: a
 * gap, never zero.
 */
export interface Series {
  from: number
  /** Seconds per value; the server chooses unless asked. */
  step: number
  sent: (number | null)[]
  received: (number | null)[]
}

/** One line of "to whom": a host, or an address without a name. */
export interface EndpointRow extends Traffic, LookedUp {
  id: number
  host: string | null
  addresses: string[]
  company: Company
  purpose: string
  /** ISO 3166 code of the network's registration. */
  country: string | null
  /** Whose network, in words, where no name is known. */
  network: string | null
  /** Protocol and port of the far end, `tcp/443`, of an address without a name. */
  service?: string
  /** Where no company was seen, or only one that rents out its network. */
  likely?: Likely
  labels: string[]
  namedBy: NameSource
  ech: boolean
  first: number | null
  last: number | null
  /** Never seen with this device before the learning time ended. */
  isNew: boolean
}

/** GET /api/traffic/:scope/devices/:id?from&to */
export interface DevicePage {
  device: DeviceRow
  endpoints: EndpointRow[]
  companies: CompanyRow[]
  coverage: Partial<Record<NameSource, number>>
  attributed: Attributed
}

/**
 * GET /api/traffic/:scope/devices/:id/grid: sent bytes by local day and hour, newest day last; null where nothing was
 * captured.
 */
export interface HourGrid {
  days: { date: string; hours: (number | null)[] }[]
}

/** Of one company, or of one with all that is part of it. */
export interface CompanyTraffic {
  company: CompanyRow
  devices: DeviceRow[]
  /** Where there are too many for one answer: the others. */
  moreDevices?: MoreDevices
  hosts: (EndpointRow & { device: string })[]
  /** Hosts that are not listed, if any. */
  moreHosts?: number
}

/** A company with all that is part of it. */
export interface CompanyFamily extends CompanyTraffic {
  /** What `company` adds up, itself included; those without traffic are left out. */
  brands: CompanyRow[]
  /** Networks that it rents out: for whom their bytes were is not known, so they are in no sum. */
  rented: CompanyRow[]
}

/** GET /api/traffic/:scope/companies/:slug?from&to (slug "-" is unknown) */
export interface CompanyPage extends CompanyTraffic {
  home: string | null
  about: string | null
  /** Where it owns other companies: the same of all of them together. */
  family?: CompanyFamily
}

/**
 * GET /api/traffic/:scope/totals?period[&devices]: devices' totals per local day, week or month, newest last. `devices`
 * names up to 100 of them, by commas; otherwise it is those that moved most.
 */
export interface Totals {
  period: 'day' | 'week' | 'month'
  /** Starts of the periods, and the end of the last. */
  bounds: number[]
  devices: { id: string; sent: number[]; received: number[] }[]
  /** What devices that are not listed add up to, if there are any. */
  more?: { count: number; sent: number[]; received: number[] }
}

/** GET /api/traffic/:scope/search?q */
export interface SearchHit {
  kind: 'device' | 'company' | 'host'
  /** Device id or company slug that the hit opens. */
  id: string
  title: string
  detail: string
}
