// Opening of the compiled rules, without reading what is not asked for.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCompanies, type CompanyTable } from '../attribution/company-names.ts'
import { networksFromBytes, networksFromCsv, noNetworks, type NetworkTable } from '../attribution/networks.ts'
import { openEventRules, type CompiledEventRule } from '../events/rules.ts'
import { openKnowledge, type DeviceKnowledge } from '../identity/knowledge.ts'

/** The rules of a build. The network table is read at its first look-up. */
export interface Rules {
  companies: CompanyTable
  devices: DeviceKnowledge
  networks: NetworkTable
  /** What bursts of traffic mean. */
  events: readonly CompiledEventRule[]
}

/**
 * Opens a folder that `writeRules` filled (`dist/rules`). `networksFile` is the owner's own CSV table of networks, used
 * instead of the built one; its date is given as `networksDate`, `YYYY-MM-DD`.
 */
export function openRules(folder: string, own: { networksFile: string; networksDate: string } | null = null): Rules {
  if (!existsSync(join(folder, 'companies.json'))) {
    throw new Error(`The compiled rules are not in ${folder}: run "npm run build" once`)
  }
  const path = join(folder, 'networks.bin')
  const networks =
    own !== null
      ? networksFromCsv(readFileSync(own.networksFile, 'utf8'), own.networksDate)
      : existsSync(path)
        ? networksFromBytes(() => readFileSync(path))
        : noNetworks()
  return { companies: openCompanies(folder), devices: openKnowledge(folder), networks, events: openEventRules(folder) }
}
