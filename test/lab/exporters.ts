// The sources that the lab's router can offer, in the order in which they are measured.
import { HOME } from './addresses.ts'
import type { Exporter, LabSource } from './exporter.ts'
import { pmacctd, softflowd } from './flow-exporters.ts'
import { has } from './programs.ts'
import { dropbear, openSsh } from './ssh-routers.ts'

const nothing: Exporter = { pids: () => [], stop: () => Promise.resolve() }

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

export const LAB_SOURCES: readonly LabSource[] = [
  fullCapture,
  softflowd(5),
  softflowd(9),
  softflowd(10),
  pmacctd(5),
  pmacctd(9),
  pmacctd(10),
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
  return ['--exporters', '--check-sources', '--source-rates'].some((word) => words.includes(word))
}

/** The address that exporters send from. */
export const EXPORTER_ADDRESS = HOME.router
