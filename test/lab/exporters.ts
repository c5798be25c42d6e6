// The sources that the lab's router can offer, in the order in which they are measured.
import { fileURLToPath } from 'node:url'
import { HOME } from './addresses.ts'
import { BOX_ADDRESS } from './box.ts'
import { conntrack, conntrackOverSsh, conntrackWithNames } from './conntrack-gateways.ts'
import { ended, type Exporter, type LabSource } from './exporter.ts'
import { pmacctd, softflowd } from './flow-exporters.ts'
import { startIn } from './namespaces.ts'
import { has } from './programs.ts'
import { dropbear, openSsh } from './ssh-routers.ts'

const nothing: Exporter = { pids: () => [], stop: () => Promise.resolve(), kill: () => Promise.resolve() }

const fullCapture: LabSource = {
  label: 'capture',
  title: "full capture on the router's bridge",
  programs: { tcpdump: 'tcpdump' },
  runsOn: 'router',
  argument: 'br-lan',
  tells: 'packets',
  families: [4, 6],
  tolerance: 0.005,
  toldWithin: 3,
  start: () => Promise.resolve(nothing),
}

const TZSP_PORT = 37_008

/** What a MikroTik's sniffer sends; the sender is the lab's own. */
const tzsp: LabSource = {
  label: 'tzsp',
  title: "TZSP of the lab's sender",
  programs: { python3: 'python3' },
  runsOn: 'box',
  argument: `tzsp:${BOX_ADDRESS}:${TZSP_PORT},from=${HOME.router}`,
  tells: 'packets',
  families: [4, 6],
  tolerance: 0.005,
  toldWithin: 3,
  // A datagram that does not come says nothing: Telltale waits so long.
  gapAfter: 15,
  start: async ({ router }) => {
    const script = fileURLToPath(new URL('tzsp-sender.py', import.meta.url))
    const child = startIn(router, 'python3', [script, 'br-lan', `${BOX_ADDRESS}:${TZSP_PORT}`, '--numbered'])
    const stop = (): Promise<void> => ended(child)
    return { pids: () => [child.pid as number], stop, kill: () => ended(child, 'SIGKILL') }
  },
}

export const LAB_SOURCES: readonly LabSource[] = [
  fullCapture,
  conntrack,
  conntrackWithNames,
  conntrackOverSsh,
  softflowd(5),
  softflowd(9),
  softflowd(10),
  pmacctd(5),
  pmacctd(9),
  pmacctd(10),
  tzsp,
  openSsh,
  dropbear,
]

/** A sentence about what has to be installed; null where all is there. */
export function whatExporterMisses({ title, programs }: LabSource): string | null {
  const missing = Object.entries(programs).filter(([program]) => !has(program))
  if (missing.length === 0) return null
  const packages = [...new Set(missing.map(([, name]) => name))]
  return `${title}: left out, as there is no ${missing.map(([program]) => program).join(', ')} (apt-get install ${packages.join(' ')})`
}

/** The sources named behind `--sources`, divided by commas; all where there is none. Throws where one is unknown. */
export function wantedSources(words: readonly string[]): readonly LabSource[] {
  const named = words.find((word) => word.startsWith('--sources='))?.slice('--sources='.length)
  if (named === undefined) return LAB_SOURCES
  return named.split(',').map((label) => {
    const source = LAB_SOURCES.find((candidate) => candidate.label === label)
    if (source === undefined)
      throw new Error(`No source "${label}": there are ${LAB_SOURCES.map(({ label: known }) => known).join(', ')}`)
    return source
  })
}

export function usesExporters(words: readonly string[]): boolean {
  return ['--exporters', '--check-sources', '--source-rates', '--source-drill'].some((word) => words.includes(word))
}
