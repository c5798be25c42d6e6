// A home whose router exports its traffic in several ways at once, and a Telltale in the box that reads one of them.
import { boxOf, openRelay } from './box.ts'
import { type Exporter, type LabSource } from './exporter.ts'
import { LAB_SOURCES, wantedSources, whatExporterMisses } from './exporters.ts'
import type { RunningLab } from './steward.ts'
import { startTelltale, type Telltale } from './telltale.ts'

/** Those that do not need each other's port; the first is read. */
const AT_ONCE = ['softflowd-v9', 'tzsp', 'ssh-dropbear', 'conntrack-names']

export interface ExportingHome {
  telltale: Telltale
  stop(): Promise<void>
}

/** Must be called in the router's namespace. */
export async function openExportingHome(
  running: RunningLab,
  port: number,
  words: readonly string[],
): Promise<ExportingHome> {
  const { lab } = running
  const isNamed = words.some((word) => word.startsWith('--sources='))
  const chosen = isNamed ? wantedSources(words) : LAB_SOURCES.filter(({ label }) => AT_ONCE.includes(label))
  const there = chosen.filter((source) => {
    const missing = whatExporterMisses(source)
    if (missing !== null) console.log(missing)
    return missing === null
  })
  const exporters: Exporter[] = []
  for (const source of there) exporters.push(await source.start(lab))
  const read = there.find(({ runsOn }) => runsOn === 'box')
  if (read === undefined) throw new Error('None of these sources is read in the box: name one, such as tzsp')
  const relay = await openRelay(lab, boxOf(lab), port)
  const telltale = await startTelltale(lab.folder, read.argument, port, {
    namespace: boxOf(lab),
    moreSources: [`dns:dnsmasq:${lab.folder}/dnsmasq.log`],
    onlyListens: read.tells === 'flow records',
    environment: Object.assign({}, ...there.map((source) => source.environment?.(lab) ?? {})) as Record<string, string>,
  })
  console.log(`Telltale in the box reads ${read.argument} and dnsmasq's log. The router also offers:`)
  for (const source of there) if (source !== read) console.log(`  ${placeOf(source)}`)
  return {
    telltale,
    stop: async () => {
      relay.close()
      for (const exporter of exporters) await exporter.stop()
    },
  }
}

function placeOf({ title, argument, runsOn }: LabSource): string {
  return `${title}: --source ${argument}${runsOn === 'router' ? ', on the router' : ''}`
}
