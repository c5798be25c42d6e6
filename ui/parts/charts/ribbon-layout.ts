// Layout of the ribbon's bands by d3-sankey, left to right; turned on a phone to run downwards.
import { sankey, type SankeyLink, type SankeyNode } from 'd3-sankey'
import { linkKey, type Ribbon, type RibbonLink, type RibbonNode } from './ribbon.ts'

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export interface PlacedNode extends RibbonNode {
  box: Box
  /** Where its label's middle is, as near to the node as the others' labels let it. */
  labelAt: number
}

export interface PlacedLink extends RibbonLink {
  key: string
  path: string
}

export interface Placed {
  width: number
  height: number
  nodes: PlacedNode[]
  links: PlacedLink[]
}

type Node = SankeyNode<RibbonNode, RibbonLink>
type Link = SankeyLink<RibbonNode, RibbonLink>

const THICK = 10
const COLUMN = { device: 0, company: 1, purpose: 2 }

/**
 * A band between two edges, of the same width all along. Flat [along, across] pairs, turned where it runs downwards.
 */
function band(from: number, to: number, start: number, end: number, width: number, down: boolean): string {
  const half = Math.max(0.5, width / 2)
  const middle = (from + to) / 2
  const at = (along: number, across: number): string =>
    down ? `${across.toFixed(1)} ${along.toFixed(1)}` : `${along.toFixed(1)} ${across.toFixed(1)}`
  return (
    `M${at(from, start - half)}C${at(middle, start - half)} ${at(middle, end - half)} ${at(to, end - half)}` +
    `L${at(to, end + half)}C${at(middle, end + half)} ${at(middle, start + half)} ${at(from, start + half)}Z`
  )
}

/**
 * Places a ribbon in a box. `along` is the length from devices to purposes, `across` the other side, in pixels;
 * `gap` is the room between two nodes of a column.
 */
export function place(ribbon: Ribbon, along: number, across: number, gap: number, down: boolean): Placed {
  const count = Math.max(
    1,
    ...['device', 'company', 'purpose'].map((column) => ribbon.nodes.filter((node) => node.column === column).length),
  )
  const layout = sankey<RibbonNode, RibbonLink>()
    .nodeId((node) => node.key)
    .nodeAlign((node) => COLUMN[(node as Node & RibbonNode).column])
    .nodeWidth(THICK)
    .nodePadding(Math.min(gap, (across * 0.75) / count))
    .nodeSort((a, b) => b.sent - a.sent)
    .extent([
      [0, 1],
      [along, across - 1],
    ])
  // d3 changes what it is given: it gets copies.
  const graph = layout({
    nodes: ribbon.nodes.map((node) => ({ ...node })),
    links: ribbon.links.map((link) => ({ ...link, value: link.sent })),
  })
  return {
    width: down ? across : along,
    height: down ? along : across,
    nodes: labelled(
      (graph.nodes as (Node & RibbonNode)[]).map((node) => ({ ...bare(node), box: boxOf(node, down) })),
      across,
    ),
    links: (graph.links as (Link & RibbonLink)[]).map((link) => placedLink(link, down)),
  }
}

/**
 * A label is as high as a finger: those of one column never lie on each other, as long as `across` has room for them.
 */
const LABEL_ROOM = 44

function labelled(nodes: Omit<PlacedNode, 'labelAt'>[], across: number): PlacedNode[] {
  return (['device', 'company', 'purpose'] as const).flatMap((column) => {
    const ordered = nodes.filter((node) => node.column === column).sort((a, b) => a.box.y - b.box.y)
    const places = spread(
      ordered.map(({ box }) => box.y + box.height / 2),
      Math.min(LABEL_ROOM, across / Math.max(1, ordered.length)),
      across,
    )
    return ordered.map((node, index) => ({ ...node, labelAt: places[index] }))
  })
}

/** Rising `places` moved apart to `room` at least, within 0 to `end`. */
export function spread(places: number[], room: number, end: number): number[] {
  const spread: number[] = []
  for (const place of places) spread.push(Math.max(place, (spread.at(-1) ?? room / 2 - room) + room))
  let limit = end - room / 2
  for (let index = spread.length - 1; index >= 0; index--) {
    spread[index] = Math.min(spread[index], limit)
    limit = spread[index] - room
  }
  return spread
}

function bare(node: Node & RibbonNode): RibbonNode {
  const { key, column, role, name, sent, members, brands, pick } = node
  return { key, column, role, name, sent, members, ...(brands && { brands }), pick }
}

function boxOf(node: Node, down: boolean): Box {
  const along = node.x0 ?? 0
  const across = node.y0 ?? 0
  const length = (node.x1 ?? 0) - along
  const breadth = Math.max(1, (node.y1 ?? 0) - across)
  return down
    ? { x: across, y: along, width: breadth, height: length }
    : { x: along, y: across, width: length, height: breadth }
}

function placedLink(link: Link & RibbonLink, down: boolean): PlacedLink {
  const source = link.source as unknown as Node & RibbonNode
  const target = link.target as unknown as Node & RibbonNode
  const plain = { source: source.key, target: target.key, sent: link.sent }
  return {
    ...plain,
    key: linkKey(plain),
    path: band(source.x1 ?? 0, target.x0 ?? 0, link.y0 ?? 0, link.y1 ?? 0, link.width ?? 1, down),
  }
}
