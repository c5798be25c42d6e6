// The words of a ribbon: names of its nodes, sentences about its bands, and its table.
import type { Overview } from '../../../server/api.ts'
import { bytes, exactBytes } from '../../text/format.ts'
import { t } from '../../text/text.ts'
import { visible } from '../../text/visible.ts'
import { tableOf, type ChartTable } from './chart-table.ts'
import { linkKey, ribbonOf, UNFOLDED, type Ribbon, type RibbonLink, type RibbonNode } from './ribbon.ts'

export interface RibbonNames {
  /** A purpose's title for its slug. */
  purposeName: (purpose: string) => string
  /** A device's name for its id; the overview's own where absent. */
  deviceName?: ((id: string) => string) | undefined
}

/** So many brands of an owner are named. */
const BRANDS = 3

type NodesByKey = ReadonlyMap<string, RibbonNode>

export function nodeName(node: RibbonNode, { purposeName, deviceName }: RibbonNames): string {
  if (node.role === 'other')
    return node.column === 'device' ? t.charts.ribbon.others.device(node.members) : t.charts.ribbon.others[node.column]
  if (node.role === 'kept-back') return t.company.keptBack
  if (node.role === 'unknown') return node.column === 'purpose' ? t.charts.ribbon.unknownPurpose : t.company.unknown
  if (node.column === 'purpose') return purposeName(node.name)
  if (node.column === 'device' && deviceName !== undefined && 'device' in node.pick) return deviceName(node.pick.device)
  return visible(node.name)
}

/** "Ring 61.6 MB, Alexa 3 MB" of an owner; empty of all else. */
export function brandWords({ name, brands = [] }: RibbonNode): string {
  if (brands.length < 2 && brands[0]?.name === name) return ''
  const most = brands.filter(({ sent }) => sent > 0).sort((one, other) => other.sent - one.sent)
  const named = most.slice(0, BRANDS).map((brand) => `${visible(brand.name)} ${bytes(brand.sent)}`)
  return named.join(', ') + (most.length > BRANDS ? ' …' : '')
}

/** What a node is, how much went there, and of an owner to which of its brands. */
export function nodeWords(node: RibbonNode, total: number, names: RibbonNames): string {
  const brands = brandWords(node)
  return t.charts.ribbon.node(nodeName(node, names), node.sent, total) + (brands && `: ${brands}`)
}

export function bandWords(
  link: Pick<RibbonLink, 'source' | 'target' | 'sent'>,
  nodes: NodesByKey,
  names: RibbonNames,
): string {
  const source = nodes.get(link.source)
  const target = nodes.get(link.target)
  return source && target ? t.charts.ribbon.band(nodeName(source, names), nodeName(target, names), link.sent) : ''
}

/** The total and the widest band from a device. */
export function ribbonSummary({ links, total }: Ribbon, nodes: NodesByKey, names: RibbonNames): string {
  const [widest] = links.filter((link) => link.source.startsWith('device')).sort((a, b) => b.sent - a.sent)
  const source = widest && nodes.get(widest.source)
  const target = widest && nodes.get(widest.target)
  if (widest === undefined || source === undefined || target === undefined) return t.charts.ribbon.nothing
  return t.charts.ribbon.summary(total, nodeName(source, names), nodeName(target, names), widest.sent)
}

/** About the node or band that is hovered; blank where none is. */
export function hoveredWords(
  hovered: string | null,
  { links, total }: Ribbon,
  nodes: NodesByKey,
  names: RibbonNames,
): string {
  if (hovered === null) return ' '
  const node = nodes.get(hovered)
  if (node !== undefined) return nodeWords(node, total, names)
  const link = links.find((link) => linkKey(link) === hovered)
  return link === undefined ? ' ' : bandWords(link, nodes, names)
}

/** Nothing is folded here: every device, company and purpose to the byte. */
export function ribbonTable(overview: Overview, names: RibbonNames): ChartTable {
  const whole = ribbonOf(overview, UNFOLDED)
  const nodes = new Map(whole.nodes.map((node) => [node.key, node]))
  const rows = [...whole.links]
    .sort((a, b) => Number(b.source.startsWith('device')) - Number(a.source.startsWith('device')) || b.sent - a.sent)
    .map((link) => {
      const [source, target] = [nodes.get(link.source), nodes.get(link.target)]
      return [source ? nodeName(source, names) : '', target ? nodeName(target, names) : '', exactBytes(link.sent)]
    })
  return tableOf([t.charts.ribbon.from, t.charts.ribbon.to, t.traffic.sentArrow], 2, rows)
}
