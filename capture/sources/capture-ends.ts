// The far ends of the connections that bring captures to this process: a capture leaves all of them out, as captures
// of each other's streams would feed each other without end.
import { spawnSync } from 'node:child_process'
import { isIP } from 'node:net'
import type { FarEnd } from './own-connections.ts'

/** More than there are sources with such a connection. */
export const MAX_ENDS = 64
/** tcpdump tries a filter within this time. */
const TRIAL_MS = 5_000

const ends = new Map<object, readonly FarEnd[]>()

/** Notes them for as long as `owner` runs. */
export function noteEnds(owner: object, own: readonly FarEnd[]): void {
  ends.set(owner, own)
}

export function forgetEnds(owner: object): void {
  ends.delete(owner)
}

export function notedEnds(): FarEnd[] {
  return [...ends.values()].flat().slice(0, MAX_ENDS)
}

/** Each of them that is an address and a port, of what another machine sent. */
export function readEnds(sent: unknown): FarEnd[] {
  if (!Array.isArray(sent)) return []
  return (sent.slice(0, MAX_ENDS) as unknown[]).flatMap((one) => {
    const { address, port } = (one ?? {}) as Partial<FarEnd>
    const isEnd = typeof address === 'string' && isIP(address) !== 0 && !address.includes('%')
    return isEnd && Number.isInteger(port) && port! > 0 && port! < 65_536 ? [{ address, port: port! }] : []
  })
}

/** What tcpdump takes (pcap-filter(7)) to leave them out, and where they are tagged for a VLAN; empty without any. */
export function filterOf(all: readonly FarEnd[], withTagged = true): string {
  if (all.length === 0) return ''
  const own = [...new Set(all.map(({ address, port }) => `(host ${address} and port ${port})`))].join(' or ')
  const streams = `tcp and (${own})`
  if (!withTagged) return `not (${streams})`
  // Behind the word "vlan" all that follows is read four bytes later: it comes last.
  return `not ((${streams}) or (vlan and ${streams}))`
}

/**
 * The filter as options of tcpdump, as far as it takes one on that interface: where the link layer has no VLANs, none
 * with them.
 */
export function usableFilter(interfaceName: string, all: readonly FarEnd[], command: string): string[] {
  const [tagged, plain] = [filterOf(all), filterOf(all, false)]
  const isTaken = (filter: string): boolean => {
    const options = ['-i', interfaceName, '-d', filter]
    return spawnSync(command, options, { stdio: 'ignore', timeout: TRIAL_MS }).status === 0
  }
  if (tagged === '') return []
  return isTaken(tagged) ? [tagged] : [plain]
}
