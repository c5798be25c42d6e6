// Nodes and links of the ribbon devices → companies → purposes out of an overview's cells, to the byte.
import {
  KEPT_BACK_COMPANY,
  OTHER_COMPANY,
  type CompanyRow,
  type CompanySlug,
  type Overview,
} from '../../../server/api.ts'
import type { OwnerRow } from '../../state/owners.ts'

export type Column = 'device' | 'company' | 'purpose'

/**
 * What a node stands for: something with a name, what has no name, what a device's level keeps back, or the
 * folded rest.
 */
export type NodeRole = 'named' | 'unknown' | 'kept-back' | 'other'

/** What a pick opens. `rest` is the column whose small ones were folded together. */
export type RibbonPick = { device: string } | { company: CompanySlug } | { purpose: string } | { rest: Column }

export interface RibbonNode {
  /** Unique over all columns. */
  key: string
  column: Column
  role: NodeRole
  /** The name as it came, hostile where it came off the wire; empty where the page has its own name for it. */
  name: string
  sent: number
  /** How many were folded into it; 1 for an ordinary node. */
  members: number
  /** What an owner's sum is made of. */
  brands?: CompanyRow[]
  pick: RibbonPick
}

export interface RibbonLink {
  source: string
  target: string
  sent: number
}

export interface Ribbon {
  total: number
  nodes: RibbonNode[]
  links: RibbonLink[]
}

export type RibbonLimits = Record<Column, number>

export const RIBBON_LIMITS: RibbonLimits = { device: 8, company: 8, purpose: 6 }
export const UNFOLDED: RibbonLimits = { device: Infinity, company: Infinity, purpose: Infinity }

interface Ranked {
  names: Map<number, RibbonNode>
  rest: RibbonNode
}

function sumByPlace(overview: Overview, position: 0 | 1 | 2, length: number): number[] {
  const sums = new Array<number>(length).fill(0)
  for (const cell of overview.cells) sums[cell[position]] = (sums[cell[position]] ?? 0) + cell[3]
  return sums
}

/**
 * The biggest `limit` keep their own node, unless just one would be folded; `always` never folds, `never` always does.
 */
function rank(
  column: Column,
  sums: number[],
  limit: number,
  nodeOf: (place: number) => RibbonNode,
  always: Set<number>,
  never: Set<number>,
): Ranked {
  const rest: RibbonNode = {
    key: `${column}:*`,
    column,
    role: 'other',
    name: '',
    sent: 0,
    members: 0,
    pick: { rest: column },
  }
  const places = [...sums.keys()]
    .filter((place) => (sums[place] ?? 0) > 0)
    .sort((a, b) => (sums[b] ?? 0) - (sums[a] ?? 0) || a - b)
  const rankable = places.filter((place) => !always.has(place) && !never.has(place))
  const room = rankable.length === limit + 1 && never.size === 0 ? limit + 1 : limit
  const kept = new Set(rankable.slice(0, room))
  const names = new Map<number, RibbonNode>()
  for (const place of places) {
    const sent = sums[place] ?? 0
    if (kept.has(place) || always.has(place)) {
      names.set(place, { ...nodeOf(place), sent })
    } else {
      rest.sent += sent
      rest.members += 1
    }
  }
  return { names, rest }
}

function companyNode(overview: Overview, place: number): RibbonNode {
  const company: Partial<OwnerRow> | undefined = overview.companies[place]
  const slug = company?.slug ?? null
  const role: NodeRole = slug === null ? 'unknown' : slug === KEPT_BACK_COMPANY ? 'kept-back' : 'named'
  return {
    key: `company:${place}`,
    column: 'company',
    role,
    name: company?.name ?? '',
    sent: 0,
    members: 1,
    ...(company?.brands === undefined ? {} : { brands: company.brands }),
    pick: { company: slug },
  }
}

function deviceNode(overview: Overview, place: number): RibbonNode {
  const device = overview.devices[place]
  return {
    key: `device:${place}`,
    column: 'device',
    role: 'named',
    name: device?.name ?? device?.id ?? '',
    sent: 0,
    members: 1,
    pick: { device: device?.id ?? '' },
  }
}

function purposeNode(overview: Overview, place: number): RibbonNode {
  const purpose = overview.purposes[place] ?? 'unknown'
  const role: NodeRole = purpose === 'unknown' || purpose === '' ? 'unknown' : 'named'
  return { key: `purpose:${place}`, column: 'purpose', role, name: purpose, sent: 0, members: 1, pick: { purpose } }
}

function placesWhere(companies: Overview['companies'], matches: (slug: CompanySlug) => boolean): Set<number> {
  return new Set([...companies.keys()].filter((place) => matches(companies[place]?.slug ?? null)))
}

function nodesOf(ranked: Ranked): RibbonNode[] {
  return ranked.rest.sent > 0 ? [...ranked.names.values(), ranked.rest] : [...ranked.names.values()]
}

function addTo(links: Map<string, RibbonLink>, source: RibbonNode, target: RibbonNode, sent: number): void {
  const key = `${source.key} ${target.key}`
  const link = links.get(key)
  if (link === undefined) links.set(key, { source: source.key, target: target.key, sent })
  else link.sent += sent
}

/**
 * Nodes and links of sent bytes. Each column's nodes add up to `total`, and so do the links between two columns.
 * Unknown keeps its own node however small, so that it is never hidden in "Other"; what the server folded is in
 * "Other".
 */
export function ribbonOf(overview: Overview, limits: RibbonLimits = RIBBON_LIMITS): Ribbon {
  const unnamed = placesWhere(overview.companies, (slug) => slug === null || slug === KEPT_BACK_COMPANY)
  const folded = placesWhere(overview.companies, (slug) => slug === OTHER_COMPANY)
  const none = new Set<number>()
  const devices = rank(
    'device',
    sumByPlace(overview, 0, overview.devices.length),
    limits.device,
    (place) => deviceNode(overview, place),
    none,
    // Behind the listed devices stand the cells of all others.
    overview.moreDevices === undefined ? none : new Set([overview.devices.length]),
  )
  const companies = rank(
    'company',
    sumByPlace(overview, 1, overview.companies.length),
    limits.company,
    (place) => companyNode(overview, place),
    unnamed,
    folded,
  )
  const purposes = rank(
    'purpose',
    sumByPlace(overview, 2, overview.purposes.length),
    limits.purpose,
    (place) => purposeNode(overview, place),
    none,
    none,
  )

  let total = 0
  const links = new Map<string, RibbonLink>()
  for (const [device, company, purpose, sent] of overview.cells) {
    if (sent <= 0) continue
    total += sent
    const middle = companies.names.get(company) ?? companies.rest
    addTo(links, devices.names.get(device) ?? devices.rest, middle, sent)
    addTo(links, middle, purposes.names.get(purpose) ?? purposes.rest, sent)
  }
  return {
    total,
    nodes: [...nodesOf(devices), ...nodesOf(companies), ...nodesOf(purposes)],
    links: [...links.values()],
  }
}

/**
 * The keys of the nodes and links that belong to what is hovered: the node, its links and the nodes at their other
 * ends.
 */
export function lit(ribbon: Ribbon, key: string | null): Set<string> {
  const keys = new Set<string>()
  if (key === null) return keys
  keys.add(key)
  for (const link of ribbon.links) {
    if (link.source !== key && link.target !== key && linkKey(link) !== key) continue
    keys.add(linkKey(link)).add(link.source).add(link.target)
  }
  return keys
}

export function linkKey(link: RibbonLink): string {
  return `${link.source} ${link.target}`
}
